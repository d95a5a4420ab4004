#pragma once

#include <llvm/ADT/APSInt.h>

#include <optional>

namespace khover::extract {

// nullopt where 127 bits and a sign do not hold the value.
inline std::optional<__int128> wide_integer(const llvm::APSInt& value) {
  if (value.isSigned() ? value.getSignificantBits() > 128 : value.getActiveBits() > 127) return std::nullopt;
  const llvm::APInt wide = value.isSigned() ? value.sextOrTrunc(128) : value.zextOrTrunc(128);
  const unsigned __int128 high = wide.getRawData()[1];
  return static_cast<__int128>(high << 64 | wide.getRawData()[0]);
}

}  // namespace khover::extract
