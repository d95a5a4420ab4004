// Obligations of translation.h that a solver has proved before khover was built: the lines of
// proved_obligations.txt, each the whole content of one question (operation, machine code, widths,
// intervals). The first line says which Z3 proved them, and has the digest of the code that makes questions
// of such lines (CMakeLists.txt): with another of either, none counts. A question is looked up as it is
// recomputed from the program that is to run; one that is not listed is asked. `khover rules prove` asks all
// anew and never looks here. tools/prove-checks writes the file, and a test holds it against what the solver
// says.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace khover::prove {

class ProvedObligations {
 public:
  // `text`: as the file is. Empty if its first line is not `proved_by`. `text` must outlive this.
  ProvedObligations(std::string_view text, std::string_view proved_by);

  bool contains(std::string_view content) const { return contents_.count(content) != 0; }
  size_t size() const { return contents_.size(); }

  static const ProvedObligations& shipped();

 private:
  std::set<std::string_view> contents_;
};

// The first line, for the Z3 that is loaded and the questions of this build: "z3 4.8.12, questions 8c1f…".
std::string proved_by();

// The file, from what was proved.
std::string write_proved(const std::set<std::string>& contents);

}  // namespace khover::prove
