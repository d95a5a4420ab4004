#include "c/paths.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "c/results.h"

namespace khover::c {
namespace {

using clang::dyn_cast;
using clang::isa;

constexpr size_t most_states = 20000;

enum class Hold { pending, held, failed };

struct Site {
  const clang::Stmt* statement = nullptr;
  const clang::CallExpr* call = nullptr;  // nothing for a counter
  const Api* api = nullptr;
  const clang::VarDecl* variable = nullptr;  // status, or the object itself
  const clang::FieldDecl* counter = nullptr;
  bool is_object = false;
};

struct Held {
  Hold hold = Hold::pending;
  bool before = false;  // an earlier round of a loop holds one already
  auto operator<=>(const Held&) const = default;
};

struct State {
  std::map<const clang::VarDecl*, bool> nonzero;   // what is known of a variable
  std::map<const clang::VarDecl*, bool> is_error;  // of a pointer
  std::map<unsigned, Held> held;
  std::map<const clang::VarDecl*, unsigned> status;  // variable, site whose outcome it tells
  std::map<const clang::VarDecl*, const clang::CallExpr*> freed;
  auto operator<=>(const State&) const = default;
};

// What a condition asks, and of what.
struct Question {
  const clang::VarDecl* variable = nullptr;
  const clang::CallExpr* call = nullptr;  // a tracked call that is in the condition itself
  enum { truth, error, negative } kind = truth;
  bool inverted = false;
};

class Explorer {
 public:
  Explorer(const Unit& unit, const Function& in) : unit_(unit), in_(in) {}

  Paths run() {
    find_sites();
    if (in_.graph() == nullptr || (sites_.empty() && !frees_)) return {};
    std::vector<std::pair<const clang::CFGBlock*, State>> open = {{&in_.graph()->getEntry(), {}}};
    while (!open.empty()) {
      auto [block, state] = std::move(open.back());
      open.pop_back();
      if (!seen_.emplace(block->getBlockID(), state).second) continue;
      if (seen_.size() > most_states) {
        paths_.gave_up = true;
        break;
      }
      if (!execute(*block, state)) continue;
      follow(*block, state, open);
    }
    return std::move(paths_);
  }

 private:
  void find_sites() {
    for (const ResultUse& result : results_of(unit_, in_)) {
      const bool tracked = !result.api->undo.empty() || result.api->is(Trait::must_use);
      if (!tracked || result.discarded) continue;
      Site site;
      site.statement = site.call = result.call;
      site.api = result.api;
      site.variable = result.variable;
      site.is_object = result.call->getType()->isPointerType();
      by_statement_[result.call] = static_cast<unsigned>(sites_.size());
      sites_.push_back(site);
    }
    for (const clang::Stmt* statement : in_.statements) {
      const auto* step = dyn_cast<clang::UnaryOperator>(statement);
      if (step == nullptr || !step->isIncrementOp()) continue;
      const clang::FieldDecl* field = member_of(step->getSubExpr());
      if (!unit_.is_serialized(field)) continue;
      Site site;
      site.statement = step;
      site.counter = field;
      by_statement_[step] = static_cast<unsigned>(sites_.size());
      sites_.push_back(site);
    }
    for (const clang::CallExpr* call : in_.calls) {
      const Api* api = unit_.api(call);
      frees_ = frees_ || (api != nullptr && api->has(Role::frees));
    }
    // Variables that are written once, where they are declared: what they say, their source says.
    std::set<const clang::VarDecl*> written;
    for (const clang::Stmt* statement : in_.statements) {
      const auto* binary = dyn_cast<clang::BinaryOperator>(statement);
      if (binary != nullptr && binary->isAssignmentOp()) written.insert(variable_of(binary->getLHS()));
    }
    for (const clang::Stmt* statement : in_.statements) {
      const auto* declaration = dyn_cast<clang::DeclStmt>(statement);
      if (declaration == nullptr) continue;
      for (const clang::Decl* part : declaration->decls()) {
        const auto* variable = dyn_cast<clang::VarDecl>(part);
        if (variable == nullptr || variable->getInit() == nullptr || written.contains(variable)) continue;
        const auto* negation = dyn_cast_or_null<clang::UnaryOperator>(bare(variable->getInit()));
        if (negation != nullptr && negation->getOpcode() == clang::UO_LNot)
          copies_[variable] = variable->getInit();
      }
    }
  }

