#include "abi_diff/compare.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <set>

#include "abi/integer_text.h"
#include "abi_diff/compare_enumerators.h"
#include "abi_diff/compare_records.h"

namespace khover::abi_diff {
namespace {

std::string at(const std::string& file, uint32_t line) { return fmt::format("{}:{}", file, line); }

std::string text_of(const abi::Constant& constant) {
  if (constant.text) return fmt::format("\"{}\"", *constant.text);
  return constant.integer ? abi::integer_text(*constant.integer) : "";
}

bool names_agree(const abi::Record& a, const abi::Record& b) {
  return std::equal(a.fields.begin(), a.fields.end(), b.fields.begin(), b.fields.end(),
                    [](const abi::Field& x, const abi::Field& y) { return x.name == y.name; });
}

class Comparer {
 public:
  Comparer(const Side& before, const Side& after, const std::vector<abi::StatedCover>& stated)
      : before_(before), after_(after), old_(before.snapshot), new_(after.snapshot), stated_(stated) {}

  Comparison run() {
    out_.before = old_.source;
    out_.after = new_.source;
    versions();
    records();
    enumerations();
    macros();
    for (Item& item : out_.items) judge(item);
    std::stable_sort(out_.items.begin(), out_.items.end(),
                     [](const Item& a, const Item& b) { return a.verdict > b.verdict; });
    for (const Item& item : out_.items) out_.verdict = std::max(out_.verdict, item.verdict);
    for (const CoverStep& step : out_.versions) {
      if (step.before == step.after) continue;
      out_.verdict = std::max(out_.verdict, Verdict::compatible);
      if (step.step == abi::VersionStep::lowered) {
        out_.verdict = std::max(out_.verdict, Verdict::person);
        out_.notes.push_back(
            fmt::format("{} went back from \"{}\" to \"{}\": there are kernels that use the older meaning",
                        step.macro, step.before, step.after));
      }
    }
    needless_bumps();
    return std::move(out_);
  }

 private:
  CoverStep step_of(const std::string& macro, const std::string& origin) const {
    CoverStep step{macro, origin, "", "", abi::VersionStep::same};
    const auto before = old_.constants.find(macro);
    const auto after = new_.constants.find(macro);
    if (before != old_.constants.end() && abi::is_version(before->second))
      step.before = abi::version_text(before->second);
    if (after != new_.constants.end() && abi::is_version(after->second))
      step.after = abi::version_text(after->second);
    step.step = abi::compare_versions(step.before, step.after);
    return step;
  }

  void versions() {
    std::set<std::string> macros;
    for (const abi::Snapshot* side : {&old_, &new_}) {
      for (const auto& [name, constant] : side->constants) {
        if (abi::is_version(constant)) macros.insert(name);
      }
    }
    for (const std::string& macro : macros) out_.versions.push_back(step_of(macro, ""));
  }

  // Every version that covers the item on either side.
  std::vector<CoverStep> covers(const std::string& name, const std::string& old_file,
                                const std::string& new_file) const {
    std::vector<CoverStep> steps;
    const auto add = [&](const Side& side, const std::string& file) {
      if (file.empty()) return;
      for (const abi::Cover& cover : abi::covers_of(side.snapshot, name, file, stated_, side.documented)) {
        const bool known = std::any_of(steps.begin(), steps.end(),
                                       [&](const CoverStep& s) { return s.macro == cover.macro; });
        if (!known) steps.push_back(step_of(cover.macro, cover.origin));
      }
    };
    add(before_, old_file);
    add(after_, new_file);
    return steps;
  }

  void keep(Item item, const std::string& old_file, const std::string& new_file) {
    if (item.changes.empty()) return;
    item.effect = worst_of(item.changes);
    item.covers = covers(item.name, old_file, new_file);
    out_.items.push_back(std::move(item));
  }

