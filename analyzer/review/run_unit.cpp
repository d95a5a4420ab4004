#include "review/run_unit.h"

#include <clang/Basic/SourceManager.h>

#include "lint/parse.h"
#include "review/check.h"

namespace khover::review {

Result<Findings> run_unit(const UnitRequest& request, const Table& table) {
  lint::ParseRequest parse;
  parse.flags = request.flags;
  parse.path = request.path;
  parse.overlay = request.overlay;
  parse.folders = request.folders;
  Findings findings;
  const extract::HeaderNames names(request.roots);
  Result<void> parsed = lint::parse_unit(parse, [&](clang::ASTContext& context) {
    const Unit unit(context, table, names, request.reviewed);
    const clang::SourceManager& sources = context.getSourceManager();
    for (const auto& one : unit.functions) {
      const clang::SourceRange range = one->declaration->getSourceRange();
      findings.functions.push_back({unit.file_of(range.getBegin()),
                                    sources.getExpansionLineNumber(range.getBegin()),
                                    sources.getExpansionLineNumber(range.getEnd())});
    }
    for (const Check& check : all_checks()) {
      if (!request.checks.contains(check.id)) continue;
      Reporter reporter(check, unit, findings);
      check.run(unit, reporter);
    }
  });
  if (!parsed) {
    Error error = parsed.error();
    for (const std::string& root : request.roots) {
      if (error.where.starts_with(root + "/")) error.where.erase(0, root.size() + 1);
    }
    return tl::unexpected(error);
  }
  return findings;
}

}  // namespace khover::review
