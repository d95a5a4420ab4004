#!/usr/bin/env python3
"""Begins a new container: its plan, the file that follows it, and its page.

new-container.py [--tree FOLDER] NAME

NAME is the YAML key: words of a-z and 0-9, joined by hyphens, as in pci-function. What is written compiles and finds
one record at an address. docs/adding-a-container.md goes on from there.
"""

import argparse
import os
import re
import sys

PLAN = """// To be written: what the rows of the set are, in one sentence.
#pragma once

#include "pack/plan_keys.h"

namespace khover::pack::plans {{

struct {type} {{
  static constexpr const char* kKey = "{key}";
  static constexpr Shape kShape = Shape::map;
  static constexpr RowKind kRows = RowKind::records;

  Value at;  // 0: none

  template <typename Visitor>
  void keys(Visitor& of) {{
    of.value("at", at);
    of.record("record");
  }}
  template <typename Add>
  void columns(Add&) const {{}}
}};

}}  // namespace khover::pack::plans
"""

WALK = """#include "walk/containers/container.h"

namespace khover::walk {{

void follow(const pack::plans::{type}& plan, Family& family) {{
  const auto at = family.start(plan.at);
  if (!at) return;
  if (!family.visit(*at))
    return family.broken(*at, fmt::format("{{:#x}} is already another {{}}", *at, family.type().singular));
  family.pass_gates_from(family.append(*at, 1, 0));
}}

}}  // namespace khover::walk
"""

PAGE = """# {key}

`{key}: {{at, record}}`

To be written: what the rows of the set are, in one sentence.

| key | meaning |
|---|---|
| `at` | to be written |
| `record` | as in [record](record.md) |

**Columns**: the fields of the record.

**Opens the set**: an address that another row of the set has already is *broken*.

```set
to_be_written:
  singular: example
  in: root
  {key}: {{at: items, record: item}}
```
"""


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("--tree", default=here, help="the source tree")
    arguments.add_argument("name", metavar="NAME")
    options = arguments.parse_args()
    key = options.name
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*", key):
        print(
            f"new-container: '{key}' is not a YAML key of words of a-z and 0-9, as in pci-function",
            file=sys.stderr,
        )
        return 2
    values = {"key": key, "type": "".join(word.capitalize() for word in key.split("-"))}
    name = key.replace("-", "_")
    files = {
        f"analyzer/pack/plans/{name}.h": PLAN,
        f"analyzer/walk/containers/{name}.cpp": WALK,
        f"docs/containers/{key}.md": PAGE,
    }
    for path in files:
        if os.path.exists(os.path.join(options.tree, path)):
            print(f"new-container: {path} exists", file=sys.stderr)
            return 2
    for path, text in files.items():
        with open(os.path.join(options.tree, path), "w", encoding="utf-8") as file:
            file.write(text.format(**values))
    plan, walk, page = files
    print(
        f"""{plan}: its keys, and the columns that its rows have beside the fields of their record
{walk}: how its records are found, and why one is not
{page}: the page that people read; ctest -R docs/containers compares it with the plan
  docs/adding-a-container.md  goes through the three, and shows a test on a tiny image"""
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
