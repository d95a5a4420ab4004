// Bytes from outside on their way to a reader: names in images, headers, patches and packs, paths, the text
// of other programs. A terminal obeys some bytes, a mail and a workflow log have lines; so each of them
// passes through here first.
#pragma once

#include <string>
#include <string_view>

namespace khover::output {

// As one line of text: what is no character becomes \xNN, what a reader would not see or a terminal would
// obey becomes \xNN or \u{NNNN}: control characters, line ends among them, marks of direction, invisible
// ones. printable(printable(x)) == printable(x).
std::string printable(std::string_view text);

// The same for text of several lines that may have tabs.
std::string printable_lines(std::string_view text);

// JSON as a library writes it leaves some of these as they are; here they become \uNNNN, so that the same
// document can be shown. `json` is a whole JSON text in UTF-8: outside of strings it is ASCII.
std::string safe_json(std::string_view json);

}  // namespace khover::output
