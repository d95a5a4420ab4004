// khover rules prove: what can be shown of the rules without an image.
#pragma once

#include <string>

#include "pack/model.h"

namespace khover::cli {

struct ProveRules {
  bool lemmas = false;  // only the lemmas
  std::string smt2;     // folder for the queries
};
// Prints each result; exit status: 0 all proved, 1 something refuted, 3 the solver gave up on something.
int prove_rules(const pack::Model& model, const ProveRules& arguments);

}  // namespace khover::cli
