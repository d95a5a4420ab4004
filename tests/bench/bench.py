#!/usr/bin/env python3
"""Start-up, time and peak memory of khover beside plain reading of the same bytes, and of khover-abi beside clang reading
the same headers, as ratios of one run.

bench.py KHOVER KHOVER-WRITE-IMAGE [--read-kdump PROGRAM]

PROGRAM: reads all pages of a dump by libkdumpfile.

The least of several repetitions counts. Nothing is asserted: a figure over its limit is marked, no more.
"""

import difflib
import glob
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e", "formats"))
import elf_memory
import kdump_writer

REPETITIONS = 9
FILLED_FRAMES = 1 << 16  # 256 MiB, which Python compresses page by page
SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(SOURCE, ".cache", "kernel")
REAL = os.path.join(SOURCE, "corpus", "real")
IMAGES = (  # what is large in it, and how it is written
    ("many sessions", ("--sessions", "300", "--files", "20", "--memfd-size", "4096")),
    ("one large memfd", ("--sessions", "1", "--files", "1", "--folios", "200000")),
)


def usage_of(*command):
    """What a child used, whose output goes nowhere."""
    child = os.posix_spawnp(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)],
    )
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
        sys.exit(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}")
    return usage


def measure(*command, repetitions=REPETITIONS):
    """Least seconds and greatest resident set in bytes, which counts this interpreter's own at the least."""
    seconds, memory = [], 0
    for _ in range(repetitions):
        begin = time.perf_counter()
        usage = usage_of(*command)
        seconds.append(time.perf_counter() - begin)
        memory = max(memory, usage.ru_maxrss * 1024)
    return min(seconds), memory


def bandwidth(path):
    """Bytes per second of one thread that adds up the file in memory."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    words = data[: len(data) // 8 * 8].cast("Q")
    best = min(timed(lambda: bytes(words)) for _ in range(REPETITIONS))  # one read and one write per byte
    return len(data) / best


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def line(what, figure, limit="", met=True):
    print(f"  {what:<52} {figure:>14}   {limit}{'' if met else '  OVER'}")


def bench_image(name, path, khover):
    size = os.path.getsize(path)
    print(
        f"\n{name}: {size / 1e6:.1f} MB, {' '.join((os.path.basename(khover), 'check', '--no-prove', os.path.basename(path)))}"
    )
    cat, _ = measure("cat", path)
    check, memory = measure(khover, "check", "--no-prove", path)
    line("cat", f"{cat * 1e3:.1f} ms")
    line("khover check", f"{check * 1e3:.1f} ms", "a small real image: 50 ms or less")
    line("khover check / cat", f"{check / cat:.1f}")
    line(
        "peak memory",
        f"{memory / 2**20:.1f} MiB",
        "a small real image: 64 MiB or less",
        memory <= 64 << 20 or size > 10_000_000,
    )
    line("peak memory / size of the image", f"{memory / size:.2f}")
    return size / check


def write_kdump(path, method):
    """A real image among pages of other users, compressed. In a process of its own: what is measured later
    counts at least as much memory as the process that starts it has."""
    child = os.fork()
    if child == 0:
        core = elf_memory.read_file(os.path.join(REAL, "v3-many", "finalized.elf.zst"))
        pages = elf_memory.pages(core, 4096)
        randomness = random.Random(1)
        for frame in range(FILLED_FRAMES):
            if frame not in pages:
                pages[frame] = (randomness.randbytes(1024).hex().encode() + randomness.randbytes(512) * 4)[
                    :4096
                ]
        with open(path, "wb") as file:
            file.write(kdump_writer.write(pages, ram=range(0, max(pages) + 1), method=method))
        os._exit(0)
    if os.waitpid(child, 0)[1] != 0:
        sys.exit("no dump could be written")


def bench_kdump(reader, khover, folder):
    """A compressed dump, all of it looked through, beside libkdumpfile's own read loop over the same pages."""
    for method in ("zlib", "none"):
        path = os.path.join(folder, f"dump.{method}")
        write_kdump(path, method)
        print(f"\nkdump, {method}: {FILLED_FRAMES} pages and more, {os.path.getsize(path) / 1e6:.1f} MB")
        root = (
            "0x"
            + subprocess.run([khover, "check", "--no-prove", path], stdout=subprocess.PIPE, text=True)
            .stdout.split("root      0x")[1]
            .split()[0]
        )
        scan, scan_memory = measure(khover, "check", "--no-prove", path, repetitions=5)
        stated, stated_memory = measure(khover, "check", "--no-prove", "--fdt", root, path, repetitions=5)
        line("khover check, every page looked at", f"{scan * 1e3:.0f} ms")
        line("peak memory", f"{scan_memory / 2**20:.1f} MiB")
        line("khover check --fdt", f"{stated * 1e3:.0f} ms")
        line("peak memory", f"{stated_memory / 2**20:.1f} MiB")
        if reader:
            loop, loop_memory = measure(reader, path, str(FILLED_FRAMES), repetitions=5)
            line("libkdumpfile, every page read", f"{loop * 1e3:.0f} ms")
            line("peak memory", f"{loop_memory / 2**20:.1f} MiB")
            line("khover check, every page looked at / libkdumpfile", f"{scan / loop:.2f}")
            line("its peak memory / libkdumpfile's", f"{scan_memory / loop_memory:.2f}")
        os.unlink(path)


