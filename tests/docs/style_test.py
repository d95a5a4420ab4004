#!/usr/bin/env python3
"""docs/style.md's worst words are in no page, rule or message."""

import os
import re
import subprocess
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
WORDS = re.compile(
    r"\b(stands?|stood|behind|ask(s|ed)? whether|gets? to|got to|(no|some)body|(this|that|one|every) way)\b",
    re.IGNORECASE,
)
# Pages that quote the words, and where one of them is right. This list only gets shorter.
ALLOWED = {
    "docs/style.md": WORDS,
    "rules/abi/": WORDS,  # names in kernel headers
    "docs/review/known-defects.md": re.compile(
        "iommu-check-behind-setup|luo-iterator-behind-loop|memfd-index-behind-end"
    ),
}
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
COMMENT = re.compile(r"^\s*(//|#include)|\s//\s.*$")


def tracked(*globs):
    command = ["git", "-c", f"safe.directory={SOURCE}", "-C", SOURCE, "ls-files", *globs]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()


def lines(path):
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        return list(enumerate(file, 1))


def allowed(path, word, line):
    for place, what in ALLOWED.items():
        if path.startswith(place) and what.search(line):
            return what is WORDS or word.group(0) in what.search(line).group(0)
    return False


def bad(path, texts):
    for number, line in texts:
        for word in WORDS.finditer(line):
            if not allowed(path, word, line):
                yield f"{path}:{number}: '{word.group(0)}' in: {line.strip()}"


def messages(path):
    """The string literals of a C++ file, without its comments."""
    for number, line in lines(path):
        if not COMMENT.match(line):
            yield number, " ".join(LITERAL.findall(COMMENT.sub("", line)))


class Style(unittest.TestCase):
    def fine(self, paths, of=lines):
        self.assertTrue(paths)
        self.assertEqual([problem for path in paths for problem in bad(path, of(path))], [])

    def test_pages(self):
        self.fine(tracked("*.md"))

    def test_rules(self):
        self.fine(tracked("rules/*.yaml", "rules/*.yml"))

    def test_messages(self):
        self.fine(tracked("analyzer/*.cpp", "analyzer/*.h"), messages)

    def test_the_test_can_fail(self):
        self.assertEqual(len(list(bad("docs/x.md", [(1, "it lies behind it, and nobody asks whether")]))), 3)
        self.assertEqual(list(bad("docs/x.md", [(1, "it is after it; way out, asks for")])), [])
        self.assertEqual(list(bad("docs/style.md", [(1, "behind")])), [])


if __name__ == "__main__":
    unittest.main()
