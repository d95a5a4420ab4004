#include "review/run_unit.h"

#include <clang/Basic/SourceManager.h>

#include <algorithm>

#include "c/parse.h"
#include "review/check.h"

namespace khover::review {

namespace {

constexpr unsigned longest_call_chain = 3;
constexpr size_t most_left_out = 1000;  // of one unit that are named

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

void add_functions(const Unit& unit, Findings& findings) {
  const clang::SourceManager& sources = unit.context.getSourceManager();
  for (const auto& one : unit.functions) {
    const clang::SourceRange range = one->declaration->getSourceRange();
    findings.functions.push_back({unit.file_of(range.getBegin()),
                                  sources.getExpansionLineNumber(range.getBegin()),
                                  sources.getExpansionLineNumber(range.getEnd())});
    for (const clang::CallExpr* call : one->calls) {
      const clang::FunctionDecl* target = call->getDirectCallee();
      if (target != nullptr && target->isImplicit() && target->getBuiltinID() == 0)
        findings.undeclared.insert(target->getNameAsString());
    }
  }
  findings.left_out.assign(
      unit.left_out.begin(),
      unit.left_out.begin() + static_cast<std::ptrdiff_t>(std::min(unit.left_out.size(), most_left_out)));
}

void run_checks(const Unit& unit, const std::set<std::string>& checks, Findings& findings) {
  const bool is_whole = std::none_of(
      unit.left_out.begin(), unit.left_out.end(),
      [](const findings::LeftOut& one) { return one.part == findings::LeftOut::Part::function; });
  for (const Check& check : all_checks()) {
    if (!checks.contains(check.id)) continue;
    Reporter reporter(check, unit, findings);
    if (check.sees == Sees::file && !is_whole) {
      reporter.not_judged("it has to see all functions of a file, and some do not parse");
    } else {
      check.run(unit, reporter);
    }
  }
}

std::string named_in_tree(std::string where, const std::vector<std::string>& roots) {
  for (const std::string& root : roots) {
    if (where.starts_with(root + "/")) where.erase(0, root.size() + 1);
  }
  return where;
}

}  // namespace

Result<Findings> run_unit(const UnitRequest& request, const Table& known) {
  const Table table = with(known, request.elsewhere);
  c::ParseRequest parse;
  parse.flags = request.flags;
  parse.path = request.path;
  parse.overlay = request.overlay;
  parse.folders = request.folders;
  Result<Findings> result = fail("", "the unit cannot be read");
  const extract::HeaderNames names(request.roots);
  c::parse_incomplete(parse, [&](clang::ASTContext& context, const std::vector<SyntaxError>& errors) {
    const Unit unit(context, table, names, request.reviewed, errors);
    if (!errors.empty() && unit.functions.empty()) {
      result =
          fail(named_in_tree(errors[0].where, request.roots), "the unit does not parse: " + errors[0].text);
      return;
    }
    result = Findings();
    add_functions(unit, *result);
    add_offers(unit, *result);
    run_checks(unit, request.checks, *result);
  });
  return result;
}

}  // namespace khover::review
