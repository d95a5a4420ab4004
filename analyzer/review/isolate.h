// Work in processes of their own, with limits on time and memory: what crashes, hangs or eats memory there
// is an error here.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::review {

struct Limits {
  unsigned seconds = 120;  // of processor time; ten times as many of the clock
  uint64_t memory = 4096;  // MiB
  unsigned jobs = 1;       // at once
};

// The texts that the works return, in their order.
std::vector<Result<std::string>> run_isolated(const std::vector<std::function<std::string()>>& works,
                                              const Limits& limits);

}  // namespace khover::review
