// docs/lint/doc-members.md
#include <fmt/format.h>

#include <set>

#include "lint/checks.h"

namespace khover::lint {
namespace {

bool has_member(const Headers& headers, const abi::Record& record, const std::string& name) {
  for (const abi::Field& field : record.fields) {
    if (field.name == name) return true;
    if (!field.name.empty()) continue;
    const abi::Record* nested = headers.record(field.record);
    if (nested != nullptr && has_member(headers, *nested, name)) return true;
  }
  return false;
}

void run(const Headers& headers, Reporter& reporter) {
  for (const auto& [file, comments] : headers.comments) {
    for (const Comment& comment : comments) {
      const KernelDoc doc = kernel_doc_of(comment);
      const auto declaration = headers.declarations.find(doc.subject);
      const abi::Record* record = headers.record(doc.subject);
      if (record == nullptr || declaration == headers.declarations.end() || doc.parameters.empty()) continue;
      if (declaration->second.place.file != file) continue;
      std::set<std::string> documented;
      for (const Parameter& parameter : doc.parameters) {
        const std::string first = parameter.name.substr(0, parameter.name.find('.'));
        documented.insert(first);
        if (has_member(headers, *record, first)) continue;
        reporter.at({file, parameter.line, parameter.column,
                     parameter.column + static_cast<uint32_t>(parameter.name.size())},
                    fmt::format("{} @{}", record->name, parameter.name),
                    fmt::format("the kernel-doc describes '@{}', which 'struct {}' does not have",
                                parameter.name, record->name));
      }
      for (size_t i = 0; i < record->fields.size(); ++i) {
        const abi::Field& field = record->fields[i];
        if (field.name.empty() || documented.contains(field.name)) continue;
        reporter.at(headers.place_of(record->name, i), member_name(*record, field),
                    fmt::format("the kernel-doc of '{}' leaves out '{}'", record->name, field.name));
      }
    }
  }
}

}  // namespace

const Check doc_members_check = {"doc-members", "the kernel-doc of a record and its members differ", "0.1",
                                 Severity::warning, run};

}  // namespace khover::lint
