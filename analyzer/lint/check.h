// One check on headers: a file in lint/checks/, a page in docs/lint/ and a folder in tests/e2e/lint/checks/,
// all of the same name. `./dev new-check lint ID` begins all three.
#pragma once

#include <string>
#include <vector>

#include "findings/finding.h"
#include "lint/headers.h"

namespace khover::lint {

struct Check;

// Where a check leaves its findings.
class Reporter {
 public:
  Reporter(const Check& check, Report& report) : check_(check), report_(report) {}

  // `subject` names what the finding is about such that it survives edits of the file.
  Finding& at(const Place& place, std::string subject, std::string message);
  // The check cannot say anything about these headers.
  void not_judged(std::string why);

 private:
  const Check& check_;
  Report& report_;
};

struct Check {
  const char* id;
  const char* purpose;
  const char* since;
  Severity severity;
  void (*run)(const Headers& headers, Reporter& reporter);
};

const std::vector<Check>& all_checks();

// A record of a listed header with its declaration and snapshot, for checks that look at all of them.
template <typename Look>
void each_record(const Headers& headers, Look look) {
  for (const auto& [name, declaration] : headers.declarations) {
    if (const abi::Record* record = headers.record(name)) look(*record, declaration);
  }
}

template <typename Look>
void each_member(const Headers& headers, Look look) {
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    for (size_t i = 0; i < record.fields.size() && i < declaration.members.size(); ++i) {
      look(record, record.fields[i], declaration.members[i]);
    }
  });
}

// A record that belongs to the running kernel, not to an image: it holds locks, lists, work and the like.
// runtime-record reports it; the checks on members then keep quiet about it.
bool is_runtime_record(const Headers& headers, const abi::Record& record);
// Type of a field that only a running kernel can have; "" for others.
std::string runtime_type(const Headers& headers, const abi::Field& field);

}  // namespace khover::lint
