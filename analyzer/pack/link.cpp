#include <algorithm>
#include <functional>
#include <set>

#include "pack/model.h"
#include "pack/typing.h"

namespace khover::pack {
namespace {

constexpr Integer kMaxU64 = (Integer{1} << 64) - 1;

constexpr unsigned kMaxNameless =
    8;  // nameless members in each other: a snapshot may be made so that there is no end

// The record, or a nameless member of it, has the field. A nameless record has a name with a dot.
bool has_field(const abi::Snapshot& snapshot, const std::string& name, const std::string& field,
               unsigned depth = 0) {
  const auto record = snapshot.records.find(name);
  if (record == snapshot.records.end() || depth > kMaxNameless) return false;
  return std::any_of(record->second.fields.begin(), record->second.fields.end(), [&](const abi::Field& one) {
    return one.name == field || (one.name.empty() && has_field(snapshot, one.record, field, depth + 1));
  });
}

// A record, constant or RECORD.FIELD.
bool abi_has(const abi::Snapshot& snapshot, const std::string& name) {
  if (const size_t dot = name.find('.'); dot != std::string::npos)
    return has_field(snapshot, name.substr(0, dot), name.substr(dot + 1));
  return snapshot.records.count(name) != 0 || snapshot.integer(name).has_value() ||
         snapshot.text(name).has_value();
}

Interval range_of_bits(uint32_t bits, bool is_signed) {
  if (is_signed) return {-(Integer{1} << (bits - 1)), (Integer{1} << (bits - 1)) - 1};
  return {0, (Integer{1} << bits) - 1};
}

Column computed(const std::string& name, ColumnKind kind, Interval range, Type type = Type::integer) {
  Column column;
  column.name = name;
  column.kind = kind;
  column.type = type;
  column.range = range;
  return column;
}

class Linker {
 public:
  Linker(const abi::Snapshot& snapshot, const std::string& abi_name, const std::vector<PackFile>& packs)
      : snapshot_(snapshot), packs_(packs), typing_(model_, snapshot, constants_, own_records_) {
    model_.abi = snapshot.source;
    model_.abi_name = abi_name;
    model_.page_size = snapshot.source.page_size;
    while ((uint64_t{1} << model_.page_shift) < model_.page_size) ++model_.page_shift;
  }

