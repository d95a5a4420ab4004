#include "findings/waivers.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "abi/versions.h"
#include "error/try.h"
#include "findings/suppressions.h"
#include "yaml/tree.h"

namespace khover::findings {
namespace {

constexpr std::string_view baseline_title = "# khover baseline 1: fingerprint, check, file, what it is about";

bool ran(const Report& report, const std::string& check) {
  return std::any_of(report.checks.begin(), report.checks.end(),
                     [&](const CheckInfo& one) { return one.id == check; });
}

}  // namespace

Result<void> apply_suppression_file(const std::string& yaml, const std::string& name, Report& report) {
  const yaml::Node root = TRY(yaml::read(yaml, name));
  if (root.kind != yaml::Node::Kind::sequence) {
    return fail(yaml::position(name, root), "a list is expected here", "see docs/review/README.md");
  }
  std::vector<Finding> complaints;
  for (const yaml::Node& item : root.items) {
    std::map<std::string, std::string> entry = {{"file", "*"}, {"subject", "*"}};
    if (item.kind != yaml::Node::Kind::map) {
      return fail(yaml::position(name, item), "a map of check, file, subject and reason is expected here");
    }
    for (size_t i = 0; i < item.keys.size(); ++i) {
      const std::string& key = item.keys[i];
      if (key != "check" && key != "file" && key != "subject" && key != "reason") {
        return fail(yaml::position(name, item.items[i]), fmt::format("unknown key '{}'", key),
                    "use check, file, subject, reason");
      }
      entry[key] = item.items[i].text;
    }
    if (entry["check"].empty() || entry["reason"].empty()) {
      return fail(yaml::position(name, item), "a suppression needs a check and a reason");
    }
    bool used = false;
    for (Finding& finding : report.findings) {
      if (finding.check != entry["check"] || !abi::matches_glob(entry["file"], finding.place.file) ||
          !abi::matches_glob(entry["subject"], finding.subject)) {
        continue;
      }
      used = true;
      if (finding.suppressed) continue;
      finding.suppressed = entry["reason"];
      finding.in_file = true;
    }
    if (used || !ran(report, entry["check"])) continue;
    Finding unused;
    unused.check = suppression_check;
    unused.message = fmt::format("{} suppresses '{}' in '{}', which finds nothing there",
                                 yaml::position(name, item), entry["check"], entry["file"]);
    unused.subject = entry["check"];
    complaints.push_back(std::move(unused));
  }
  report.findings.insert(report.findings.end(), complaints.begin(), complaints.end());
  return {};
}

std::string write_baseline(const Report& report) {
  std::string text(baseline_title);
  text += '\n';
  for (const Finding& finding : report.findings) {
    if (finding.suppressed) continue;
    text += fmt::format("{} {} {} {}\n", fingerprint(finding), finding.check, finding.place.file,
                        finding.subject);
  }
  return text;
}

Result<void> apply_baseline(const std::string& text, const std::string& name, Report& report) {
  std::istringstream lines(text);
  std::string line;
  if (!std::getline(lines, line) || line != baseline_title) {
    return fail(name, "is not a baseline of this khover", "write it again with --update-baseline");
  }
  std::map<std::string, int> known;
  while (std::getline(lines, line)) ++known[line.substr(0, line.find(' '))];
  for (Finding& finding : report.findings) {
    int& left = known[fingerprint(finding)];
    if (left == 0) continue;
    --left;
    finding.baselined = true;
  }
  return {};
}

}  // namespace khover::findings
