// Errors are values: what failed, where, and what the user can do about it.
// They cross folder borders in a Result and become text once, in cli/.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace khover {

struct Error {
  std::string where;   // file, file:line:column, physical address or field; may be empty
  std::string what;    // lower-case, no full stop
  std::string remedy;  // what to do about it, lower-case, no full stop; may be empty
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> fail(std::string where, std::string what, std::string remedy = {}) {
  return tl::unexpected<Error>(Error{std::move(where), std::move(what), std::move(remedy)});
}

// "where: what; remedy" as the one sentence that a person reads.
std::string sentence(const Error& error);

}  // namespace khover
