// Another program, run without a shell: words in, text out.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "error/error.h"

namespace khover::series {

struct Finished {
  int status = 0;  // exit status; 128 + signal
  std::string output;
  std::string errors;
};

// The environment is this process' own with `variables` set. More than 256 MiB of output, or more than
// `seconds`, end the program and are an error.
Result<Finished> run_program(const std::vector<std::string>& words, std::string_view input,
                             const std::vector<std::pair<std::string, std::string>>& variables,
                             unsigned seconds);

}  // namespace khover::series
