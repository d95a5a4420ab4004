#!/usr/bin/env python3
"""Exit status, messages and files of `khover-abi extract`.

    command_line_test.py KHOVER_ABI WORK_DIR
"""
import os
import pathlib
import shutil
import subprocess
import sys

khover_abi, work_dir = sys.argv[1:]
work = pathlib.Path(work_dir)
shutil.rmtree(work, ignore_errors=True)
work.mkdir(parents=True)
os.chdir(work)
failures = []


def run(*arguments):
    return subprocess.run([khover_abi, *arguments], capture_output=True, text=True)


def check(condition, what, result):
    if not condition:
        failures.append(f"{what}: exit status {result.returncode}\n{result.stdout}{result.stderr}")


def refused(what, message, *arguments):
    """Exit status 2, the message, and no snapshot."""
    result = run(*arguments)
    check(
        result.returncode == 2
        and message in result.stderr
        and not pathlib.Path("out.yaml").exists()
        and result.stdout == "",
        what,
        result,
    )


pathlib.Path("good.h").write_text("#define SIZE sizeof(struct s)\nstruct s { int a; };\n")
pathlib.Path("bad.h").write_text("struct s { int a; }\n")
pathlib.Path("config").write_text("CONFIG_ON=y\n# CONFIG_OFF is not set\n")
pathlib.Path("broken-config").write_text("CONFIG_ON=y\nwhat is this\n")
pathlib.Path("configured.h").write_text("#ifdef CONFIG_ON\nstruct on { int a; };\n#endif\n")

result = run("--version")
check(result.returncode == 0 and result.stdout.startswith("khover-abi "), "--version", result)
result = run("extract", "--help")
check(result.returncode == 0 and "--page-size" in result.stdout, "--help", result)

result = run("extract", "good.h", "-o", "-")
check(
    result.returncode == 0
    and "SIZE: {integer: 4, at: good.h:1}" in result.stdout
    and result.stderr == ""
    and str(work) not in result.stdout,
    "to the standard output",
    result,
)
text = result.stdout
result = run("extract", "good.h", "-o", "good.yaml")
check(result.returncode == 0 and pathlib.Path("good.yaml").read_text() == text, "to a file", result)

result = run("extract", "configured.h", "--config", "config", "-o", "-")
check(result.returncode == 0 and "CONFIG_ON=y" in result.stdout, "--config", result)
refused(
    "-D is stronger than --config",
    "define no record",
    "extract",
    "configured.h",
    "--config",
    "config",
    "-D",
    "CONFIG_ON=n",
    "-o",
    "out.yaml",
)
refused(
    "broken configuration",
    "broken-config:2: not a line of a kernel configuration",
    "extract",
    "configured.h",
    "--config",
    "broken-config",
    "-o",
    "out.yaml",
)

refused("no subcommand", "subcommand")
refused("no output", "--output", "extract", "good.h")
refused("unknown option", "--nonsense", "extract", "--nonsense", "-o", "out.yaml")
refused(
    "one bad header of two",
    "bad.h:1:20: expected ';' after struct",
    "extract",
    "good.h",
    "bad.h",
    "-o",
    "out.yaml",
)
refused("missing header", "nowhere.h: no such header", "extract", "nowhere.h", "-o", "out.yaml")
refused("missing tree", "nowhere: not a kernel tree", "extract", "--kernel", "nowhere", "-o", "out.yaml")
refused(
    "missing configuration",
    "nowhere: cannot be read",
    "extract",
    "good.h",
    "--config",
    "nowhere",
    "-o",
    "out.yaml",
)

# What was there before survives a failure.
pathlib.Path("kept.yaml").write_text("before\n")
result = run("extract", "bad.h", "-o", "kept.yaml")
check(
    result.returncode == 2 and pathlib.Path("kept.yaml").read_text() == "before\n",
    "keeps the old file",
    result,
)
result = run("extract", "good.h", "-o", "no/such/folder/out.yaml")
check(result.returncode == 2 and "cannot be written" in result.stderr, "unwritable", result)
# A link stays a link, and what it names is written. (Never a device of the machine: were this broken, root would
# replace it.)
pathlib.Path("target.yaml").write_text("before\n")
os.symlink("target.yaml", "link.yaml")
result = run("extract", "good.h", "-o", "link.yaml")
check(
    result.returncode == 0
    and os.path.islink("link.yaml")
    and pathlib.Path("target.yaml").read_text() == text,
    "through a link",
    result,
)
os.mkfifo("pipe.yaml")
reader = subprocess.Popen(["cat", "pipe.yaml"], stdout=subprocess.PIPE, text=True)
result = run("extract", "good.h", "-o", "pipe.yaml")
check(
    result.returncode == 0
    and reader.communicate(timeout=30)[0] == text
    and pathlib.Path("pipe.yaml").is_fifo(),
    "through a pipe",
    result,
)
with open("/dev/full", "w") as full:
    result = subprocess.run(
        [khover_abi, "extract", "good.h", "-o", "-"], stdout=full, stderr=subprocess.PIPE, text=True
    )
check(result.returncode == 2 and "standard output: cannot be written" in result.stderr, "full output", result)
leftover = [name for name in os.listdir(".") if name.endswith(".unfinished")]
if leftover:
    failures.append(f"left over: {leftover}")

if failures:
    sys.exit("\n".join(failures))
