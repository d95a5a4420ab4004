// A comparison for a person.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "abi_diff/compare.h"

namespace khover::abi_diff {
namespace {

std::string name_of(const abi::Source& source) {
  const std::string release = source.release.empty() ? "headers" : source.release;
  if (source.page_size == 0) return fmt::format("{} ({})", release, source.arch);
  return fmt::format("{} ({}, {}-byte pages)", release, source.arch, source.page_size);
}

std::string value(const std::string& text) { return text.empty() ? "absent" : '"' + text + '"'; }

std::string step_text(const CoverStep& step) {
  if (step.before == step.after) return fmt::format("{} \"{}\"", step.macro, step.after);
  return fmt::format("{} {} → {}", step.macro, value(step.before), value(step.after));
}

std::string change_text(const Change& change) {
  std::string text = fmt::format("{:<20}", change.kind);
  if (!change.subject.empty() && change.kind != "enumerator exchanged") text += " " + change.subject;
  if (!change.before.empty() && !change.after.empty()) {
    text +=
        fmt::format("{}{} → {}", change.subject.empty() || change.kind == "enumerator exchanged" ? " " : ": ",
                    change.before, change.after);
  } else if (!change.before.empty() || !change.after.empty()) {
    text += fmt::format("{}{}", change.subject.empty() ? " " : ": ",
                        change.before.empty() ? change.after : change.before);
  }
  if (!change.because.empty()) text += fmt::format(" ({})", change.because);
  return text;
}

std::string name_of(const FieldProof& field) {
  const std::string& name = field.after.empty() ? field.before : field.after;
  const std::string element = field.element.empty() ? "" : " " + field.element;
  if (field.before.empty() || field.after.empty() || field.before == field.after) return name + element;
  return fmt::format("{} → {}{}", field.before, field.after, element);
}

// Byte k of a record is 0x81 + k % 127, unless that hides the difference.
bool usual(const FieldProof& field) {
  return std::all_of(field.bytes.begin(), field.bytes.end(), [](const auto& byte) {
    return byte.second == static_cast<uint8_t>(0x81 + byte.first % 127);
  });
}

std::string list_of(const std::map<uint64_t, uint8_t>& bytes) {
  std::string text;
  uint64_t next = 0;
  for (const auto& [at, byte] : bytes) {
    if (text.empty() || at != next) text += fmt::format("{}at byte {}:", text.empty() ? "" : ", ", at);
    text += fmt::format(" {:02x}", byte);
    next = at + 1;
  }
  return text;
}

void add_proof(std::string& out, const Item& item, const RecordProof& proof) {
  auto put = std::back_inserter(out);
  size_t alike = 0, widest = 0;
  bool some_usual = false;
  for (const FieldProof& field : proof.fields) {
    if (field.answer == FieldProof::Answer::alike) ++alike;
    if (field.bytes.empty()) continue;
    widest = std::max(widest, name_of(field).size());
    some_usual = some_usual || usual(field);
  }
  if (proof.all_alike()) {
    fmt::format_to(put, "  proved: all {} fields of {} {} read alike, for all bytes\n", proof.fields.size(),
                   item.kind, item.name);
    return;
  }
  fmt::format_to(put, "  proved: {} of {} fields read alike, for all bytes\n", alike, proof.fields.size());
  if (some_usual) out += "  read differently where byte k of the record is 0x81 + k % 127:\n";
  for (const bool pass : {true, false}) {
    for (const FieldProof& field : proof.fields) {
      if (field.bytes.empty() || usual(field) != pass) continue;
      if (!pass) fmt::format_to(put, "  read differently with {}:\n", list_of(field.bytes));
      fmt::format_to(put, "    {:<{}}  OLD {}   NEW {}\n", name_of(field), pass ? widest : 0,
                     field.old_value.empty() ? "nothing" : field.old_value,
                     field.new_value.empty() ? "nothing" : field.new_value);
    }
  }
  std::map<std::string, std::string> reasons;
  for (const FieldProof& field : proof.fields) {
    if (!field.bytes.empty() || field.answer == FieldProof::Answer::alike) continue;
    const bool unknown = field.answer == FieldProof::Answer::unknown;
    std::string& names = reasons[unknown ? "not proved, " + field.because : field.because];
    names += (names.empty() ? "" : ", ") + name_of(field);
  }
  for (const auto& [why, names] : reasons) fmt::format_to(put, "  {}: {}\n", why, names);
  if (!proof.strides_alike) {
    fmt::format_to(put, "  element 1 of an array of them: OLD at byte {}, NEW at byte {}\n", proof.old_size,
                   proof.new_size);
  }
}

void add_total(std::string& out, const Comparison& comparison) {
  size_t records = 0, fields = 0, alike = 0;
  for (const RecordProof& proof : comparison.proofs) {
    if (proof.all_alike()) ++records;
    fields += proof.fields.size();
    alike += static_cast<size_t>(
        std::count_if(proof.fields.begin(), proof.fields.end(),
                      [](const FieldProof& field) { return field.answer == FieldProof::Answer::alike; }));
  }
  if (fields == 0) return;
  if (alike == fields && records == comparison.proofs.size()) {
    fmt::format_to(std::back_inserter(out),
                   "proved: all {} fields of these records read alike, for all bytes\n", fields);
  } else {
    fmt::format_to(
        std::back_inserter(out),
        "proved: {} of {} fields read alike, for all bytes; in {} of {} pairs of records, all of them\n",
        alike, fields, records, comparison.proofs.size());
  }
}

}  // namespace

std::string render_comparison(const Comparison& comparison) {
  std::string out = fmt::format("OLD {}\nNEW {}\n", name_of(comparison.before), name_of(comparison.after));
  auto put = std::back_inserter(out);
  bool heading = false;
  for (const CoverStep& step : comparison.versions) {
    if (step.before == step.after) continue;
    if (!heading) out += "\nversions\n";
    heading = true;
    fmt::format_to(put, "  {}\n", step_text(step));
  }
  for (const Item& item : comparison.items) {
    fmt::format_to(put, "\n{}: {} {}: {}\n", item.at, item.kind, item.name, name_of(item.verdict));
    for (const Change& change : item.changes) fmt::format_to(put, "  {}\n", change_text(change));
    if (!item.because.empty()) fmt::format_to(put, "  because {}\n", item.because);
    if (item.effect != Effect::none) {
      for (const CoverStep& step : item.covers)
        fmt::format_to(put, "  covered by {}, found by {}\n", step_text(step), step.origin);
      for (const std::string& where : item.reaches) fmt::format_to(put, "  embedded in {}\n", where);
    }
    if (const RecordProof* proof = proof_of(comparison, item); proof != nullptr) add_proof(out, item, *proof);
  }
  if (!comparison.notes.empty()) out += '\n';
  for (const std::string& note : comparison.notes) fmt::format_to(put, "note: {}\n", note);
  fmt::format_to(put, "\n{} of {} records on both sides have equal layouts\n", comparison.equal_layouts,
                 comparison.records);
  add_total(out, comparison);
  const auto count = [&](Verdict verdict) {
    return std::count_if(comparison.items.begin(), comparison.items.end(),
                         [&](const Item& item) { return item.verdict == verdict; });
  };
  switch (comparison.verdict) {
    case Verdict::same:
      out += "result: the same ABI\n";
      break;
    case Verdict::compatible:
      out += "result: no break; every layout that both declare is equal\n";
      break;
    case Verdict::bumped:
      fmt::format_to(put, "result: {} break{}, each with a changed version\n", count(Verdict::bumped),
                     count(Verdict::bumped) == 1 ? "" : "s");
      break;
    case Verdict::person:
      out += "result: a person has to decide\n";
      break;
    case Verdict::broken:
      fmt::format_to(put, "result: {} break{} without a changed version\n", count(Verdict::broken),
                     count(Verdict::broken) == 1 ? "" : "s");
      break;
  }
  return out;
}

}  // namespace khover::abi_diff
