// Holds the rules against images with many small changes, in one process.
//
//   khover-sweep [--rules DIR] causes [--every N] IMAGE...
//   khover-sweep [--rules DIR] jury DAMAGES IMAGES DISAGREEMENTS
//   khover-sweep [--rules DIR] fields UNDETECTED [--write] [--some] [--rows N] IMAGE...
//   khover-sweep [--rules DIR] mutants SURVIVORS [--write] [--every N] CASES
#include <fmt/format.h>

#include <exception>

#include "ground.h"

int main(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  std::string rules;
  if (arguments.size() > 2 && arguments[0] == "--rules") {
    rules = arguments[1];
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  const std::string command = arguments.empty() ? "" : arguments[0];
  if (!arguments.empty()) arguments.erase(arguments.begin());
  try {
    if (command == "causes") return khover::sweep::causes(rules, arguments);
    if (command == "jury") return khover::sweep::jury(rules, arguments);
    if (command == "fields") return khover::sweep::fields(rules, arguments);
    if (command == "mutants") return khover::sweep::mutants(rules, arguments);
  } catch (const std::exception& wrong) {
    fmt::print(stderr, "khover-sweep: {}\n", wrong.what());
    return 2;
  }
  fmt::print(stderr, "usage: khover-sweep [--rules DIR] causes|fields|jury|mutants ARGUMENT...\n");
  return 2;
}
