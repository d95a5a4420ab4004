#include "pack/signature.h"

namespace khover::pack {
namespace {

void add(std::string& text, const ExprPtr& expr) {
  if (!expr) {
    text += "-;";
    return;
  }
  text += std::to_string(static_cast<int>(expr->op)) + "," +
          std::to_string(static_cast<int64_t>(expr->value >> 64)) + "," +
          std::to_string(static_cast<uint64_t>(expr->value)) + "," + expr->text + "," +
          std::to_string(expr->column) + "," + std::to_string(expr->set) + "," +
          std::to_string(static_cast<int>(expr->function)) + "(";
  for (const ExprPtr& arg : expr->args) add(text, arg);
  text += ")";
}

}  // namespace

std::string signature(const Model& model) {
  std::string text = std::to_string(model.page_size) + "\n";
  for (const SetType& set : model.sets) {
    text += set.name + " " + std::to_string(set.stride) + "\n";
    for (const Column& column : set.columns) {
      text += "  " + column.name + " " + std::to_string(column.offset) + " " +
              std::to_string(column.bit_offset) + " " + std::to_string(column.bits) + " " +
              std::to_string(column.length) + " ";
      add(text, column.derived);
      text += "\n";
    }
    for (const Property& property : set.properties) text += "  " + property.name + "\n";
    add(text, set.when);
    for (const ExprPtr& expr : values_of(set.plan)) add(text, expr);
    text += "\n";
  }
  for (const auto& [registry, served] : model.served) {
    for (const Served& one : served) text += registry + " " + one.name + "\n";
  }
  for (const Rule& rule : model.rules) {
    text += rule.id + " ";
    add(text, rule.claim.predicate);
    add(text, rule.claim.set.where);
    add(text, rule.claim.start);
    add(text, rule.claim.length);
    text += "\n";
  }
  return text;
}

}  // namespace khover::pack