  Result<Model> run() {
    if (model_.page_size < 4096 || (uint64_t{1} << model_.page_shift) != model_.page_size ||
        model_.page_size > 65536) {
      return fail(model_.abi_name,
                  "page size " + std::to_string(model_.page_size) + " is not one of 4096, 16384, 65536");
    }
    for (const PackFile& pack : packs_) {
      PackInfo info{pack.name, pack.title, true, ""};
      for (const std::string& name : pack.requires_names) {
        if (abi_has(snapshot_, name)) continue;
        info.applies = false;
        info.why_not = "the ABI has no '" + name + "'";
        break;
      }
      for (const std::string& name : pack.lacks) {
        if (!info.applies || !abi_has(snapshot_, name)) continue;
        info.applies = false;
        info.why_not = "the ABI has '" + name + "'";
      }
      if (info.applies) applying_.push_back(&pack);
      for (const RuleDefinition& rule : pack.rules) all_ids_.insert(rule.id);
      // Several files may make up one pack, each for other layouts: it applies if one of them does.
      const auto same = std::find_if(model_.packs.begin(), model_.packs.end(),
                                     [&](const PackInfo& one) { return one.name == info.name; });
      if (same == model_.packs.end())
        model_.packs.push_back(info);
      else if (!same->applies)
        *same = info;
    }
    for (const PackFile* pack : applying_) {
      if (auto done = link_names(*pack); !done) return tl::unexpected(done.error());
    }
    if (auto done = link_sets(); !done) return tl::unexpected(done.error());
    for (uint32_t i = 0; i < definitions_.size(); ++i) {
      if (auto done = link_called(i); !done) return tl::unexpected(done.error());
    }
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const HandledSyntax& handled : pack->handled) {
        if (auto done = link_handled(handled); !done) return tl::unexpected(done.error());
      }
      for (const ChosenSyntax& name : pack->names) {
        if (auto done = link_name(name); !done) return tl::unexpected(done.error());
      }
    }
    if (auto done = link_rules(); !done) return tl::unexpected(done.error());
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const auto& [phase, syntax] : pack->signs) {
        auto claim = link_claim(syntax);
        if (!claim) return tl::unexpected(claim.error());
        model_.signs.emplace_back(phase, std::move(*claim));
      }
    }
    return std::move(model_);
  }

 private:
  Result<void> link_names(const PackFile& pack) {
    typing_.in_pack(pack.name);
    for (const OwnRecord& record : pack.records) own_records_[record.name] = record;
    for (const auto& [name, node] : pack.constants) {
      auto value = typing_.integer(node, kNone);
      if (!value) return tl::unexpected(value.error());
      constants_[name] = *value;
    }
    for (const ServedName& served : pack.serves) {
      const auto text = snapshot_.text(served.name);
      model_.served[served.registry].push_back({text.value_or(served.name), pack.name});
    }
    return {};
  }

  // Sets in an order in which parents come first; packs may hang sets below another pack's.
  Result<void> link_sets() {
    struct Pending {
      const PackFile* pack;
      const SetDefinition* set;
    };
    std::vector<Pending> pending;
    std::set<std::string> names;
    for (const PackFile* pack : applying_) {
      for (const SetDefinition& set : pack->sets) {
        pending.push_back({pack, &set});
        if (!names.insert(pack->name + "." + set.name).second) {
          return fail(to_string(set.at_position), "set '" + pack->name + "." + set.name + "' stands twice");
        }
      }
    }
    while (!pending.empty()) {
      std::vector<Pending> waiting;
      for (const Pending& item : pending) {
        if (ready(*item.pack, *item.set)) {
          if (auto done = link_set(*item.pack, *item.set); !done) return tl::unexpected(done.error());
        } else {
          waiting.push_back(item);
        }
      }
      if (waiting.size() == pending.size()) {
        const Pending& first = waiting.front();
        return fail(to_string(first.set->at_position), "set '" + first.set->name + "' hangs below '" +
                                                           first.set->parent +
                                                           "', which does not exist or hangs below it");
      }
      pending = std::move(waiting);
    }
    return {};
  }

  bool ready(const PackFile& pack, const SetDefinition& set) const {
    auto exists = [&](const std::string& name) {
      return model_.find_set(pack.name + "." + name) != kNone || model_.find_set(name) != kNone;
    };
    if (!set.parent.empty() && !exists(set.parent)) return false;
    return (set.pages_of.empty() || exists(set.pages_of)) && (set.one_of.empty() || exists(set.one_of));
  }

  Result<void> link_set(const PackFile& pack, const SetDefinition& as_written) {
    typing_.in_pack(pack.name);
    SetDefinition definition = as_written;
    if (auto done = take_columns_of_referent(definition); !done) return done;
    SetType type;
    type.name = pack.name + "." + definition.name;
    type.pack = pack.name;
    type.singular = definition.singular;
    type.container = definition.container;
    type.record = definition.record.empty() ? definition.element : definition.record;
    type.until_zero = definition.until_zero;
    type.bulk = definition.bulk;
    type.plural = definition.plural;
    type.in_path = definition.in_path;
    if (!definition.parent.empty()) {
      auto parent = typing_.set(definition.parent, definition.at_position);
      if (!parent) return tl::unexpected(parent.error());
      type.parent = *parent;
    }
    if (auto done = add_columns(definition, type); !done) return done;
    std::set<std::string> names;
    for (const Column& column : type.columns) {
      if (!names.insert(column.name).second) {
        return fail(to_string(definition.at_position),
                    "column '" + column.name + "' of '" + type.name + "' stands twice");
      }
    }
    for (const auto& [target, node] :
         {std::pair{&type.at, definition.at}, std::pair{&type.count, definition.count},
          std::pair{&type.capacity, definition.capacity}, std::pair{&type.page_size, definition.page_size},
          std::pair{&type.limit, definition.limit}, std::pair{&type.level, definition.level},
          std::pair{&type.bytes, definition.bytes}, std::pair{&type.first_key, definition.first_key},
          std::pair{&type.pci_domain, definition.domain}, std::pair{&type.pci_bdf, definition.bdf}}) {
      if (!node) continue;
      auto typed = typing_.integer(node, type.parent);
      if (!typed) return tl::unexpected(typed.error());
      *target = *typed;
    }
    if (definition.when) {
      auto when = typing_.boolean(definition.when, type.parent);
      if (!when) return tl::unexpected(when.error());
      type.when = *when;
    }
    for (const auto& [key, node] : definition.radix) {
      auto typed = typing_.integer(node, kNone);
      if (!typed) return tl::unexpected(typed.error());
      (key == "depth" ? type.radix_depth : key == "table" ? type.radix_table : type.radix_bitmap) = *typed;
    }
    if (!definition.pages_of.empty()) {
      auto pages = typing_.set(definition.pages_of, definition.at_position);
      if (!pages) return tl::unexpected(pages.error());
      type.pages_set = *pages;
      type.pages_column = model_.sets[*pages].find(definition.page_column);
      if (type.pages_column == kNone) {
        return fail(to_string(definition.at_position),
                    "'" + definition.pages_of + "' has no column '" + definition.page_column + "'");
      }
      if (model_.hops_to(*pages, type.parent) == kNone) {
        return fail(to_string(definition.at_position),
                    "'" + definition.pages_of + "' does not hang below '" + definition.parent + "'");
      }
    }
    if (!definition.one_of.empty()) {
      auto others = typing_.set(definition.one_of, definition.at_position);
      if (!others) return tl::unexpected(others.error());
      type.one_of = *others;
    }
    if (definition.container == Container::entries &&
        (type.parent == kNone || model_.sets[type.parent].container != Container::table)) {
      return fail(to_string(definition.at_position), "entries must hang below a table");
    }
    const auto index = static_cast<uint32_t>(model_.sets.size());
    model_.sets.push_back(std::move(type));
    definitions_.push_back(definition);
    if (auto done = finish_set(definition, index); !done) return done;
    return link_next(definition, index);
  }

  // The pointer of a chain is a field; that of an entry may be derived from its bits.
  Result<void> link_next(const SetDefinition& definition, uint32_t index) {
    if (definition.next.empty()) return {};
    SetType& type = model_.sets[index];
    type.next_column = type.find(definition.next);
    if (type.next_column != kNone &&
        (type.container == Container::entries || type.columns[type.next_column].kind == ColumnKind::integer))
      return {};
    return fail(to_string(definition.at_position),
                "'" + type.record + "' has no field '" + definition.next + "'");
  }

  // A reference to records of another set has the columns that they have there.
  Result<void> take_columns_of_referent(SetDefinition& definition) {
    if (definition.one_of.empty()) return {};
    auto others = typing_.set(definition.one_of, definition.at_position);
    if (!others) return tl::unexpected(others.error());
    const SetDefinition& referent = definitions_.at(*others);
    definition.record = referent.record.empty() ? model_.sets[*others].record : referent.record;
    definition.derive.insert(definition.derive.begin(), referent.derive.begin(), referent.derive.end());
    return {};
  }

  Result<void> add_columns(const SetDefinition& definition, SetType& type) {
    type.columns.push_back(computed("_addr", ColumnKind::address, {0, kMaxU64}));
    type.columns.push_back(computed("_position", ColumnKind::index, {0, kNone}));
    type.columns.push_back(computed("_last", ColumnKind::last, {0, 1}, Type::boolean));
    switch (definition.container) {
      case Container::radix:
        type.columns.push_back(computed("level", ColumnKind::radix_level, {0, 63}));
        type.stride = model_.page_size;
        break;
      case Container::table:
        type.columns.push_back(computed("level", ColumnKind::radix_level, {0, kMaxTableLevel}));
        type.stride = model_.page_size;
        break;
      case Container::slots:
        type.columns.push_back(computed("level", ColumnKind::slot_level, {0, 63}));
        add_integer(type, "value", 0, 8);
        break;
      case Container::keys:
      case Container::bitmap:
        type.columns.push_back(computed("key", ColumnKind::key, {0, kMaxU64}));
        type.columns.push_back(computed("phys", ColumnKind::key_phys, {0, kMaxU64}));
        type.columns.push_back(computed("order", ColumnKind::key_order, {-1, 64}));
        type.columns.push_back(computed("length", ColumnKind::key_length, {0, Integer{1} << 80}));
        break;
      case Container::ram:
      case Container::numa:
        type.columns.push_back(computed("start", ColumnKind::range_start, {0, kMaxU64}));
        type.columns.push_back(computed("length", ColumnKind::range_length, {0, kMaxU64}));
        if (definition.container == Container::numa) {
          type.columns.push_back(computed("node", ColumnKind::range_node, {0, kNone}));
        }
        break;
      case Container::pci_function:
        type.columns.push_back(computed("domain", ColumnKind::pci_domain, {0, kNone}));
        type.columns.push_back(computed("bdf", ColumnKind::pci_bdf, {0, 0xffff}));
        type.columns.push_back(computed("bridge", ColumnKind::pci_bridge, {0, 1}, Type::boolean));
        type.columns.push_back(computed("has_upstream", ColumnKind::pci_has_upstream, {0, 1}, Type::boolean));
        type.columns.push_back(computed("upstream_domain", ColumnKind::pci_upstream_domain, {0, kNone}));
        type.columns.push_back(computed("upstream_bdf", ColumnKind::pci_upstream_bdf, {0, 0xffff}));
        type.columns.push_back(computed("group_size", ColumnKind::pci_group_size, {0, kNone}));
        break;
      case Container::fdt:
        type.columns.push_back(computed("sound", ColumnKind::fdt_valid, {0, 1}, Type::boolean));
        type.columns.push_back(computed("totalsize", ColumnKind::fdt_totalsize, {0, kNone}));
        break;
      case Container::nodes:
        type.columns.push_back(computed("name", ColumnKind::node_name, {}, Type::text));
        break;
      default:
        break;
    }
    add_properties(definition, type);
    if (!definition.element.empty()) {
      if (definition.element != "u64" && definition.element != "u32") {
        return fail(to_string(definition.at_position), "'" + definition.element + "' is not an element type",
                    "write u64 or u32");
      }
      add_integer(type, "value", 0, definition.element == "u64" ? 8 : 4);
      type.stride = definition.element == "u64" ? 8 : 4;
    }
    if (!definition.record.empty()) return add_record(definition, type);
    return {};
  }

  void add_integer(SetType& type, const std::string& name, uint64_t offset, uint64_t size) {
    Column column =
        computed(name, ColumnKind::integer, range_of_bits(static_cast<uint32_t>(size * 8), false));
    column.offset = offset;
    column.bits = static_cast<uint32_t>(size * 8);
    column.from_abi = true;
    type.columns.push_back(std::move(column));
  }

  void add_text(SetType& type, Column column, ColumnKind terminated) {
    column.type = Type::text;
    column.from_abi = true;
    Column end = column;
    end.from_abi = false;
    end.type = Type::boolean;
    end.range = {0, 1};
    end.name = column.name + ".terminated";
    end.kind = terminated;
    const bool is_array = column.kind == ColumnKind::text;
    type.columns.push_back(column);
    type.columns.push_back(end);
    if (is_array) {
      end.name = column.name + ".tail_zero";
      end.kind = ColumnKind::text_tail_zero;
      type.columns.push_back(end);
      end.name = column.name + ".length";
      end.kind = ColumnKind::text_length;
      end.type = Type::integer;
      end.range = {0, static_cast<Integer>(column.length)};
      type.columns.push_back(end);
    }
  }

  void add_properties(const SetDefinition& definition, SetType& type) {
    for (const PropertySyntax& syntax : definition.properties) {
      Property property;
      property.name = snapshot_.text(syntax.property).value_or(syntax.property);
      property.is_text = syntax.is_text;
      property.size = syntax.size;
      Column column;
      column.name = syntax.column;
      column.property = static_cast<uint32_t>(type.properties.size());
      column.kind = syntax.is_text ? ColumnKind::property_text : ColumnKind::property;
      column.bits = static_cast<uint32_t>(syntax.size * 8);
      column.range = range_of_bits(column.bits, false);
      column.from_abi = true;
      type.properties.push_back(std::move(property));
      Column bytes = computed(syntax.column + ".bytes", ColumnKind::property_bytes, {-1, Integer{1} << 31});
      bytes.property = column.property;
      Column place = computed(syntax.column + ".address", ColumnKind::property_address, {0, kMaxU64});
      place.property = column.property;
      if (syntax.is_text) {
        add_text(type, std::move(column), ColumnKind::property_terminated);
      } else {
        type.columns.push_back(std::move(column));
      }
      type.columns.push_back(std::move(bytes));
      type.columns.push_back(std::move(place));
    }
  }

  Result<void> add_record(const SetDefinition& definition, SetType& type) {
    if (const auto own = own_records_.find(definition.record); own != own_records_.end()) {
      type.stride = own->second.size;
      for (const OwnField& field : own->second.fields) {
        if (field.size == 0 || field.size > 8 || field.offset + field.size > own->second.size) {
          return fail(to_string(definition.at_position),
                      "field '" + field.name + "' of '" + definition.record + "' does not fit its record");
        }
        add_integer(type, field.name, field.offset, field.size);
      }
      return {};
    }
    const auto record = snapshot_.records.find(definition.record);
    if (record == snapshot_.records.end()) {
      return fail(to_string(definition.at_position),
                  "the ABI " + model_.abi_name + " has no record '" + definition.record + "'",
                  "name it in the pack's 'requires'");
    }
    type.stride = record->second.size;
    if (type.stride == 0)
      return fail(to_string(definition.at_position), "record '" + definition.record + "' is empty");
    add_fields(type, record->second, "", 0, 0);
    return {};
  }

  void add_fields(SetType& type, const abi::Record& record, const std::string& prefix, uint64_t base,
                  int depth) {
    if (depth > 8)
      return;  // deeper nesting than any ABI has; a snapshot that nests a record in itself stops here
    for (const abi::Field& field : record.fields) {
      const std::string name =
          field.name.empty() ? prefix : prefix + (prefix.empty() ? "" : ".") + field.name;
      const uint64_t offset = base + field.offset;
      if (field.kind == abi::TypeKind::record) {
        const auto nested = snapshot_.records.find(field.record);
        if (nested != snapshot_.records.end() && field.dimensions.empty() && !field.flexible_array)
          add_fields(type, nested->second, name, offset, depth + 1);
        continue;
      }
      if (field.kind == abi::TypeKind::character && field.dimensions.size() == 1 && !field.flexible_array) {
        Column column;
        column.name = name;
        column.kind = ColumnKind::text;
        column.offset = offset;
        column.length = field.size;
        add_text(type, std::move(column), ColumnKind::text_terminated);
        continue;
      }
      // The pointer beside a physical address in a union is a convenience of C code, not a part of the image.
      if (field.kind == abi::TypeKind::pointer && record.is_union) continue;
      if (field.kind == abi::TypeKind::floating || !field.dimensions.empty() || field.flexible_array)
        continue;
      Column column;
      column.name = name;
      column.kind = ColumnKind::integer;
      column.offset = offset;
      column.bit_offset = field.bit_offset;
      column.bits = field.bit_width != 0 ? field.bit_width : static_cast<uint32_t>(field.size * 8);
      if (column.bits == 0 || column.bits > 64) continue;
      column.is_signed = field.is_signed;
      column.range = range_of_bits(column.bits, column.is_signed);
      column.from_abi = true;
      type.columns.push_back(std::move(column));
    }
  }

  // What may refer to the set's own columns.
  Result<void> finish_set(const SetDefinition& definition, uint32_t index) {
    for (const auto& [name, node] : definition.derive) {
      auto typed = typing_.expression(node, index);
      if (!typed) return tl::unexpected(typed.error());
      Column column = computed(name, ColumnKind::derived, (*typed)->range, (*typed)->type);
      column.derived = *typed;
      if (model_.sets[index].find(name) != kNone)
        return fail(to_string(node->at), "column '" + name + "' stands twice");
      model_.sets[index].columns.push_back(std::move(column));
    }
    if (definition.allocation) {
      if (auto done = link_allocation(*definition.allocation, index); !done) return done;
    }
    return link_label(definition, index);
  }

  Result<void> link_handled(const HandledSyntax& syntax) {
    auto set = typing_.set(syntax.set, syntax.at);
    if (!set) return tl::unexpected(set.error());
    SetType& type = model_.sets[*set];
    type.handled_registry = syntax.registry;
    type.handled_column = type.find(syntax.column);
    if (type.handled_column == kNone || type.columns[type.handled_column].type != Type::text) {
      return fail(to_string(syntax.at),
                  "'" + syntax.column + "' is not a string column of '" + syntax.set + "'");
    }
    return {};
  }

  Result<void> link_name(const ChosenSyntax& syntax) {
    auto set = typing_.set(syntax.set, syntax.at);
    if (!set) return tl::unexpected(set.error());
    SetType& type = model_.sets[*set];
    const uint32_t column = type.find(syntax.column);
    const auto holds_text = [](ColumnKind kind) {
      return kind == ColumnKind::text || kind == ColumnKind::property_text || kind == ColumnKind::node_name;
    };
    if (column == kNone || !holds_text(type.columns[column].kind)) {
      return fail(to_string(syntax.at),
                  "'" + syntax.column + "' is no text in the records of '" + syntax.set + "'");
    }
    type.names.push_back(column);
    return {};
  }

  Result<void> link_allocation(const AllocationSyntax& syntax, uint32_t index) {
    Allocation allocation;
    allocation.as = syntax.as;
    allocation.is_data = syntax.is_data;
    auto size = typing_.integer(syntax.size, index);
    if (!size) return tl::unexpected(size.error());
    allocation.size = *size;
    if (syntax.when) {
      auto when = typing_.boolean(syntax.when, index);
      if (!when) return tl::unexpected(when.error());
      allocation.when = *when;
    }
    Node own_address;
    own_address.kind = NodeKind::name;
    own_address.text = "_addr";
    own_address.source = "_addr";
    auto at = typing_.integer(syntax.at ? syntax.at : std::make_shared<Node>(own_address), index);
    if (!at) return tl::unexpected(at.error());
    allocation.start = allocation.at = *at;
    Node here;
    here.at = syntax.size->at;
    here.source = syntax.size->source;
    const ExprPtr page = constant(Integer{model_.page_size}, here);
    if (syntax.as == PreservedAs::natural_keys) {
      // reserve_mem regions need not begin on a page: the pages they touch are theirs.
      const ExprPtr into_page = arithmetic(Op::modulo, allocation.at, page);
      const ExprPtr touched = into_page ? arithmetic(Op::add, allocation.size, into_page) : nullptr;
      if (!touched) return fail(to_string(syntax.size->at), "the size of the allocation is not bounded");
      const ExprPtr pages =
          make_call(Function::pages, {0, touched->range.high / static_cast<Integer>(model_.page_size) + 1},
                    {touched}, touched);
      allocation.at = arithmetic(Op::subtract, allocation.at, into_page);
      allocation.length = arithmetic(Op::multiply, pages, page);
    } else {
      ExprPtr order = make_call(Function::order_of, {0, 64}, {allocation.size}, allocation.size);
      if (syntax.as == PreservedAs::folio) {
        const ExprPtr found = make_call(Function::key_order, {-1, 64}, {allocation.at}, allocation.size);
        order = make_call(Function::maximum, {0, 64}, {order, found}, allocation.size);
      }
      allocation.length = arithmetic(Op::shift_left, page, order);
    }
    if (!allocation.length || !allocation.at)
      return fail(to_string(syntax.size->at), "the size of the allocation is not bounded");
    model_.sets[index].allocation = std::move(allocation);
    return {};
  }

  // {value:x}, {value:04x}
  template <typename Part>
  static Result<void> take_format(std::string& place, Part& part, const Position& at) {
    const size_t colon = place.rfind(':');
    if (colon == std::string::npos) return {};
    const std::string format = place.substr(colon + 1);
    part.hex = format == "x";
    if (format.size() == 3 && format[0] == '0' && format[1] >= '1' && format[1] <= '9' && format[2] == 'x')
      part.digits = static_cast<uint32_t>(format[1] - '0');
    if (!part.hex && part.digits == 0)
      return fail(to_string(at), "label: '" + format + "' is not a format",
                  "write x or, for four digits, 04x");
    place.resize(colon);
    return {};
  }

  Result<ExprPtr> expression(const std::string& text, const Position& at, uint32_t set) const {
    auto parsed = parse_expression(text, {at, 1});
    if (!parsed) return tl::unexpected(parsed.error());
    return typing_.expression(*parsed, set);
  }

  // Pieces that name a set which this ABI does not have are left out.
  Result<void> link_called(uint32_t index) {
    typing_.in_pack(model_.sets[index].pack);
    for (const NameSyntax& syntax : definitions_[index].called) {
      NamePiece piece;
      if (syntax.when) {
        auto when = typing_.boolean(syntax.when, index);
        if (!when) return tl::unexpected(when.error());
        piece.when = *when;
      }
      bool complete = true;
      for (size_t from = 0; from < syntax.text.size();) {
        const size_t open = syntax.text.find('{', from);
        const size_t close = open == std::string::npos ? open : syntax.text.find('}', open);
        NamePart literal;
        literal.text = syntax.text.substr(from, close == std::string::npos ? close : open - from);
        if (!literal.text.empty()) piece.parts.push_back(std::move(literal));
        if (close == std::string::npos) break;
        auto part = link_place(syntax.text.substr(open + 1, close - open - 1), syntax.at, index);
        if (!part) return tl::unexpected(part.error());
        complete = complete && part->has_value();
        if (*part) piece.parts.push_back(std::move(**part));
        from = close + 1;
      }
      if (complete) model_.sets[index].called.push_back(std::move(piece));
    }
    return {};
  }

  // VALUE, or VALUE of SET(KEY = WANTED)
  Result<std::optional<NamePart>> link_place(std::string place, const Position& at, uint32_t index) const {
    NamePart part;
    if (auto done = take_format(place, part, at); !done) return tl::unexpected(done.error());
    uint32_t set = index;
    if (const size_t of = place.find(" of "); of != std::string::npos) {
      const size_t open = place.find('(', of), equal = place.find(" = ", of);
      if (open == std::string::npos || equal == std::string::npos || open > equal || place.back() != ')')
        return fail(to_string(at), "'" + place + "' is not a place", "write {VALUE of SET(KEY = WANTED)}");
      const std::string name = place.substr(of + 4, open - of - 4);
      part.set = model_.find_set(model_.sets[index].pack + "." + name);
      if (part.set == kNone) part.set = model_.find_set(name);
      if (part.set == kNone) return std::optional<NamePart>();
      auto key = expression(place.substr(open + 1, equal - open - 1), at, part.set);
      if (!key) return tl::unexpected(key.error());
      auto wanted = expression(place.substr(equal + 3, place.size() - equal - 4), at, index);
      if (!wanted) return tl::unexpected(wanted.error());
      part.key = *key;
      part.wanted = *wanted;
      set = part.set;
      place.resize(of);
      part.whole = place == "name";
    }
    if (!part.whole) {
      auto value = expression(place, at, set);
      if (!value) return tl::unexpected(value.error());
      part.value = *value;
    }
    return std::optional(std::move(part));
  }

  Result<void> link_label(const SetDefinition& definition, uint32_t index) {
    SetType& type = model_.sets[index];
    const std::string& text = definition.label;
    size_t from = 0;
    while (from < text.size()) {
      const size_t open = text.find('{', from);
      const size_t close = open == std::string::npos ? open : text.find('}', open);
      if (close == std::string::npos) {
        type.label.push_back({text.substr(from), kNone, false, 0});
        break;
      }
      if (open > from) type.label.push_back({text.substr(from, open - from), kNone, false, 0});
      std::string name = text.substr(open + 1, close - open - 1);
      LabelPart part;
      if (auto done = take_format(name, part, definition.at_position); !done) return done;
      part.column = type.find(name);
      if (part.column == kNone) {  // not a column but a value made of some
        auto parsed = parse_expression(name, {definition.at_position, 1});
        if (!parsed) return tl::unexpected(parsed.error());
        auto typed = typing_.expression(*parsed, index);
        if (!typed) return tl::unexpected(typed.error());
        Column column = computed(name, ColumnKind::derived, (*typed)->range, (*typed)->type);
        column.derived = *typed;
        part.column = static_cast<uint32_t>(type.columns.size());
        type.columns.push_back(std::move(column));
      }
      type.label.push_back(part);
      from = close + 1;
    }
    return {};
  }

  Result<void> link_rules() {
    std::map<std::string, std::pair<const PackFile*, const RuleDefinition*>> by_id;
    std::vector<std::string> order;
    for (const PackFile* pack : applying_) {
      for (const RuleDefinition& rule : pack->rules) {
        const auto has = [&](const std::string& name) { return abi_has(snapshot_, name); };
        if (!std::all_of(rule.abi_has.begin(), rule.abi_has.end(), has) ||
            std::any_of(rule.abi_lacks.begin(), rule.abi_lacks.end(), has))
          continue;
        if (!by_id.emplace(rule.id, std::pair{pack, &rule}).second) {
          return fail(to_string(rule.at), "rule id '" + rule.id + "' stands twice",
                      "rule ids are permanent and unique");
        }
        order.push_back(rule.id);
      }
    }
    for (const std::string& id : order) {
      for (const std::string& later : by_id[id].second->precedes) preceding_[later].push_back(id);
    }
    std::set<std::string> linked, open;
    std::function<Result<void>(const std::string&, const Position&)> visit =
        [&](const std::string& id, const Position& from) -> Result<void> {
      if (linked.count(id) != 0) return {};
      const auto found = by_id.find(id);
      if (found == by_id.end()) return fail(to_string(from), "'needs' names no rule: '" + id + "'");
      if (!open.insert(id).second) return fail(to_string(from), "rules need each other: '" + id + "'");
      for (const std::string& need : needs_of(*found->second.second)) {
        if (auto done = visit(need, found->second.second->at); !done) return done;
      }
      open.erase(id);
      linked.insert(id);
      return link_rule(*found->second.first, *found->second.second);
    };
    for (const std::string& id : order) {
      if (auto done = visit(id, by_id[id].second->at); !done) return done;
    }
    if (auto done = link_implications(by_id); !done) return done;
    return check_closure();
  }

  std::vector<std::string> needs_of(const RuleDefinition& definition) const {
    std::vector<std::string> needs = definition.needs;
    if (const auto earlier = preceding_.find(definition.id); earlier != preceding_.end()) {
      needs.insert(needs.end(), earlier->second.begin(), earlier->second.end());
    }
    return needs;
  }

  Result<void> link_implications(
      const std::map<std::string, std::pair<const PackFile*, const RuleDefinition*>>& by_id) {
    for (Rule& rule : model_.rules) {
      const RuleDefinition& definition = *by_id.at(rule.id).second;
      for (const std::string& id : definition.implied_by) {
        if (all_ids_.count(id) == 0)
          return fail(to_string(definition.at), "'implied-by' names no rule: '" + id + "'");
        const uint32_t index = model_.find_rule(id);
        if (index == kNone) {
          rule.implied_by.clear();
          break;
        }
        rule.implied_by.push_back(index);
      }
    }
    return {};
  }

  // Memory that a pack says was allocated must be claimed to be preserved by some rule.
  Result<void> check_closure() const {
    for (uint32_t i = 0; i < model_.sets.size(); ++i) {
      if (!model_.sets[i].allocation || model_.sets[i].allocation->as == PreservedAs::unpreserved) continue;
      const bool claimed = std::any_of(model_.rules.begin(), model_.rules.end(), [&](const Rule& rule) {
        return rule.claim.form == Form::preserved && rule.claim.set.set == i;
      });
      if (!claimed) {
        return fail("pack " + model_.sets[i].pack,
                    "no rule claims that the allocations of '" + model_.sets[i].name + "' are preserved",
                    "add a rule 'for SET: [address, +SIZE) preserved as …'");
      }
    }
    return {};
  }

  Result<void> link_rule(const PackFile& pack, const RuleDefinition& definition) {
    typing_.in_pack(pack.name);
    Rule rule;
    rule.id = definition.id;
    rule.pack = pack.name;
    rule.severity = definition.severity;
    rule.phases = definition.phases;
    rule.inputs = definition.inputs;
    rule.gate = definition.gate;
    rule.claim_text = definition.claim_text;
    rule.because = definition.because;
    rule.evidence = definition.evidence;
    rule.advice = definition.advice;
    for (const std::string& need : needs_of(definition)) rule.needs.push_back(model_.find_rule(need));
    auto claim = link_claim(definition.claim);
    if (!claim) return tl::unexpected(claim.error());
    rule.claim = std::move(*claim);
    if (auto done = link_gate(definition, rule); !done) return done;
    model_.rules.push_back(std::move(rule));
    return {};
  }

  Result<void> link_gate(const RuleDefinition& definition, const Rule& rule) {
    if (rule.gate == Gate::none) return {};
    const uint32_t index = static_cast<uint32_t>(model_.rules.size());
    const uint32_t set = rule.claim.set.set;
    if (rule.claim.form != Form::row || !rule.claim.terms.empty()) {
      return fail(to_string(definition.at), "a gate must be a condition on single records",
                  "drop 'gate' or the aggregate");
    }
    if (rule.gate == Gate::record) model_.sets[set].gates.push_back(index);
    if (rule.gate == Gate::children) {
      for (SetType& type : model_.sets) {
        if (type.parent == set) type.entry_gates.push_back(index);
      }
    }
    for (const std::string& name : definition.gate_sets) {
      auto child = typing_.set(name, definition.at);
      if (!child) return tl::unexpected(child.error());
      if (model_.sets[*child].parent != set) {
        return fail(to_string(definition.at), "'" + name + "' does not hang below the records of the claim");
      }
      model_.sets[*child].entry_gates.push_back(index);
    }
    return {};
  }

  static void split(const ExprPtr& expr, std::vector<ExprPtr>& conjuncts) {
    if (expr->op == Op::logical_and) {
      for (const ExprPtr& arg : expr->args) split(arg, conjuncts);
    } else {
      conjuncts.push_back(expr);
    }
  }

  Result<std::pair<ExprPtr, ExprPtr>> link_range(const RangeSyntax& syntax, uint32_t set) {
    auto start = typing_.integer(syntax.start, set);
    if (!start) return tl::unexpected(start.error());
    if (syntax.length) {
      auto length = typing_.integer(syntax.length, set);
      if (!length) return tl::unexpected(length.error());
      return std::pair{*start, *length};
    }
    auto end = typing_.integer(syntax.end, set);
    if (!end) return tl::unexpected(end.error());
    ExprPtr length = arithmetic(Op::subtract, *end, *start);
    if (!length) return fail(to_string(syntax.at), "the range is not bounded");
    return std::pair{*start, length};
  }

  // `exact`: the bytes asked for instead of the pages they take. Two reserve_mem regions may share a page.
  Result<std::vector<RangeOver>> link_ranges(const std::vector<RangeSource>& sources, bool exact) {
    std::vector<RangeOver> ranges;
    for (const RangeSource& source : sources) {
      if (!source.range) {
        const bool structures = source.set.name == "walk.structures";
        const bool data = source.set.name == "walk.data";
        if (source.set.name != "walk.allocations" && !structures && !data) {
          return fail(to_string(source.set.at), "a range is missing before 'in " + source.set.name + "'",
                      "write '[start, +length) in SET', walk.allocations, walk.structures or walk.data");
        }
        for (uint32_t i = 0; i < model_.sets.size(); ++i) {
          const auto& allocation = model_.sets[i].allocation;
          if (allocation && !(allocation->is_data ? structures : data)) {
            const bool bytes = exact && allocation->as == PreservedAs::natural_keys;
            ranges.push_back({SetRef{i, allocation->when}, bytes ? allocation->start : allocation->at,
                              bytes ? allocation->size : allocation->length});
          }
        }
        continue;
      }
      auto ref = typing_.set(source.set);
      if (!ref) return tl::unexpected(ref.error());
      auto range = link_range(*source.range, ref->set);
      if (!range) return tl::unexpected(range.error());
      ranges.push_back({*ref, range->first, range->second});
    }
    return ranges;
  }

  // Ranges of different groups never meet if each group has 2^64 addresses of its own: its number is the
  // address of the record that makes the group, which no machine has beyond 2^52.
  ExprPtr in_group(const ExprPtr& start, const std::string& group, uint32_t set) const {
    uint32_t hops = 0;
    for (uint32_t in = set; in != kNone; in = model_.sets[in].parent, ++hops) {
      if (model_.sets[in].singular != group) continue;
      auto address = std::make_shared<Expr>(*start);
      address->op = Op::column;
      address->hops = hops;
      address->set = in;
      address->column = model_.sets[in].find("_addr");
      address->range = model_.sets[in].columns[address->column].range;
      address->args.clear();
      Node here;
      here.at = start->at;
      here.source = start->source;
      const ExprPtr number = arithmetic(Op::modulo, address, constant(Integer{1} << 52, here));
      return arithmetic(Op::add, arithmetic(Op::shift_left, number, constant(64, here)), start);
    }
    return nullptr;
  }

  Result<void> link_group(const ClaimSyntax& syntax, Claim& claim) const {
    if (syntax.group.empty()) return {};
    claim.group = syntax.group;
    std::replace(claim.group.begin(), claim.group.end(), '_', ' ');
    claim.start = in_group(claim.start, claim.group, claim.set.set);
    if (!claim.start)
      return fail(to_string(syntax.set.at),
                  "'" + syntax.group + "' does not enclose the records of '" + syntax.set.name + "'");
    std::vector<RangeOver> inside;
    for (RangeOver& over : claim.ranges) {  // what lies in no group is in none of theirs
      over.start = in_group(over.start, claim.group, over.set.set);
      if (over.start) inside.push_back(std::move(over));
    }
    claim.ranges = std::move(inside);
    return {};
  }

  Result<Claim> link_claim(const ClaimSyntax& syntax) {
    Claim claim;
    claim.form = syntax.form;
    claim.preserved_as = syntax.preserved_as;
    claim.overshoot = syntax.overshoot;
    claim.within_one = syntax.within_one;
    claim.all_allocations =
        syntax.form == Form::within && !syntax.ranges.empty() &&
        (syntax.ranges[0].set.name == "walk.allocations" || syntax.ranges[0].set.name == "walk.data");
    if (!syntax.set.name.empty()) {
      auto set = typing_.set(syntax.set);
      if (!set) return tl::unexpected(set.error());
      claim.set = *set;
    }
    if (syntax.predicate) {
      auto predicate = typing_.boolean(syntax.predicate, claim.set.set, &claim.terms);
      if (!predicate) return tl::unexpected(predicate.error());
      claim.predicate = *predicate;
      split(claim.predicate, claim.conjuncts);
    }
    for (const TupleSource& source : syntax.tuples) {
      auto set = typing_.set(source.set);
      if (!set) return tl::unexpected(set.error());
      auto tuple = typing_.tuple(source.tuple, set->set);
      if (!tuple) return tl::unexpected(tuple.error());
      claim.tuples.push_back({*set, std::move(*tuple)});
      const auto& first = claim.tuples.front().tuple;
      const auto& last = claim.tuples.back().tuple;
      if (first.size() != last.size()) return fail(to_string(source.set.at), "the tuples differ in length");
    }
    auto right = typing_.tuple(syntax.right, claim.set.set);
    if (!right) return tl::unexpected(right.error());
    claim.right = std::move(*right);
    if (syntax.range) {
      auto range = link_range(*syntax.range, claim.set.set);
      if (!range) return tl::unexpected(range.error());
      std::tie(claim.start, claim.length) = *range;
    }
    auto ranges = link_ranges(syntax.ranges, syntax.form == Form::disjoint);
    if (!ranges) return tl::unexpected(ranges.error());
    claim.ranges = std::move(*ranges);
    if (auto done = link_group(syntax, claim); !done) return tl::unexpected(done.error());
    auto others = link_ranges(syntax.others, false);
    if (!others) return tl::unexpected(others.error());
    claim.others = std::move(*others);
    if (claim.form == Form::tiles) {
      claim.tile_hops = model_.hops_to(claim.ranges[0].set.set, claim.set.set);
      if (claim.tile_hops == kNone || claim.tile_hops == 0) {
        return fail(to_string(syntax.set.at), "the tiles must hang below the records that they tile");
      }
    }
    if (claim.form == Form::acyclic && model_.sets[claim.set.set].container != Container::chain) {
      return fail(to_string(syntax.set.at), "'" + syntax.set.name + "' is not a chain");
    }
    return claim;
  }

  const abi::Snapshot& snapshot_;
  const std::vector<PackFile>& packs_;
  std::vector<const PackFile*> applying_;
  Model model_;
  std::map<std::string, ExprPtr> constants_;
  std::map<std::string, OwnRecord> own_records_;
  std::vector<SetDefinition> definitions_;  // parallel to the model's sets
  std::set<std::string> all_ids_;           // of rules, those of packs that do not apply, too
  std::map<std::string, std::vector<std::string>> preceding_;  // rule id → rules that say they precede it
  Typing typing_;
};

}  // namespace

uint32_t SetType::find(const std::string& name_of_column) const {
  for (uint32_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name_of_column) return i;
  }
  return kNone;
}

uint32_t Model::find_set(const std::string& name) const {
  for (uint32_t i = 0; i < sets.size(); ++i) {
    if (sets[i].name == name) return i;
  }
  return kNone;
}

uint32_t Model::find_rule(const std::string& id) const {
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (rules[i].id == id) return i;
  }
  return kNone;
}

uint32_t Model::hops_to(uint32_t set, uint32_t ancestor) const {
  for (uint32_t in = set, hops = 0; in != kNone; in = sets[in].parent, ++hops) {
    if (in == ancestor) return hops;
  }
  return kNone;
}

std::optional<Version> version_of(const std::string& name) {
  const size_t digits = name.find_last_not_of("0123456789") + 1;
  if (digits == name.size() || digits == 0 || name.size() - digits > 9) return std::nullopt;
  return Version{name.substr(0, digits), std::stoull(name.substr(digits))};
}

Result<Model> link(const abi::Snapshot& snapshot, const std::string& abi_name,
                   const std::vector<PackFile>& packs) {
  return Linker(snapshot, abi_name, packs).run();
}

}  // namespace khover::pack
