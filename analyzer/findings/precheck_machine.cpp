// What programs read of a precheck: JSON, metrics, the journal.
#include <fmt/format.h>

#include <array>
#include <map>
#include <nlohmann/json.hpp>

#include "findings/precheck.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array kAnswers = {Answer::go, Answer::no_go, Answer::cannot_say};
constexpr std::array kSeverities = {pack::Severity::crash, pack::Severity::refuse, pack::Severity::silent,
                                    pack::Severity::hygiene};

// Permanent, as are rule ids: `journalctl MESSAGE_ID=…`.
constexpr const char* kAnswerId = "6d1fbd6c4d0e4a6f9f5a3a1c7be00c11";
constexpr const char* kFindingId = "b3a8e1f27c5d4f0f8e64d2a95c1f7e22";

const char* word(Answer answer) {
  return answer == Answer::go ? "go" : answer == Answer::no_go ? "no-go" : "cannot-say";
}

std::map<pack::Severity, uint64_t> by_severity(const Precheck& precheck) {
  std::map<pack::Severity, uint64_t> counts;
  for (const pack::Severity severity : kSeverities) counts[severity] = 0;
  if (precheck.report) {
    for (const ImageFinding& one : precheck.report->findings) counts[one.severity] += one.violated ? 1 : 0;
  }
  for (const TargetFinding& one : precheck.objections) counts[one.severity] += one.decided ? 1 : 0;
  return counts;
}

// A label's value: \, " and line ends are escaped, as the text format asks for.
std::string label(const std::string& text) {
  std::string out;
  for (const char c : output::printable(text)) {
    if (c == '\\' || c == '"') out += '\\';
    out += c;
  }
  return out;
}

struct Entry {
  std::string text;
  void add(const char* name, const std::string& value) {
    text += fmt::format("{}={}\n", name, output::printable(value));
  }
};

// Levels of syslog.
const char* priority(pack::Severity severity) { return severity == pack::Severity::hygiene ? "5" : "3"; }

}  // namespace

std::string render_precheck_json(const Precheck& precheck) {
  Json json;
  json["schema"] = 1;
  json["tool"] = {{"name", "khover precheck"}, {"version", precheck.version}};
  json["answer"] = word(precheck.answer);
  json["reason"] = precheck.reason;
  json["status"] = exit_status(precheck);
  json["image"] = precheck.image;
  json["target"] = precheck.target.empty() ? Json(nullptr) : Json(precheck.target);
  json["image_only"] = precheck.image_only;
  json["nothing_handed_over"] = !precheck.nothing.empty();
  json["in_flux"] = precheck.in_flux;
  json["objections"] = Json::array();
  for (const TargetFinding& one : precheck.objections) {
    Json object = {{"id", one.id},
                   {"severity", pack::to_string(one.severity)},
                   {"decided", one.decided},
                   {"what", one.what},
                   {"because", one.because}};
    if (!one.remedy.empty()) object["remedy"] = one.remedy;
    json["objections"].push_back(object);
  }
  json["not_covered"] = precheck.not_covered;
  json["check"] = precheck.report ? Json::parse(render_json(*precheck.report)) : Json(nullptr);
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

std::string render_precheck_metrics(const Precheck& precheck, double seconds, int64_t now) {
  std::string out;
  out += "# HELP khover_precheck_result Answer of the last khover precheck: 1 for the one that it gave.\n";
  out += "# TYPE khover_precheck_result gauge\n";
  for (const Answer answer : kAnswers)
    out += fmt::format("khover_precheck_result{{answer=\"{}\"}} {}\n", word(answer),
                       answer == precheck.answer ? 1 : 0);
  out += "# HELP khover_precheck_findings Violated rules and objections of the target, by severity.\n";
  out += "# TYPE khover_precheck_findings gauge\n";
  for (const auto& [severity, count] : by_severity(precheck))
    out += fmt::format("khover_precheck_findings{{severity=\"{}\"}} {}\n", pack::to_string(severity), count);
  out += "# HELP khover_precheck_duration_seconds Time that the last precheck took.\n";
  out += "# TYPE khover_precheck_duration_seconds gauge\n";
  out += fmt::format("khover_precheck_duration_seconds {:.3f}\n", seconds);
  out += "# HELP khover_precheck_timestamp_seconds When the last precheck ended, since the epoch.\n";
  out += "# TYPE khover_precheck_timestamp_seconds gauge\n";
  out += fmt::format("khover_precheck_timestamp_seconds {}\n", now);
  out += "# HELP khover_precheck_info Versions of the last precheck.\n";
  out += "# TYPE khover_precheck_info gauge\n";
  out += fmt::format(
      "khover_precheck_info{{version=\"{}\",abi=\"{}\",target=\"{}\"}} 1\n", label(precheck.version),
      label(precheck.report && !precheck.report->abi.empty() ? precheck.report->abi.front() : ""),
      label(precheck.target));
  return out;
}

std::string render_precheck_journal(const Precheck& precheck) {
  std::string out;
  Entry answer;
  answer.add("MESSAGE", std::string(to_string(precheck.answer)) + ": " + precheck.reason);
  answer.add("MESSAGE_ID", kAnswerId);
  answer.add("PRIORITY", precheck.answer == Answer::go ? "6" : precheck.answer == Answer::no_go ? "3" : "4");
  answer.add("SYSLOG_IDENTIFIER", "khover");
  answer.add("KHOVER_ANSWER", word(precheck.answer));
  answer.add("KHOVER_TARGET", precheck.target);
  out += answer.text + "\n";
  const auto finding = [&](const std::string& rule, pack::Severity severity, const std::string& message,
                           const std::string& path) {
    Entry entry;
    entry.add("MESSAGE", message + " [" + rule + "]");
    entry.add("MESSAGE_ID", kFindingId);
    entry.add("PRIORITY", priority(severity));
    entry.add("SYSLOG_IDENTIFIER", "khover");
    entry.add("KHOVER_RULE", rule);
    entry.add("KHOVER_SEVERITY", pack::to_string(severity));
    entry.add("KHOVER_RECORD", path);
    out += entry.text + "\n";
  };
  if (precheck.report) {
    for (const ImageFinding& one : precheck.report->findings) {
      if (one.violated) finding(one.rule, one.severity, one.because, one.path);
    }
  }
  for (const TargetFinding& one : precheck.objections) {
    if (one.decided) finding(one.id, one.severity, one.what + ": " + one.because, "");
  }
  return out;
}

}  // namespace khover::findings