  void assign(State& state, const clang::VarDecl* variable, const clang::Expr* value) const {
    if (variable == nullptr || !variable->hasLocalStorage()) return;
    state.nonzero.erase(variable);
    state.is_error.erase(variable);
    state.status.erase(variable);
    state.freed.erase(variable);
    // What a variable held is out of sight when it is written over.
    for (auto one = state.held.begin(); one != state.held.end();) {
      const Site& site = sites_[one->first];
      const bool lost = site.variable == variable && !in_.is_inside(site.statement, value) &&
                        (site.is_object || one->second.hold == Hold::pending);
      if (lost && !one->second.before) {
        one = state.held.erase(one);
      } else {
        if (lost) one->second.hold = Hold::held;
        ++one;
      }
    }
    const clang::Expr* core = bare(value);
    if (core == nullptr) return;
    if (const auto number = constant_of(core, unit_.context)) {
      state.nonzero[variable] = *number != 0;
    } else if (is_zero(core, unit_.context)) {
      state.nonzero[variable] = false;
    } else if (const clang::VarDecl* source = variable_of(core)) {
      if (const auto known = state.nonzero.find(source); known != state.nonzero.end()) {
        state.nonzero[variable] = known->second;
      }
      if (const auto known = state.status.find(source); known != state.status.end()) {
        state.status[variable] = known->second;
      }
    } else if (const auto* call = dyn_cast<clang::CallExpr>(core)) {
      if (const auto site = by_statement_.find(call); site != by_statement_.end()) {
        state.status[variable] = site->second;
      }
      const std::string name = unit_.callee(call);
      if (unit_.table.error_makers.contains(name)) {
        state.is_error[variable] = true;
      } else if (unit_.table.error_values.contains(name)) {
        const clang::VarDecl* about = call->getNumArgs() == 1 ? variable_of(call->getArg(0)) : nullptr;
        const auto known = state.is_error.find(about);
        if (known != state.is_error.end() && known->second) state.nonzero[variable] = true;
      }
    }
  }

  // The object goes where others can reach it.
  void escape(State& state, const clang::Expr* expression) const {
    std::vector<const clang::Stmt*> open = {expression};
    while (!open.empty()) {
      const clang::Stmt* part = open.back();
      open.pop_back();
      // sizeof(*object) looks at a type, object->member at a part.
      if (part == nullptr || isa<clang::UnaryExprOrTypeTraitExpr>(part)) continue;
      if (const auto* member = dyn_cast<clang::MemberExpr>(part); member != nullptr && member->isArrow())
        continue;
      if (const auto* reference = dyn_cast<clang::DeclRefExpr>(part)) {
        for (unsigned i = 0; i < sites_.size(); ++i) {
          if (sites_[i].is_object && sites_[i].variable == reference->getDecl()) state.held.erase(i);
        }
      }
      open.insert(open.end(), part->child_begin(), part->child_end());
    }
  }

  bool undoes(const clang::CallExpr* call, const Site& site) const {
    if (site.api == nullptr) return false;
    if (!is_undo(unit_.callee(call), site)) return !site.is_object && calls_undo(call, site, 0);
    if (!site.is_object || call->getNumArgs() == 0) return true;
    return variable_of(call->getArg(0)) == site.variable;
  }

  static bool is_undo(const std::string& name, const Site& site) {
    return std::find(site.api->undo.begin(), site.api->undo.end(), name) != site.api->undo.end();
  }

  // A helper of the same file that gives it back.
  bool calls_undo(const clang::CallExpr* call, const Site& site, unsigned depth) const {
    const Function* target = unit_.function(call->getDirectCallee());
    if (target == nullptr || target == &in_ || depth == 3) return false;
    return std::any_of(target->calls.begin(), target->calls.end(), [&](const clang::CallExpr* inner) {
      return is_undo(unit_.callee(inner), site) || calls_undo(inner, site, depth + 1);
    });
  }

