// What checks look at: the snapshot of the headers, and what a snapshot leaves out because it is of no
// use to a reader of images: where members are written, how their types are spelled, comments, asserts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "abi/versions.h"
#include "error/error.h"
#include "extract/extract.h"
#include "findings/comments.h"
#include "findings/finding.h"

namespace khover::lint {

using namespace findings;  // what this folder makes

struct Member {
  Place place;
  std::string macro;         // it is written by this macro
  std::string type_name;     // the typedef or builtin that is written, of the element
  bool is_long = false;      // long or unsigned long, and no fixed-width name for it
  bool fixed_width = false;  // u64, __le32, uint8_t …
  bool counted_by = false;   // has the attribute
};

// A record of a listed header. Member i is field i of the snapshot's record.
struct Declaration {
  Place place;  // of its name
  uint32_t first_line = 0;
  uint32_t last_line = 0;     // of the closing brace
  bool nested = false;        // a type without a name inside another record
  bool unnamed_bits = false;  // has padding written as an unnamed bit-field
  std::vector<Member> members;
};

struct Headers {
  abi::Snapshot snapshot;
  Sources sources;                                       // text of the listed headers
  std::map<std::string, std::vector<Comment>> comments;  // of the listed headers
  std::map<std::string, Declaration> declarations;       // records of listed headers
  std::set<std::string> size_asserted;                   // records whose sizeof is in a static assertion
  std::vector<abi::StatedCover> stated;
  abi::DocumentedCovers documented;
  std::string tree;  // kernel tree, "" without one
  // C files that a change puts in place of those of the tree, by their path in it; "": taken away.
  std::map<std::string, std::string> replaced;

  const abi::Record* record(const std::string& name) const;
  bool is_listed(const std::string& file) const { return sources.text(file) != nullptr; }
  std::vector<abi::Cover> covers(const abi::Record& record) const;
  Place place_of(const std::string& record, size_t field) const;
  // Of a word in a line of a listed header, or the line where the word is not in it.
  Place place_of_word(const std::string& file, uint32_t line, const std::string& word) const;
};

Result<Headers> read_headers(const extract::Request& request, std::vector<abi::StatedCover> stated);

// "parcel_ser.name"; members of nameless members are the record's own.
std::string member_name(const abi::Record& record, const abi::Field& field);

}  // namespace khover::lint
