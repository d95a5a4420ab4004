#include "pack/skeleton.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "error/try.h"

namespace khover::pack {
namespace {

using abi::Field;
using abi::Record;
using abi::TypeKind;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return text;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

bool has_word(const std::string& name, const std::string& word) {
  return ("_" + name + "_").find("_" + word + "_") != std::string::npos;
}

bool is_plain(const Field& field) {
  return field.kind == TypeKind::integer && field.dimensions.empty() && !field.flexible_array &&
         field.bit_width == 0 && field.size <= 8;
}
bool is_version(const Field& field) { return is_plain(field) && has_word(field.name, "version"); }
bool is_reserved(const Field& field) {
  return is_plain(field) && (field.name.starts_with("reserved") || field.name.starts_with("rsvd") ||
                             field.name.starts_with("pad"));
}
bool is_number_of(const Field& field) {
  return is_plain(field) && (has_word(field.name, "nr") || has_word(field.name, "num"));
}
bool is_count(const Field& field) {
  return is_number_of(field) || (is_plain(field) && has_word(field.name, "count"));
}
bool may_be_address(const Field& field) {
  return (is_plain(field) && field.size == 8 && !is_count(field) && !is_version(field) &&
          !is_reserved(field)) ||
         field.kind == TypeKind::pointer;
}

Result<std::string> choose_compatible(const abi::Snapshot& own, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& [name, constant] : own.constants) {
    if (constant.text) names.push_back(name);
  }
  if (!wanted.empty()) {
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
    return fail("--compatible", "unknown string '" + wanted + "'", "strings are " + joined(names));
  }
  if (names.size() == 1) return names.front();
  std::vector<std::string> compatible;
  std::copy_if(names.begin(), names.end(), std::back_inserter(compatible),
               [](const std::string& name) { return name.ends_with("_COMPATIBLE"); });
  if (compatible.size() == 1) return compatible.front();
  if (names.empty())
    return fail("", "no header defines the name under which the record is handed over",
                "#define it as a string, e.g. EVENTFD_LUO_FH_COMPATIBLE");
  return fail("", "several strings may be the name under which the record is handed over: " + joined(names),
              "choose one with --compatible");
}

Result<std::string> choose_registry(const std::string& compatible, const std::string& wanted,
                                    const Model& kernel) {
  std::string registry = wanted;
  if (registry.empty()) {
    for (const auto& [word, kind] :
         {std::pair{"FLB", "flb"}, std::pair{"FH", "file"}, std::pair{"FILE", "file"},
          std::pair{"SUBTREE", "subtree"}, std::pair{"NODE", "subtree"}}) {
      if (registry.empty() && has_word(compatible, word)) registry = kind;
    }
  }
  std::set<std::string> known;
  for (const SetType& set : kernel.sets) {
    if (!set.handled_registry.empty()) known.insert(set.handled_registry);
  }
  if (known.count(registry) != 0) return registry;
  return fail("--as",
              registry.empty() ? "'" + compatible + "' does not say what it is the name of"
                               : "'" + registry + "' is nothing that is handed over by name",
              "choose one of " + joined({known.begin(), known.end()}));
}

// The records that no other embeds. Of several, the one whose name the others begin with: eventfd_ser,
// eventfd_waiter_ser.
Result<std::string> choose_record(const abi::Snapshot& own, const std::string& wanted) {
  std::set<std::string> embedded;
  for (const auto& [name, record] : own.records) {
    for (const Field& field : record.fields) {
      if (field.kind == TypeKind::record) embedded.insert(field.record);
    }
  }
  std::vector<std::string> names;
  for (const auto& [name, record] : own.records) {
    if (embedded.count(name) == 0 && name.find('.') == std::string::npos && record.size > 0)
      names.push_back(name);
  }
  if (!wanted.empty()) {
    if (own.records.count(wanted) != 0) return wanted;
    return fail("--record", "unknown record '" + wanted + "'", "records are " + joined(names));
  }
  if (names.empty())
    return fail("", "no header declares a record", "declare what is handed over as a struct");
  if (names.size() == 1) return names.front();
  for (const std::string& name : names) {
    const std::string stem = name.substr(0, name.rfind("_ser"));
    if (std::all_of(names.begin(), names.end(), [&](const auto& other) { return other.starts_with(stem); }))
      return name;
  }
  return fail("", "several records may be the one that is handed over: " + joined(names),
              "choose one with --record");
}

class Writer {
 public:
  Writer(const abi::Snapshot& own, const Model& kernel, const Subject& subject)
      : own_(own), subject_(subject), record_(own.records.at(subject.record)) {
    const size_t end = subject.compatible.find('_');
    pack_ = lower(subject.compatible.substr(0, end));
    for (uint32_t i = 0; i < kernel.sets.size(); ++i) {
      if (kernel.sets[i].handled_registry == subject.registry) parent_ = &kernel.sets[i];
    }
    for (const Field& field : record_.fields) {
      if (!is_version(field) || version_) continue;
      for (const auto& [name, constant] : own.constants) {
        if (constant.integer && name.ends_with("_VERSION")) version_constant_ = name;
      }
      if (!version_constant_.empty()) version_ = &field;
    }
  }

  Skeleton write() {
    Skeleton skeleton;
    skeleton.pack = pack_;
    skeleton.registry = subject_.registry;
    skeleton.name = own_.text(subject_.compatible).value_or("");
    skeleton.record.resize(record_.size);
    if (version_) {
      auto value = static_cast<uint64_t>(own_.integer(version_constant_).value_or(0));
      for (uint64_t i = 0; i < version_->size; ++i, value >>= 8)
        skeleton.record[version_->offset + i] = std::byte(value & 0xff);
    }
    skeleton.text = head() + root() + others() + rules();
    return skeleton;
  }

