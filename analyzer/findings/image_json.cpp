#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "findings/image_report.h"
#include "output/printable.h"

namespace khover::findings {

using Json = nlohmann::ordered_json;
using evaluate::Verdict;

namespace {

const char* name_of(evaluate::Reason reason) {
  using evaluate::Reason;
  switch (reason) {
    case Reason::none:
      return "none";
    case Reason::input:
      return "input";
    case Reason::other_phase:
      return "other phase";
    case Reason::hidden:
      return "hidden by the phase";
    case Reason::unfollowed:
      return "no pack";
    case Reason::masked:
      return "needs a rule that fails";
    case Reason::broken:
      return "records not reached";
  }
  return "";
}

Json proof_of(const ProofLine& proof) {
  return {{"facts", proof.facts}, {"queries", proof.queries}, {"seconds", proof.seconds}};
}

Json verdict_of(const ImageVerdict& verdict) {
  const Coverage& coverage = verdict.coverage;
  Json silent = Json::object();
  for (const auto& [reason, count] : coverage.not_judged) silent[name_of(reason)] = count;
  return {{"word", to_string(verdict.word)},
          {"status", static_cast<int>(verdict.status)},
          {"sentence", verdict.sentence},
          {"coverage",
           {{"rules", coverage.rules},
            {"not_asked", coverage.not_asked},
            {"holds", coverage.holds},
            {"violated", coverage.violated},
            {"undetermined", coverage.undetermined},
            {"not_judged", silent},
            {"not_followed", coverage.not_followed}}}};
}

// Rules by the words that stand beside them.
Json summary_of(const ImageReport& report) {
  uint64_t proved = 0;
  for (const RuleLine& rule : report.rules) proved += rule.verdict == Verdict::holds && rule.proof ? 1 : 0;
  const Coverage& coverage = report.verdict.coverage;
  uint64_t not_judged = 0;
  for (const auto& [reason, count] : coverage.not_judged) not_judged += count;
  return {{"proved", proved},
          {"holds", coverage.holds - proved},
          {"violated", coverage.violated},
          {"undetermined", coverage.undetermined},
          {"not_judged", not_judged}};
}

Json changes_of(const std::vector<RepairLine>& repair) {
  Json changes = Json::array();
  for (const RepairLine& line : repair) {
    Json change = {{"path", line.path}, {"what", line.what}};
    if (!line.address.empty()) change["address"] = line.address;
    if (!line.was.empty()) change["was"] = line.was;
    if (!line.becomes.empty()) change["becomes"] = line.becomes;
    changes.push_back(std::move(change));
  }
  return changes;
}

Json ways_of(const std::vector<Way>& ways) {
  Json all = Json::array();
  for (const Way& way : ways)
    all.push_back({{"pointer", way.pointer}, {"address", fmt::format("{:#x}", way.address)}});
  return all;
}

Json group_of(const Group& group) {
  Json one = {{"findings", group.findings}, {"cause_is_finding", !group.unseen}};
  if (!group.repair.empty()) one["repair"] = changes_of(group.repair);
  if (!group.why.empty()) one["why"] = group.why;
  if (!group.gone.empty()) one["gone"] = group.gone;
  if (!group.reached.empty()) one["reached_by"] = ways_of(group.reached);
  if (!group.other_reached.empty()) one["other_reached_by"] = ways_of(group.other_reached);
  return one;
}

Json finding_of(const ImageFinding& finding) {
  Json one;
  one["rule"] = finding.rule;
  one["severity"] = pack::to_string(finding.severity);
  one["verdict"] = evaluate::to_string(finding.violated ? Verdict::violated : Verdict::undetermined);
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
  for (const auto& repair : finding.repairs) one["repairs"].push_back(changes_of(repair));
  return one;
}

Json not_followed_of(const NotFollowed& pointer) {
  Json one = {{"path", pointer.path},
              {"pointer", pointer.pointer},
              {"why", pointer.why},
              {"cause", pointer.damage ? "damage" : "hole"}};
  if (pointer.address != 0) one["address"] = fmt::format("{:#x}", pointer.address);
  return one;
}

// "proved" exists only where a proof backs that a rule holds.
const char* word_of(const RuleLine& rule) {
  return rule.verdict == Verdict::holds && rule.proof ? "proved" : evaluate::to_string(rule.verdict);
}

Json rule_of(const RuleLine& rule) {
  Json one = {{"rule", rule.id},
              {"severity", pack::to_string(rule.severity)},
              {"verdict", word_of(rule)},
              {"records", rule.records}};
  if (rule.verdict == Verdict::holds || rule.verdict == Verdict::violated)
    one["backed_by"] = rule.proof ? "proof" : "evaluation";
  if (rule.proof) one["proof"] = proof_of(*rule.proof);
  if (rule.verdict == Verdict::not_judged) one["reason"] = name_of(rule.reason);
  if (!rule.why.empty()) one["why"] = rule.why;
  return one;
}

// A name in an image may be any bytes; what is not UTF-8 is replaced rather than refused.
std::string text_of(const Json& json, int indent) {
  return output::safe_json(json.dump(indent, ' ', false, Json::error_handler_t::replace)) + "\n";
}

void add_report(const ImageReport& report, Json& json) {
  json["schema"] = 2;
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
  json["verdict"] = verdict_of(report.verdict);
  json["summary"] = summary_of(report);
  json["backed_by"] = report.proof ? "proof" : "evaluation";
  if (report.proof) json["proof"] = proof_of(*report.proof);
  json["findings"] = Json::array();
  for (const ImageFinding& finding : report.findings) json["findings"].push_back(finding_of(finding));
  json["groups"] = Json::array();
  for (const Group& group : report.groups) json["groups"].push_back(group_of(group));
  json["newer_versions"] = Json::array();
  for (const NewerVersion& one : report.newer)
    json["newer_versions"].push_back({{"path", one.path}, {"says", one.says}, {"known", one.known}});
  json["not_followed"] = Json::array();
  for (const NotFollowed& one : report.not_followed) json["not_followed"].push_back(not_followed_of(one));
  json["rules"] = Json::array();
  for (const RuleLine& rule : report.rules) json["rules"].push_back(rule_of(rule));
}

}  // namespace

std::string render_json(const ImageReport& report) {
  Json json;
  add_report(report, json);
  return text_of(json, 2);
}

std::string render_json_line(const ImageReport& report, const char* stage) {
  Json json = {{"stage", stage}};
  add_report(report, json);
  return text_of(json, -1);
}

std::string render_progress_line(uint64_t done, uint64_t rules) {
  return text_of({{"stage", "proving"}, {"done", done}, {"rules", rules}}, -1);
}

}  // namespace khover::findings
