#include "pack/set_columns.h"

#include <set>

#include "error/try.h"

namespace khover::pack {
namespace {

Interval range_of_bits(uint32_t bits, bool is_signed) {
  if (is_signed) return {-(Integer{1} << (bits - 1)), (Integer{1} << (bits - 1)) - 1};
  return {0, (Integer{1} << bits) - 1};
}

class RecordColumns {
 public:
  RecordColumns(const abi::Snapshot& snapshot, SetType& type, ColumnAdder& add)
      : snapshot_(snapshot), type_(type), add_(add) {}

  void fields(const abi::Record& record, const std::string& prefix, uint64_t base, int depth) {
    if (depth > 8)
      return;  // deeper nesting than any ABI has; a snapshot that nests a record in itself stops here
    for (const abi::Field& field : record.fields) {
      const std::string name =
          field.name.empty() ? prefix : prefix + (prefix.empty() ? "" : ".") + field.name;
      const uint64_t offset = base + field.offset;
      if (field.kind == abi::TypeKind::record) {
        const auto nested = snapshot_.records.find(field.record);
        if (nested != snapshot_.records.end() && field.dimensions.empty() && !field.flexible_array)
          fields(nested->second, name, offset, depth + 1);
      } else if (field.kind == abi::TypeKind::character && field.dimensions.size() == 1 &&
                 !field.flexible_array) {
        Column column;
        column.name = name;
        column.offset = offset;
        column.length = field.size;
        add_.text(std::move(column), true);
      } else if (is_integer(record, field)) {
        integer(field, name, offset);
      }
    }
  }

 private:
  static bool is_integer(const abi::Record& record, const abi::Field& field) {
    // The pointer beside a physical address in a union is a convenience of C code, not a part of the image.
    if (field.kind == abi::TypeKind::pointer && record.is_union) return false;
    return field.kind != abi::TypeKind::floating && field.dimensions.empty() && !field.flexible_array;
  }

  void integer(const abi::Field& field, const std::string& name, uint64_t offset) {
    Column column;
    column.name = name;
    column.offset = offset;
    column.bit_offset = field.bit_offset;
    column.bits = field.bit_width != 0 ? field.bit_width : static_cast<uint32_t>(field.size * 8);
    if (column.bits == 0 || column.bits > 64) return;
    column.is_signed = field.is_signed;
    column.range = range_of_bits(column.bits, column.is_signed);
    column.shown = true;
    type_.columns.push_back(std::move(column));
  }

  const abi::Snapshot& snapshot_;
  SetType& type_;
  ColumnAdder& add_;
};

class SetColumns {
 public:
  SetColumns(const SetDefinition& definition, const abi::Snapshot& snapshot, const Model& model,
             SetType& type)
      : definition_(definition),
        snapshot_(snapshot),
        model_(model),
        type_(type),
        add_(type, model.page_size) {}

  Result<void> add(const std::map<std::string, OwnRecord>& own_records) {
    add_.column("_addr", ColumnKind::address, {0, kMaxU64});
    add_.column("_position", ColumnKind::index, {0, kNone});
    add_.column("_last", ColumnKind::last, {0, 1}, Type::boolean);
    std::visit([this](const auto& plan) { plan.columns(add_); }, definition_.plan);
    TRY(add_properties());
    TRY(add_element());
    if (!definition_.record.empty()) {
      const auto own = own_records.find(definition_.record);
      TRY(own == own_records.end() ? add_record() : add_own_record(own->second));
    }
    std::set<std::string> names;
    for (const Column& column : type_.columns) {
      if (!names.insert(column.name).second)
        return refuse("duplicate column '" + column.name + "' of '" + type_.name + "'");
    }
    return {};
  }

 private:
  tl::unexpected<Error> refuse(std::string what, std::string remedy = {}) const {
    return fail(to_string(definition_.at_position), std::move(what), std::move(remedy));
  }

  Result<void> add_properties() {
    if (!definition_.properties.empty() && rows_of(definition_.plan) != RowKind::nodes) {
      return refuse(std::string("the rows of '") + container_of(definition_.plan) + "' have no properties",
                    "those of 'fdt' and 'nodes' have");
    }
    for (const PropertySyntax& syntax : definition_.properties) {
      const auto index = static_cast<uint32_t>(type_.properties.size());
      type_.properties.push_back(
          {snapshot_.text(syntax.property).value_or(syntax.property), syntax.is_text, syntax.size});
      const size_t first = type_.columns.size();
      const auto bits = static_cast<uint32_t>(syntax.size * 8);
      if (syntax.is_text) {
        Column column;
        column.name = syntax.column;
        column.bits = bits;
        column.range = range_of_bits(bits, false);
        add_.text(std::move(column), false);
      } else {
        add_.node(NodeColumn::property, syntax.column, range_of_bits(bits, false));
        type_.columns.back().bits = bits;
        type_.columns.back().shown = true;
      }
      add_.node(NodeColumn::property_bytes, syntax.column + ".bytes", {-1, Integer{1} << 31});
      add_.node(NodeColumn::property_address, syntax.column + ".address", {0, kMaxU64});
      for (size_t i = first; i < type_.columns.size(); ++i) type_.columns[i].property = index;
    }
    return {};
  }

