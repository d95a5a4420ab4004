#include "pack/plan.h"

#include <cstring>

namespace khover::pack {
namespace {

struct Values : plans::NoKeys {
  void value(const char*, plans::Value& one) { found.push_back(one.expr); }
  void optional(const char*, plans::Value& one) { found.push_back(one.expr); }
  void constant(const char*, plans::Value& one) { found.push_back(one.expr); }
  std::vector<ExprPtr> found;
};

struct Sets : plans::NoKeys {
  void set(const char*, plans::OtherSet& one) { found.push_back(one.written); }
  std::vector<std::string> found;
};

struct Links : plans::NoKeys {
  void field(const char*, plans::OwnColumn& one) { found = one.index; }
  void column(const char*, plans::OwnColumn& one) { found = one.index; }
  uint32_t found = kNone;
};

// Visitors take members by reference; these only look.
template <typename Visitor>
Visitor ask(Plan plan) {
  Visitor of;
  std::visit([&of](auto& one) { one.keys(of); }, plan);
  return of;
}

}  // namespace

const char* container_of(const Plan& plan) {
  return std::visit([](const auto& one) { return one.kKey; }, plan);
}

RowKind rows_of(const Plan& plan) {
  return std::visit([](const auto& one) { return one.kRows; }, plan);
}

const plans::Value* start_of(const Plan& plan) {
  return std::visit(
      [](const auto& one) -> const plans::Value* {
        if constexpr (requires { one.at; })
          return &one.at;
        else
          return nullptr;
      },
      plan);
}

uint32_t link_of(const Plan& plan) { return ask<Links>(plan).found; }
std::vector<ExprPtr> values_of(const Plan& plan) { return ask<Values>(plan).found; }
std::vector<std::string> sets_before(const Plan& plan) { return ask<Sets>(plan).found; }

}  // namespace khover::pack
