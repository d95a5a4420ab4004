// Standard output and standard error. What a command says goes through here and nowhere else: a byte that
// cannot be written is not lost in silence, it makes the command fail.
#pragma once

#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "error/error.h"

namespace khover::output {

// First thing in main(): names the program in messages; sees to it that no file that is opened later becomes
// descriptor 0, 1 or 2; makes a closed pipe and a file that may not grow errors of a write, not of the
// process; and ends the process with a sentence and exit status 2 where memory runs out.
void prepare(const char* program);

// Buffered. After the first failure nothing more is written, and finish() has that failure.
void put(std::string_view text);
template <typename... Args>
void print(fmt::format_string<Args...> format, Args&&... args) {
  put(fmt::format(format, std::forward<Args>(args)...));
}
void flush();

// Last thing in main(): all of it is written, or an error says why not. Also the error of any fail_later().
Result<void> finish();

// A failure that whoever met it cannot return, such as a thread of the solver's: finish() returns the first.
void fail_later(Error error);

// One line on standard error, the program's name before it. `message` may hold anything.
void say(std::string_view message);

// Takes the place of the line that standard error shows, if that is a terminal; "" takes it away.
void show(std::string_view line);

// For signal handlers and where memory ran out: one line on standard error, unfinished files removed, exit
// status 2. Allocates nothing. The pieces are printable already.
[[noreturn]] void die(const char* first, const char* second = "", const char* third = "");

}  // namespace khover::output
