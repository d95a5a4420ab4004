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

enum class Role {
#define KHOVER_ROLE(name) name,
#define KHOVER_TRAIT(name)
#include "c/table_keys.inc"
#undef KHOVER_ROLE
#undef KHOVER_TRAIT
};

enum class Trait {
#define KHOVER_ROLE(name)
#define KHOVER_TRAIT(name) name,
#include "c/table_keys.inc"
#undef KHOVER_ROLE
#undef KHOVER_TRAIT
};

struct Api {
  Kernel kernel = Kernel::unknown;
  Failure failure = Failure::none;
  std::vector<std::string> undo;       // functions that take back what it did
  std::map<Role, unsigned> arguments;  // from 0
  std::set<Trait> traits;
  std::map<unsigned, std::string> sinks;  // argument that needs a limit, what it is
  std::vector<unsigned> strings;          // arguments that are read up to a NUL

  bool has(Role role) const { return arguments.contains(role); }
  bool is(Trait trait) const { return traits.contains(trait); }
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
  std::vector<std::string> records;  // that are part of an image wherever they are declared, globs
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
  bool is_record(std::string_view name) const;
  bool is_member(const std::string& role, std::string_view name) const;
};

// Errors name file, line and column.
Result<Table> read_table(const std::string& yaml, const std::string& name);

std::string shipped_table();

}  // namespace khover::c
