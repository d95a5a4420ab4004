#include "findings/image_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "findings/image_report.h"
#include "findings/printable.h"

namespace khover::findings {
namespace {

using evaluate::Reason;
using evaluate::Verdict;

constexpr std::array kSeverities = {pack::Severity::crash, pack::Severity::refuse, pack::Severity::silent,
                                    pack::Severity::hygiene};

bool of_unread_records(Reason reason) { return reason == Reason::masked || reason == Reason::broken; }

Coverage coverage_of(const ImageReport& report) {
  Coverage coverage;
  coverage.rules = report.rules.size();
  coverage.not_asked = report.rules_not_asked;
  coverage.not_followed = report.not_followed.size() + report.more_not_followed;
  for (const RuleLine& rule : report.rules) {
    switch (rule.verdict) {
      case Verdict::holds:
        ++coverage.holds;
        coverage.proved += rule.proof ? 1 : 0;
        break;
      case Verdict::violated:
        ++coverage.violated;
        break;
      case Verdict::undetermined:
        ++coverage.undetermined;
        break;
      case Verdict::not_judged:
        ++coverage.not_judged[rule.reason];
        break;
    }
  }
  return coverage;
}

const char* consequence(pack::Severity severity) {
  switch (severity) {
    case pack::Severity::crash:
      return "the next kernel crashes on this image";
    case pack::Severity::refuse:
      return "the next kernel refuses this image, or a part of it";
    case pack::Severity::silent:
      return "the next kernel accepts this image and loses or corrupts data";
    case pack::Severity::hygiene:
      return "no correct kernel writes this image; the next one accepts it";
  }
  return "";
}

std::string counted(uint64_t count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

// Rules that count for the status, and those below.
class Counter {
 public:
  Counter(const ImageReport& report, pack::Severity fail_on) : report_(report), fail_on_(fail_on) {}

  template <typename Of>
  uint64_t above(Of of) const {
    return count([&](const RuleLine& rule) { return rule.severity <= fail_on_ && of(rule); });
  }
  template <typename Of>
  uint64_t below(Of of) const {
    return count([&](const RuleLine& rule) { return rule.severity > fail_on_ && of(rule); });
  }
  // "1 silent and 2 hygiene findings"
  std::string lesser_findings() const {
    std::vector<std::string> parts;
    uint64_t all = 0;
    for (const pack::Severity severity : kSeverities) {
      const uint64_t found = below([&](const RuleLine& rule) {
        return rule.severity == severity && rule.verdict == Verdict::violated;
      });
      if (found != 0) parts.push_back(fmt::format("{} {}", found, pack::to_string(severity)));
      all += found;
    }
    return parts.empty() ? "" : joined(parts, " and ") + (all == 1 ? " finding" : " findings");
  }

 private:
  template <typename Of>
  uint64_t count(Of of) const {
    return static_cast<uint64_t>(std::count_if(report_.rules.begin(), report_.rules.end(), of));
  }
  const ImageReport& report_;
  pack::Severity fail_on_;
};

bool is(const RuleLine& rule, Verdict verdict) { return rule.verdict == verdict; }
bool is_unread(const RuleLine& rule) {
  return rule.verdict == Verdict::not_judged && of_unread_records(rule.reason);
}

// "87 (not written yet in this phase), 2 (input numa is not given)": every rule that is not judged.
std::string not_judged(const ImageReport& report) {
  std::map<std::pair<Reason, std::string>, uint64_t> groups;
  for (const RuleLine& rule : report.rules) {
    if (rule.verdict != Verdict::not_judged) continue;
    switch (rule.reason) {
      case Reason::other_phase:
        ++groups[{rule.reason, "about another phase"}];
        break;
      case Reason::hidden:
        ++groups[{rule.reason, "of what is not written yet in this phase"}];
        break;
      case Reason::masked:
        ++groups[{rule.reason, "a rule that they need fails"}];
        break;
      case Reason::broken:
        ++groups[{rule.reason, "their records could not be reached"}];
        break;
      case Reason::none:
      case Reason::input:
      case Reason::unfollowed:
        ++groups[{rule.reason, rule.why}];
        break;
    }
  }
  std::vector<std::string> parts;
  for (const auto& [group, count] : groups) parts.push_back(fmt::format("{} ({})", count, group.second));
  return joined(parts);
}

std::string pointer_text(const NotFollowed& one) {
  const std::string pointer = one.pointer.empty() ? "a pointer" : "'" + one.pointer + "'";
  return fmt::format("{} of {} was not followed: {}", pointer, one.path, one.why);
}

// Why an image is undetermined in which no rule of that weight is violated; empty: it is not.
std::vector<std::string> doubts(const ImageReport& report, const Counter& rules) {
  std::vector<std::string> found;
  const uint64_t undecided =
      rules.above([](const RuleLine& rule) { return is(rule, Verdict::undetermined); });
  if (undecided != 0)
    found.push_back("the image does not say enough, " + counted(undecided, "rule") + " cannot be decided");
  if (!report.not_followed.empty()) {
    const size_t more = report.not_followed.size() + report.more_not_followed - 1;
    found.push_back(
        pointer_text(report.not_followed.front()) +
        (more == 0 ? "" : fmt::format("; {} more {} not followed", more, more == 1 ? "was" : "were")));
  }
  const uint64_t unread = rules.above(is_unread);
  if (unread != 0)
    found.push_back(counted(unread, "rule") + " cannot be judged for records that were not read");
  if (report.phase_contradicted)
    found.push_back(fmt::format("it is said to be {}, which its contents do not fit", report.phase));
  return found;
}

std::string invisible(const ImageReport& report, const Coverage& coverage, const Counter& rules) {
  std::vector<std::string> parts;
  const auto silent = [&](Reason reason) -> uint64_t {
    const auto found = coverage.not_judged.find(reason);
    return found == coverage.not_judged.end() ? 0 : found->second;
  };
  if (const uint64_t hidden = silent(Reason::hidden); hidden != 0) {
    parts.push_back(fmt::format(
        "what serialization writes is not visible in an image that is {}: {} of {} rules say nothing",
        report.phase, hidden, coverage.rules));
  }
  if (silent(Reason::unfollowed) != 0) parts.push_back("khover does not know all that is handed over");
  const uint64_t undecided =
      rules.below([](const RuleLine& rule) { return is(rule, Verdict::undetermined); });
  if (undecided != 0)
    parts.push_back("the image does not say enough for " + counted(undecided, "lesser rule"));
  if (coverage.not_asked != 0) {
    parts.push_back(fmt::format("{} of {} rules were asked, and nothing is said of the image", coverage.rules,
                                coverage.rules + coverage.not_asked));
  }
  return joined(parts, "; ");
}

// How it is known that the rules hold.
std::string how(const ImageReport& report, const Coverage& coverage) {
  if (!report.proof) return " (evaluated; no proof was made)";
  if (coverage.proved == coverage.holds) return " (proved)";
  return fmt::format(" (evaluated; {} of {} proved)", coverage.proved, coverage.holds);
}

}  // namespace

const char* to_string(Word word) {
  switch (word) {
    case Word::well_formed:
      return "well-formed";
    case Word::nothing_wrong_visible:
      return "nothing wrong in what is visible";
    case Word::undetermined:
      return "undetermined";
    case Word::violated:
      return "violated";
  }
  return "";
}

ImageVerdict verdict_of(const ImageReport& report, pack::Severity fail_on) {
  const Counter rules(report, fail_on);
  ImageVerdict verdict;
  verdict.coverage = coverage_of(report);
  std::string says;
  const bool violated = rules.above([](const RuleLine& rule) { return is(rule, Verdict::violated); }) != 0;
  const std::vector<std::string> unclear = doubts(report, rules);
  if (violated) {
    verdict.word = Word::violated;
    verdict.status = Status::violated;
    says = consequence(report.findings.front().severity);
  } else if (!unclear.empty()) {
    verdict.word = Word::undetermined;
    verdict.status = Status::undetermined;
    says = joined(unclear, "; ");
  } else {
    verdict.status = Status::nothing_to_object;
    says = invisible(report, verdict.coverage, rules);
    verdict.word = says.empty() ? Word::well_formed : Word::nothing_wrong_visible;
  }
  verdict.because = says;
  verdict.sentence = to_string(verdict.word);
  if (verdict.status == Status::nothing_to_object) verdict.sentence += how(report, verdict.coverage);
  if (const std::string lesser = rules.lesser_findings(); !lesser.empty() && !violated)
    verdict.sentence += ", " + lesser;
  if (!says.empty()) verdict.sentence += ": " + says;
  if (const std::string silent = not_judged(report); !silent.empty())
    verdict.sentence += "; not judged: " + silent;
  return verdict;
}

}  // namespace khover::findings
