#include "prove/certify/obligations.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

constexpr size_t kBatch = 1024;  // facts in one run of a program

std::string decimal(Integer value) { return to_text(*number(value)); }

// The same facts are picked in every run.
bool is_audited(double share, uint64_t number) {
  if (share <= 0) return false;
  number *= 0x9e3779b97f4a7c15;
  number ^= number >> 32;
  return static_cast<double>(number & 0xffffffff) < share * 0x1p32;
}

}  // namespace

void CertificateFile::line(const std::string& text) {
  const std::lock_guard lock(mutex_);
  file_.write(text);
  file_.write("\n");
}

Solver::Solver(unsigned steps, std::string smt2) : steps_(steps), smt2_(std::move(smt2)) {}
Solver::~Solver() = default;
Smt& Solver::get() {
  if (!smt_) smt_ = std::make_unique<Smt>(SmtOptions{steps_, smt2_});
  return *smt_;
}
double Solver::seconds() const { return smt_ ? smt_->tally().seconds : 0; }

struct Facts::Impl {
  struct Kind {
    const Check* check = nullptr;
    std::unique_ptr<Checker> checker;  // null: its program is not proved
    std::vector<walk::Lane> lanes;     // of the facts that wait for it: one for each variable
    std::vector<std::vector<Subject>> subjects;
    std::unique_ptr<GroundFacts> ground;  // made when the solver is first asked
  };

  Impl(const FactsOptions& of, Solver& with, std::string name)
      : options(of), rule(std::move(name)), solver(with), seconds_before(with.seconds()) {}

  FactsOptions options;
  std::string rule;
  Solver& solver;
  double seconds_before;
  std::vector<Kind> kinds;
  Reply reply{Answer::proved, ""};
  bool late = false;
  Reply programs{Answer::proved, ""};
  Tally tally;
  std::vector<Checker::Found> found;

  void take(Reply answer) {
    if (answer.answer == Answer::proved) return;
    if (reply.answer == Answer::proved || answer.answer == Answer::refuted) reply = std::move(answer);
  }

  void ask_solver(Kind& kind, const std::vector<Value>& values, const std::vector<Subject>& subjects) {
    if (!kind.ground)
      kind.ground = std::make_unique<GroundFacts>(*kind.check, solver.get(),
                                                  fmt::format("{}.{}", rule, kind.check->name));
    take(kind.ground->add(values, subjects, tally));
  }

  std::vector<Value> fact(const Kind& kind, size_t index) const {
    std::vector<Value> values;
    for (const walk::Lane& lane : kind.lanes) values.push_back({lane.values[index], lane.known[index] != 0});
    return values;
  }

  void run(Kind& kind) {
    if (kind.subjects.empty()) return;
    kind.checker->run(kind.lanes, kind.subjects.size(), found);
    for (size_t i = 0; i < found.size() && reply.answer == Answer::proved; ++i) {
      if (found[i] == Checker::Found::holds) continue;
      const std::vector<Value> values = fact(kind, i);
      if (found[i] == Checker::Found::unknown || !all_known(*kind.check, values))
        ask_solver(kind, values, kind.subjects[i]);
      else
        take({Answer::refuted, fact_text(*kind.check, values, kind.subjects[i])});
    }
    kind.subjects.clear();
    for (walk::Lane& lane : kind.lanes) {
      lane.values.clear();
      lane.known.clear();
    }
  }

  void stop_if_late() {
    if (reply.answer != Answer::proved || !options.deadline) return;
    late = std::chrono::steady_clock::now() > *options.deadline;
    if (late) reply = {Answer::unknown, "the deadline passed before all facts were proved"};
  }
};

Facts::Facts(const FactsOptions& options, Solver& solver, std::string rule)
    : impl_(std::make_unique<Impl>(options, solver, std::move(rule))) {}
Facts::~Facts() = default;

uint32_t Facts::add(const Check& check) {
  Impl& impl = *impl_;
  Impl::Kind kind;
  kind.check = &check;
  if (impl.options.proofs != nullptr) {
    kind.checker = std::make_unique<Checker>(check);
    const Reply proved = impl.options.proofs->prove(*kind.checker);
    if (proved.answer == Answer::refuted || impl.programs.answer == Answer::proved) impl.programs = proved;
    if (proved.answer == Answer::refuted)
      impl.take({Answer::unknown, "internal error: the program of a local check is wrong: " + proved.reason});
    if (proved.answer != Answer::proved) kind.checker = nullptr;
  }
  kind.lanes.resize(check.variables.size());
  impl.kinds.push_back(std::move(kind));
  const auto index = static_cast<uint32_t>(impl.kinds.size() - 1);
  if (impl.options.certificate) {
    nlohmann::ordered_json line = {
        {"rule", impl.rule}, {"check", index}, {"name", check.name}, {"says", to_text(*check.body())}};
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
    const Variable& of = kind.check->variables[i];
    if (values[i].known && !of.boolean && (values[i].value < of.range.low || values[i].value > of.range.high))
      return reject(fmt::format("{} = {} is outside of its type", of.name, decimal(values[i].value)));
  }
  if (!kind.checker || is_audited(impl.options.audit, impl.tally.facts))
    impl.ask_solver(kind, values, subjects);
  if (!kind.checker) {
    if (impl.tally.facts % kBatch == 0) impl.stop_if_late();
    return;
  }
  for (size_t i = 0; i < values.size(); ++i) {
    kind.lanes[i].values.push_back(values[i].known ? values[i].value : 0);
    kind.lanes[i].known.push_back(values[i].known ? 1 : 0);
  }
  kind.subjects.push_back(subjects);
  if (kind.subjects.size() < kBatch) return;
  impl.run(kind);
  impl.stop_if_late();
}

void Facts::reject(std::string why) {
  if (impl_->reply.answer == Answer::proved) impl_->reply = {Answer::refuted, std::move(why)};
}

void Facts::give_up(std::string why) {
  if (impl_->reply.answer == Answer::proved) impl_->reply = {Answer::unknown, std::move(why)};
}

bool Facts::writes_certificate() const { return impl_->options.certificate != nullptr; }

bool Facts::every_check() const { return impl_->options.every_check; }

bool Facts::stopped() const { return impl_->reply.answer != Answer::proved; }

Reply Facts::finish() {
  Impl& impl = *impl_;
  for (Impl::Kind& kind : impl.kinds) {
    if (stopped()) break;
    impl.run(kind);
    if (kind.ground && !stopped()) impl.take(kind.ground->flush(impl.tally));
    impl.stop_if_late();
  }
  return impl.reply;
}

bool Facts::late() const { return impl_->late; }

const Reply& Facts::programs() const { return impl_->programs; }

const Tally& Facts::tally() const {
  impl_->tally.seconds = impl_->solver.seconds() - impl_->seconds_before;
  return impl_->tally;
}

}  // namespace khover::prove
