#include "abi_diff/compare_records.h"

#include <fmt/format.h>

#include <algorithm>

namespace khover::abi_diff {
namespace {

// Fields have no name when their members are the record's own: they are known by their place in order.
std::vector<std::string> keys_of(const abi::Record& record) {
  std::vector<std::string> keys;
  unsigned nameless = 0;
  for (const abi::Field& field : record.fields) {
    keys.push_back(field.name.empty() ? fmt::format("@{}", nameless++) : field.name);
  }
  return keys;
}

std::string place_of(const abi::Field& field) {
  if (field.bit_width != 0) {
    const uint64_t first = field.offset * 8 + field.bit_offset;
    return fmt::format("bits {}..{}", first, first + field.bit_width - 1);
  }
  return fmt::format("byte {}", field.offset);
}

std::string extent_of(const abi::Field& field) {
  if (field.bit_width != 0) return fmt::format("{} bits", field.bit_width);
  if (field.flexible_array) return fmt::format("any number of {} bytes", field.element_size);
  return fmt::format("{} bytes", field.size);
}

std::string describe(const abi::Field& field) {
  return fmt::format("{} at {}, {}", field.type, place_of(field), extent_of(field));
}

bool same_place(const abi::Field& a, const abi::Field& b) {
  return a.offset == b.offset && a.bit_offset == b.bit_offset && a.bit_width == b.bit_width &&
         a.size == b.size && a.element_size == b.element_size && a.dimensions == b.dimensions &&
         a.flexible_array == b.flexible_array;
}

bool is_signed_number(const abi::Field& field) {
  return field.is_signed &&
         (field.kind == abi::TypeKind::integer || field.kind == abi::TypeKind::enumeration);
}

bool same_meaning(const abi::Field& a, const abi::Field& b) {
  // One bit is true or false, or 1 or 0: the same.
  const auto special = [](const abi::Field& field, abi::TypeKind kind) {
    return field.kind == kind && !(kind == abi::TypeKind::boolean && field.bit_width == 1);
  };
  for (const abi::TypeKind kind : {abi::TypeKind::boolean, abi::TypeKind::floating, abi::TypeKind::record}) {
    if (special(a, kind) != special(b, kind)) return false;
  }
  return is_signed_number(a) == is_signed_number(b);
}

struct Pair {
  const abi::Field& before;
  const abi::Field& after;
};

class RecordComparer {
 public:
  RecordComparer(const abi::Snapshot& old_abi, const abi::Record& old_record, const abi::Snapshot& new_abi,
                 const abi::Record& new_record)
      : old_abi_(old_abi), old_(old_record), new_abi_(new_abi), new_(new_record) {}

  std::vector<Change> run() {
    whole();
    const std::vector<std::string> old_keys = keys_of(old_);
    const std::vector<std::string> new_keys = keys_of(new_);
    std::vector<bool> taken(new_keys.size(), false);
    std::vector<size_t> gone;
    for (size_t i = 0; i < old_keys.size(); ++i) {
      const auto found = std::find(new_keys.begin(), new_keys.end(), old_keys[i]);
      if (found == new_keys.end()) {
        gone.push_back(i);
        continue;
      }
      const size_t j = static_cast<size_t>(found - new_keys.begin());
      taken[j] = true;
      kept(old_keys[i], {old_.fields[i], new_.fields[j]});
    }
    for (const size_t i : gone) {
      size_t j = 0;
      while (j < taken.size() && (taken[j] || !replaces({old_.fields[i], new_.fields[j]}))) ++j;
      if (j == taken.size()) {
        removed(old_keys[i], old_.fields[i]);
        continue;
      }
      taken[j] = true;
      renamed(old_keys[i], new_keys[j], {old_.fields[i], new_.fields[j]});
    }
    for (size_t j = 0; j < taken.size(); ++j) {
      if (!taken[j]) added(new_keys[j], new_.fields[j]);
    }
    return std::move(changes_);
  }

 private:
  void report(const char* kind, std::string subject, std::string before, std::string after, Effect effect,
              std::string because = {}) {
    changes_.push_back(
        {kind, std::move(subject), std::move(before), std::move(after), effect, std::move(because)});
  }

  void whole() {
    if (old_.is_union != new_.is_union) {
      report("kind changed", "", old_.is_union ? "union" : "struct", new_.is_union ? "union" : "struct",
             Effect::none);
    }
    if (old_.size != new_.size) {
      report("size", "", fmt::format("{} bytes", old_.size), fmt::format("{} bytes", new_.size),
             Effect::layout, "arrays of it have another stride, and what follows it has another offset");
    }
    const bool known = old_.alignment != 0 && new_.alignment != 0;  // BTF says neither
    if (known && old_.packed != new_.packed) {
      report("packing", "", old_.packed ? "packed" : "natural", new_.packed ? "packed" : "natural",
             Effect::none, "its effect on members is listed with them");
    }
    if (known && old_.alignment != new_.alignment) {
      report("alignment", "", fmt::format("{}", old_.alignment), fmt::format("{}", new_.alignment),
             Effect::none, "members of records around it are compared there");
    }
    if (!old_.doc_hash.empty() && !new_.doc_hash.empty() && old_.doc_hash != new_.doc_hash) {
      report("documentation", "", "", "", Effect::none, "the kernel-doc changed");
    }
  }

  bool same_shape(const Pair& pair) const {
    if (pair.before.kind != abi::TypeKind::record || pair.after.kind != abi::TypeKind::record) return true;
    const auto before = old_abi_.records.find(pair.before.record);
    const auto after = new_abi_.records.find(pair.after.record);
    if (before == old_abi_.records.end() || after == new_abi_.records.end()) return false;
    return layouts_agree(old_abi_, before->second, new_abi_, after->second);
  }

