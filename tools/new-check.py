#!/usr/bin/env python3
"""Begins a new check: its C++ file, its page, and the folder with what it fires on and what it does not.

new-check.py [--tree FOLDER] lint|review CHECK-ID

The check still finds every call, or every member, so that its test fails until it is written. The build finds the file
by itself.
"""

import argparse
import pathlib
import re
import sys

WORDS = r"[a-z0-9]+(-[a-z0-9]+)+"

REVIEW = """// docs/review/{id}.md
#include <fmt/format.h>

#include "review/checks.h"

namespace khover::review {{
namespace {{

void run(const Unit& unit, Reporter& reporter) {{
  for (const auto& one : unit.functions) {{
    for (const clang::CallExpr* call : one->calls) {{
      const Api* api = unit.api(call);
      if (api == nullptr) continue;
      reporter.at(*one, call, unit.callee(call), fmt::format("'{{}}()' is called: to be written", unit.callee(call)));
    }}
  }}
}}

}}  // namespace

const Check {name}_check = {{"{id}", "to be written", "{since}", findings::Severity::warning, run}};

}}  // namespace khover::review
"""
LINT = """// docs/lint/{id}.md
#include <fmt/format.h>

#include "lint/checks.h"

namespace khover::lint {{
namespace {{

void run(const Headers& headers, Reporter& reporter) {{
  each_member(headers, [&](const abi::Record& record, const abi::Field& field, const Member& member) {{
    if (is_runtime_record(headers, record)) return;
    const std::string name = member_name(record, field);
    reporter.at(member.place, name, fmt::format("'{{}}' is a member: to be written", name));
  }});
}}

}}  // namespace

const Check {name}_check = {{"{id}", "to be written", "{since}", Severity::warning, run}};

}}  // namespace khover::lint
"""
PAGE = """# {id}

To be written: what the check finds, in one sentence that the table of checks shows.

## Why

To be written: what the next kernel does.

## Instead

To be written: the code that is right.
"""
REVIEW_PAGE = (
    PAGE
    + """
## Would have caught

To be written: the change or the report that showed this defect, with its commit or message.
"""
)
REVIEW_CASES = {
    "triggers.c": """// {id}: code on which it fires, each line with its mark.
#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

void parcel_preserve(struct folio* folio) {{
  kho_preserve_folio(folio);  // EXPECT: {id}
}}
""",
    "does-not-trigger.c": """// {id}: code that looks alike and is right.
#include <linux/kernel.h>
#include <linux/kho/abi/parcel.h>

int parcel_preserve(struct folio* folio) {{ return kho_preserve_folio(folio); }}
""",
}
LINT_CASES = {
    "triggers.h": """// {id}: declarations on which it fires, each line with its mark.
#define PARCEL_COMPATIBLE "parcel-v1"

struct parcel_ser {{
  unsigned long long size;  // EXPECT: {id}
}};
""",
    "does-not-trigger.h": """// {id}: declarations that look alike and are right.
#define PARCEL_COMPATIBLE "parcel-v1"

struct parcel_ser {{
  unsigned long long size;
}};
""",
}


def problem(tree, kind, check):
    if not re.fullmatch(WORDS, check):
        return f"'{check}' is not a check id: words of a-z and 0-9, joined by hyphens, as in count-unchecked"
    for other in ("lint", "review"):
        if (tree / "docs" / other / f"{check}.md").exists():
            return f"docs/{other}/{check}.md exists already; ids are permanent and unique"
    return None


def version(tree):
    found = re.search(
        r"^project\(khover VERSION (\d+\.\d+)", (tree / "CMakeLists.txt").read_text(encoding="utf-8"), re.M
    )
    return found[1]


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--tree", default=here, type=pathlib.Path, help="the source tree")
    arguments.add_argument("kind", choices=("lint", "review"))
    arguments.add_argument("check", metavar="CHECK-ID")
    options = arguments.parse_args()
    tree, kind, check = options.tree, options.kind, options.check
    wrong = problem(tree, kind, check)
    if wrong:
        print("new-check:", wrong, file=sys.stderr)
        return 2
    name = check.replace("-", "_")
    source = pathlib.Path("analyzer", kind, "checks", f"{name}.cpp")
    page = pathlib.Path("docs", kind, f"{check}.md")
    cases = pathlib.Path("tests", "e2e", kind, "checks", check)
    files = {source: LINT if kind == "lint" else REVIEW, page: PAGE if kind == "lint" else REVIEW_PAGE}
    for case, text in (LINT_CASES if kind == "lint" else REVIEW_CASES).items():
        files[cases / case] = text
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text.format(id=check, name=name, since=version(tree)), encoding="utf-8")
    print(
        f"""{source}: write run(), the purpose and the severity
{page}: write the page
{cases}/: write the code on which it fires and on which it does not
  ctest -R e2e/{kind}-{check}  fails until then
tools/list-checks.py KHOVER_ABI {kind}  puts it into docs/{kind}/README.md"""
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
