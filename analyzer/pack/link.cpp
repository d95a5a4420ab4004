#include <algorithm>
#include <set>

#include "pack/abi_has.h"
#include "pack/did_you_mean.h"
#include "pack/failures.h"
#include "pack/model.h"
#include "pack/naming.h"
#include "pack/rule_linker.h"
#include "pack/typing.h"

namespace khover::pack {
namespace {

constexpr Integer kMaxU64 = (Integer{1} << 64) - 1;

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
  Linker(const abi::Snapshot& snapshot, const std::string& abi_name, const std::vector<PackFile>& packs,
         std::vector<Error>* all)
      : snapshot_(snapshot),
        packs_(packs),
        typing_(model_, snapshot, constants_, own_records_),
        naming_(model_, typing_),
        failures_(all) {
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
      for (const std::string& name : pack.has) {
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
      // Several files may make up one pack, each for other layouts: it applies if one of them does.
      const auto same = std::find_if(model_.packs.begin(), model_.packs.end(),
                                     [&](const PackInfo& one) { return one.name == info.name; });
      if (same == model_.packs.end())
        model_.packs.push_back(info);
      else if (!same->applies)
        *same = info;
    }
    for (const PackFile* pack : applying_) {
      if (!failures_.go_on(link_names(*pack))) return failures_.first();
    }
    if (auto done = link_sets(); !done) return tl::unexpected(done.error());
    for (uint32_t i = 0; i < definitions_.size(); ++i) {
      if (!failures_.go_on(naming_.called(definitions_[i], i))) return failures_.first();
    }
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const HandledSyntax& handled : pack->handled) {
        if (!failures_.go_on(link_handled(handled))) return failures_.first();
      }
      for (const ChosenSyntax& name : pack->names) {
        if (!failures_.go_on(link_name(name))) return failures_.first();
      }
    }
    RuleLinker linker(snapshot_, {packs_, applying_}, model_, typing_, failures_);
    if (auto done = linker.rules(); !done) return tl::unexpected(done.error());
    for (const PackFile* pack : applying_) {
      typing_.in_pack(pack->name);
      for (const auto& [phase, syntax] : pack->signs) {
        auto claim = linker.claim(syntax);
        if (claim)
          model_.signs.emplace_back(phase, std::move(*claim));
        else if (!failures_.go_on(tl::unexpected(claim.error())))
          return failures_.first();
      }
    }
    if (!failures_.none()) return failures_.first();
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

  // Sets in an order in which parents come first; packs may put sets below another pack's.
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
          const Result<void> twice =
              fail(to_string(set.at_position), "duplicate set '" + pack->name + "." + set.name + "'");
          if (!failures_.go_on(twice)) return twice;
          pending.pop_back();
        }
      }
    }
    while (!pending.empty()) {
      std::vector<Pending> waiting;
      for (const Pending& item : pending) {
        if (!ready(*item.pack, *item.set)) {
          waiting.push_back(item);
          continue;
        }
        const Result<void> done = link_set(*item.pack, *item.set);
        if (!failures_.go_on(done)) return done;
        if (!done) lose(*item.pack, *item.set);
      }
      if (waiting.size() == pending.size()) {
        const Result<void> nowhere = hangs_nowhere(*waiting.front().set, names);
        if (!failures_.go_on(nowhere)) return nowhere;
        lose(*waiting.front().pack, *waiting.front().set);
        waiting.erase(waiting.begin());
      }
      pending = std::move(waiting);
    }
    return {};
  }

  Result<void> hangs_nowhere(const SetDefinition& set, const std::set<std::string>& names) const {
    return fail(to_string(set.at_position),
                "set '" + set.name + "' is below '" + set.parent + "', which does not exist or is below it",
                did_you_mean(set.parent, {names.begin(), names.end()},
                             "khover's own packs are there with --add-rules, not with --rules"));
  }

  // Who names this set or one of its columns is not at fault.
  void lose(const PackFile& pack, const SetDefinition& set) {
    for (const std::string& name : {set.name, pack.name + "." + set.name, set.singular}) failures_.lost(name);
    for (const auto& [name, node] : set.derive) failures_.lost(name);
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
                    "duplicate column '" + column.name + "' of '" + type.name + "'");
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
                    "'" + definition.pages_of + "' is not below '" + definition.parent + "'");
      }
    }
    if (!definition.one_of.empty()) {
      auto others = typing_.set(definition.one_of, definition.at_position);
      if (!others) return tl::unexpected(others.error());
      type.one_of = *others;
    }
    if (definition.container == Container::entries &&
        (type.parent == kNone || model_.sets[type.parent].container != Container::table)) {
      return fail(to_string(definition.at_position), "entries must be below a table");
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
                      "field '" + field.name + "' of '" + definition.record + "' does not fit in its record");
        }
        add_integer(type, field.name, field.offset, field.size);
      }
      return {};
    }
    const auto record = snapshot_.records.find(definition.record);
    if (record == snapshot_.records.end()) {
      return fail(to_string(definition.at_position),
                  "the ABI " + model_.abi_name + " has no record '" + definition.record + "'",
                  "name it in the pack's 'has'");
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
        return fail(to_string(node->at), "duplicate column '" + name + "'");
      model_.sets[index].columns.push_back(std::move(column));
    }
    if (definition.allocation) {
      if (auto done = link_allocation(*definition.allocation, index); !done) return done;
    }
    return naming_.label(definition, index);
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
    type.handled_data = type.find(syntax.data);
    if (type.handled_data == kNone || type.columns[type.handled_data].type != Type::integer) {
      return fail(to_string(syntax.at),
                  "'" + syntax.data + "' is not a number column of '" + syntax.set + "'",
                  did_you_mean(syntax.data, typing_.columns_of(*set)));
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
                  "'" + syntax.column + "' is not a text in the records of '" + syntax.set + "'");
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

  const abi::Snapshot& snapshot_;
  const std::vector<PackFile>& packs_;
  std::vector<const PackFile*> applying_;
  Model model_;
  std::map<std::string, ExprPtr> constants_;
  std::map<std::string, OwnRecord> own_records_;
  std::vector<SetDefinition> definitions_;  // parallel to the model's sets
  Typing typing_;
  Naming naming_;
  Failures failures_;
};

}  // namespace

Result<Model> link(const abi::Snapshot& snapshot, const std::string& abi_name,
                   const std::vector<PackFile>& packs, std::vector<Error>* all) {
  return Linker(snapshot, abi_name, packs, all).run();
}

}  // namespace khover::pack
