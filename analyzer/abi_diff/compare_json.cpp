// A comparison for a program.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "abi_diff/compare.h"
#include "output/printable.h"

namespace khover::abi_diff {
namespace {

using Json = nlohmann::ordered_json;

Json side(const abi::Source& source) {
  return {{"release", source.release}, {"arch", source.arch}, {"page_size", source.page_size}};
}

Json step(const CoverStep& one) {
  Json json = {{"version", one.macro}};
  json["old"] = one.before.empty() ? Json(nullptr) : Json(one.before);
  json["new"] = one.after.empty() ? Json(nullptr) : Json(one.after);
  json["step"] = name_of(one.step);
  if (!one.origin.empty()) json["found_by"] = one.origin;
  return json;
}

Json changes(const Item& item) {
  Json list = Json::array();
  for (const Change& change : item.changes) {
    list.push_back({{"kind", change.kind},
                    {"subject", change.subject},
                    {"old", change.before},
                    {"new", change.after},
                    {"effect", name_of(change.effect)},
                    {"because", change.because}});
  }
  return list;
}

const char* name_of(FieldProof::Answer answer) {
  return answer == FieldProof::Answer::alike     ? "alike"
         : answer == FieldProof::Answer::differs ? "differs"
                                                 : "unknown";
}

Json field(const FieldProof& one) {
  Json json = {{"old", one.before.empty() ? Json(nullptr) : Json(one.before)},
               {"new", one.after.empty() ? Json(nullptr) : Json(one.after)},
               {"answer", name_of(one.answer)}};
  if (!one.because.empty()) json["because"] = one.because;
  if (one.bytes.empty()) return json;
  if (!one.element.empty()) json["element"] = one.element;
  json["bytes"] = Json::object();
  for (const auto& [at, byte] : one.bytes) json["bytes"][std::to_string(at)] = fmt::format("{:02x}", byte);
  json["old_value"] = one.old_value;
  json["new_value"] = one.new_value;
  return json;
}

Json proof(const RecordProof& one) {
  Json fields = Json::array();
  for (const FieldProof& value : one.fields) fields.push_back(field(value));
  return {{"by", "z3"},
          {"old_size", one.old_size},
          {"new_size", one.new_size},
          {"all_alike", one.all_alike()},
          {"fields", fields}};
}

// Of all pairs of records, those without a change included.
Json proved(const Comparison& comparison) {
  size_t records = 0, fields = 0, alike = 0;
  for (const RecordProof& one : comparison.proofs) {
    records += one.all_alike() ? 1 : 0;
    fields += one.fields.size();
    for (const FieldProof& value : one.fields) alike += value.answer == FieldProof::Answer::alike ? 1 : 0;
  }
  return {{"by", "z3"},
          {"records", comparison.proofs.size()},
          {"records_alike", records},
          {"fields", fields},
          {"fields_alike", alike}};
}

}  // namespace

std::string render_comparison_json(const Comparison& comparison, const std::string& witness,
                                   const std::string& tool_version) {
  Json json;
  json["tool"] = {{"name", "khover-abi"}, {"version", tool_version}};
  json["old"] = side(comparison.before);
  json["new"] = side(comparison.after);
  json["verdict"] = name_of(comparison.verdict);
  json["records"] = {{"on_both_sides", comparison.records}, {"equal_layouts", comparison.equal_layouts}};
  json["proved"] = proved(comparison);
  json["versions"] = Json::array();
  for (const CoverStep& one : comparison.versions) json["versions"].push_back(step(one));
  json["items"] = Json::array();
  for (const Item& item : comparison.items) {
    Json one = {
        {"kind", item.kind}, {"name", item.name}, {"at", item.at}, {"verdict", name_of(item.verdict)}};
    one["because"] = item.because;
    one["changes"] = changes(item);
    one["covers"] = Json::array();
    for (const CoverStep& cover : item.covers) one["covers"].push_back(step(cover));
    one["embedded_in"] = item.reaches;
    if (const RecordProof* about = proof_of(comparison, item); about != nullptr) one["proof"] = proof(*about);
    json["items"].push_back(std::move(one));
  }
  json["notes"] = comparison.notes;
  if (!witness.empty()) json["witness"] = Json::parse(witness, nullptr, false);
  return output::safe_json(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

}  // namespace khover::abi_diff