  void records() {
    std::vector<const abi::Record*> gone, fresh;
    for (const auto& [name, record] : old_.records) {
      if (!new_.records.contains(name)) gone.push_back(&record);
    }
    for (const auto& [name, record] : new_.records) {
      const auto old_record = old_.records.find(name);
      if (old_record == old_.records.end()) {
        fresh.push_back(&record);
        continue;
      }
      ++out_.records;
      both(old_record->second, record);
    }
    for (const abi::Record* record : gone) {
      auto twin = std::find_if(fresh.begin(), fresh.end(), [&](const abi::Record* other) {
        return names_agree(*record, *other) && layouts_agree(old_, *record, new_, *other);
      });
      if (twin != fresh.end()) {
        Item item = item_of(**twin);
        item.changes.push_back(
            {"record renamed", "", record->name, (*twin)->name, Effect::none, "fields and layout are equal"});
        pair(*record, **twin);
        keep(std::move(item), record->file, (*twin)->file);
        fresh.erase(twin);
        continue;
      }
      twin = std::find_if(fresh.begin(), fresh.end(),
                          [&](const abi::Record* other) { return succeeds(*record, *other); });
      if (twin != fresh.end()) {
        successor(*record, **twin);
        fresh.erase(twin);
        continue;
      }
      if (inside_of_known(*record, old_)) continue;
      Item item = item_of(*record);
      item.changes.push_back(
          {"record removed", "", fmt::format("{} bytes", record->size), "", Effect::meaning,
           "images of the old kernel may have it, and these headers no longer say how to read it"});
      keep(std::move(item), record->file, "");
    }
    for (const abi::Record* record : fresh) {
      if (inside_of_known(*record, new_)) continue;
      Item item = item_of(*record);
      item.changes.push_back({"record added", "", "", fmt::format("{} bytes", record->size), Effect::none,
                              "no old image has it"});
      keep(std::move(item), "", record->file);
    }
  }

  void pair(const abi::Record& before, const abi::Record& after) {
    out_.proofs.push_back({before.name, after.name, before.size, after.size, false, {}});
  }

  static Item item_of(const abi::Record& record) {
    Item item;
    item.kind = record.is_union ? "union" : "record";
    item.name = record.name;
    item.at = at(record.file, record.line);
    return item;
  }

  // A nested type without a name goes with the record around it.
  static bool inside_of_known(const abi::Record& record, const abi::Snapshot& side) {
    const size_t dot = record.name.find('.');
    return dot != std::string::npos && side.records.contains(record.name.substr(0, dot));
  }

  // Names that differ in their first or in their last word: iommufd_hwpt_lu, iommufd_hwpt_ser.
  static bool succeeds(const abi::Record& before, const abi::Record& after) {
    const std::vector<std::string> a = words_of(before.name);
    const std::vector<std::string> b = words_of(after.name);
    const size_t most = std::max(a.size(), b.size());
    const size_t least = std::min(a.size(), b.size());
    if (least < 2 || before.is_union != after.is_union) return false;
    size_t leading = 0;
    while (leading < least && a[leading] == b[leading]) ++leading;
    size_t trailing = 0;
    while (trailing < least && a[a.size() - 1 - trailing] == b[b.size() - 1 - trailing]) ++trailing;
    // "_ser" alone says nothing.
    return leading + 1 >= most || (trailing + 1 >= most && trailing > 1);
  }

  static std::vector<std::string> words_of(const std::string& name) {
    std::vector<std::string> words(1);
    for (const char c : name) {
      if (c == '_' || c == '.') {
        words.emplace_back();
      } else {
        words.back() += c;
      }
    }
    return words;
  }

  void successor(const abi::Record& before, const abi::Record& after) {
    Item item = item_of(after);
    item.changes = compare_records(old_, before, new_, after);
    item.changes.insert(item.changes.begin(),
                        {"record replaced", "", before.name, after.name, Effect::meaning,
                         "taken for its successor because of its name"});
    pair(before, after);
    keep(std::move(item), before.file, after.file);
  }