  void on_call(State& state, const clang::CallExpr* call) {
    const Api* api = unit_.api(call);
    if (const auto site = by_statement_.find(call); site != by_statement_.end()) {
      Held& held = state.held[site->second];
      held.before = held.before || held.hold == Hold::held;
      held.hold = Hold::pending;
    }
    for (auto one = state.held.begin(); one != state.held.end();) {
      const bool back = undoes(call, sites_[one->first]);
      one = back ? state.held.erase(one) : std::next(one);
    }
    if (const clang::Expr* freed = unit_.argument(call, Role::frees)) {
      const clang::VarDecl* variable = variable_of(freed);
      if (variable != nullptr && variable->hasLocalStorage()) {
        const auto [entry, first] = state.freed.try_emplace(variable, call);
        if (!first) {
          const bool known = std::any_of(paths_.double_frees.begin(), paths_.double_frees.end(),
                                         [&](const DoubleFree& one) { return one.second == call; });
          if (!known) paths_.double_frees.push_back({entry->second, call});
        }
      }
      return;
    }
    const std::string name = unit_.callee(call);
    if (unit_.table.error_questions.contains(name) || unit_.table.error_values.contains(name)) return;
    if (api != nullptr && (api->has(Role::address) || api->is(Trait::passes))) return;
    for (const clang::Expr* argument : call->arguments()) {
      if (isa<clang::MemberExpr>(argument->IgnoreParenCasts())) continue;
      const auto* address = dyn_cast<clang::UnaryOperator>(argument->IgnoreParenCasts());
      if (address != nullptr && address->getOpcode() == clang::UO_AddrOf &&
          variable_of(address->getSubExpr()) == nullptr) {
        continue;  // a part of the object, not the object
      }
      escape(state, argument);
    }
  }

  // False: the path ends here.
  bool execute(const clang::CFGBlock& block, State& state) {
    for (const clang::CFGElement& element : block) {
      const auto cfg_statement = element.getAs<clang::CFGStmt>();
      if (!cfg_statement) continue;
      const clang::Stmt* statement = cfg_statement->getStmt();
      if (const auto* call = dyn_cast<clang::CallExpr>(statement)) {
        on_call(state, call);
      } else if (const auto* declaration = dyn_cast<clang::DeclStmt>(statement)) {
        for (const clang::Decl* part : declaration->decls()) {
          const auto* variable = dyn_cast<clang::VarDecl>(part);
          if (variable != nullptr && variable->getInit() != nullptr)
            assign(state, variable, variable->getInit());
        }
      } else if (const auto* binary = dyn_cast<clang::BinaryOperator>(statement)) {
        if (!binary->isAssignmentOp()) continue;
        const clang::VarDecl* variable = variable_of(binary->getLHS());
        if (variable != nullptr && binary->getOpcode() == clang::BO_Assign) {
          assign(state, variable, binary->getRHS());
        } else if (variable != nullptr) {
          state.nonzero.erase(variable);
        } else {
          escape(state, binary->getRHS());
          on_member(state, member_of(binary->getLHS()));
        }
      } else if (const auto* step = dyn_cast<clang::UnaryOperator>(statement)) {
        if (const auto site = by_statement_.find(step); site != by_statement_.end()) {
          state.held[site->second] = {Hold::held, false};
        } else if (step->isDecrementOp()) {
          on_member(state, member_of(step->getSubExpr()));
        }
        if (step->isIncrementDecrementOp()) state.nonzero.erase(variable_of(step->getSubExpr()));
      } else if (const auto* result = dyn_cast<clang::ReturnStmt>(statement)) {
        on_return(state, result);
        return false;
      }
    }
    return true;
  }

  // A counter is set back, or its record is marked as deleted.
  void on_member(State& state, const clang::FieldDecl* field) const {
    if (field == nullptr) return;
    const bool mark = unit_.table.is_member("deleted", field->getName()) ||
                      unit_.table.is_member("reserved", field->getName());
    for (auto one = state.held.begin(); one != state.held.end();) {
      const clang::FieldDecl* counter = sites_[one->first].counter;
      const bool back = counter != nullptr && (counter == field || mark);
      one = back ? state.held.erase(one) : std::next(one);
    }
  }

  enum class Outcome { unknown, good, bad };

  Outcome outcome(const State& state, const clang::ReturnStmt* result) const {
    const clang::Expr* value = result->getRetValue();
    if (value == nullptr) return Outcome::unknown;
    const clang::QualType type = in_.declaration->getReturnType();
    const clang::Expr* core = bare(value);
    if (const auto* call = dyn_cast_or_null<clang::CallExpr>(core)) {
      const std::string name = unit_.callee(call);
      return unit_.table.error_makers.contains(name) || unit_.table.error_values.contains(name)
                 ? Outcome::bad
                 : Outcome::unknown;
    }
    const clang::VarDecl* variable = variable_of(core);
    if (type->isPointerType()) {
      if (is_zero(core, unit_.context)) return Outcome::bad;
      if (variable == nullptr) return Outcome::unknown;
      if (const auto known = state.is_error.find(variable); known != state.is_error.end() && known->second) {
        return Outcome::bad;
      }
      const auto known = state.nonzero.find(variable);
      return known != state.nonzero.end() && !known->second ? Outcome::bad : Outcome::unknown;
    }
    if (type->isBooleanType() || !type->isIntegerType()) return Outcome::unknown;
    if (const auto number = constant_of(core, unit_.context)) {
      return *number < 0 ? Outcome::bad : *number == 0 ? Outcome::good : Outcome::unknown;
    }
    if (variable == nullptr) return Outcome::unknown;
    const auto known = state.nonzero.find(variable);
    if (known == state.nonzero.end()) return Outcome::unknown;
    return known->second ? Outcome::bad : Outcome::good;
  }