def bench_proof(devices, khover, writer, folder):
    """Proof of an image with that many devices behind 64 IOMMUs, beside its evaluation alone."""
    path = os.path.join(folder, f"devices-{devices}.elf")
    subprocess.run(
        [
            writer,
            "--scenario",
            "2026-09",
            "--devices",
            str(devices),
            "--units",
            "64",
            "--domains",
            "64",
            "--sessions",
            "4",
            "--without-tables",
            "-o",
            path,
        ],
        check=True,
    )
    evaluation, _ = measure(khover, "check", "--no-prove", path, repetitions=3)
    proof, memory = measure(khover, "check", path, repetitions=1)
    print(f"\nproof: {devices} devices, 64 IOMMUs")
    line("khover check --no-prove", f"{evaluation:.2f} s")
    line("khover check", f"{proof:.2f} s", "10 000 devices: 10 s or less", devices != 10_000 or proof <= 10)
    line("khover check / khover check --no-prove", f"{proof / evaluation:.1f}")
    line("peak memory", f"{memory / 2**20:.1f} MiB")
    os.unlink(path)
    return proof


def bench_clang(khover_abi, folder):
    """Extraction and review beside `clang -fsyntax-only` of the same headers and of the same file."""
    sources = os.path.join(CACHE, "root", "usr", "src")
    common, generated = (
        next(iter(sorted(glob.glob(os.path.join(sources, f"linux-headers-7.3.*-{end}")))), None)
        for end in ("common", "amd64")
    )
    tree = os.path.join(sources, "linux-source-7.3")
    print("\nclang")
    if not shutil.which("clang-19") or not os.path.exists(khover_abi) or not common or not generated:
        print(
            "  not measured: needs khover-abi, clang-19 and the kernel headers that `ctest -L kernel` fetches"
        )
        return
    where = ("--kernel", common, "--generated", generated, "-o", os.path.join(folder, "abi.yaml"))
    subprocess.run([khover_abi, "extract", *where, "--asserts", folder], check=True)
    unit = os.path.join(folder, "unit.c")
    with open(os.path.join(folder, "asserts.c"), encoding="utf-8") as asserts, open(
        unit, "w", encoding="utf-8"
    ) as out:
        out.writelines(line for line in asserts if line.startswith("#include"))
    clang = ("clang-19", f"@{folder}/arguments", "-fsyntax-only")
    plain, _ = measure(*clang, unit)
    extract, _ = measure(khover_abi, "extract", *where)
    line("clang -fsyntax-only, headers of the ABI", f"{plain * 1e3:.0f} ms")
    line("khover-abi extract", f"{extract * 1e3:.0f} ms")
    line(
        "khover-abi extract / clang -fsyntax-only",
        f"{extract / plain:.2f}",
        "2 or less",
        extract <= 2 * plain,
    )
    for name in ("mm/memfd_luo.c", "kernel/liveupdate/luo_file.c"):
        path = os.path.join(tree, name)
        if not os.path.exists(path):
            continue
        module = os.path.basename(name)[:-2]
        plain, _ = measure(
            *clang,
            "-D",
            f'KBUILD_MODNAME="{module}"',
            "-D",
            f'KBUILD_MODFILE="{module}"',
            "-D",
            "CONFIG_KEXEC_HANDOVER=1",
            "-D",
            "CONFIG_LIVEUPDATE=1",
            path,
            repetitions=3,
        )
        review, _ = measure(
            khover_abi, "review", "--tree", tree, "--generated", generated, "--all", name, repetitions=3
        )
        line(f"khover review / clang -fsyntax-only, {name}", f"{review / plain:.2f}")


