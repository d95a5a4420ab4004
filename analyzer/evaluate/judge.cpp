#include "evaluate/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace khover::evaluate {

std::string number_text(pack::Integer value) {
  if (value < 0) return "-" + number_text(-value);
  if (value < 65536) return fmt::format("{}", static_cast<uint64_t>(value));
  if (value >> 64 == 0) return fmt::format("{:#x}", static_cast<uint64_t>(value));
  return fmt::format("{:#x}{:016x}", static_cast<uint64_t>(value >> 64), static_cast<uint64_t>(value));
}

Exemptions::Exemptions(const walk::World& world, uint32_t set, const std::vector<uint32_t>& subjects,
                       const std::vector<const Outcome*>& needed)
    : world_(&world), set_(set) {
  for (const Outcome* outcome : needed) {
    for (const auto& [bad_set, bad_rows] : outcome->offenders) {
      if (bad_set != set && std::find(subjects.begin(), subjects.end(), bad_set) != subjects.end()) continue;
      uint32_t common = set;
      uint32_t up = 0;
      while (common != kNone && world.model->hops_to(bad_set, common) == kNone) {
        common = world.model->sets[common].parent;
        ++up;
      }
      if (common == kNone) {
        everything_ = true;  // no record of this set is apart from the failure
        continue;
      }
      Rows list{up, {}};
      const uint32_t down = world.model->hops_to(bad_set, common);
      for (const uint32_t row : bad_rows) list.rows.push_back(world.ancestor(bad_set, row, down));
      std::sort(list.rows.begin(), list.rows.end());
      lists_.push_back(std::move(list));
    }
  }
}

bool Exemptions::covers(uint32_t row) const {
  if (everything_) return true;
  for (const Rows& list : lists_) {
    if (std::binary_search(list.rows.begin(), list.rows.end(),
                           list.hops == 0 ? row : world_->ancestor(set_, row, list.hops)))
      return true;
  }
  return false;
}

Judge::Judge(const walk::World& of, const Question& question, Outcome& into)
    : world(of), claim(question.claim), columns(of), outcome(into), question_(question) {
  if (claim.set.set != kNone) {
    subjects_.push_back(claim.set.set);
  } else {
    for (const auto& over : claim.tuples) subjects_.push_back(over.set.set);
    for (const auto& over : claim.ranges) subjects_.push_back(over.set.set);
  }
}

void Judge::pass_over(Reason reason, const std::string& why, uint64_t records) {
  outcome.exempt += records;
  if (reason < outcome.reason || (reason == outcome.reason && !outcome.why.empty())) return;
  outcome.reason = reason;
  outcome.why = why;
}

bool Judge::passes(uint32_t set, uint32_t row, const Exemptions& exempt) {
  const walk::RecordSet& records = world.sets[set];
  if (!records.condemned.empty() && records.is_condemned(row)) {
    const auto i =
        static_cast<size_t>(std::lower_bound(records.condemned.begin(), records.condemned.end(), row) -
                            records.condemned.begin());
    const uint32_t gate = records.condemned_by[i];
    if (gate != question_.rule && question_.ignored_gates.count(gate) == 0) {
      pass_over(Reason::masked, "needs " + world.model->rules[gate].id);
      return false;
    }
  }
  if (exempt.covers(row)) {
    pass_over(Reason::masked, "");
    return false;
  }
  return true;
}

void Judge::offend(RecordRef record) {
  std::vector<uint32_t>& rows = outcome.offenders[record.set];
  if (rows.empty() || rows.back() != record.row) rows.push_back(record.row);
}

void Judge::violate(RecordRef record, Instance instance) {
  ++outcome.violations;
  offend(record);
  if (instance.other) offend(*instance.other);
  instance.record = record;
  if (outcome.violated.size() < kDescribed) outcome.violated.push_back(std::move(instance));
}

// The absent addresses that these expressions read.
std::vector<uint64_t> Judge::trace(const std::vector<Read>& reads) {
  std::vector<uint64_t> holes;
  columns.trace_holes(&holes);
  for (const Read& read : reads) columns.evaluate(*read.expr, read.of.set, read.of.row);
  columns.trace_holes(nullptr);
  std::sort(holes.begin(), holes.end());
  holes.erase(std::unique(holes.begin(), holes.end()), holes.end());
  return holes;
}

void Judge::undecided(RecordRef record, const std::vector<Read>& reads, const std::string& expected) {
  ++outcome.undecided;
  if (outcome.unknown.size() >= kDescribed) return;
  Instance instance;
  instance.record = record;
  instance.expected = expected;
  instance.holes = trace(reads);
  outcome.unknown.push_back(std::move(instance));
}

void Judge::leans_on(const std::vector<Read>& reads) {
  if (holes_.size() >= kDescribed) return;
  const std::vector<uint64_t> holes = trace(reads);
  holes_.insert(holes.begin(), holes.end());
}

