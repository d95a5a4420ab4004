// A comparison for a program.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "abi/compare.h"

namespace khover::abi {
namespace {

using Json = nlohmann::ordered_json;

Json side(const Source& source) {
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

Json witness(const Witness& one) {
  std::string bytes;
  for (const uint8_t byte : one.bytes) bytes += fmt::format("{:02x}", byte);
  Json lines = Json::array();
  for (const WitnessLine& line : one.lines) {
    lines.push_back(
        {{"path", line.path}, {"old", line.before}, {"new", line.after}, {"differs", line.differs}});
  }
  return {{"found", "by construction, no solver"}, {"bytes", bytes}, {"readings", lines}};
}

}  // namespace

std::string render_comparison_json(const Comparison& comparison, const std::string& tool_version) {
  Json json;
  json["tool"] = {{"name", "khover-abi"}, {"version", tool_version}};
  json["old"] = side(comparison.before);
  json["new"] = side(comparison.after);
  json["verdict"] = name_of(comparison.verdict);
  json["records"] = {{"on_both_sides", comparison.records}, {"equal_layouts", comparison.equal_layouts}};
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
    if (!item.witness.lines.empty()) one["witness"] = witness(item.witness);
    json["items"].push_back(std::move(one));
  }
  json["notes"] = comparison.notes;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace khover::abi
