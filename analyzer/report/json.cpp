#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "output/printable.h"
#include "report/report.h"

namespace khover::report {

using Json = nlohmann::ordered_json;

namespace {

Json proof_of(const ProofLine& proof) {
  return {{"facts", proof.facts}, {"queries", proof.queries}, {"seconds", proof.seconds}};
}

}  // namespace

std::string render_json(const Report& report) {
  Json json;
  json["tool"] = {{"name", "khover"}, {"version", report.version}};
  json["image"] = {{"path", report.image}, {"format", report.format}, {"bytes", report.bytes_present}};
  json["phase"] = report.phase;
  json["phase_from"] = report.phase_origin;
  json["phase_alternatives"] = report.phase_alternatives;
  json["root"] = report.root;
  json["root_from"] = report.root_origin;
  json["abi"] = report.abi;
  json["packs"] = report.packs;
  Json left_out = Json::object();
  for (const auto& [name, why] : report.packs_left_out) left_out[name] = why;
  json["packs_left_out"] = left_out;
  Json inputs = Json::object();
  for (const Input& input : report.inputs)
    inputs[input.name] = input.origin.empty() ? Json(nullptr) : Json(input.origin);
  json["inputs"] = inputs;
  Json contents = Json::object();
  for (const auto& [name, count] : report.contents) contents[name] = count;
  json["contents"] = contents;
  json["warnings"] = report.warnings;
  const Summary summary = summarize(report);
  json["summary"] = {{"proved", summary.proved},
                     {"violated", summary.violated},
                     {"undetermined", summary.undetermined},
                     {"not_judged", summary.not_judged}};
  json["backed_by"] = report.holds_word;
  if (report.proof) json["proof"] = proof_of(*report.proof);
  Json findings = Json::array();
  for (const Finding& finding : report.findings) {
    Json one;
    one["rule"] = finding.rule;
    one["severity"] = finding.severity;
    one["verdict"] = finding.verdict;
    one["path"] = finding.path;
    one["address"] = fmt::format("{:#x}", finding.address);
    one["field"] = finding.field;
    one["expected"] = finding.expected;
    one["found"] = finding.found;
    one["because"] = finding.because;
    one["evidence"] = finding.evidence;
    if (!finding.other.empty()) one["other"] = finding.other;
    if (!finding.advice.empty()) one["advice"] = finding.advice;
    if (!finding.why.empty()) one["why"] = finding.why;
    if (!finding.holes.empty()) {
      one["holes"] = Json::array();
      for (const uint64_t hole : finding.holes) one["holes"].push_back(fmt::format("{:#x}", hole));
    }
    std::string bytes;
    for (const uint8_t byte : finding.bytes) bytes += fmt::format("{:02x}", byte);
    one["bytes"] = bytes;
    if (finding.more != 0) one["more"] = finding.more;
    if (!finding.repairs.empty()) {
      one["repairs"] = Json::array();
      for (const auto& repair : finding.repairs) {
        Json changes = Json::array();
        for (const RepairLine& line : repair) {
          Json change = {{"path", line.path}, {"what", line.what}};
          if (!line.address.empty()) change["address"] = line.address;
          if (!line.was.empty()) change["was"] = line.was;
          if (!line.becomes.empty()) change["becomes"] = line.becomes;
          changes.push_back(std::move(change));
        }
        one["repairs"].push_back(std::move(changes));
      }
    }
    findings.push_back(std::move(one));
  }
  json["findings"] = std::move(findings);
  Json rules = Json::array();
  for (const RuleLine& rule : report.rules) {
    Json one = {
        {"rule", rule.id}, {"severity", rule.severity}, {"verdict", rule.verdict}, {"records", rule.records}};
    if (!rule.backed_by.empty()) one["backed_by"] = rule.backed_by;
    if (rule.proof) one["proof"] = proof_of(*rule.proof);
    if (!rule.why.empty()) one["why"] = rule.why;
    rules.push_back(std::move(one));
  }
  json["rules"] = std::move(rules);
  // A name in an image may be any bytes; what is not UTF-8 is replaced rather than refused.
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace khover::report
