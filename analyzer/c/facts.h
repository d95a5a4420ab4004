// Facts that are expensive to find: one of each type, computed when it is first asked for, and kept.
#pragma once

#include <map>
#include <memory>
#include <typeindex>

namespace khover::c {

class Facts {
 public:
  // `compute` returns a Fact, and may ask for facts of other types.
  template <typename Fact, typename Compute>
  const Fact& get(const Compute& compute) const {
    std::shared_ptr<const void>& kept = kept_[std::type_index(typeid(Fact))];
    if (kept == nullptr) kept = std::make_shared<const Fact>(compute());
    return *static_cast<const Fact*>(kept.get());
  }

 private:
  mutable std::map<std::type_index, std::shared_ptr<const void>> kept_;
};

}  // namespace khover::c