  Result<void> add_element() {
    const std::string& element = definition_.element;
    if (element.empty()) return {};
    if (element != "u64" && element != "u32")
      return refuse("'" + element + "' is not an element type", "write u64 or u32");
    type_.stride = element == "u64" ? 8 : 4;
    add_.stored("value", type_.stride);
    return {};
  }

  Result<void> add_own_record(const OwnRecord& own) {
    type_.stride = own.size;
    for (const OwnField& field : own.fields) {
      if (field.size == 0 || field.size > 8 || field.offset + field.size > own.size)
        return refuse("field '" + field.name + "' of '" + own.name + "' does not fit in its record");
      add_.stored(field.name, field.offset, field.size);
    }
    return {};
  }

  Result<void> add_record() {
    const auto record = snapshot_.records.find(definition_.record);
    if (record == snapshot_.records.end()) {
      return refuse("the ABI " + model_.abi_name + " has no record '" + definition_.record + "'",
                    "name it in the pack's 'has'");
    }
    type_.stride = record->second.size;
    if (type_.stride == 0) return refuse("record '" + definition_.record + "' is empty");
    RecordColumns(snapshot_, type_, add_).fields(record->second, "", 0, 0);
    return {};
  }

  const SetDefinition& definition_;
  const abi::Snapshot& snapshot_;
  const Model& model_;
  SetType& type_;
  ColumnAdder add_;
};

}  // namespace

Column& ColumnAdder::add(const std::string& name, ColumnKind kind, Interval range, Type type) {
  Column column;
  column.name = name;
  column.kind = kind;
  column.type = type;
  column.range = range;
  type_.columns.push_back(std::move(column));
  return type_.columns.back();
}

void ColumnAdder::column(const std::string& name, ColumnKind kind, Interval range, Type type) {
  add(name, kind, range, type);
}

void ColumnAdder::number(const std::string& name, Interval range, plans::Shown shown) {
  Column& column = add(name, ColumnKind::number, range, Type::integer);
  column.which = type_.numbers++;
  column.shown = shown == plans::Shown::yes;
}

void ColumnAdder::truth(const std::string& name, plans::Shown shown) {
  number(name, {0, 1}, shown);
  type_.columns.back().type = Type::boolean;
}

void ColumnAdder::stored(const std::string& name, uint64_t offset, uint64_t size) {
  const auto bits = static_cast<uint32_t>(size * 8);
  Column& column = add(name, ColumnKind::integer, range_of_bits(bits, false), Type::integer);
  column.offset = offset;
  column.bits = bits;
  column.shown = true;
}

void ColumnAdder::node(NodeColumn which, const std::string& name, Interval range, Type type) {
  add(name, ColumnKind::node, range, type).which = static_cast<uint32_t>(which);
}

void ColumnAdder::node_name(const std::string& name) {
  add(name, ColumnKind::text, {}, Type::text).shown = true;
}

void ColumnAdder::keys() {
  const auto key = [this](KeyColumn which, const char* name, Interval range, bool shown) {
    Column& column = add(name, ColumnKind::key, range, Type::integer);
    column.which = static_cast<uint32_t>(which);
    column.shown = shown;
  };
  key(KeyColumn::key, "key", {0, kMaxU64}, false);
  key(KeyColumn::phys, "phys", {0, kMaxU64}, true);
  key(KeyColumn::order, "order", {-1, 64}, true);
  key(KeyColumn::length, "length", {0, Integer{1} << 80}, false);
}

void ColumnAdder::text(Column column, bool of_record) {
  column.kind = ColumnKind::text;
  column.type = Type::text;
  column.shown = true;
  Column end = column;
  end.shown = false;
  end.type = Type::boolean;
  end.range = {0, 1};
  end.name = column.name + ".terminated";
  end.kind = ColumnKind::text_terminated;
  type_.columns.push_back(column);
  type_.columns.push_back(end);
  if (!of_record) return;
  end.name = column.name + ".tail_zero";
  end.kind = ColumnKind::text_tail_zero;
  type_.columns.push_back(end);
  end.name = column.name + ".length";
  end.kind = ColumnKind::text_length;
  end.type = Type::integer;
  end.range = {0, static_cast<Integer>(column.length)};
  type_.columns.push_back(end);
}

Result<void> add_columns(const SetDefinition& definition, const abi::Snapshot& snapshot,
                         const std::map<std::string, OwnRecord>& own_records, const Model& model,
                         SetType& type) {
  return SetColumns(definition, snapshot, model, type).add(own_records);
}

}  // namespace khover::pack
