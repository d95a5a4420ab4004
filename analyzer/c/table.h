// What the review knows of the kernel's functions, members and macros: tables/kernel-api.yaml, or a file
// in its place. Nothing of it is written in C++.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "error/error.h"

namespace khover::c {

// The kernel that runs a function: the one that writes the image, or the one that reads it.
enum class Kernel { unknown, outgoing, incoming };

enum class Failure { none, error_pointer, null, nonzero, negative };

struct Api {
  Kernel kernel = Kernel::unknown;
  Failure failure = Failure::none;
  bool must_use = false;
  bool retrieves = false;           // its error may mean that there is nothing, or that something is wrong
  std::vector<std::string> undo;    // functions that take back what it did
  std::optional<unsigned> frees;    // argument
  std::optional<unsigned> address;  // argument: physical address that becomes a pointer
  std::optional<unsigned> physical_of;     // argument: pointer whose physical address it gives
  std::optional<unsigned> stores_pointer;  // argument: pointer that goes into the image
  std::optional<unsigned> overwrites;      // argument: key of what it replaces
  std::optional<unsigned> bounds_string;   // argument: string whose end it looks for within a length
  std::optional<unsigned> page_count;      // argument: whole pages
  std::optional<unsigned> gives_address;   // argument: where it writes the address of a subtree
  std::optional<unsigned> moves;           // argument: memory whose contents move
  std::optional<unsigned> links;           // argument: what it makes part of a list
  std::optional<unsigned> aligned;         // argument: index that is a multiple of the block's size
  std::optional<unsigned> claims;          // argument: address of memory that becomes reserved
  std::optional<unsigned> sets_count;      // argument: count that it sets, to the argument after
  std::optional<unsigned> drops_count;     // argument: count that it takes one from
  bool logarithm = false;                  // of 0 it has no value
  bool passes = false;                     // its value is made of its arguments
  bool slab = false;
  bool property = false;
  std::map<unsigned, std::string> sinks;  // argument, what it is
  std::vector<unsigned> strings;          // arguments that end with a NUL
};

struct Operations {
  std::set<std::string> outgoing;
  std::set<std::string> incoming;
};

// What a function of another file does, as far as its callers need to know.
struct Elsewhere {
  std::set<std::string> calls;   // functions, its own helpers' included
  std::set<std::string> limits;  // members of records that it compares, "parcel_ser.count"
};

struct Table {
  std::vector<std::string> headers;  // folders, or files
  std::vector<std::string> configuration;
  std::map<Kernel, std::set<std::string>> words;
  std::map<std::string, Operations> operations;             // by record
  std::map<std::string, std::vector<std::string>> members;  // role, globs
  std::set<std::string> fatal;
  std::vector<std::string> iterations;    // macros that loop over a list, globs
  std::set<std::string> error_questions;  // is this pointer an error?
  std::set<std::string> error_values;     // which error is it?
  std::set<std::string> error_makers;     // a pointer that is an error
  std::map<std::string, Api> functions;
  std::map<std::string, Elsewhere> elsewhere;  // not of the file: functions of the other files of a review

  const Api* function(std::string_view name) const;
  bool is_abi_header(std::string_view file) const;
  bool is_member(const std::string& role, std::string_view name) const;
};

// Errors name file, line and column.
Result<Table> read_table(const std::string& yaml, const std::string& name);

std::string shipped_table();

}  // namespace khover::c
