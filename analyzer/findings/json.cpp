// Findings for a program.
#include <nlohmann/json.hpp>

#include "findings/finding.h"
#include "output/printable.h"

namespace khover::findings {
namespace {

using Json = nlohmann::ordered_json;

Json place(const Place& one) {
  Json json = {{"file", one.file}, {"line", one.line}};
  if (one.column != 0) json["column"] = one.column;
  if (one.end_column != 0) json["end_column"] = one.end_column;
  return json;
}

const char* name_of(LeftOut::Part part) {
  switch (part) {
    case LeftOut::Part::file:
      return "file";
    case LeftOut::Part::function:
      return "function";
    case LeftOut::Part::declaration:
      return "declaration";
  }
  return "";
}

}  // namespace

std::string render_json(const Report& report) {
  Json json;
  json["tool"] = {{"name", report.command}, {"version", report.version}};
  json["subject"] = report.subject;
  json["checks"] = Json::array();
  for (const CheckInfo& check : report.checks) json["checks"].push_back(check.id);
  json["not_judged"] = Json::array();
  for (const auto& [check, why] : report.not_judged)
    json["not_judged"].push_back({{"check", check}, {"why", why}});
  if (!report.parsed.empty()) json["parsed"] = report.parsed;
  if (report.coverage) {
    json["coverage"] = {{"files", report.coverage->files},
                        {"parsed_files", report.coverage->parsed_files},
                        {"functions", report.coverage->functions},
                        {"judged_functions", report.coverage->judged_functions}};
    json["left_out"] = Json::array();
    for (const LeftOut& one : report.left_out) {
      Json part = place(one.place);
      part["part"] = name_of(one.part);
      if (!one.name.empty()) part["name"] = one.name;
      part["why"] = one.why;
      json["left_out"].push_back(std::move(part));
    }
    json["undeclared"] = report.undeclared;
  }
  json["findings"] = Json::array();
  for (const Finding& finding : report.findings) {
    Json one = {{"check", finding.check}, {"severity", name_of(finding.severity)}};
    one.update(place(finding.place));
    one["subject"] = finding.subject;
    one["message"] = finding.message;
    one["excerpt"] = std::string(report.sources.line(finding.place.file, finding.place.line));
    one["fingerprint"] = fingerprint(finding);
    one["notes"] = Json::array();
    for (const Note& note : finding.notes) {
      Json text = note.place.file.empty() ? Json::object() : place(note.place);
      text["message"] = note.text;
      one["notes"].push_back(std::move(text));
    }
    if (finding.suppressed) one["suppressed"] = *finding.suppressed;
    if (finding.baselined) one["baselined"] = true;
    json["findings"].push_back(std::move(one));
  }
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace khover::findings
