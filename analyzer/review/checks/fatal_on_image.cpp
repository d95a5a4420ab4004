// docs/review/fatal-on-image.md
#include <clang/Basic/SourceManager.h>
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {
namespace {

void run(const Unit& unit, Reporter& reporter) {
  for (const auto& one : unit.functions) {
    if (one->kernel != Kernel::incoming) continue;
    std::set<clang::SourceLocation> done;
    for (const clang::Stmt* statement : one->statements) {
      const auto* branch = llvm::dyn_cast<clang::IfStmt>(statement);
      if (branch == nullptr || !branch->getIfLoc().isMacroID()) continue;
      std::string macro;
      for (const std::string& name : unit.macros_of(branch->getIfLoc())) {
        if (unit.table.fatal.contains(name)) macro = name;
      }
      if (macro.empty()) continue;
      const Fields from = unit.mentioned(branch->getCond(), *one);
      if (from.empty() || !done.insert(unit.context.getSourceManager().getFileLoc(branch->getIfLoc())).second)
        continue;
      reporter.at(*one, branch, unit.name_of(*from.begin()),
                  fmt::format("'{}()' on '{}', which is read from the image: a damaged image crashes the "
                              "kernel instead of being refused",
                              macro, unit.name_of(*from.begin())));
    }
  }
}

}  // namespace

const Check fatal_on_image_check = {"fatal-on-image",
                                    "a value read from the image can trigger BUG_ON() or panic()", "0.1",
                                    findings::Severity::warning, run};

}  // namespace khover::review
