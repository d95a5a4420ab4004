#include "prove/certify/obligations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <unordered_set>

#include "prove/formula/bitvector.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

constexpr size_t kBatch = 2000;         // facts in one query
constexpr size_t kWorthABox = 16;       // below so many facts one by one is quicker
constexpr unsigned kBoxSteps = 50'000;  // solver steps: a box that is not proved at once is given up
constexpr size_t kRemembered =
    200'000;  // distinct facts of one check that are recognised when they come again

struct ValuesHash {
  size_t operator()(const std::vector<Value>& values) const {
    uint64_t hash = 0x9e3779b97f4a7c15;
    for (const Value& one : values) {
      for (const uint64_t word :
           {static_cast<uint64_t>(one.value), static_cast<uint64_t>(one.value >> 64), uint64_t{one.known}}) {
        hash = (hash ^ word) * 0xff51afd7ed558ccd;
        hash ^= hash >> 32;
      }
    }
    return hash;
  }
};
struct ValuesEqual {
  bool operator()(const std::vector<Value>& a, const std::vector<Value>& b) const {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Value& x, const Value& y) {
      return x.value == y.value && x.known == y.known;
    });
  }
};

std::string decimal(Integer value) { return to_text(*number(value)); }

bool inside(const std::vector<Interval>& box, const std::vector<Value>& values) {
  for (size_t i = 0; i < box.size(); ++i) {
    if (!values[i].known || values[i].value < box[i].low || values[i].value > box[i].high) return false;
  }
  return !box.empty();
}

}  // namespace

void CertificateFile::line(const std::string& text) {
  const std::lock_guard lock(mutex_);
  file_.write(text);
  file_.write("\n");
}

struct Facts::Impl {
  struct Kind {
    const Check* check = nullptr;
    std::vector<z3::expr> variables;
    z3::expr body;
    z3::expr_vector sources;
    std::unordered_set<std::vector<Value>, ValuesHash, ValuesEqual> seen;
    std::vector<std::vector<Value>> waiting;
    std::vector<std::vector<Subject>> subjects;
    // For all values in these intervals, one for each variable, the check is proved. Empty: nothing yet.
    std::vector<Interval> box;
    bool tries_boxes = true;
  };

  Impl(const FactsOptions& of, std::shared_ptr<Smt> with, std::string name)
      : options(of),
        rule(std::move(name)),
        solver(std::move(with)),
        smt(*solver),
        seconds_before(smt.tally().seconds) {}

  FactsOptions options;
  std::string rule;
  std::shared_ptr<Smt> solver;
  Smt& smt;
  double seconds_before;
  std::vector<Kind> kinds;
  Reply reply{Answer::proved, ""};
  Tally tally;
  uint64_t fresh = 0;

  z3::expr negated(Kind& kind, const std::vector<Value>& values) {
    z3::expr_vector targets(smt.context());
    z3::expr types = smt.context().bool_val(true);  // of what is not known
    for (size_t i = 0; i < values.size(); ++i) {
      const Variable& of = kind.check->variables[i];
      if (!values[i].known) {
        const z3::expr any = variable(smt.context(), fmt::format("unknown{}", fresh++), of.range, of.boolean);
        if (!of.boolean) types = types && lies_in(any, of.range);
        targets.push_back(any);
      } else if (of.boolean) {
        targets.push_back(smt.context().bool_val(values[i].value != 0));
      } else {
        targets.push_back(constant(smt.context(), values[i].value, width_of(of.range)));
      }
    }
    z3::expr body = kind.body;
    return types && !body.substitute(kind.sources, targets);
  }

