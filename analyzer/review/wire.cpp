#include "review/wire.h"

#include <nlohmann/json.hpp>

namespace khover::review {
namespace {

using Json = nlohmann::json;

Json place_json(const findings::Place& place) {
  return {place.file, place.line, place.column, place.end_column};
}

findings::Place place_of(const Json& json) {
  return {json.at(0).get<std::string>(), json.at(1).get<uint32_t>(), json.at(2).get<uint32_t>(),
          json.at(3).get<uint32_t>()};
}

}  // namespace

std::string pack(const Result<Findings>& findings) {
  Json json;
  if (!findings) {
    json["error"] = {findings.error().where, findings.error().what, findings.error().remedy};
  } else {
    json["findings"] = Json::array();
    for (const findings::Finding& one : findings->findings) {
      Json notes = Json::array();
      for (const findings::Note& note : one.notes) notes.push_back({place_json(note.place), note.text});
      json["findings"].push_back({one.check, static_cast<int>(one.severity), one.message,
                                  place_json(one.place), std::move(notes), one.subject});
    }
    json["not_judged"] = findings->not_judged;
    json["asks"] = findings->asks;
    json["offers"] = Json::object();
    for (const auto& [name, offer] : findings->offers) json["offers"][name] = {offer.calls, offer.limits};
    json["functions"] = Json::array();
    for (const findings::Extent& one : findings->functions) {
      json["functions"].push_back({one.file, one.first, one.last});
    }
    json["left_out"] = Json::array();
    for (const findings::LeftOut& one : findings->left_out) {
      json["left_out"].push_back(
          {one.part == findings::LeftOut::Part::function, one.name, place_json(one.place), one.why});
    }
    json["undeclared"] = findings->undeclared;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The writer parses hostile text in a process that this one does not trust further than its form.
Result<Findings> unpack(const std::string& text) {
  const Json json = Json::parse(text, nullptr, false);
  Findings findings;
  try {
    if (const auto error = json.find("error"); error != json.end()) {
      return fail(error->at(0).get<std::string>(), error->at(1).get<std::string>(),
                  error->at(2).get<std::string>());
    }
    for (const Json& one : json.at("findings")) {
      findings::Finding finding;
      finding.check = one.at(0).get<std::string>();
      const int severity = one.at(1).get<int>();
      if (severity >= 0 && severity <= 2) finding.severity = static_cast<findings::Severity>(severity);
      finding.message = one.at(2).get<std::string>();
      finding.place = place_of(one.at(3));
      for (const Json& note : one.at(4)) {
        finding.notes.push_back({place_of(note.at(0)), note.at(1).get<std::string>()});
      }
      finding.subject = one.at(5).get<std::string>();
      findings.findings.push_back(std::move(finding));
    }
    for (const Json& one : json.at("not_judged")) {
      findings.not_judged.emplace_back(one.at(0).get<std::string>(), one.at(1).get<std::string>());
    }
    // What lints headers has none.
    if (json.contains("asks")) json.at("asks").get_to(findings.asks);
    const Json offers = json.value("offers", Json::object());
    for (const auto& [name, offer] : offers.items()) {
      offer.at(0).get_to(findings.offers[name].calls);
      offer.at(1).get_to(findings.offers[name].limits);
    }
    for (const Json& one : json.at("functions")) {
      findings.functions.push_back(
          {one.at(0).get<std::string>(), one.at(1).get<uint32_t>(), one.at(2).get<uint32_t>()});
    }
    for (const Json& one : json.at("left_out")) {
      findings.left_out.push_back(
          {one.at(0).get<bool>() ? findings::LeftOut::Part::function : findings::LeftOut::Part::declaration,
           one.at(1).get<std::string>(), place_of(one.at(2)), one.at(3).get<std::string>()});
    }
    json.at("undeclared").get_to(findings.undeclared);
  } catch (const Json::exception&) {
    return fail("", "the parser's answer cannot be read", "this is a bug in khover");
  }
  return findings;
}

}  // namespace khover::review