  void both(const abi::Record& before, const abi::Record& after) {
    Item item = item_of(after);
    item.changes = compare_records(old_, before, new_, after);
    if (layouts_agree(old_, before, new_, after)) ++out_.equal_layouts;
    pair(before, after);
    for (const auto& [name, record] : new_.records) {
      for (const abi::Field& field : record.fields) {
        if (field.kind == abi::TypeKind::record && field.record == after.name)
          item.reaches.push_back(name + "." + field.name);
      }
    }
    keep(std::move(item), before.file, after.file);
  }

  std::optional<std::string> field_of_type(const abi::Snapshot& snapshot,
                                           const std::string& enumeration) const {
    for (const auto& [name, record] : snapshot.records) {
      for (const abi::Field& field : record.fields) {
        if (field.kind == abi::TypeKind::enumeration && field.type == "enum " + enumeration)
          return name + "." + field.name;
      }
    }
    return std::nullopt;
  }

  // An enumeration without a name carries its place instead: it goes by its enumerators.
  const abi::Enumeration* counterpart(const abi::Enumeration& wanted, const abi::Snapshot& side) const {
    if (const auto found = side.enumerations.find(wanted.name); found != side.enumerations.end())
      return &found->second;
    if (!wanted.name.starts_with("enum@")) return nullptr;
    for (const auto& [name, other] : side.enumerations) {
      if (!name.starts_with("enum@")) continue;
      for (const abi::Enumerator& a : wanted.enumerators) {
        for (const abi::Enumerator& b : other.enumerators) {
          if (a.name == b.name) return &other;
        }
      }
    }
    return nullptr;
  }

  void enumerations() {
    for (const auto& [name, before] : old_.enumerations) {
      const abi::Enumeration* after = counterpart(before, new_);
      Item item{"enumeration", name, at(before.file, before.line), {}, {}, {}, {}, {}, {}};
      if (after == nullptr) {
        const auto user = field_of_type(old_, name);
        item.changes.push_back({"enumeration removed", "",
                                fmt::format("{} enumerators", before.enumerators.size()), "",
                                user ? Effect::meaning : Effect::none,
                                user ? "it was the type of " + *user : "no record had a member of it"});
        keep(std::move(item), before.file, "");
        continue;
      }
      item.at = at(after->file, after->line);
      const std::optional<std::string> in_new = field_of_type(new_, after->name);
      compare_enumerators(before, *after, in_new ? in_new : field_of_type(old_, before.name), item);
      keep(std::move(item), before.file, after->file);
    }
    for (const auto& [name, after] : new_.enumerations) {
      if (counterpart(after, old_) != nullptr) continue;
      Item item{"enumeration", name, at(after.file, after.line), {}, {}, {}, {}, {}, {}};
      item.changes.push_back({"enumeration added", "", "",
                              fmt::format("{} enumerators", after.enumerators.size()), Effect::none, ""});
      keep(std::move(item), "", after.file);
    }
  }

  void macros() {
    for (const auto& [name, before] : old_.constants) {
      const auto found = new_.constants.find(name);
      if (found == new_.constants.end()) {
        Item item{"macro", name, at(before.file, before.line), {}, {}, {}, {}, {}, {}};
        item.changes.push_back({"macro removed", "", text_of(before), "", Effect::none, ""});
        keep(std::move(item), before.file, "");
        continue;
      }
      const abi::Constant& after = found->second;
      if (before.integer == after.integer && before.text == after.text) continue;
      if (abi::is_version(before) && abi::is_version(after)) continue;  // listed with the versions
      Item item{"macro", name, at(after.file, after.line), {}, {}, {}, {}, {}, {}};
      const bool text = before.text.has_value() || after.text.has_value();
      item.changes.push_back(
          {text ? "string changed" : "constant changed", "", text_of(before), text_of(after),
           text ? Effect::layout : Effect::meaning,
           text ? "each kernel looks for another name" : "all values computed from it change"});
      keep(std::move(item), before.file, after.file);
    }
    for (const auto& [name, after] : new_.constants) {
      if (old_.constants.contains(name)) continue;
      Item item{"macro", name, at(after.file, after.line), {}, {}, {}, {}, {}, {}};
      item.changes.push_back({"macro added", "", "", text_of(after), Effect::none, ""});
      keep(std::move(item), "", after.file);
    }
  }