  // One query for all that waits: the check holds for all values between the least and the greatest
  // of each variable. That says more than the facts do, so it may be false though they are true.
  bool proved_as_box(Kind& kind) {
    if (!kind.tries_boxes || kind.waiting.size() < kWorthABox) return false;
    std::vector<Interval> box = kind.box;
    for (const auto& values : kind.waiting) {
      const bool first = box.empty();
      if (first) box.resize(values.size());
      for (size_t i = 0; i < values.size(); ++i) {
        const Interval& type = kind.check->variables[i].range;
        const Interval own = values[i].known ? Interval{values[i].value, values[i].value} : type;
        box[i] = first ? own : hull(box[i], own);
      }
    }
    z3::expr claim = kind.body;
    for (size_t i = 0; i < box.size(); ++i) {
      if (!kind.check->variables[i].boolean) {
        claim = z3::implies(lies_in(kind.variables[i], box[i]), claim);
      } else if (box[i].low == box[i].high) {
        claim = z3::implies(kind.variables[i] == smt.context().bool_val(box[i].low != 0), claim);
      }
    }
    const std::string name = fmt::format("{}.{}.{}.box", rule, kind.check->name, tally.queries++);
    kind.tries_boxes = smt.holds_if_easy(name, claim, kBoxSteps).answer == Answer::proved;
    if (kind.tries_boxes) kind.box = std::move(box);
    return kind.tries_boxes;
  }

  void flush(uint32_t index) {
    Kind& kind = kinds[index];
    if (kind.waiting.empty()) return;
    if (proved_as_box(kind)) {
      kind.waiting.clear();
      kind.subjects.clear();
      return;
    }
    try {
      z3::expr_vector any(smt.context());
      for (const auto& values : kind.waiting) any.push_back(negated(kind, values));
      const std::string name = fmt::format("{}.{}.{}", rule, kind.check->name, tally.queries++);
      const Reply answer = smt.holds_ground(name, z3::mk_or(any));
      if (answer.answer == Answer::refuted)
        explain(kind);
      else if (answer.answer == Answer::unknown && reply.answer == Answer::proved)
        reply = answer;
    } catch (const z3::exception& error) {
      if (reply.answer == Answer::proved) reply = {Answer::unknown, error.msg()};
    }
    kind.waiting.clear();
    kind.subjects.clear();
  }

  // Which fact it is: one query each.
  void explain(Kind& kind) {
    for (size_t i = 0; i < kind.waiting.size(); ++i) {
      if (smt.holds_ground(fmt::format("{}.{}.explain{}", rule, kind.check->name, i),
                           negated(kind, kind.waiting[i]))
              .answer != Answer::refuted)
        continue;
      std::string text = fmt::format("{} at", kind.check->name);
      bool all_known = true;
      for (const Subject& one : kind.subjects[i]) text += fmt::format(" {:#x}", one.address);
      for (size_t v = 0; v < kind.waiting[i].size(); ++v) {
        const Value& value = kind.waiting[i][v];
        const Variable& of = kind.check->variables[v];
        all_known = all_known && (value.known || of.kind == Variable::Kind::free);
        text += fmt::format(", {} = {}", of.name, value.known ? decimal(value.value) : "unknown");
      }
      // With bytes absent, the claim may be false: that is no disagreement.
      reply = {all_known ? Answer::refuted : Answer::unknown, text};
      return;
    }
    reply = {Answer::refuted, kind.check->name};
  }

  bool late() const { return options.deadline && std::chrono::steady_clock::now() > *options.deadline; }
};

std::shared_ptr<Smt> make_solver(unsigned steps, const std::string& smt2) {
  return std::make_shared<Smt>(SmtOptions{steps, smt2});
}

Facts::Facts(const FactsOptions& options, std::shared_ptr<Smt> solver, std::string rule)
    : impl_(std::make_unique<Impl>(options, std::move(solver), std::move(rule))) {}
Facts::~Facts() = default;

