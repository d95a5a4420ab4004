// Findings as SARIF 2.1.0, within what code hosts accept: one run, relative paths, fingerprints, a
// bounded number of results, suppressed ones marked rather than left out.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "findings/finding.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t most_results = 5000;  // GitHub shows no more of one run

std::string encoded(const std::string& path) {
  std::string uri;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/._-+~").find(c) != std::string_view::npos;
    uri += plain ? std::string(1, c)
                 : fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return uri;
}

// SARIF counts characters, a Place counts bytes.
uint32_t code_points(std::string_view line, uint32_t column) {
  uint32_t characters = 1;
  for (size_t i = 0; i + 1 < column; ++i) {
    if (i >= line.size() || (static_cast<unsigned char>(line[i]) & 0xc0) != 0x80) ++characters;
  }
  return characters;
}

Json location(const Place& place, const Sources& sources) {
  Json physical = {{"artifactLocation", {{"uri", encoded(place.file)}, {"uriBaseId", "SRCROOT"}}}};
  if (place.line != 0) {
    Json region = {{"startLine", place.line}};
    const std::string_view line = sources.line(place.file, place.line);
    if (place.column != 0) region["startColumn"] = code_points(line, place.column);
    if (place.end_column > place.column) region["endColumn"] = code_points(line, place.end_column);
    if (!line.empty()) region["snippet"] = {{"text", std::string(line)}};
    physical["region"] = std::move(region);
  }
  return {{"physicalLocation", std::move(physical)}};
}

Json rule(const CheckInfo& check, const std::string& pages) {
  return {
      {"id", check.id},
      {"shortDescription", {{"text", check.purpose}}},
      {"help",
       {{"text", fmt::format("{}/{}.md of khover", check.pages.empty() ? pages : check.pages, check.id)}}},
      {"defaultConfiguration", {{"level", name_of(check.severity)}}},
      {"properties", {{"since", check.since}}}};
}

Json result(const Finding& finding, const Report& report, const std::map<std::string, size_t>& index,
            unsigned twin, bool has_baseline) {
  Json json = {{"ruleId", finding.check}};
  if (const auto found = index.find(finding.check); found != index.end()) json["ruleIndex"] = found->second;
  json["level"] = name_of(finding.severity);
  json["message"] = {{"text", fmt::format("{} [{}]", finding.message, finding.check)}};
  json["locations"] = Json::array({location(finding.place, report.sources)});
  // Equal findings of one file are told apart by their order.
  json["partialFingerprints"] = {{"khoverFinding/v1", fmt::format("{}:{}", fingerprint(finding), twin)}};
  Json related = Json::array();
  for (const Note& note : finding.notes) {
    if (note.place.file.empty()) continue;
    Json one = location(note.place, report.sources);
    one["message"] = {{"text", note.text}};
    related.push_back(std::move(one));
  }
  if (!related.empty()) json["relatedLocations"] = std::move(related);
  if (finding.suppressed) {
    json["suppressions"] = Json::array({{{"kind", finding.in_file ? "external" : "inSource"},
                                         {"status", "accepted"},
                                         {"justification", *finding.suppressed}}});
  } else if (finding.baselined) {
    // Marked, not left out: a result that disappears closes its alert, and opens it again later.
    json["suppressions"] =
        Json::array({{{"kind", "external"}, {"status", "accepted"}, {"justification", "in the baseline"}}});
  }
  if (has_baseline) json["baselineState"] = finding.baselined ? "unchanged" : "new";
  return json;
}

}  // namespace

std::string render_sarif(const Report& report) {
  std::map<std::string, size_t> index;
  Json rules = Json::array();
  for (const CheckInfo& check : report.checks) {
    index[check.id] = rules.size();
    rules.push_back(rule(check, report.pages));
  }
  // Worst first, so that a host which keeps only the first ones keeps those.
  std::vector<const Finding*> findings;
  for (const Finding& finding : report.findings) findings.push_back(&finding);
  std::stable_sort(findings.begin(), findings.end(), [](const Finding* a, const Finding* b) {
    if (a->suppressed.has_value() != b->suppressed.has_value()) return !a->suppressed.has_value();
    return a->severity > b->severity;
  });
  const bool has_baseline = std::any_of(report.findings.begin(), report.findings.end(),
                                        [](const Finding& finding) { return finding.baselined; });
  Json results = Json::array();
  std::map<std::string, unsigned> seen;
  for (const Finding* finding : findings) {
    if (results.size() == most_results) break;
    results.push_back(result(*finding, report, index, seen[fingerprint(*finding)]++, has_baseline));
  }
  Json notifications = Json::array();
  const auto notify = [&](const char* level, const std::string& text) {
    notifications.push_back({{"level", level}, {"message", {{"text", text}}}});
  };
  for (const auto& [check, why] : report.not_judged)
    notify("note", fmt::format("{} was not judged: {}", check, why));
  for (const LeftOut& one : report.left_out) {
    notify(one.part == LeftOut::Part::file ? "error" : "warning", "not judged: " + describe(one));
    if (!one.place.file.empty()) {
      notifications.back()["locations"] = Json::array({location(one.place, report.sources)});
    }
  }
  if (report.coverage && report.coverage->files != 0) {
    notify("note", fmt::format("{} of {} functions of {} files judged", report.coverage->judged_functions,
                               report.coverage->functions, report.coverage->files));
  }
  if (findings.size() > most_results) {
    notify("warning",
           fmt::format("{} of {} findings are listed, worst first", most_results, findings.size()));
  }
  Json run;
  run["tool"]["driver"] = {{"name", "khover"}, {"version", report.version}, {"rules", std::move(rules)}};
  const bool nothing = report.coverage && report.coverage->files != 0 && report.coverage->parsed_files == 0;
  run["invocations"] = Json::array(
      {{{"executionSuccessful", !nothing}, {"toolExecutionNotifications", std::move(notifications)}}});
  run["columnKind"] = "unicodeCodePoints";
  run["results"] = std::move(results);
  Json json;
  json["$schema"] = "https://json.schemastore.org/sarif-2.1.0.json";
  json["version"] = "2.1.0";
  json["runs"] = Json::array({std::move(run)});
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace khover::findings
