#include "review/run_unit.h"

#include <clang/Basic/SourceManager.h>

#include <algorithm>

#include "c/parse.h"
#include "review/check.h"

namespace khover::review {

namespace {

constexpr unsigned longest_call_chain = 3;

void add_calls(const Unit& unit, const Function& one, unsigned depth, std::set<std::string>& calls) {
  for (const clang::CallExpr* call : one.calls) {
    calls.insert(unit.callee(call));
    const Function* helper = unit.function(call->getDirectCallee());
    if (helper != nullptr && depth < longest_call_chain) add_calls(unit, *helper, depth + 1, calls);
  }
}

void add_offers(const Unit& unit, Findings& findings) {
  for (const auto& one : unit.functions) {
    for (const clang::CallExpr* call : one->calls) {
      if (unit.function(call->getDirectCallee()) == nullptr) findings.asks.insert(unit.callee(call));
    }
    if (!one->declaration->isExternallyVisible()) continue;
    Elsewhere& offer = findings.offers[one->name];
    add_calls(unit, *one, 0, offer.calls);
    for (const Test& test : one->tests) {
      for (const clang::FieldDecl* field : test.fields) {
        if (test.bound) offer.limits.insert(unit.name_of(field));
      }
    }
  }
}

// Who calls what gives something back gives it back.
Table with(const Table& table, const std::map<std::string, Elsewhere>& elsewhere) {
  Table more = table;
  more.elsewhere = elsewhere;
  for (auto& [name, api] : more.functions) {
    std::vector<std::string> found;
    for (const auto& [other, does] : elsewhere) {
      const bool undoes = std::any_of(api.undo.begin(), api.undo.end(),
                                      [&](const std::string& undo) { return does.calls.contains(undo); });
      if (undoes) found.push_back(other);
    }
    api.undo.insert(api.undo.end(), found.begin(), found.end());
  }
  return more;
}

}  // namespace

Result<Findings> run_unit(const UnitRequest& request, const Table& known) {
  const Table table = with(known, request.elsewhere);
  c::ParseRequest parse;
  parse.flags = request.flags;
  parse.path = request.path;
  parse.overlay = request.overlay;
  parse.folders = request.folders;
  Findings findings;
  const extract::HeaderNames names(request.roots);
  Result<void> parsed = c::parse_unit(parse, [&](clang::ASTContext& context) {
    const Unit unit(context, table, names, request.reviewed);
    const clang::SourceManager& sources = context.getSourceManager();
    for (const auto& one : unit.functions) {
      const clang::SourceRange range = one->declaration->getSourceRange();
      findings.functions.push_back({unit.file_of(range.getBegin()),
                                    sources.getExpansionLineNumber(range.getBegin()),
                                    sources.getExpansionLineNumber(range.getEnd())});
    }
    add_offers(unit, findings);
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
