#include "review/checks.h"

#include <fmt/format.h>

#include "review/check_list.h"

namespace khover::review {

// By id: `since`, purpose and severity are in the file of the check.
const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = {
#define KHOVER_CHECK(name) name##_check,
#include "review/check_names.inc"
#undef KHOVER_CHECK
  };
  return checks;
}

std::vector<std::string> check_ids() {
  std::vector<std::string> ids;
  for (const Check& check : all_checks()) ids.emplace_back(check.id);
  return ids;
}

std::vector<findings::CheckInfo> check_list() {
  std::vector<findings::CheckInfo> list;
  for (const Check& check : all_checks())
    list.push_back({check.id, check.purpose, check.since, check.severity});
  return list;
}

findings::Finding& Reporter::at(const Function& in, const clang::Stmt* statement, const std::string& what,
                                std::string message) {
  findings::Finding finding;
  finding.check = check_.id;
  finding.severity = check_.severity;
  finding.message = std::move(message);
  finding.place = unit_.place(statement->getSourceRange());
  finding.subject = fmt::format("{}: {}", in.name, what);
  findings_.findings.push_back(std::move(finding));
  return findings_.findings.back();
}

void Reporter::note(findings::Finding& finding, const clang::Stmt* statement, std::string text) const {
  finding.notes.push_back({unit_.place(statement->getSourceRange()), std::move(text)});
}

void Reporter::not_judged(std::string why) { findings_.not_judged.emplace_back(check_.id, std::move(why)); }

}  // namespace khover::review
