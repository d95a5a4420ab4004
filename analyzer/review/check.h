// One check on C code: a file in review/checks/, a page in docs/review/ and a folder in
// tests/e2e/review/checks/, all of the same name. `./dev new-check review ID` begins all three.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "c/unit.h"
#include "findings/finding.h"
#include "review/findings.h"

namespace khover::review {

using namespace c;  // a check is written in terms of units, functions and fields

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

// What a check has to see before its silence, or its finding, means anything.
enum class Sees {
  function,  // the function that it speaks of
  file,      // all functions of the file: it says that something is done nowhere
};

struct Check {
  const char* id;
  const char* purpose;
  const char* since;
  findings::Severity severity;
  void (*run)(const Unit& unit, Reporter& reporter);
  Sees sees = Sees::function;
};

const std::vector<Check>& all_checks();
std::vector<std::string> check_ids();

}  // namespace khover::review
