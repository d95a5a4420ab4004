#!/usr/bin/env python3
"""docs/containers/: a page for each container, with all its keys and columns, and an example that loads.

containers_test.py KHOVER
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PLANS = os.path.join(SOURCE, "analyzer", "pack", "plans")
PAGES = os.path.join(SOURCE, "docs", "containers")
KEYS = re.compile(r'of\.(?:value|optional|constant|flag|record|set|field|column|column_of)\("([\w-]+)"')
COLUMNS = re.compile(r'add\.(?:number|truth|stored|node_name)\("(\w+)"|add\.node\(NodeColumn::\w+, "(\w+)"')


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Containers(unittest.TestCase):
    def plans(self):
        found = {}
        for name in sorted(os.listdir(PLANS)):
            text = read(os.path.join(PLANS, name))
            found[re.search(r'kKey = "([\w-]+)"', text).group(1)] = text
        self.assertGreater(len(found), 15)
        return found

    def test_a_page_each(self):
        pages = {name[:-3] for name in os.listdir(PAGES)} - {"README"}
        self.assertEqual(pages, set(self.plans()))

    def test_keys_and_columns(self):
        for key, plan in self.plans().items():
            page = read(os.path.join(PAGES, key + ".md"))
            self.assertTrue(page.startswith(f"# {key}\n"), key)
            wanted = KEYS.findall(plan) + [a or b for a, b in COLUMNS.findall(plan)]
            if "record_or_element" in plan:
                wanted += ["record", "element"]
            self.assertEqual([word for word in wanted if f"`{word}`" not in page], [], key)
            said = re.findall(r"^\| `([\w-]+)` \|", page, re.MULTILINE)
            known = set(KEYS.findall(plan)) | {key, "record", "element"}
            self.assertEqual([word for word in said if word not in known], [], key)

    def test_examples_are_read(self):
        with tempfile.TemporaryDirectory() as folder:
            rules = os.path.join(folder, "rules")
            shutil.copytree(os.path.join(SOURCE, "rules"), rules)
            for key in self.plans():
                example = re.search(
                    r"^```set\n(.*?)^```$", read(os.path.join(PAGES, key + ".md")), re.M | re.S
                ).group(1)
                self.assertRegex(example, rf"(?m)^  {key}:", key)
                os.mkdir(os.path.join(rules, "zz-" + key))
                with open(os.path.join(rules, "zz-" + key, "zz.yaml"), "w", encoding="utf-8") as file:
                    file.write(f"pack: zz-{key}\ntitle: Read, but for no ABI\nhas: [no_such_name]\nsets:\n")
                    file.write("".join(f"  {line}\n" for line in example.splitlines()))
            self.assertEqual(self.errors(rules), [])
            with open(os.path.join(rules, "zz-chain", "zz.yaml"), "a", encoding="utf-8") as file:
                file.write("    nxt: next\n")
            self.assertRegex("".join(self.errors(rules)), "zz-chain.*unknown key 'nxt'")

    @staticmethod
    def errors(rules):
        """Of the examples; that no ABI has them is meant."""
        done = subprocess.run([KHOVER, "rules", "test", rules], capture_output=True, text=True)
        return [line for line in done.stderr.splitlines() if "/zz-" in line and "never applies" not in line]


if __name__ == "__main__":
    KHOVER = sys.argv.pop(1)
    unittest.main()