  void on_return(const State& state, const clang::ReturnStmt* result) {
    const Outcome how = outcome(state, result);
    for (const auto& [index, held] : state.held) {
      const Site& site = sites_[index];
      const bool holds = held.hold == Hold::held || held.before;
      if (how == Outcome::bad && holds && (site.counter != nullptr || !site.api->undo.empty())) {
        const bool known = std::any_of(paths_.leaks.begin(), paths_.leaks.end(),
                                       [&](const Leak& one) { return one.taken == site.statement; });
        if (known) continue;
        Leak leak;
        leak.taken = site.statement;
        leak.at_return = result;
        leak.what = site.counter != nullptr ? unit_.name_of(site.counter) : unit_.callee(site.call) + "()";
        leak.undo = site.counter != nullptr ? "" : site.api->undo.front() + "()";
        paths_.leaks.push_back(std::move(leak));
      }
      if (how == Outcome::good && held.hold == Hold::failed &&
          variable_of(result->getRetValue()) != nullptr) {
        const bool known = std::any_of(paths_.silent.begin(), paths_.silent.end(),
                                       [&](const SilentFailure& one) { return one.call == site.call; });
        if (!known) paths_.silent.push_back({site.call, result});
      }
    }
  }

  std::optional<Question> question_of(const clang::Expr* condition, unsigned depth = 0) const {
    Question question;
    const clang::Expr* core = bare(condition);
    for (unsigned step = 0; core != nullptr && step < 16; ++step) {
      if (const auto* negation = dyn_cast<clang::UnaryOperator>(core);
          negation != nullptr && negation->getOpcode() == clang::UO_LNot) {
        question.inverted = !question.inverted;
        core = bare(negation->getSubExpr());
        continue;
      }
      if (const auto* binary = dyn_cast<clang::BinaryOperator>(core)) {
        if (binary->getOpcode() == clang::BO_Assign) {
          core = bare(binary->getLHS());
          continue;
        }
        if (!binary->isComparisonOp() || !is_zero(binary->getRHS(), unit_.context)) return std::nullopt;
        if (binary->getOpcode() == clang::BO_EQ) question.inverted = !question.inverted;
        if (binary->getOpcode() == clang::BO_LT || binary->getOpcode() == clang::BO_GE) {
          question.kind = Question::negative;
          if (binary->getOpcode() == clang::BO_GE) question.inverted = !question.inverted;
        } else if (!binary->isEqualityOp()) {
          return std::nullopt;
        }
        core = bare(binary->getLHS());
        continue;
      }
      if (const auto* call = dyn_cast<clang::CallExpr>(core)) {
        if (by_statement_.contains(call)) {
          question.call = call;
          return question;
        }
        if (call->getNumArgs() == 1 && unit_.table.error_questions.contains(unit_.callee(call))) {
          question.kind = Question::error;
          question.variable = variable_of(call->getArg(0));
          if (question.variable != nullptr) return question;
        }
        return std::nullopt;
      }
      question.variable = variable_of(core);
      if (question.variable == nullptr) return std::nullopt;
      // int __ret = !!(err); if (__ret) …
      const auto copy = copies_.find(question.variable);
      if (copy != copies_.end() && depth < 4) {
        std::optional<Question> inner = question_of(copy->second, depth + 1);
        if (inner) {
          inner->inverted = inner->inverted != question.inverted;
          return inner;
        }
      }
      return question;
    }
    return std::nullopt;
  }

  void settle(State& state, unsigned index, bool failed) const {
    const auto found = state.held.find(index);
    if (found == state.held.end() || found->second.hold != Hold::pending) return;
    if (!failed) {
      found->second.hold = Hold::held;
    } else if (found->second.before) {
      found->second = {Hold::held, false};
    } else {
      found->second.hold = Hold::failed;
    }
  }

