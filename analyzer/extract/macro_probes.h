// Values of macros. A macro is text; what it is worth only the compiler knows. So each one
// becomes the initialiser of a variable at the end of the unit, and clang's verdict on that
// variable (no expression, an integer constant expression, a string) is the macro's.
#pragma once

#include <clang/AST/ASTContext.h>
#include <clang/Lex/Preprocessor.h>

#include <optional>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "extract/header_names.h"

namespace khover::extract {

class MacroProbes {
 public:
  explicit MacroProbes(const HeaderNames& names) : names_(names) {}

  // Chooses the object-like macros of the listed headers and returns the C text that asks for them.
  std::string write(clang::Preprocessor& preprocessor);

  // After the parse: fills constants; says in `notes` what is not a constant.
  void read(clang::ASTContext& context, abi::Snapshot& snapshot, std::vector<std::string>& notes);

  // PAGE_SIZE, whichever header defines it.
  std::optional<__int128> page_size() const { return page_size_; }

 private:
  struct Probe {
    std::string macro;
    std::string file;
    uint32_t line = 0;
    bool balanced = true;  // its brackets are, so that it cannot damage the probes after it
  };

  const HeaderNames& names_;
  std::vector<Probe> probes_;
  std::optional<__int128> page_size_;
};

}  // namespace khover::extract
