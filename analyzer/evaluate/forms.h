// One decider for each claim form.
#pragma once

#include "evaluate/judge.h"

namespace khover::evaluate {

void decide_row(Judge& judge);  // with the terms of lookups and aggregates
void decide_unique(Judge& judge);
void decide_determines(Judge& judge);
void decide_tiles(Judge& judge);
void decide_disjoint(Judge& judge);
void decide_apart(Judge& judge);
void decide_within(Judge& judge);
void decide_preserved(Judge& judge);
void decide_acyclic(Judge& judge);

}  // namespace khover::evaluate