 private:
  bool is_subtree() const {
    return parent_->allocation.has_value();
  }  // the parent owns the memory of the record
  const std::string& parent_column() const { return parent_->columns[parent_->handled_column].name; }
  const std::string& data_column() const { return parent_->columns[parent_->handled_data].name; }

  std::string head() const {
    return fmt::format(
        "# Skeleton of a pack, by khover new-subsystem: it loads, and its rules are true of good/first.elf.\n"
        "# docs/rule-language.md explains every key. `khover rules test` says what is to be written.\n"
        "pack: {}\n"
        "title: to be written\n"
        "# Records and constants without which the pack is not for an ABI.\n"
        "has: [{}, {}]\n"
        "serves:\n"
        "  {}: {}\n",
        pack_, subject_.compatible, subject_.record, subject_.registry, subject_.compatible);
  }

  std::string root() const {
    std::string text = fmt::format(
        "sets:\n"
        "  root:\n"
        "    singular: {0}\n"
        "    label: {0}\n"
        "    plural: {0}s\n"
        "    in: {1}\n"
        "    when: {2} == {3}\n"
        "    at: {4}\n"
        "    record: {5}\n",
        pack_, parent_->name, parent_column(), subject_.compatible, data_column(), subject_.record);
    if (!is_subtree()) {
      text += fmt::format(
          "    # How the writer allocates it: 'one key' is kho_alloc_preserve(), 'a folio' "
          "kho_preserve_folio().\n"
          "    allocation: {{size: sizeof({}), as: one key}}\n",
          subject_.record);
    }
    return text;
  }

  // What may hang below the record, commented out: only people know whether a number is an address.
  std::string others() const {
    std::string text;
    const auto field = [&](auto&& wanted) {
      const auto found = std::find_if(record_.fields.begin(), record_.fields.end(), wanted);
      return found == record_.fields.end() ? std::string() : found->name;
    };
    const std::string address = field(may_be_address), number = field(is_number_of);
    const std::string count = number.empty() ? field(is_count) : number;
    if (address.empty()) return text;
    for (const auto& [name, record] : own_.records) {
      if (name == subject_.record || name.find('.') != std::string::npos || record.size == 0) continue;
      std::string singular = name.substr(0, name.rfind("_ser"));
      if (singular.starts_with(pack_ + "_")) singular = singular.substr(pack_.size() + 1);
      text += fmt::format(
          "  # To be decided: does {0}.{1} lead to records {2}? A chain, an array, a list of pages?\n"
          "  # {3}s:\n"
          "  #   singular: {3}\n"
          "  #   label: '{3} {{_position}}'\n"
          "  #   in: root\n"
          "  #   array: {{at: {1}, record: {2}, count: {4}, capacity: PAGE_SIZE / sizeof({2})}}\n"
          "  #   A rule that its memory is preserved, and that the count is no larger than the capacity.\n",
          subject_.record, address, name, singular, count.empty() ? "1" : count);
    }
    return text;
  }

  std::string rule(const std::string& id, const std::string& severity, const std::string& claim,
                   const std::string& more = "") const {
    return fmt::format(
        "  - id: {0}-{1}\n"
        "    severity: {2}\n"
        "{3}{4}"
        "    claim: \"{5}\"\n"
        "    because: to be written; what the next kernel does with such an image\n"
        "    evidence: to be written; the function of the kernel that does it\n",
        pack_, id, severity, is_subtree() ? "" : "    phases: [finalized, early]\n", more, claim);
  }

  std::string rules() const {
    std::string text =
        "# Severity: what the next kernel does: crash, refuse, silent (goes on, loses data), hygiene "
        "(nothing).\nrules:\n";
    if (is_subtree() && parent_->find("size") != kNone)
      text += rule("size", "refuse", fmt::format("for root: {}.size >= sizeof({})", noun(), subject_.record),
                   "    gate: record\n");
    if (!is_subtree())
      text += rule("record-preserved", "silent",
                   fmt::format("for root: [_addr, +sizeof({})) preserved as one key", subject_.record));
    if (version_)
      text += rule("version", "refuse",
                   fmt::format("for root: is_version({}, {})", version_->name, version_constant_),
                   "    gate: record\n");
    for (const Field& field : record_.fields) {
      if (!is_reserved(field)) continue;
      std::string id = lower(field.name);
      std::replace(id.begin(), id.end(), '_', '-');
      text += rule(id, "hygiene", fmt::format("for root: {} == 0", field.name));
    }
    return text;
  }

  std::string noun() const {
    std::string word = parent_->singular;
    std::replace(word.begin(), word.end(), ' ', '_');
    return word;
  }

  const abi::Snapshot& own_;
  const Subject& subject_;
  const Record& record_;
  std::string pack_;
  const SetType* parent_ = nullptr;
  const Field* version_ = nullptr;
  std::string version_constant_;
};

}  // namespace

Result<Skeleton> make_skeleton(const abi::Snapshot& own, const Model& kernel, Subject subject) {
  subject.compatible = TRY(choose_compatible(own, subject.compatible));
  subject.registry = TRY(choose_registry(subject.compatible, subject.registry, kernel));
  subject.record = TRY(choose_record(own, subject.record));
  return Writer(own, kernel, subject).write();
}

}  // namespace khover::pack
