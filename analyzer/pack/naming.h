// What people call a record: its label, and the name made of its own values and those of others.
#pragma once

#include <optional>
#include <string>

#include "pack/typing.h"

namespace khover::pack {

class Naming {
 public:
  // Both must outlive it.
  Naming(Model& model, Typing& typing) : model_(model), typing_(typing) {}

  Result<void> label(const SetDefinition& definition, uint32_t index);
  // Once all sets are there. Pieces that name a set which this ABI does not have are left out.
  Result<void> called(const SetDefinition& definition, uint32_t index);

 private:
  Result<ExprPtr> expression(const std::string& text, const Position& at, uint32_t set) const;
  Result<std::optional<NamePart>> place(std::string text, const Position& at, uint32_t index) const;

  Model& model_;
  Typing& typing_;
};

}  // namespace khover::pack
