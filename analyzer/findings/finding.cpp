#include "findings/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace khover::findings {

const char* name_of(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return "";
}

std::optional<Severity> severity_of(std::string_view name) {
  for (const Severity severity : {Severity::note, Severity::warning, Severity::error}) {
    if (name == name_of(severity)) return severity;
  }
  return std::nullopt;
}

void Sources::add(const std::string& file, std::string text) {
  std::vector<size_t> starts = {0};
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
  line_starts_[file] = std::move(starts);
  files_[file] = std::move(text);
}

const std::string* Sources::text(const std::string& file) const {
  const auto found = files_.find(file);
  return found == files_.end() ? nullptr : &found->second;
}

std::string_view Sources::line(const std::string& file, uint32_t number) const {
  const auto starts = line_starts_.find(file);
  if (starts == line_starts_.end() || number == 0 || number > starts->second.size()) return {};
  const std::string_view text = files_.at(file);
  const std::string_view rest = text.substr(starts->second[number - 1]);
  std::string_view line = rest.substr(0, rest.find('\n'));
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

std::string fingerprint(const Finding& finding) {
  uint64_t hash = 0xcbf29ce484222325;  // FNV-1a: it only distinguishes findings
  const auto add = [&](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0) * 0x100000001b3;
  };
  add(finding.check);
  add(finding.place.file);
  add(finding.subject);
  if (finding.subject.empty()) add(finding.message);
  return fmt::format("{:016x}", hash);
}

std::string describe(const LeftOut& one) {
  const std::string where =
      one.place.line == 0 ? one.place.file : fmt::format("{}:{}", one.place.file, one.place.line);
  switch (one.part) {
    case LeftOut::Part::function:
      return fmt::format("{}: '{}()': {}", where, one.name, one.why);
    case LeftOut::Part::declaration:
      return fmt::format("{}: {}", where, one.why);
    case LeftOut::Part::file:
      break;
  }
  return fmt::format("{}: {}", one.name, one.why);
}

void sort_by_place(std::vector<Finding>& findings) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.place.file, a.place.line, a.place.column, a.check) <
           std::tie(b.place.file, b.place.line, b.place.column, b.check);
  });
}

uint64_t count_at_least(const Report& report, Severity threshold) {
  return static_cast<uint64_t>(
      std::count_if(report.findings.begin(), report.findings.end(), [&](const Finding& finding) {
        return !finding.suppressed && !finding.baselined && finding.severity >= threshold;
      }));
}

}  // namespace khover::findings
