#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/khover-abi/diff_witness.h"
#include "output/printable.h"

namespace khover::cli {
namespace {

std::string shown(const std::string& value) { return value.empty() ? "nothing" : value; }

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

std::string joined(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::string remark(const abi_diff::MisreadField& field) {
  if (field.differs) return "   differs";
  return field.hidden ? "   could differ" : "";
}

std::string render_record(const abi_diff::Misread& misread, const std::string& where) {
  std::string out;
  auto put = std::back_inserter(out);
  fmt::format_to(put, "  {} at {:#x}{}: {}\n", misread.old_type, misread.old_address,
                 misread.new_address == misread.old_address
                     ? ""
                     : fmt::format(", read at {:#x} by NEW", misread.new_address),
                 where);
  size_t widest = 0, wide_value = 3;
  for (const abi_diff::MisreadField& field : misread.fields) {
    widest = std::max(widest, field.path.size());
    wide_value = std::max(wide_value, shown(field.old_value).size());
  }
  for (const abi_diff::MisreadField& field : misread.fields) {
    fmt::format_to(put, "    {:<{}}  OLD {:<{}}  NEW {}{}\n", field.path, widest, shown(field.old_value),
                   wide_value, shown(field.new_value), remark(field));
  }
  return out;
}

nlohmann::ordered_json json_of(const abi_diff::Misread& misread, const std::string& where) {
  using Json = nlohmann::ordered_json;
  Json json = {{"record", misread.old_type},
               {"where", where},
               {"old_address", fmt::format("{:#x}", misread.old_address)},
               {"new_address", fmt::format("{:#x}", misread.new_address)}};
  json["changes"] = Json::array();
  for (const abi_diff::ByteChange& change : misread.changes) {
    json["changes"].push_back({{"address", fmt::format("{:#x}", change.address)},
                               {"was", hex(change.was)},
                               {"becomes", hex(change.becomes)},
                               {"what", change.what}});
  }
  json["readings"] = Json::array();
  for (const abi_diff::MisreadField& field : misread.fields) {
    json["readings"].push_back({{"field", field.path},
                                {"old", field.old_value.empty() ? Json(nullptr) : Json(field.old_value)},
                                {"new", field.new_value.empty() ? Json(nullptr) : Json(field.new_value)},
                                {"differs", field.differs},
                                {"could_differ", field.differs || field.hidden}});
  }
  return json;
}

}  // namespace

std::string render_witness(const Witness& witness) {
  std::string out = fmt::format("\nwitness {}, from {}{}\n", witness.file,
                                witness.built_in ? "the built-in image " : "", witness.base);
  auto put = std::back_inserter(out);
  bool changed = false;
  for (const abi_diff::Misread& misread : witness.misread.records) {
    for (const abi_diff::ByteChange& change : misread.changes) {
      changed = true;
      fmt::format_to(put, "  changed at {:#x}: {} → {} ({})\n", change.address, hex(change.was),
                     hex(change.becomes), change.what);
    }
  }
  if (!changed) out += "  nothing was changed in it\n";
  fmt::format_to(put, "  under OLD: well-formed; {} rules proved, {} undetermined, {} not judged\n",
                 witness.proved, witness.undetermined, witness.not_judged);
  fmt::format_to(put, "  under NEW: {}\n", witness.under_new);
  for (size_t i = 0; i < witness.misread.records.size(); ++i)
    out += render_record(witness.misread.records[i], witness.where[i]);
  if (!witness.misread.hidden.empty())
    fmt::format_to(put, "  shows no difference, nor did what was tried: {}\n",
                   joined(witness.misread.hidden));
  if (!witness.misread.absent.empty())
    fmt::format_to(put, "  not in this image: {}\n", joined(witness.misread.absent));
  return out;
}

std::string render_witness_json(const Witness& witness) {
  using Json = nlohmann::ordered_json;
  Json json = {{"file", witness.file}, {"base", witness.base}, {"built_in", witness.built_in}};
  json["records"] = Json::array();
  for (size_t i = 0; i < witness.misread.records.size(); ++i)
    json["records"].push_back(json_of(witness.misread.records[i], witness.where[i]));
  json["shows_nothing"] = witness.misread.hidden;
  json["not_in_image"] = witness.misread.absent;
  json["under_old"] = {{"proved", witness.proved},
                       {"violated", 0},
                       {"undetermined", witness.undetermined},
                       {"not_judged", witness.not_judged}};
  json["under_new"] = witness.under_new;
  return output::safe_json(json.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace khover::cli
