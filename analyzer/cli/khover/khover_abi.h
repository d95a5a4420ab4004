// The other program: it links clang, and lies beside khover.
#pragma once

#include <string>

namespace khover::cli {

// Its path, or its bare name, to be found in PATH.
std::string khover_abi_program();

// Becomes it; does not return, but for an error, which has been said.
int run_khover_abi(int argc, char** argv);

}  // namespace khover::cli
