// What the kernel that will read an image knows, where it is stated which kernel that is. Packs say what
// khover knows; this says what the target does (analyzer/target).
#pragma once

#include <string>

namespace khover::pack {

class TargetNames {
 public:
  enum class Answer {
    yes,
    no,
    open,   // the target is stated, and does not say
    packs,  // nothing is stated of this name: what the packs serve decides
  };
  virtual ~TargetNames() = default;
  // `registry` as in a pack's `serves`: "root", "subtree", "file", …
  virtual Answer knows(const std::string& registry, const std::string& name) const = 0;
};

}  // namespace khover::pack
