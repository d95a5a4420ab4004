#include <nlohmann/json.hpp>

#include "findings/triage_report.h"
#include "output/printable.h"

namespace khover::findings {

using Json = nlohmann::ordered_json;

std::string render_json(const TriageReport& report) {
  Json json;
  json["schema"] = 1;
  json["tool"] = {{"name", "khover"}, {"version", report.version}};
  json["image"] = {{"path", report.image}, {"format", report.format}};
  json["kernel"] = report.release.empty() ? Json(nullptr) : Json(report.release);
  json["answer"] = answer_of(report);
  json["status"] = static_cast<int>(status_of(report));
  json["handovers"] = Json::array();
  for (const Handover& one : report.handovers) {
    Json handover = {{"role", to_string(one.role)},
                     {"root", one.root},
                     {"compatible", one.compatible},
                     {"named_by", one.named_by},
                     {"objects", one.objects}};
    if (one.report)
      handover["check"] = Json::parse(render_json(*one.report));
    else
      handover["why_not"] = one.why_not;
    json["handovers"].push_back(std::move(handover));
  }
  json["log"] = Json::array();
  for (const LogEntry& entry : report.log) {
    Json line;
    if (entry.nanoseconds) line["nanoseconds"] = *entry.nanoseconds;
    line["text"] = entry.text;
    json["log"].push_back(std::move(line));
  }
  if (!report.why_no_log.empty()) json["why_no_log"] = report.why_no_log;
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace khover::findings