Judge::Gaps Judge::gaps(const std::vector<uint32_t>& sets) const {
  Gaps found;
  const auto each_opening = [&](uint32_t set, const auto& visit) {
    for (uint32_t in = set; in != kNone; in = world.model->sets[in].parent) {
      for (const walk::Opening& opening : world.sets[in].openings) visit(opening);
    }
  };
  for (const uint32_t set : sets) {
    each_opening(set, [&](const walk::Opening& opening) {
      const bool is_hole = opening.cause == walk::Opening::Cause::hole;
      (is_hole ? found.hole : found.broken) = &opening;
      if (is_hole) found.addresses.insert(opening.address);
    });
  }
  if (outcome.undecided > 0) {
    found.addresses.insert(holes_.begin(), holes_.end());
    for (const uint32_t set : leans_on_) {
      each_opening(set, [&](const walk::Opening& opening) {
        if (opening.cause == walk::Opening::Cause::hole) found.addresses.insert(opening.address);
      });
    }
  }
  for (const Instance& instance : outcome.unknown)
    found.addresses.insert(instance.holes.begin(), instance.holes.end());
  return found;
}

std::string Judge::needed_rule() const {
  std::string id;
  for (const Outcome* needed : question_.needed) {
    if (!needed->offenders.empty()) id = world.model->rules[needed->rule].id;
  }
  return id;
}

void Judge::conclude(const Gaps& gaps) {
  const Reason passed_over = outcome.reason;
  outcome.reason = Reason::none;
  if (outcome.undecided > 0) {
    outcome.verdict = Verdict::undetermined;
    if (!gaps.addresses.empty())
      outcome.why = fmt::format("the dump has no byte at {:#x}", *gaps.addresses.begin());
    else if (outcome.why.empty())
      outcome.why = "a value is unknown";
  } else if (gaps.broken) {
    outcome.verdict = Verdict::not_judged;
    outcome.reason = Reason::broken;
    outcome.why = gaps.broken->why;
  } else if (gaps.hole) {
    outcome.verdict = Verdict::undetermined;
    outcome.why = gaps.hole->why;
  } else if (outcome.exempt > 0) {
    outcome.verdict = Verdict::not_judged;
    outcome.reason = passed_over;
    if (outcome.why.empty()) outcome.why = "needs " + needed_rule();
  } else {
    outcome.verdict = Verdict::holds;
    outcome.why.clear();
  }
}

void Judge::close(const std::vector<uint32_t>& sets) {
  for (auto& [set, rows] : outcome.offenders) {
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  }
  if (outcome.violations > 0) {
    outcome.verdict = Verdict::violated;
    outcome.reason = Reason::none;
    return;
  }
  const Gaps found = gaps(sets);
  conclude(found);
  if (outcome.verdict != Verdict::undetermined) return;
  // Dumps lack pages, not bytes: one address of each.
  for (auto at = found.addresses.begin(); at != found.addresses.end() && outcome.holes.size() < kDescribed;
       at = found.addresses.lower_bound((*at / world.model->page_size + 1) * world.model->page_size))
    outcome.holes.push_back(*at);
}

std::string Judge::value_text(const pack::Expr& expr, uint32_t set, uint32_t row) {
  const auto value = columns.evaluate(expr, set, row);
  if (!value.known) return "unknown";
  switch (expr.type) {
    case pack::Type::boolean:
      return value.value != 0 ? "true" : "false";
    case pack::Type::text:
      return fmt::format("\"{}\"", world.strings.text(static_cast<uint64_t>(value.value)));
    case pack::Type::integer:
      return number_text(value.value);
  }
  return "";
}

namespace {

void leaves(const pack::Expr& expr, std::vector<const pack::Expr*>& found) {
  const bool reads = expr.op == pack::Op::column || expr.op == pack::Op::term ||
                     (expr.op == pack::Op::call &&
                      (expr.function == pack::Function::key_order || expr.function == pack::Function::zero));
  if (reads) found.push_back(&expr);
  if (expr.op == pack::Op::call && expr.function == pack::Function::zero) return;
  for (const auto& arg : expr.args) leaves(*arg, found);
}

}  // namespace

std::string Judge::values(const pack::Expr& expr, uint32_t set, uint32_t row) {
  std::vector<const pack::Expr*> reads;
  leaves(expr, reads);
  std::set<std::string> told;
  std::string text;
  for (const pack::Expr* read : reads) {
    if (!told.insert(read->source).second) continue;
    if (!text.empty()) text += ", ";
    text += read->source + " = " + value_text(*read, set, row);
  }
  return text;
}

Instance Judge::describe(const pack::Expr& expr, uint32_t set, uint32_t row) {
  Instance instance;
  instance.expected = expr.source;
  instance.found = values(expr, set, row);
  std::vector<const pack::Expr*> reads;
  leaves(expr, reads);
  for (const pack::Expr* read : reads) {
    if (read->op != pack::Op::column) continue;
    instance.field = read->source;
    break;
  }
  return instance;
}

}  // namespace khover::evaluate