  // Whether a kernel that knows one side refuses the other. A macro under another name that still has
  // the old value refuses no image.
  static bool covered_by_change(const std::vector<CoverStep>& covers) {
    std::set<std::string> before, after;
    for (const CoverStep& step : covers) {
      if (!step.before.empty() && !step.after.empty()) {
        if (step.before != step.after) return true;
        continue;
      }
      if (!step.before.empty()) before.insert(step.before);
      if (!step.after.empty()) after.insert(step.after);
    }
    return !before.empty() && !after.empty() &&
           std::none_of(after.begin(), after.end(),
                        [&](const std::string& value) { return before.contains(value); });
  }

  void judge(Item& item) const {
    if (item.effect == Effect::none) {
      item.verdict = Verdict::compatible;
      return;
    }
    const bool bumped = covered_by_change(item.covers);
    if (bumped) {
      item.verdict = Verdict::bumped;
      item.because =
          "the version that covers it changed: each kernel refuses the other's images instead of misreading "
          "them";
    } else if (item.covers.empty()) {
      item.verdict = Verdict::person;
      item.because = "no version covers it; give one with --versions";
    } else if (item.effect == Effect::meaning) {
      item.verdict = Verdict::person;
      const std::string& kind = item.changes.front().kind;
      item.because = kind == "record removed" ? "the version that covers it did not change, and the headers "
                                                "do not say how images that have it are read"
                                              : "the bytes are read alike and the version did not change; "
                                                "whether they mean the same is not in the headers";
    } else {
      item.verdict = Verdict::broken;
      item.because = "the version did not change: each kernel takes the other's images for its own";
    }
  }

  void needless_bumps() {
    for (const CoverStep& step : out_.versions) {
      if (step.before == step.after || step.before.empty() || step.after.empty()) continue;
      const bool needed = std::any_of(out_.items.begin(), out_.items.end(), [&](const Item& item) {
        return item.effect != Effect::none &&
               std::any_of(item.covers.begin(), item.covers.end(),
                           [&](const CoverStep& c) { return c.macro == step.macro; });
      });
      if (!needed) {
        out_.notes.push_back(
            fmt::format("{} changed from \"{}\" to \"{}\" but nothing that it covers in these headers did: "
                        "old images are refused for a reason that is not in the headers",
                        step.macro, step.before, step.after));
      }
    }
  }

  const Side& before_;
  const Side& after_;
  const abi::Snapshot& old_;
  const abi::Snapshot& new_;
  const std::vector<abi::StatedCover>& stated_;
  Comparison out_;
};

}  // namespace

Result<Comparison> compare(const Side& before, const Side& after,
                           const std::vector<abi::StatedCover>& stated) {
  const abi::Source& a = before.snapshot.source;
  const abi::Source& b = after.snapshot.source;
  const auto differ = [](const char* what, const std::string& x, const std::string& y) {
    return fail("", fmt::format("the snapshots differ in {}: {} and {}", what, x, y),
                "extract both for the same one: KHO does not hand over between different ones");
  };
  if (a.arch != b.arch) return differ("architecture", a.arch, b.arch);
  if (a.page_size != b.page_size)
    return differ("page size", std::to_string(a.page_size), std::to_string(b.page_size));
  if (a.little_endian != b.little_endian || a.pointer_size != b.pointer_size)
    return differ("data model", "one", "another");
  return Comparer(before, after, stated).run();
}

}  // namespace khover::abi_diff
