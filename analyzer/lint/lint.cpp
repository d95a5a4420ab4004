#include "lint/lint.h"

#include <fmt/format.h>

#include <algorithm>

#include "error/try.h"
#include "findings/selection.h"
#include "findings/suppressions.h"

namespace khover::lint {

std::vector<std::string> check_ids() {
  std::vector<std::string> ids;
  for (const Check& check : all_checks()) ids.emplace_back(check.id);
  ids.emplace_back(suppression_check);
  return ids;
}

Result<Report> lint(const Headers& headers, const std::string& checks) {
  std::vector<std::string> selected = TRY(select_checks(checks, check_ids()));
  Report report;
  report.command = "khover-abi lint";
  report.subject = headers.snapshot.source.release.empty()
                       ? fmt::format("{} headers", headers.snapshot.source.headers.size())
                       : headers.snapshot.source.release;
  report.sources = headers.sources;
  for (const Check& check : all_checks()) {
    if (std::find(selected.begin(), selected.end(), check.id) == selected.end()) continue;
    report.checks.push_back({check.id, check.purpose, check.since, check.severity});
    Reporter reporter(check, report);
    check.run(headers, reporter);
  }
  std::vector<Extent> extents;
  for (const auto& [name, declaration] : headers.declarations) {
    extents.push_back({declaration.place.file, declaration.first_line, declaration.last_line});
  }
  apply_suppressions(report, check_ids(), extents);
  if (std::find(selected.begin(), selected.end(), suppression_check) == selected.end()) {
    std::erase_if(report.findings, [](const Finding& finding) { return finding.check == suppression_check; });
  } else {
    report.checks.push_back({suppression_check,
                             "a suppression has no reason, no such check, or nothing to suppress", "0.1",
                             Severity::warning});
  }
  return report;
}

}  // namespace khover::lint
