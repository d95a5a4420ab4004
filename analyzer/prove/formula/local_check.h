// A local check of a certificate: a formula over values of one or several records (its sides)
// and over numbers that the certificate states, such as partial sums. One check represents
// many facts: one for each record, or each pair of neighbours in an order.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "prove/formula/formula.h"

namespace khover::prove {

constexpr size_t kSides = 3;

struct Variable {
  enum class Kind {
    column,  // of the record `hops` parents above the side's record
    fact,
    term,      // decided by other sets; shown by facts of its own
    function,  // reads memory: zero(), known(), …
    argument,  // of the function that follows
    stated,    // by the certificate
    free,      // nobody knows it
  };
  Kind kind = Kind::column;
  std::string name;
  Interval range;
  bool boolean = false;
  uint32_t side = 0;
  uint32_t set = pack::kNone;
  uint32_t column = pack::kNone;
  uint32_t hops = 0;
  const pack::Expr* expr = nullptr;  // fact, term, function
  FormulaPtr meaning;                // argument
};

class Check {
 public:
  Check(const pack::Model& model, std::string title) : name(std::move(title)), model_(model) {}

  std::string name;
  std::vector<Variable> variables;
  const pack::Model& model() const { return model_; }

  // What `expr` says of the record of one side, which is of `set`.
  FormulaPtr read(const pack::ExprPtr& expr, uint32_t side, uint32_t set);
  std::vector<FormulaPtr> read(const std::vector<pack::ExprPtr>& exprs, uint32_t side, uint32_t set);
  FormulaPtr read_column(uint32_t column, uint32_t side, uint32_t set, uint32_t hops = 0);
  FormulaPtr state(std::string name, Interval range);
  void require(FormulaPtr formula) { body_ = body_ ? both(body_, formula) : std::move(formula); }

  // All that was required, and that functions were computed for their arguments.
  FormulaPtr body() const;

 private:
  struct Place {
    uint32_t side, set, hops;
  };
  FormulaPtr translate(const pack::Expr& expr, Place place);
  FormulaPtr column(uint32_t set, uint32_t column, Place place);
  FormulaPtr function(const pack::Expr& expr, Place place);
  FormulaPtr add(Variable variable);
  std::vector<FormulaPtr> arguments(const pack::Expr& expr, Place place);

  const pack::Model& model_;
  FormulaPtr body_;
  std::vector<FormulaPtr> bindings_;
};

}  // namespace khover::prove