def bench_whole_tree(khover_abi, folder):
    """Lint and review where all C files of Linux are there: a version that nothing uses makes lint read each of them."""
    sources = os.path.join(CACHE, "root", "usr", "src")
    generated = next(iter(sorted(glob.glob(os.path.join(sources, "linux-headers-7.3.*-amd64")))), None)
    packed = os.path.join(sources, "linux-source-7.3.tar.xz")
    print("\nwhole tree")
    if not os.path.exists(khover_abi) or not generated or not os.path.exists(packed):
        print("  not measured: needs khover-abi, and the kernel sources that `ctest -L kernel` fetches")
        return
    subprocess.run(["tar", "-C", folder, "-xf", packed, "--wildcards", "*.c", "*.h"], check=True)
    tree = os.path.join(folder, "linux-source-7.3")
    header = "include/linux/kho/abi/memfd.h"
    count = sum(name.endswith(".c") for _, _, names in os.walk(tree) for name in names)
    where = ("--generated", generated, "--fail-on", "none", "-o", os.devnull)
    used, _ = measure(khover_abi, "lint", tree, *where)
    with open(os.path.join(tree, header), encoding="utf-8") as file:
        text = file.read()
    changed = text.replace(
        "#define MEMFD_LUO_FH_COMPATIBLE", "#define MEMFD_BENCH_VERSION 1\n#define MEMFD_LUO_FH_COMPATIBLE"
    )
    patch = os.path.join(folder, "one.patch")
    with open(patch, "w", encoding="utf-8") as file:
        file.writelines(
            [
                "From: a <a@example.org>\nSubject: one version more\n\n---\n",
                *difflib.unified_diff(
                    text.splitlines(True), changed.splitlines(True), f"a/{header}", f"b/{header}"
                ),
            ]
        )
    review, memory = measure(khover_abi, "review", "--tree", tree, *where, patch)
    with open(os.path.join(tree, header), "w", encoding="utf-8") as file:
        file.write(changed)
    unused, _ = measure(khover_abi, "lint", tree, *where)
    line("C files", f"{count}")
    line("khover-abi lint", f"{used:.2f} s")
    line("khover-abi lint, a version that nothing uses", f"{unused:.2f} s")
    line("the second / the first", f"{unused / used:.1f}")
    line(
        "khover review of a patch with such a version", f"{review:.2f} s", "seconds: 5 s or less", review <= 5
    )
    line("peak memory", f"{memory / 2**20:.0f} MiB")
    shutil.rmtree(tree)


def main():
    khover, writer, *rest = sys.argv[1:]
    reader = rest[1] if rest[:1] == ["--read-kdump"] else None
    print(f"least of {REPETITIONS} runs; limits of the design beside")
    startup, memory = measure(khover, "--version")
    nothing, _ = measure("true")
    print("\nstart-up")
    line("true", f"{nothing * 1e3:.1f} ms")
    line("khover --version", f"{startup * 1e3:.1f} ms", "20 ms or less", startup <= 0.020)
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(REAL, "v1-one", "finalized.elf.zst")
        check, memory = measure(khover, "check", "--no-prove", small)
        print("\nv1-one/finalized, as shipped")
        line("khover check --no-prove", f"{check * 1e3:.1f} ms", "50 ms or less", check <= 0.050)
        line("peak memory", f"{memory / 2**20:.1f} MiB", "64 MiB or less", memory <= 64 << 20)
        path = os.path.join(folder, "v3-many.elf")
        subprocess.run(
            ["zstd", "-q", "-d", os.path.join(REAL, "v3-many", "finalized.elf.zst"), "-o", path], check=True
        )
        bench_image("v3-many/finalized, decompressed", path, khover)
        for name, arguments in IMAGES:
            path = os.path.join(folder, name.replace(" ", "-") + ".elf")
            if subprocess.run([writer, *arguments, "-o", path], stderr=subprocess.DEVNULL).returncode != 0:
                print(f"\n{name}: the writer cannot write it")
                continue
            rate = bench_image(f"{name} ({' '.join(arguments)})", path, khover)
            memory_rate = bandwidth(path)
            line("memory, one thread, copied", f"{memory_rate / 1e9:.1f} GB/s")
            line(
                "khover check --no-prove",
                f"{rate / 1e9:.3f} GB/s",
                "bulk arrays: half of what one thread reads",
                rate >= memory_rate / 2,
            )
        bench_kdump(reader, khover, folder)
        bench_clang(os.path.join(os.path.dirname(khover), "khover-abi"), folder)
        bench_whole_tree(os.path.join(os.path.dirname(khover), "khover-abi"), folder)
        proofs = {
            devices: bench_proof(devices, khover, writer, folder) for devices in (1_000, 10_000, 100_000)
        }
        for devices in (10_000, 100_000):
            line(
                f"proof: {devices} devices / {devices // 10}",
                f"{proofs[devices] / proofs[devices // 10]:.1f}",
                "in proportion: 10",
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
