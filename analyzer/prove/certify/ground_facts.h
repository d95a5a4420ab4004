// Facts of one check that are put to the solver itself: in batches, each a single query "is one of these
// false?", so that memory stays flat however many there are. What is asked here: facts with values that
// nobody knows, and what an audit picks.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "prove/formula/local_check.h"
#include "prove/solver/answer.h"

namespace khover::prove {

class Smt;

// One record a fact speaks of, for the certificate: set and row, and where its bytes are.
struct Subject {
  uint32_t set = pack::kNone;
  uint32_t row = 0;
  uint64_t address = 0;
  std::vector<uint64_t> above;  // addresses of its parents, nearest first; only for a certificate
};

// The fact that fails, in words: "row at 0x1000, count = 3".
std::string fact_text(const Check& check, const std::vector<Value>& values,
                      const std::vector<Subject>& subjects);
// Whether no value of the image is missing in it: only then is a failing fact a contradiction.
bool all_known(const Check& check, const std::vector<Value>& values);

class GroundFacts {
 public:
  // `check` and `solver` must outlive this. `name`: of its queries.
  GroundFacts(const Check& check, Smt& solver, std::string name);
  ~GroundFacts();

  // A full batch is asked at once; its answer is proved as long as none of its facts is false.
  Reply add(const std::vector<Value>& values, const std::vector<Subject>& subjects, Tally& tally);
  Reply flush(Tally& tally);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace khover::prove
