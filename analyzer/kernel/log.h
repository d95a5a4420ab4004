// The kernel log of a dump: printk's ring buffer, as VMCOREINFO describes it (5.10 and later).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"
#include "image/memory.h"

namespace khover::kernel {

struct LogLine {
  uint64_t nanoseconds = 0;  // since boot; 0 where the log does not say
  std::string text;          // without its newline; any bytes
};

// The oldest first; records that are overwritten or not finished are left out. At most kLogLines, of
// kLogBytes: the newest ones.
// Errors: VMCOREINFO does not say where the buffer is, or the dump lacks it.
inline constexpr size_t kLogLines = 1 << 16;
inline constexpr size_t kLogBytes = size_t{16} << 20;
Result<std::vector<LogLine>> read_log(const image::Memory& memory, std::string_view vmcoreinfo);

}  // namespace khover::kernel
