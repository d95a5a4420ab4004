// One check on C code: one file, one page in docs/review/, one folder in tests/e2e/review/checks/, one line
// in the table of checks.cpp.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "c/unit.h"
#include "findings/finding.h"
#include "review/findings.h"

namespace khover::review {

struct Check;

// Where a check leaves its findings.
class Reporter {
 public:
  Reporter(const Check& check, const Unit& unit, Findings& findings)
      : check_(check), unit_(unit), findings_(findings) {}

  // `what` names, with the function, what the finding is about however the file is edited.
  findings::Finding& at(const Function& in, const clang::Stmt* statement, const std::string& what,
                        std::string message);
  void note(findings::Finding& finding, const clang::Stmt* statement, std::string text) const;
  void not_judged(std::string why);

 private:
  const Check& check_;
  const Unit& unit_;
  Findings& findings_;
};

struct Check {
  const char* id;
  const char* purpose;
  const char* since;
  findings::Severity severity;
  void (*run)(const Unit& unit, Reporter& reporter);
};

const std::vector<Check>& all_checks();
std::vector<std::string> check_ids();

}  // namespace khover::review
