// Files that have a name before they are complete, on file systems that know no nameless ones: a signal that
// ends the process removes them.
#pragma once

namespace khover::output {

// `folder` and `name` must live until it is forgotten. False: too many at a time.
bool remember_unfinished(int folder, const char* name);
void forget_unfinished(const char* name);

// Async-signal-safe.
void remove_unfinished();

}  // namespace khover::output
