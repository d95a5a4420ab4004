#!/usr/bin/env python3
"""What a function of another file of the same review does is known: it compares members, or gives back what was taken.

    across_files_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
HEAD = "#include <linux/kernel.h>\n#include <linux/kho/abi/parcel.h>\n\n"
READER = (
    HEAD
    + """int parcel_check(const struct parcel_ser* ser);

int parcel_restore(const struct parcel_ser* ser, void* to, void* from) {
  if (parcel_check(ser)) return -EINVAL;
  memcpy(to, from, ser->size);
  return 0;
}
"""
)
CHECKS = (
    HEAD
    + """static int limit(const struct parcel_ser* ser) { return ser->size > 4096; }
int parcel_check(const struct parcel_ser* ser) { return limit(ser) ? -EINVAL : 0; }
"""
)
LOOKS = HEAD + "int parcel_check(const struct parcel_ser* ser) { return ser->flags ? -EINVAL : 0; }\n"
WRITER = (
    HEAD
    + """void parcel_give_back(struct folio* folio);
int parcel_mark(struct folio* folio);

int parcel_preserve(struct folio* folio) {
  int err = kho_preserve_folio(folio);

  if (err) return err;
  err = parcel_mark(folio);
  if (err) {
    parcel_give_back(folio);
    return err;
  }
  return 0;
}
"""
)
GIVES_BACK = (
    HEAD
    + """static void one(struct folio* folio) { kho_unpreserve_folio(folio); }
void parcel_give_back(struct folio* folio) { one(folio); }
"""
)
KEEPS = HEAD + "void parcel_give_back(struct folio* folio) { folio_put(folio); }\n"


class AcrossFiles(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        (work / "drivers/parcel").mkdir(parents=True)

    def found(self, **files):
        for name, text in files.items():
            (work / f"drivers/parcel/{name}.c").write_text(text)
        done = subprocess.run(
            [
                khover_abi,
                "review",
                "--tree",
                work,
                "--format",
                "json",
                "--fail-on",
                "none",
                "--all",
                *(f"drivers/parcel/{name}.c" for name in files),
            ],
            capture_output=True,
            text=True,
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        report = json.loads(done.stdout)
        self.assertEqual(sorted(report["parsed"]), sorted(f"drivers/parcel/{name}.c" for name in files))
        return {(pathlib.Path(one["file"]).stem, one["check"]) for one in report["findings"]}

    def test_a_helper_that_compares(self):
        self.assertIn(("reader", "value-unchecked"), self.found(reader=READER))
        self.assertNotIn(("reader", "value-unchecked"), self.found(reader=READER, checks=CHECKS))
        # It looks at another member.
        self.assertIn(("reader", "value-unchecked"), self.found(reader=READER, checks=LOOKS))

    def test_a_helper_that_gives_back(self):
        self.assertIn(("writer", "error-path-leak"), self.found(writer=WRITER))
        self.assertNotIn(("writer", "error-path-leak"), self.found(writer=WRITER, back=GIVES_BACK))
        self.assertIn(("writer", "error-path-leak"), self.found(writer=WRITER, back=KEEPS))

    def test_both_sides_of_a_change(self):
        """The old tree is looked at with what it had."""
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", work]
        for name, text in (("reader", READER), ("checks", CHECKS)):
            (work / f"drivers/parcel/{name}.c").write_text(text)
        subprocess.run([*git, "init", "-q", "-b", "main"], check=True)
        subprocess.run([*git, "add", "-A"], check=True)
        subprocess.run([*git, "commit", "-qm", "one"], check=True)
        (work / "drivers/parcel/checks.c").write_text(LOOKS)
        (work / "drivers/parcel/reader.c").write_text(READER + "\nint parcel_more;\n")
        subprocess.run([*git, "commit", "-qam", "two"], check=True)
        done = subprocess.run(
            [khover_abi, "review", "--tree", work, "--format", "json", "--range", "main~1..main"],
            capture_output=True,
            text=True,
        )
        found = [(one["file"], one["check"]) for one in json.loads(done.stdout)["findings"]]
        self.assertIn(("drivers/parcel/reader.c", "value-unchecked"), found, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
