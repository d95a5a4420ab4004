#!/usr/bin/env python3
"""Start-up, time and peak memory of khover beside plain reading of the same bytes, as ratios of one run.

bench.py KHOVER KHOVER-WRITE-IMAGE [DEVICES...]

DEVICES: numbers of devices to prove beyond 10 000, such as 100000, which takes minutes.

The least of several repetitions counts. Nothing is asserted: a figure over its limit is marked, no more.
"""

import os
import subprocess
import sys
import tempfile
import time

REPETITIONS = 9
REAL = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "corpus", "real")
IMAGES = (  # what is large in it, and how it is written
    ("many sessions", ("--sessions", "300", "--files", "20", "--memfd-size", "4096")),
    ("one large memfd", ("--sessions", "1", "--files", "1", "--folios", "200000")),
)


def measure(*command, repetitions=REPETITIONS):
    """Least seconds and greatest resident set in bytes, which counts this interpreter's own at the least."""
    seconds, memory = [], 0
    for _ in range(repetitions):
        begin = time.perf_counter()
        child = os.posix_spawnp(command[0], command, os.environ,
                                file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(child, 0)
        seconds.append(time.perf_counter() - begin)
        memory = max(memory, usage.ru_maxrss * 1024)
        if os.waitstatus_to_exitcode(status) not in (0, 1, 3):
            sys.exit(f"{' '.join(command)}: exit status {status}")
    return min(seconds), memory


def bandwidth(path):
    """Bytes per second of one thread that adds up the file in memory."""
    with open(path, "rb") as file:
        data = memoryview(file.read())
    words = data[:len(data) // 8 * 8].cast("Q")
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
    print(f"\n{name}: {size / 1e6:.1f} MB, {' '.join((os.path.basename(khover), 'check', '--no-prove', os.path.basename(path)))}")
    cat, _ = measure("cat", path)
    check, memory = measure(khover, "check", "--no-prove", path)
    line("cat", f"{cat * 1e3:.1f} ms")
    line("khover check", f"{check * 1e3:.1f} ms", "a small real image: 50 ms or less")
    line("khover check / cat", f"{check / cat:.1f}")
    line("peak memory", f"{memory / 2**20:.1f} MiB", "a small real image: 64 MiB or less", memory <= 64 << 20 or size > 10_000_000)
    line("peak memory / size of the image", f"{memory / size:.2f}")
    return size / check


def bench_proof(devices, khover, writer, folder):
    """Proof of an image with that many devices behind 64 IOMMUs, beside its evaluation alone."""
    path = os.path.join(folder, f"devices-{devices}.elf")
    subprocess.run([writer, "--scenario", "2026-09", "--devices", str(devices), "--units", "64", "--domains", "64",
                    "--sessions", "4", "--without-tables", "-o", path], check=True)
    evaluation, _ = measure(khover, "check", "--no-prove", path, repetitions=3)
    proof, memory = measure(khover, "check", path, repetitions=1)
    print(f"\nproof: {devices} devices, 64 IOMMUs")
    line("khover check --no-prove", f"{evaluation:.2f} s")
    line("khover check", f"{proof:.2f} s", "10 000 devices: 10 s or less", devices != 10_000 or proof <= 10)
    line("khover check / khover check --no-prove", f"{proof / evaluation:.1f}")
    line("peak memory", f"{memory / 2**20:.1f} MiB")
    os.unlink(path)


def main():
    khover, writer = sys.argv[1:3]
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
        subprocess.run(["zstd", "-q", "-d", os.path.join(REAL, "v3-many", "finalized.elf.zst"), "-o", path], check=True)
        bench_image("v3-many/finalized, decompressed", path, khover)
        for name, arguments in IMAGES:
            path = os.path.join(folder, name.replace(" ", "-") + ".elf")
            if subprocess.run([writer, *arguments, "-o", path], stderr=subprocess.DEVNULL).returncode != 0:
                print(f"\n{name}: the writer cannot write it")
                continue
            rate = bench_image(f"{name} ({' '.join(arguments)})", path, khover)
            memory_rate = bandwidth(path)
            line("memory, one thread, copied", f"{memory_rate / 1e9:.1f} GB/s")
            line("khover check --no-prove", f"{rate / 1e9:.3f} GB/s", "bulk arrays: half of what one thread reads", rate >= memory_rate / 2)
        for devices in (1_000, 10_000, *map(int, sys.argv[3:])):
            bench_proof(devices, khover, writer, folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
