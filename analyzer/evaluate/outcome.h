// What became of one rule on one image.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "evaluate/verdict.h"
#include "pack/model.h"

namespace khover::evaluate {

using pack::kNone;

struct RecordRef {
  uint32_t set = kNone;
  uint32_t row = kNone;
};

// One record for which the claim fails, or cannot be decided.
struct Instance {
  RecordRef record;
  std::optional<RecordRef> other;  // the second record of a pair: a duplicate, an overlap
  std::string expected;            // in the words of the claim
  std::string found;
  std::string field;            // the first field that the failing condition reads
  std::vector<uint64_t> holes;  // undecided: absent addresses that were read
};

// Findings beyond this many are counted, not described.
constexpr size_t kDescribed = 16;

struct Outcome {
  uint32_t rule = kNone;
  Verdict verdict = Verdict::not_judged;
  Reason reason = Reason::none;  // not judged: why; judged: none
  std::string why;               // undetermined, not judged: the reason
  // undetermined: absent addresses that were read, one of each page, ascending. With these pages the
  // verdict can be decided, or names further ones. At most kDescribed.
  std::vector<uint64_t> holes;
  uint64_t records = 0;  // judged and fine
  uint64_t violations = 0;
  uint64_t undecided = 0;
  uint64_t exempt = 0;             // a rule that this one needs fails for the same record
  std::vector<Instance> violated;  // at most kDescribed
  std::vector<Instance> unknown;   // at most kDescribed
  std::map<uint32_t, std::vector<uint32_t>>
      offenders;  // by set: every row that takes part in a violation, ascending
};

}  // namespace khover::evaluate
