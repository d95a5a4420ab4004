// Names and types of what the plan of a set says.
#pragma once

#include "pack/typing.h"

namespace khover::pack {

class PlanLinker {
 public:
  // All must outlive it. `definitions`: of the model's sets.
  PlanLinker(const Model& model, const std::vector<SetDefinition>& definitions, const Typing& typing)
      : model_(model), definitions_(definitions), typing_(typing) {}

  // Before the set has columns: its other sets and its values, over `parent`. A set that refers to another
  // one takes its record and derived columns.
  Result<void> begin(SetDefinition& definition, uint32_t parent) const;
  // Once the set has all columns.
  Result<void> finish(SetType& type, const Position& at) const;

 private:
  class Begin;
  class Finish;
  const Model& model_;
  const std::vector<SetDefinition>& definitions_;
  const Typing& typing_;
};

}  // namespace khover::pack
