// What is wrong with packs: the first failure, or all of them.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "error/error.h"

namespace khover::pack {

class Failures {
 public:
  // `all`: where every failure is kept, null if the first one ends the work.
  explicit Failures(std::vector<Error>* all) : all_(all) {}

  // Whether to go on. A failure that names what another one made impossible is not kept.
  bool go_on(const Result<void>& done);
  // Something of this name does not exist, and why has been said.
  void lost(const std::string& name) { lost_.insert(name); }
  bool is_lost(const std::string& name) const { return lost_.count(name) != 0; }

  bool none() const { return kept_.empty(); }
  tl::unexpected<Error> first() const { return tl::unexpected(kept_.front()); }

 private:
  std::vector<Error>* all_;
  std::vector<Error> kept_;
  std::set<std::string> lost_;
};

}  // namespace khover::pack