  // False: this cannot be.
  bool refine(State& state, const Question& question, bool truth) const {
    const bool yes = truth != question.inverted;
    std::optional<unsigned> site;
    if (question.call != nullptr) {
      site = by_statement_.at(question.call);
    } else if (const auto known = state.status.find(question.variable); known != state.status.end()) {
      site = known->second;
    }
    if (question.variable != nullptr) {
      if (question.kind == Question::error) {
        const auto [entry, fresh] = state.is_error.try_emplace(question.variable, yes);
        if (!fresh && entry->second != yes) return false;
      } else if (question.kind == Question::truth || yes) {
        const auto [entry, fresh] = state.nonzero.try_emplace(question.variable, yes);
        if (!fresh && entry->second != yes) return false;
      } else if (site && sites_[*site].api != nullptr && sites_[*site].api->failure == Failure::nonzero) {
        state.nonzero[question.variable] = false;  // an error code that is not below 0
      }
    }
    if (!site || sites_[*site].api == nullptr) return true;
    switch (sites_[*site].api->failure) {
      case Failure::nonzero:
        if (question.kind != Question::error) settle(state, *site, yes);
        break;
      case Failure::negative:
        if (question.kind == Question::negative) settle(state, *site, yes);
        break;
      case Failure::null:
        if (question.kind == Question::truth) settle(state, *site, !yes);
        break;
      case Failure::error_pointer:
        if (question.kind == Question::error) settle(state, *site, yes);
        break;
      case Failure::none:
        break;
    }
    return true;
  }

  // Cleaning up in a loop, or under a condition that cannot be judged, counts as done.
  void believe_cleanup(State& state, const clang::Stmt* terminator) const {
    std::vector<const clang::Stmt*> open = {terminator};
    while (!open.empty()) {
      const clang::Stmt* part = open.back();
      open.pop_back();
      if (part == nullptr) continue;
      if (const auto* call = dyn_cast<clang::CallExpr>(part)) {
        for (auto one = state.held.begin(); one != state.held.end();) {
          one = undoes(call, sites_[one->first]) ? state.held.erase(one) : std::next(one);
        }
      }
      if (const auto* step = dyn_cast<clang::UnaryOperator>(part); step != nullptr && step->isDecrementOp()) {
        on_member(state, member_of(step->getSubExpr()));
      }
      open.insert(open.end(), part->child_begin(), part->child_end());
    }
  }

  void follow(const clang::CFGBlock& block, const State& state,
              std::vector<std::pair<const clang::CFGBlock*, State>>& open) const {
    const auto* condition = dyn_cast_or_null<clang::Expr>(block.getTerminatorCondition());
    const clang::Stmt* terminator = block.getTerminatorStmt();
    std::optional<Question> question;
    if (condition != nullptr && block.succ_size() == 2) question = question_of(condition);
    const bool is_loop =
        terminator != nullptr && (isa<clang::ForStmt>(terminator) || isa<clang::WhileStmt>(terminator) ||
                                  isa<clang::DoStmt>(terminator));
    unsigned number = 0;
    for (const clang::CFGBlock::AdjacentBlock& next : block.succs()) {
      const bool truth = number++ == 0;
      const clang::CFGBlock* to = next.getReachableBlock();
      if (to == nullptr) continue;
      State copy = state;
      if (question && !refine(copy, *question, truth)) continue;
      if (terminator != nullptr && (is_loop || (isa<clang::IfStmt>(terminator) && !question))) {
        believe_cleanup(copy, terminator);
      }
      if (block.getLoopTarget() != nullptr) {
        // The next round: a failure of this one was tolerated.
        std::erase_if(copy.held, [](const auto& one) { return one.second.hold == Hold::failed; });
      }
      open.emplace_back(to, std::move(copy));
    }
  }

  const Unit& unit_;
  const Function& in_;
  std::vector<Site> sites_;
  bool frees_ = false;
  std::map<const clang::Stmt*, unsigned> by_statement_;
  std::map<const clang::VarDecl*, const clang::Expr*> copies_;
  std::set<std::pair<unsigned, State>> seen_;
  Paths paths_;
};

}  // namespace

const Paths& paths_of(const Unit& unit, const Function& in) {
  return in.facts.get<Paths>([&] { return Explorer(unit, in).run(); });
}

}  // namespace khover::c