uint32_t Facts::add(const Check& check) {
  Impl& impl = *impl_;
  z3::context& context = impl.smt.context();
  std::vector<z3::expr> variables;
  z3::expr_vector sources(context);
  for (size_t i = 0; i < check.variables.size(); ++i) {
    variables.push_back(
        variable(context, fmt::format("v{}", i), check.variables[i].range, check.variables[i].boolean));
    sources.push_back(variables.back());
  }
  const FormulaPtr body = check.body();
  impl.kinds.push_back(
      {&check, variables, meaning(context, *body, variables), sources, {}, {}, {}, {}, true});
  const auto index = static_cast<uint32_t>(impl.kinds.size() - 1);
  if (impl.options.certificate) {
    nlohmann::ordered_json line = {
        {"rule", impl.rule}, {"check", index}, {"name", check.name}, {"says", to_text(*body)}};
    line["variables"] = nlohmann::ordered_json::array();
    for (const Variable& one : check.variables) {
      static const char* const kKinds[] = {"column",   "fact",   "term", "function",
                                           "argument", "stated", "free"};
      nlohmann::ordered_json variable = {
          {"name", one.name}, {"kind", kKinds[static_cast<int>(one.kind)]}, {"side", one.side}};
      if (one.kind == Variable::Kind::column) {
        const pack::Column& column = check.model().sets[one.set].columns[one.column];
        variable["hops"] = one.hops;
        if (column.kind == pack::ColumnKind::integer) {  // where its bytes are, for who reads the image again
          variable["bytes"] = {{"offset", column.offset},
                               {"shift", column.bit_offset},
                               {"bits", column.bits},
                               {"signed", column.is_signed}};
        } else if (column.kind == pack::ColumnKind::address) {
          variable["address"] = true;
        }
      }
      line["variables"].push_back(std::move(variable));
    }
    impl.options.certificate->line(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  return index;
}

void Facts::state(uint32_t check, const std::vector<Value>& values, const std::vector<Subject>& subjects) {
  Impl& impl = *impl_;
  if (impl.reply.answer != Answer::proved) return;
  Impl::Kind& kind = impl.kinds[check];
  ++impl.tally.facts;
  if (impl.options.certificate) {
    std::string line = fmt::format("{{\"rule\":\"{}\",\"check\":{},\"records\":[", impl.rule, check);
    for (const Subject& one : subjects) {
      line += fmt::format("{}[{},{},{}", line.back() == '[' ? "" : ",", one.set, one.row, one.address);
      for (const uint64_t address : one.above) line += fmt::format(",{}", address);
      line += "]";
    }
    line += "],\"values\":[";
    for (const Value& one : values)
      line += (line.back() == '[' ? "" : ",") + (one.known ? decimal(one.value) : std::string("null"));
    impl.options.certificate->line(line + "]}");
  }
  for (size_t i = 0; i < values.size(); ++i) {
    const Interval& range = kind.check->variables[i].range;
    if (values[i].known && !kind.check->variables[i].boolean &&
        (values[i].value < range.low || values[i].value > range.high)) {
      return reject(fmt::format("{} = {} is outside of its type", kind.check->variables[i].name,
                                decimal(values[i].value)));
    }
  }
  if (inside(kind.box, values) || (kind.seen.size() < kRemembered && !kind.seen.insert(values).second)) {
    ++impl.tally.repeated;
    return;
  }
  kind.waiting.push_back(values);
  kind.subjects.push_back(subjects);
  if (kind.waiting.size() < kBatch) return;
  impl.flush(check);
  if (impl.late() && impl.reply.answer == Answer::proved)
    impl.reply = {Answer::unknown, "the deadline passed before all facts were proved"};
}

void Facts::reject(std::string why) {
  if (impl_->reply.answer == Answer::proved) impl_->reply = {Answer::refuted, std::move(why)};
}

void Facts::give_up(std::string why) {
  if (impl_->reply.answer == Answer::proved) impl_->reply = {Answer::unknown, std::move(why)};
}

bool Facts::writes_certificate() const { return impl_->options.certificate != nullptr; }

bool Facts::stopped() const { return impl_->reply.answer != Answer::proved; }

Reply Facts::finish() {
  for (uint32_t i = 0; i < impl_->kinds.size() && !stopped(); ++i) {
    if (impl_->late())
      impl_->reply = {Answer::unknown, "the deadline passed before all facts were proved"};
    else
      impl_->flush(i);
  }
  return impl_->reply;
}

const Tally& Facts::tally() const {
  impl_->tally.seconds = impl_->smt.tally().seconds - impl_->seconds_before;
  return impl_->tally;
}

}  // namespace khover::prove
