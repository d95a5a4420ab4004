// Passes an error on to the caller:
//
//     const Model model = TRY(read_model(path));
//     TRY(check(model));
//
// The value of a Result, moved out; where it holds an error, the function returns that error. The function
// itself returns a Result, of any type. A statement expression, which gcc and clang have.
#pragma once

#include "error/error.h"

namespace khover {

template <typename T, typename E>
T taken(tl::expected<T, E>&& result) {
  return *std::move(result);
}
template <typename E>
void taken(tl::expected<void, E>&&) {}

}  // namespace khover

#define TRY(...)                                                           \
  ({                                                                       \
    auto try_result = (__VA_ARGS__);                                       \
    if (!try_result) return tl::unexpected(std::move(try_result).error()); \
    ::khover::taken(std::move(try_result));                                \
  })
