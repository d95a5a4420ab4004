#include "findings/precheck.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/printable.h"

namespace khover::findings {
namespace {

bool counts(const Precheck& precheck, const ImageFinding& finding) {
  return finding.violated && finding.severity != pack::Severity::hygiene &&
         std::find(precheck.in_flux.begin(), precheck.in_flux.end(), finding.rule) == precheck.in_flux.end();
}

const TargetFinding* first_objection(const Precheck& precheck, bool decided) {
  // They are in the order of causes: a kernel without KHO knows no name, either.
  const auto first =
      std::find_if(precheck.objections.begin(), precheck.objections.end(), [&](const TargetFinding& one) {
        return one.decided == decided && one.severity != pack::Severity::hygiene;
      });
  return first == precheck.objections.end() ? nullptr : &*first;
}

std::string reason_of(const ImageFinding& finding) {
  return fmt::format("{}: {} [{}]", finding.path.empty() ? "the image" : finding.path, finding.because,
                     finding.rule);
}

std::string reason_of(const TargetFinding& one) {
  std::string text = one.what + (one.decided ? ": " + one.because : "");
  if (!one.remedy.empty()) text += "; " + one.remedy;
  return text + " [" + one.id + "]";
}

// Why it cannot be said; empty: it can.
std::string doubt(const Precheck& precheck) {
  const ImageReport& report = *precheck.report;
  if (!precheck.in_flux.empty())
    return "the memory changes while it is read: " + joined(precheck.in_flux) + "; try again";
  // It says what to give, where the rule that is open for it does not.
  const TargetFinding* objection = precheck.nothing.empty() ? first_objection(precheck, false) : nullptr;
  if (objection) return reason_of(*objection);
  if (report.verdict.word == Word::undetermined) {
    const auto open = std::find_if(report.findings.begin(), report.findings.end(), [](const auto& one) {
      return !one.violated && one.severity != pack::Severity::hygiene;
    });
    return open == report.findings.end() ? report.verdict.because
                                         : reason_of(*open) + (open->why.empty() ? "" : ": " + open->why);
  }
  if (!precheck.nothing.empty()) return "";
  if (precheck.target.empty() && !precheck.image_only)
    return "the next kernel is not given: name it with --target, or ask for the image alone with "
           "--image-only";
  if (report.verdict.word == Word::nothing_wrong_visible) return report.verdict.because;
  return "";
}

}  // namespace

const char* to_string(Answer answer) {
  switch (answer) {
    case Answer::go:
      return "GO";
    case Answer::no_go:
      return "NO-GO";
    case Answer::cannot_say:
      return "CANNOT SAY";
  }
  return "";
}

void decide(Precheck& precheck) {
  precheck.answer = Answer::cannot_say;
  if (!precheck.unreadable.empty()) {
    precheck.reason = precheck.unreadable;
    return;
  }
  if (!precheck.report) {
    precheck.answer = Answer::go;
    precheck.reason = "nothing is handed over: " + precheck.nothing;
    return;
  }
  const ImageReport& report = *precheck.report;
  // What is wrong for every kernel comes first, then why this target takes nothing over.
  const auto first = [&](bool by_target) -> const ImageFinding* {
    const auto found = std::find_if(report.findings.begin(), report.findings.end(), [&](const auto& one) {
      return counts(precheck, one) && (precheck.by_target.count(one.rule) != 0) == by_target;
    });
    return found == report.findings.end() ? nullptr : &*found;
  };
  const TargetFinding* objection = precheck.nothing.empty() ? first_objection(precheck, true) : nullptr;
  const ImageFinding *of_image = first(false), *of_target = first(true);
  if (of_image || objection || of_target) {
    precheck.answer = Answer::no_go;
    precheck.reason = of_image    ? reason_of(*of_image)
                      : objection ? reason_of(*objection)
                                  : reason_of(*of_target);
  } else if (const std::string why = doubt(precheck); !why.empty()) {
    precheck.reason = why;
  } else {
    precheck.answer = Answer::go;
    precheck.reason = !precheck.nothing.empty() ? "nothing is handed over: " + precheck.nothing
                      : precheck.target.empty()
                          ? "what is handed over is well-formed; no target was asked"
                          : "what is handed over is well-formed, and the target knows it";
  }
}

int exit_status(const Precheck& precheck) {
  if (!precheck.unreadable.empty()) return 2;
  return precheck.answer == Answer::go ? 0 : precheck.answer == Answer::no_go ? 1 : 3;
}

}  // namespace khover::findings
