#!/usr/bin/env python3
"""khover review on patches and on ranges of git: only what a change brings, at its own line, without touching anything.

    series_test.py KHOVER_ABI TREE WORK_FOLDER
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

khover_abi, tree, work = sys.argv[1:]
work = pathlib.Path(work)
FILE = "drivers/parcel/core.c"
HEAD = "#include <linux/kernel.h>\n#include <linux/kho/abi/parcel.h>\n\n"
# An old finding, and a test that a patch may take away.
BASE = (
    HEAD
    + """void parcel_old(struct folio *folio)
{
	kho_preserve_folio(folio);
}

void *parcel_restore(struct parcel_ser *ser)
{
	if (!ser->head_phys)
		return NULL;
	return phys_to_virt(ser->head_phys);
}
"""
)

USED = HEAD + "const char *parcel_version(void) { return PARCEL_COMPATIBLE; }\n"


def git(*words, text=None):
    environment = dict(
        os.environ,
        GIT_CONFIG_GLOBAL="/dev/null",
        GIT_CONFIG_NOSYSTEM="1",
        GIT_AUTHOR_NAME="A. Author",
        GIT_AUTHOR_EMAIL="author@example.org",
        GIT_COMMITTER_NAME="A. Author",
        GIT_COMMITTER_EMAIL="author@example.org",
    )
    return subprocess.run(
        ["git", *words], cwd=work, check=True, capture_output=True, text=True, env=environment, input=text
    ).stdout


def commit(text, subject, path=FILE):
    (work / path).parent.mkdir(parents=True, exist_ok=True)
    (work / path).write_text(text)
    git("add", "-A")
    git("commit", "-qm", subject)
    return git("rev-parse", "HEAD").strip()


def review(*words):
    result = subprocess.run(
        [khover_abi, "review", "--tree", work, "--format", "json", *words], capture_output=True, text=True
    )
    return result, json.loads(result.stdout) if result.stdout else None


def found(report):
    return sorted((one["check"], one["line"]) for one in report["findings"])


class Series(unittest.TestCase):
    def setUp(self):
        shutil.rmtree(work, ignore_errors=True)
        shutil.copytree(tree, work)
        git("init", "-q", "-b", "main")
        commit(USED, "the version is used", "drivers/parcel/version.c")
        self.base = commit(BASE, "base")

    def patches(self, first):
        mbox = git("format-patch", "--stdout", f"{first}..HEAD")
        git("checkout", "-q", first)
        path = work / "series.mbox"
        path.write_text(mbox)
        return path

    def test_only_what_the_patch_brings(self):
        text = BASE + "\nvoid parcel_new(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n"
        commit(text, "parcel: preserve one more")
        line = text.splitlines().index("void parcel_new(struct folio *folio)") + 3
        result, report = review(self.patches(self.base))
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(found(report), [("result-ignored", line)])

    def test_only_what_a_series_touches_is_parsed(self):
        # Whoever parses these two says so: exit status 2.
        commit("#error\n", "a file that nobody touches", "drivers/parcel/other.c")
        before = commit("#error\n", "another one", "mm/other.c")
        commit(BASE + "\n// one\n", "parcel: one")
        commit(BASE + "\n// two\n", "parcel: two")
        end = commit("word\n", "parcel: no C", "drivers/parcel/words")
        for words in (["--range", f"{before}..{end}"], [self.patches(before)]):
            result, report = review(*words)
            self.assertEqual(result.returncode, 0, result.stderr)
            # The series as a whole, once before and once after it.
            self.assertEqual(sorted(report["parsed"]), [FILE, FILE + " as it was"])

    def test_older_findings_are_counted_and_listed_on_demand(self):
        commit(BASE + "\nint parcel_nothing(void)\n{\n\treturn 0;\n}\n", "parcel: nothing")
        patch = self.patches(self.base)
        result = subprocess.run([khover_abi, "review", "--tree", work, patch], capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout)
        self.assertIn("1 more existed before the change", result.stdout)
        result = subprocess.run(
            [khover_abi, "review", "--tree", work, patch, "--older"], capture_output=True, text=True
        )
        self.assertIn("before the change:", result.stdout)
        self.assertIn("[result-ignored]", result.stdout)
        # For programs they are marked as those of a baseline are.
        for arguments, expected in (((), []), (("--older",), [("result-ignored", True)])):
            result, report = review(patch, *arguments)
            self.assertEqual(result.returncode, 0, result.stdout)
            self.assertEqual([(one["check"], one.get("baselined")) for one in report["findings"]], expected)

    def test_the_tree_is_there(self):
        result = subprocess.run(
            [khover_abi, "review", "--tree", "/nowhere", self.patches(self.base)],
            capture_output=True,
            text=True,
        )
        self.assertEqual(result.returncode, 2)
        self.assertIn("/nowhere: is not a folder", result.stderr)

    def test_a_test_taken_away_is_found_where_it_is_missed(self):
        text = BASE.replace("	if (!ser->head_phys)\n		return NULL;\n", "")
        commit(text, "parcel: simplify")
        result, report = review(self.patches(self.base))
        # On a line that the patch did not write: it is there because of the patch.
        self.assertEqual([one["check"] for one in report["findings"]], ["address-untested"], result.stderr)

    def test_moved_code_is_not_new(self):
        old = BASE.index("void parcel_old")
        text = BASE[:old] + "int parcel_first(void);\n\n\n" + BASE[old:]
        commit(text, "parcel: declare")
        result, report = review(self.patches(self.base))
        self.assertEqual((result.returncode, found(report)), (0, []), result.stderr)

    def test_a_series_is_reviewed_as_it_ends(self):
        bad = BASE + "\nvoid parcel_new(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n"
        commit(bad, "parcel: preserve one more")
        commit(
            bad.replace(
                "\nvoid parcel_new(struct folio *folio)\n{\n\tkho",
                "\nint parcel_new(struct folio *folio)\n{\n\treturn kho",
            ),
            "parcel: return the error",
        )
        result, report = review(self.patches(self.base))
        self.assertEqual((result.returncode, found(report)), (0, []), result.stderr)

    def test_a_range_equals_its_patches(self):
        commit(
            BASE + "\nvoid parcel_new(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n",
            "parcel: more",
        )
        result, by_range = review("--range", f"{self.base}..HEAD")
        self.assertEqual(result.returncode, 1, result.stderr)
        end = git("rev-parse", "HEAD").strip()
        _, by_patch = review(self.patches(self.base))
        self.assertEqual(by_range["findings"], by_patch["findings"])
        # The tree on disk is at the base now: what it has otherwise comes from git.
        result, elsewhere = review("--range", f"{self.base}..{end}")
        self.assertEqual(elsewhere["findings"], by_range["findings"], result.stderr)

    def test_a_header_of_the_same_series_is_seen(self):
        header = "include/linux/kho/abi/parcel.h"
        old = (work / header).read_text()
        (work / header).write_text(re.sub(r"u64 root;", "char label[8];", old))
        text = (
            BASE
            + "\nint parcel_restore_label(struct parcel_hw_ser *hw, const char *name)\n{\n\treturn strcmp(hw->label, name);\n}\n"
        )
        commit(text, "parcel: labels")
        result, report = review(self.patches(self.base), "--checks", "string-*")
        self.assertEqual([one["check"] for one in report["findings"]], ["string-unterminated"], result.stderr)

    def test_a_layout_that_changes_under_its_version(self):
        header = "include/linux/kho/abi/parcel.h"
        old = (work / header).read_text()
        swapped = re.sub(r"(u64 token;)(\s+)(u64 root;)", r"\3\2\1", old)
        pointer = re.sub(r"u64 spare;", "void *spare;", swapped)
        commit(pointer, "parcel: exchange", header)
        patch = self.patches(self.base)
        result, report = review(patch)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertEqual(
            sorted(one["check"] for one in report["findings"]), ["layout-change", "pointer-member"]
        )
        record = next(one for one in report["findings"] if one["check"] == "layout-change")
        self.assertIn("struct parcel_hw_ser", record["excerpt"])
        self.assertIn('PARCEL_COMPATIBLE = "parcel-v1"', record["message"])
        git("checkout", "-q", "main")
        self.assertEqual(review("--range", f"{self.base}..main")[1]["findings"], report["findings"])
        # With another version it is what the contract asks for.
        git("checkout", "-qb", "raised", self.base)
        commit(swapped.replace("parcel-v1", "parcel-v2"), "parcel: exchange and say so", header)
        result, report = review("--range", f"{self.base}..raised")
        self.assertEqual((result.returncode, report["findings"]), (0, []), result.stderr)

    def test_a_version_that_nothing_uses(self):
        header = "include/linux/kho/abi/parcel.h"
        text = (work / header).read_text()
        before = self.base
        text = text.replace(
            '#define PARCEL_COMPATIBLE "parcel-v1"',
            '#define PARCEL_COMPATIBLE "parcel-v1"\n#define CRATE_COMPATIBLE "crate-v1"',
        )
        alone = commit(text, "a version alone", header)
        line = text.splitlines().index('#define CRATE_COMPATIBLE "crate-v1"') + 1
        result, report = review("--range", f"{before}..{alone}", "--checks", "unused-version")
        self.assertEqual(found(report), [("unused-version", line)], result.stderr)
        # What uses it may be a file of the same series, which is nowhere on disk.
        end = commit(USED.replace("PARCEL", "CRATE"), "its user", "drivers/parcel/crate.c")
        patches = self.patches(before)
        self.assertFalse((work / "drivers/parcel/crate.c").exists())
        for words in (["--range", f"{before}..{end}"], [patches]):
            result, report = review(*words, "--checks", "unused-version")
            self.assertEqual(found(report), [], result.stderr)

    def test_a_comment_in_a_header_is_no_change(self):
        header = "include/linux/kho/abi/parcel.h"
        commit("// One line more.\n" + (work / header).read_text(), "parcel: words", header)
        result, report = review("--range", f"{self.base}..HEAD")
        self.assertEqual((result.returncode, report["findings"]), (0, []), result.stderr)

    def test_the_tree_is_left_as_it_is(self):
        commit(BASE + "\nint parcel_nothing(void)\n{\n\treturn 0;\n}\n", "parcel: nothing")
        patch = self.patches(self.base)
        patch = patch.rename(work.parent / "outside.mbox")
        before = {path: path.stat().st_mtime_ns for path in sorted(work.rglob("*"))}
        review(patch)
        review("--range", "main~1..main")
        self.assertEqual(before, {path: path.stat().st_mtime_ns for path in sorted(work.rglob("*"))})

    def test_what_does_not_apply_says_so(self):
        commit(BASE.replace("return NULL", "return ser"), "parcel: one")
        commit(BASE.replace("return NULL", "return phys_to_virt(1)"), "parcel: two")
        mbox = git("format-patch", "--stdout", "HEAD~1..HEAD")
        git("checkout", "-q", self.base)
        (work / "late.mbox").write_text(mbox)
        result, _ = review(work / "late.mbox")
        self.assertEqual(result.returncode, 2)
        self.assertIn("does not apply", result.stderr)
        self.assertIn("parcel: two", result.stderr)

    def test_a_file_that_does_not_parse_is_reported(self):
        commit(BASE + "\nint parcel_broken(void) { return missing_name; }\n", "parcel: broken")
        result, report = review(self.patches(self.base))
        self.assertEqual(result.returncode, 3)
        self.assertRegex(
            result.stderr, rf"^khover: not reviewed: {FILE}:\d+: 'parcel_broken\(\)': .*missing_name"
        )
        self.assertEqual(report["coverage"]["judged_functions"], 2)
        self.assertIn("missing_name", result.stderr)

    def test_a_tree_without_git_takes_patches(self):
        commit(
            BASE + "\nvoid parcel_new(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n",
            "parcel: more",
        )
        patch = self.patches(self.base)
        shutil.rmtree(work / ".git")
        result, report = review(patch)
        self.assertEqual([one["check"] for one in report["findings"]], ["result-ignored"], result.stderr)

    def test_quoted_printable_and_renamed_files(self):
        git("mv", FILE, "drivers/parcel/renamed.c")
        commit(
            BASE.replace("return NULL;", "return (void *)ser;"), "parcel: rename", "drivers/parcel/renamed.c"
        )
        patch = self.patches(self.base)
        text = patch.read_text()
        body = text.index("\n\n")
        encoded = text[body + 2 :].replace("=", "=3D").replace("\t", "=09")
        patch.write_text(
            text[:body].replace("\nSubject", "\nContent-Transfer-Encoding: quoted-printable\nSubject")
            + "\n\n"
            + encoded
        )
        result, report = review(patch)
        self.assertEqual((result.returncode, found(report)), (0, []), result.stderr)

    def test_the_compilation_database_is_used(self):
        commit(
            BASE
            + "\n#ifdef ONLY_THERE\nvoid parcel_new(struct folio *folio)\n{\n\tkho_preserve_folio(folio);\n}\n#endif\n",
            "parcel: more",
        )
        patch = self.patches(self.base)
        _, report = review(patch)
        self.assertEqual(found(report), [])
        flags = f"-I{work}/include -include {work}/include/generated/autoconf.h -DONLY_THERE -fplugin=/nowhere.so -o x.o"
        (work / "compile_commands.json").write_text(
            json.dumps([{"directory": str(work), "file": FILE, "command": f"gcc {flags} -c {FILE}"}])
        )
        result, report = review(patch)
        self.assertEqual([one["check"] for one in report["findings"]], ["result-ignored"], result.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