  // One more reading in a union, or a reserved field in use, is not more around it than it is there.
  Effect effect_inside(const Pair& pair) const {
    const auto before = old_abi_.records.find(pair.before.record);
    const auto after = new_abi_.records.find(pair.after.record);
    if (before == old_abi_.records.end() || after == new_abi_.records.end()) return Effect::layout;
    Effect worst = Effect::none;
    for (const Change& change : compare_records(old_abi_, before->second, new_abi_, after->second))
      worst = std::max(worst, change.effect);
    return worst == Effect::none ? Effect::layout : worst;
  }

  void kept(const std::string& key, const Pair& pair) {
    const abi::Field& before = pair.before;
    const abi::Field& after = pair.after;
    const std::string subject = key.starts_with('@') ? "(nameless member)" : key;
    bool told = false;
    if (before.offset != after.offset || before.bit_offset != after.bit_offset) {
      report("field moved", subject, place_of(before), place_of(after), Effect::layout);
      told = true;
    }
    if (before.bit_width != after.bit_width || before.element_size != after.element_size ||
        before.dimensions != after.dimensions || before.flexible_array != after.flexible_array) {
      report("field resized", subject, fmt::format("{}, {}", before.type, extent_of(before)),
             fmt::format("{}, {}", after.type, extent_of(after)), Effect::layout);
      told = true;
    } else if (before.type != after.type || !same_meaning(before, after)) {
      const bool differs = !same_meaning(before, after) || !same_shape(pair);
      report("field re-typed", subject, before.type, after.type, differs ? Effect::layout : Effect::none,
             differs ? "the same bytes have another value" : "the same bytes, the same value");
      told = true;
    }
    if (!told && !same_shape(pair)) {
      report("field re-shaped", subject, before.type, after.type, effect_inside(pair),
             fmt::format("{} changed", after.record));
    }
  }

  // A field that took another one's place: same bytes, same value, other name.
  bool replaces(const Pair& pair) const {
    return same_place(pair.before, pair.after) && same_meaning(pair.before, pair.after) && same_shape(pair);
  }

  void renamed(const std::string& before, const std::string& after, const Pair& pair) {
    const bool old_reserved = is_reserved_name(before);
    const bool new_reserved = is_reserved_name(after);
    if (old_reserved != new_reserved) {
      report(old_reserved ? "reserved field used" : "field reserved", after,
             fmt::format("{} ({})", before, place_of(pair.before)), after, Effect::meaning,
             old_reserved ? "old images have zero here, if the old kernel cleared it"
                          : "old images have a value here that is no longer read");
      return;
    }
    report("field renamed", after, before, after, Effect::none, "the same bytes, the same value");
  }

  void removed(const std::string& key, const abi::Field& field) {
    if (new_.is_union && old_.is_union) {
      report("field removed", key, describe(field), "", Effect::meaning,
             "one reading of the same bytes less");
      return;
    }
    report("field removed", key, describe(field), "", Effect::layout, "its value is lost");
  }

  void added(const std::string& key, const abi::Field& field) {
    if (new_.is_union && old_.is_union) {
      report("field added", key, "", describe(field), Effect::meaning, "one more reading of the same bytes");
      return;
    }
    const auto [reserved, why] = old_bytes_of(field);
    report("field added", key, "", describe(field), reserved ? Effect::meaning : Effect::layout, why);
  }

  // What an old image has where a new field is.
  std::pair<bool, std::string> old_bytes_of(const abi::Field& field) const {
    const uint64_t begin = field.offset * 8 + field.bit_offset;
    const uint64_t width = field.bit_width != 0 ? field.bit_width : std::max<uint64_t>(field.size, 1) * 8;
    if (field.flexible_array || field.offset >= old_.size) {
      return {false, "an image of the old kernel has no such bytes in this record"};
    }
    bool reserved = true;
    bool used = false;
    for (uint64_t bit = begin; bit < begin + width; ++bit) {
      bool in_reserved = false;
      for (const abi::Field& old : old_.fields) {
        const uint64_t first = old.offset * 8 + old.bit_offset;
        const uint64_t end = first + (old.bit_width != 0 ? old.bit_width : old.size * 8);
        if (bit < first || bit >= end) continue;
        used = true;
        in_reserved = in_reserved || is_reserved_name(old.name);
      }
      reserved = reserved && in_reserved;
    }
    if (reserved)
      return {true, "part of a reserved field: old images have zero here, if the old kernel cleared it"};
    if (!used) return {false, "padding in the old layout, so an old image may have anything here"};
    return {false, "other members are here in the old layout"};
  }

  const abi::Snapshot& old_abi_;
  const abi::Record& old_;
  const abi::Snapshot& new_abi_;
  const abi::Record& new_;
  std::vector<Change> changes_;
};

}  // namespace

bool is_reserved_name(std::string_view name) {
  std::string lower;
  for (const char c : name) lower += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  for (const std::string_view word :
       {"reserved", "rsvd", "resv", "unused", "padding", "mbz", "__pad", "_pad"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return lower.starts_with("pad");
}

std::vector<Change> compare_records(const abi::Snapshot& old_abi, const abi::Record& old_record,
                                    const abi::Snapshot& new_abi, const abi::Record& new_record) {
  return RecordComparer(old_abi, old_record, new_abi, new_record).run();
}

}  // namespace khover::abi_diff
