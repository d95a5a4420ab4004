// A comparison for a person.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "abi/compare.h"

namespace khover::abi {
namespace {

std::string name_of(const Source& source) {
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

void add_witness(std::string& out, const Witness& witness, const std::string& indent, bool all) {
  size_t widest = 0;
  for (const WitnessLine& line : witness.lines) widest = std::max(widest, line.path.size());
  std::string bytes;
  const size_t shown = all ? witness.bytes.size() : std::min<size_t>(witness.bytes.size(), 24);
  for (size_t i = 0; i < shown; ++i) bytes += fmt::format("{}{:02x}", i == 0 ? "" : " ", witness.bytes[i]);
  if (shown < witness.bytes.size()) bytes += " …";
  fmt::format_to(std::back_inserter(out), "{}bytes {}\n", indent, bytes);
  for (const WitnessLine& line : witness.lines) {
    if (!line.differs && !all) continue;
    fmt::format_to(std::back_inserter(out), "{}  {:<{}}  OLD {}   NEW {}{}\n", indent, line.path, widest,
                   line.before.empty() ? "-" : line.before, line.after.empty() ? "-" : line.after,
                   all && line.differs ? "   differs" : "");
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
    fmt::format_to(put, "\n{}: {} {}: {}\n", item.at, item.kind, item.name, abi::name_of(item.verdict));
    for (const Change& change : item.changes) fmt::format_to(put, "  {}\n", change_text(change));
    if (!item.because.empty()) fmt::format_to(put, "  because {}\n", item.because);
    if (item.effect != Effect::none) {
      for (const CoverStep& step : item.covers)
        fmt::format_to(put, "  covered by {}, found by {}\n", step_text(step), step.origin);
      for (const std::string& where : item.reaches) fmt::format_to(put, "  embedded in {}\n", where);
    }
    if (!item.witness.lines.empty()) add_witness(out, item.witness, "  ", false);
  }
  if (!comparison.notes.empty()) out += '\n';
  for (const std::string& note : comparison.notes) fmt::format_to(put, "note: {}\n", note);
  fmt::format_to(put, "\n{} of {} records on both sides have equal layouts\n", comparison.equal_layouts,
                 comparison.records);
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

std::string render_witnesses(const Comparison& comparison) {
  std::string out =
      "# Bytes that the two layouts read differently, chosen to tell members apart (no solver, and not a "
      "whole image):\n"
      "# byte k of a record is 0x81 + k % 127. Values are those that a kernel with OLD, with NEW, reads.\n";
  for (const Item& item : comparison.items) {
    if (item.witness.lines.empty()) continue;
    fmt::format_to(std::back_inserter(out), "\n{} {} at {}: {}\n", item.kind, item.name, item.at,
                   abi::name_of(item.verdict));
    add_witness(out, item.witness, "  ", true);
  }
  return out;
}

}  // namespace khover::abi
