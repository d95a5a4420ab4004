// Gives names and types to expressions of the rule language.
#pragma once

#include <map>
#include <string>

#include "pack/model.h"

namespace khover::pack {

class Typing {
 public:
  Typing(const Model& model, const abi::Snapshot& snapshot, const std::map<std::string, ExprPtr>& constants,
         const std::map<std::string, OwnRecord>& own_records)
      : model_(model), snapshot_(snapshot), constants_(constants), own_records_(own_records) {}

  // The pack whose sets may be named without "pack.".
  void in_pack(const std::string& pack) { pack_ = pack; }

  // `set`: whose columns the names mean, kNone for none. `terms`: where aggregates and
  // memberships go; null where they are not allowed.
  Result<ExprPtr> expression(const NodePtr& node, uint32_t set, std::vector<Term>* terms = nullptr) const;
  Result<ExprPtr> integer(const NodePtr& node, uint32_t set, std::vector<Term>* terms = nullptr) const;
  Result<ExprPtr> boolean(const NodePtr& node, uint32_t set, std::vector<Term>* terms = nullptr) const;
  Result<std::vector<ExprPtr>> tuple(const std::vector<NodePtr>& nodes, uint32_t set) const;

  Result<uint32_t> set(const std::string& name, const Position& at) const;
  Result<SetRef> set(const SetSyntax& syntax) const;
  std::vector<std::string> columns_of(uint32_t set) const;

 private:
  Result<ExprPtr> name(const Node& node, uint32_t set) const;
  Result<ExprPtr> unary(const Node& node, uint32_t set, std::vector<Term>* terms) const;
  Result<ExprPtr> binary(const Node& node, uint32_t set, std::vector<Term>* terms) const;
  Result<ExprPtr> call(const Node& node, uint32_t set, std::vector<Term>* terms) const;
  Result<ExprPtr> membership(const Node& node, uint32_t set, std::vector<Term>* terms) const;
  Result<ExprPtr> aggregate(const Node& node, uint32_t set, std::vector<Term>* terms) const;
  Result<ExprPtr> size_of(const Node& node) const;

  const Model& model_;
  const abi::Snapshot& snapshot_;
  const std::map<std::string, ExprPtr>& constants_;
  const std::map<std::string, OwnRecord>& own_records_;
  std::string pack_;
};

ExprPtr constant(Integer value, const Node& node);
ExprPtr make_call(Function function, Interval range, std::vector<ExprPtr> args, const ExprPtr& like);

// Both throw nothing and answer null where the result could leave ±2^120.
ExprPtr arithmetic(Op op, const ExprPtr& left, const ExprPtr& right);

}  // namespace khover::pack
