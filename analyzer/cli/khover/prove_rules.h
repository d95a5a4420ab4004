// khover rules prove: what can be shown of the rules without an image.
#pragma once

#include <string>

#include "pack/library.h"
#include "pack/model.h"

namespace khover::cli {

struct ProveRules {
  bool lemmas = false;  // only the lemmas
  bool checks = false;  // prove_checks() instead
  std::string proved;   // file: what prove_checks() proved is written there; empty: nowhere
  std::string smt2;     // folder for the queries
};
// Prints each result; exit status: 0 all proved, 1 something refuted, 3 the solver gave up on something.
int prove_rules(const pack::Model& model, const ProveRules& arguments);

// The programs of local checks, for every ABI of the library: what
// analyzer/prove/formula/proved_obligations.txt is made of. Exit status as above.
int prove_checks(const pack::Library& library, const ProveRules& arguments);

}  // namespace khover::cli
