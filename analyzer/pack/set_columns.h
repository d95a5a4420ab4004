// The columns of a set: those that all sets have, those of its container, its properties, the fields of its
// record.
#pragma once

#include <map>
#include <string>

#include "abi/snapshot.h"
#include "pack/model.h"

namespace khover::pack {

// What plans::Name::columns() adds to.
class ColumnAdder {
 public:
  ColumnAdder(SetType& type, uint64_t page_size) : type_(type), page_size_(page_size) {}

  void column(const std::string& name, ColumnKind kind, Interval range, Type type = Type::integer);
  // A number that the walk gives each row, in the order in which they are added; a truth is 0 or 1.
  void number(const std::string& name, Interval range, plans::Shown shown);
  void truth(const std::string& name, plans::Shown shown);
  // An unsigned integer at the start of the row's bytes.
  void stored(const std::string& name, uint64_t size) { stored(name, 0, size); }
  void stored(const std::string& name, uint64_t offset, uint64_t size);
  void node(NodeColumn which, const std::string& name, Interval range, Type type = Type::integer);
  void node_name(const std::string& name);
  void keys();  // the columns of a key
  void rows_are_pages() { type_.stride = page_size_; }
  // A text and what belongs to it.
  void text(Column column, bool of_record);

 private:
  Column& add(const std::string& name, ColumnKind kind, Interval range, Type type);

  SetType& type_;
  uint64_t page_size_;
};

Result<void> add_columns(const SetDefinition& definition, const abi::Snapshot& snapshot,
                         const std::map<std::string, OwnRecord>& own_records, const Model& model,
                         SetType& type);

}  // namespace khover::pack
