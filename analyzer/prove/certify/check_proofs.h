// What the solver has said of the programs of local checks.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "prove/certify/checker.h"

namespace khover::prove {

// For all threads of one proof.
class CheckProofs {
 public:
  // `shipped`: see translation.h.
  CheckProofs(uint64_t page_size, const ProvedObligations* shipped, const std::string& smt2 = "")
      : translation_(page_size, smt2, shipped) {}
  // Whether the program of `checker` computes its formula.
  Reply prove(const Checker& checker) {
    const std::lock_guard lock(mutex_);
    return checker.prove(translation_);
  }
  const Translation& translation() const { return translation_; }

 private:
  std::mutex mutex_;
  Translation translation_;
};

// The local checks of models, all of them: proved without an image, and without what is shipped. What
// models have in common is asked once.
class ModelProofs {
 public:
  // `smt2`: folder for the queries; empty: none.
  explicit ModelProofs(std::string smt2 = "") : smt2_(std::move(smt2)) {}

  struct Rule {
    uint32_t rule = pack::kNone;
    Reply reply;  // the worst of its checks
  };
  std::vector<Rule> prove(const pack::Model& model);

  std::set<std::string> proved() const;  // contents of obligations, as proved_obligations.txt has them
  Tally tally() const;

 private:
  std::string smt2_;
  std::map<uint64_t, CheckProofs> proofs_;  // by page size
};

}  // namespace khover::prove
