#!/usr/bin/env python3
"""The root that the dumped kernel's own variables name: found through VMCOREINFO, kallsyms and page tables,
with and without KASLR, 5-level page tables and BTF; and nothing worse than a scan where any of it is
damaged or hostile.

The memory is synthesised: the pages of a real image, two copies of its root FDT that a scan would not
choose, and a kernel written by kernel_memory.py whose variables name one of them."""

import argparse
import json
import os
import random
import resource
import struct
import subprocess
import sys
import tempfile

import btf_writer
import elf_memory
import elf_writer
import khover
from kernel_memory import PAGE, Kernel

DECOY, TWIN, PLAIN, HOLE = 0x100000, 0x101000, 0x102000, 0x7F000000


def cpu_seconds():
    """Of the programs that ended: not the clock, which a busy machine moves."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Test:
    def __init__(self, program, image, folder):
        self.khover, self.folder, self.failures, self.number = program, folder, [], 0
        core = elf_memory.read_file(image)
        facts = elf_memory.note(core)
        self.root = int(facts["root"], 16)
        self.scratch = (int(facts["scratch"][0], 16), facts["scratch"][1])
        self.pages = {frame * PAGE: data for frame, data in elf_memory.pages(core, PAGE).items()}
        if {DECOY, TWIN, PLAIN, HOLE} & set(self.pages):
            sys.exit("the image uses the addresses of this test")
        del facts["root"], facts["scratch"]
        self.stated = elf_memory.options(facts)
        # The arm64 kernels have their root from PHYS_OFFSET on.
        facts["ram"] = [*facts["ram"], ("0x40000000", "0x20000000")]
        self.stated_on_arm64 = elf_memory.options(facts)

    def kernel(self, out=None, in_=None, table=None, count=3, pad_out=0, pad_in=0, in_scratch=0, **how):
        """A kernel whose variables hold these addresses."""
        kernel = Kernel(**how)
        pointer = kernel.pointer
        kernel.variable("kho_out", bytes(pad_out) + struct.pack("<Q", pointer(out) if out else 0) + bytes(64))
        kernel.variable("kho_in", bytes(pad_in) + struct.pack("<QQ", in_ or 0, in_scratch) + bytes(64))
        kernel.variable("kho_scratch", struct.pack("<Q", pointer(table) if table else 0))
        kernel.variable("kho_scratch_cnt", struct.pack("<I", count))
        return kernel

    def write(self, kernel, info, extra=(), place="note", without=()):
        self.number += 1
        path = os.path.join(self.folder, f"{self.number}.elf")
        pieces = {**self.pages, DECOY: self.pages[self.root], TWIN: self.pages[self.root], PLAIN: b"x" * PAGE}
        pieces.update(kernel.memory())
        pieces.update(extra)
        for phys in without:
            pieces.pop(phys, None)
        notes = b""
        if place == "note" and info:
            notes = elf_writer.note(b"VMCOREINFO", 0, info)
        elif place == "memory":
            pieces[0x300000000] = elf_writer.note(b"VMCOREINFO", 0, info).ljust(PAGE, b"\0")
        machine = elf_writer.X86_64 if kernel.machine == "x86_64" else elf_writer.AARCH64
        with open(path, "wb") as file:
            file.write(elf_writer.core(sorted(pieces.items()), notes, machine))
        return path

    def check(self, path, kernel):
        stated = self.stated if kernel.machine == "x86_64" else self.stated_on_arm64
        result = khover.run(self.khover, "check", khover.NO_PROOF, "--format", "json", path, *stated)
        return result, json.loads(result.stdout) if result.returncode != khover.NO_ANSWER else {}

    def expect(self, name, condition, result):
        if not condition:
            self.failures.append(
                f"{name}: exit status {result.returncode}\n{result.stdout.decode()[:500]}"
                f"{result.stderr.decode()[:500]}"
            )

    def expect_root(self, name, kernel, root, origin="kallsyms", scratch="dump", **how):
        path = self.write(kernel, kernel.finish(), **how)
        result, report = self.check(path, kernel)
        self.expect(
            name,
            report.get("root") == hex(root)
            and report.get("root_from") == origin
            and report["inputs"]["scratch"] == scratch,
            result,
        )
        return path, report

    def kinds_of_kernels(self):
        for levels in (4, 5):
            for slide in (0, 0x1C000000, 0x39200000):
                for mapped_by in (PAGE, 2 << 20, 1 << 30):
                    for relative in (True, False):
                        kernel = self.kernel(
                            out=TWIN,
                            table=self.scratch[0],
                            levels=levels,
                            slide=slide,
                            mapped_by=mapped_by,
                            relative=relative,
                        )
                        self.expect_root(
                            f"{levels} levels, slide {slide:#x}, pages of {mapped_by}, relative {relative}",
                            kernel,
                            TWIN,
                        )
        for bits in (39, 48, 52):
            for slide in (0, 0x2A00000):
                kernel = self.kernel(
                    out=0x40000000 + TWIN,
                    table=0x40000000 + self.scratch[0],
                    machine="arm64",
                    bits=bits,
                    slide=slide,
                )
                moved = {0x40000000 + TWIN: self.pages[self.root]}
                path, _ = self.expect_root(
                    f"arm64, {bits} bits, slide {slide:#x}", kernel, 0x40000000 + TWIN, extra=moved
                )
        # In the old kernel's place in memory, below it and above 2 GiB of it: phys_base is signed.
        for base in (0x1000000, 0x4200000, 0x1200000000):
            if any(base <= phys < base + (65 << 20) for phys in self.pages):
                continue
            self.expect_root(
                f"kernel at {base:#x}",
                self.kernel(out=TWIN, table=self.scratch[0], base=base, slide=0x1C000000),
                TWIN,
            )

    def same_answer(self, image):
        kernel = self.kernel(out=self.root, table=self.scratch[0], count=self.scratch[1] // 16)
        path = self.write(kernel, kernel.finish())
        expected, found = khover.answer(self.khover, image), khover.answer(self.khover, path, *self.stated)
        if expected != found:
            self.failures.append("another answer: " + khover.first_difference(list(expected), list(found)))

    def variables(self):
        self.expect_root(
            "kho_in before kho_out is set", self.kernel(in_=TWIN, in_scratch=self.scratch[0]), TWIN
        )
        self.expect_root("kho_in of 6.16", self.kernel(in_=TWIN, pad_in=8, in_scratch=self.scratch[0]), TWIN)
        _, report = self.expect_root("both", self.kernel(out=TWIN, in_=DECOY, table=self.scratch[0]), TWIN)
        if not any(
            "kho_in.fdt_phys" in line and f"--fdt {DECOY:#x}" in line for line in report.get("warnings", [])
        ):
            self.failures.append(
                f"the root that this kernel was handed is not named: {report.get('warnings')}"
            )
        self.expect_root("no scratch", self.kernel(out=TWIN, count=0), TWIN, scratch=None)
        # Nothing that looks like a tree, by a layout that is not the kernel's own: not believed.
        for phys in (PLAIN, HOLE):
            self.expect_root("declared layout, no tree", self.kernel(out=phys), self.root, "scan", None)

    def btf(self):
        def with_btf(kernel, fields, holder="kho_out", size=4096):
            types = btf_writer.Btf()
            pointer = types.pointer(types.add("page", 4, 0))
            ser = types.struct("kho_serialization", 32, [("fdt", pointer, 8)])
            lock = types.add(
                "mutex_t", btf_writer.TYPEDEF, types.struct("mutex", 24, [("owner", pointer, 0)])
            )
            kinds = {
                "pointer": pointer,
                "ser": ser,
                "lock": lock,
                "phys": types.integer("long unsigned int", 8),
            }
            unnamed = types.struct("", 8, [("fdt", pointer, 0)])
            kinds["unnamed"] = unnamed
            types.struct(holder, size, [(name, kinds[kind], at) for name, kind, at in fields])
            at = kernel.variable("__start_BTF", section := types.section())
            kernel.symbols.append(("R", "__stop_BTF", at + len(section)))
            return kernel

        out = {"out": TWIN, "table": self.scratch[0], "pad_out": 40}
        self.expect_root(
            "BTF: a field further back",
            with_btf(self.kernel(**out), [("lock", "lock", 0), ("fdt", "pointer", 40)]),
            TWIN,
        )
        self.expect_root(
            "BTF: in a struct without a name", with_btf(self.kernel(**out), [("", "unnamed", 40)]), TWIN
        )
        # The same memory with the declared layout: kho_out.fdt is not where the declaration says.
        self.expect_root("without BTF", self.kernel(**out), self.root, "scan", None)
        kernel = with_btf(self.kernel(table=self.scratch[0]), [("ser", "ser", 16)])
        place = next(value for _, name, value in kernel.symbols if name == "kho_out")
        struct.pack_into("<Q", kernel.data, place + 24, 0xFFFFEA0000000000 + TWIN // PAGE * 64)
        self.expect_root("BTF: struct page *, of 6.16", kernel, TWIN)
        # What the kernel itself says is judged, tree or no tree: another one that fits better is not handed over.
        path, report = self.expect_root(
            "BTF: a page without a tree",
            with_btf(self.kernel(out=PLAIN, table=self.scratch[0]), [("fdt", "pointer", 0)]),
            PLAIN,
        )
        if "kho-root-header" not in [finding["rule"] for finding in report.get("findings", [])]:
            self.failures.append("a root without a tree has no finding")

    def in_memory(self):
        kernel = self.kernel(out=TWIN, table=self.scratch[0])
        self.expect_root("VMCOREINFO in memory only", kernel, TWIN, place="memory")
        kernel = self.kernel(out=TWIN, table=self.scratch[0])
        second = {0x300001000: elf_writer.note(b"VMCOREINFO", 0, b"OSRELEASE=7.3.4\n").ljust(PAGE, b"\0")}
        self.expect_root(
            "two kernels' VMCOREINFO", kernel, self.root, "scan", None, place="memory", extra=second
        )

    def hostile(self):
        """Only one tree is left: a scan finds it whatever the symbols say."""

        def survives(name, kernel, info, extra=()):
            path = self.write(kernel, info, extra, without=(DECOY, TWIN))
            before = cpu_seconds()
            result = subprocess.run(
                [self.khover, "check", khover.NO_PROOF, "--format", "json", path, *self.stated],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                timeout=300,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30)),
            )
            report = json.loads(result.stdout) if result.returncode in (0, 1, 3) else {}
            good = (
                report.get("root_from") in ("scan", "kallsyms")
                or result.returncode == khover.NO_ANSWER
                and result.stderr
            )
            self.expect(name, good and cpu_seconds() - before < 10, result)
            return report

        def kernel():
            return self.kernel(out=self.root, table=self.scratch[0])

        def patched(name, place, value):
            one = kernel()
            info = one.finish()
            at = one.places[place]
            one.data[at : at + len(value)] = value
            report = survives(name, one, info)
            if report.get("root_from") != "scan":
                self.failures.append(f"{name}: {report.get('root_from')}")

        patched("a symbol count of 2^32 - 1", "kallsyms_num_syms", b"\xff" * 4)
        patched("a symbol count of 2^24", "kallsyms_num_syms", b"\0\0\0\x01")
        patched("names of length 0", "kallsyms_names", bytes(64))
        patched("names as long as can be", "kallsyms_names", b"\xff" * 64)
        patched("tokens that do not end", "kallsyms_token_table", b"t" * 1200)
        patched("tokens behind the table", "kallsyms_token_index", b"\xff" * 512)
        patched("offsets to nowhere", "kallsyms_offsets", b"\x80" * 256)

        for key, value in (
            ("SYMBOL(kallsyms_names)", "0"),
            ("SYMBOL(kallsyms_names)", "ffffffffbffff000"),
            ("SYMBOL(kallsyms_names)", "ffff888000000000"),
            ("SYMBOL(kallsyms_names)", "ffffffffffffffff"),
            ("NUMBER(phys_base)", "-1"),
            ("NUMBER(phys_base)", "9223372036854775807"),
            ("NUMBER(phys_base)", "-9223372036854775808"),
            ("NUMBER(phys_base)", "x"),
            ("SYMBOL(init_top_pgt)", "0"),
            ("SYMBOL(init_top_pgt)", "ffffffffbffff000"),
            ("NUMBER(KERNEL_IMAGE_SIZE)", "-1"),
            ("NUMBER(pgtable_l5_enabled)", "1"),
            ("NUMBER(sme_mask)", "-1"),
            ("SYMBOL(kallsyms_offsets)", "ffffffffbffff000"),
        ):
            one = kernel()
            lines = one.finish().decode().splitlines()
            info = "\n".join(f"{key}={value}" if line.startswith(key + "=") else line for line in lines)
            survives(f"{key}={value}", one, info.encode())
        for machine, cut in (("x86_64", 1), ("arm64", 1)):
            one = self.kernel(machine=machine)
            lines = one.finish().decode().splitlines()
            for i in range(0, len(lines), cut):
                survives(f"{machine} without {lines[i]}", one, "\n".join(lines[:i] + lines[i + 1 :]).encode())

        circle = kernel()
        info = circle.finish()
        for slot in range(512):
            circle.set_entry(circle.base + circle.top, slot, circle.base + circle.top | 0x63)
        survives("page tables in a circle", circle, info)

        # One page of names, mapped everywhere: 2^24 symbols as long as can be.
        endless = kernel()
        info = endless.finish()
        names = endless.place(b"\xff" * PAGE, PAGE)
        tables = [endless.place(bytes(PAGE), PAGE) for _ in range(3)]
        for table, to in zip([endless.top] + tables, tables + [names]):
            struct.pack_into("<512Q", endless.data, table, *[endless.base + to | 0x63] * 512)
        at = endless.places["kallsyms_num_syms"]
        endless.data[at : at + 4] = struct.pack("<I", 1 << 24)
        lines = [
            f"SYMBOL(kallsyms_names)={0xffff888000000000:x}" if "kallsyms_names" in line else line
            for line in info.decode().splitlines()
        ]
        if survives("names without an end", endless, "\n".join(lines).encode()).get("root_from") != "scan":
            self.failures.append("names without an end: not by scan")

        one = kernel()
        struct.pack_into(
            "<I",
            one.data,
            next(value for _, name, value in one.symbols if name == "kho_scratch_cnt"),
            0xFFFFFFFF,
        )
        survives("2^32 - 1 scratch areas", one, one.finish())

        deep = btf_writer.Btf()
        for _ in range(2000):
            deep.add("t", btf_writer.TYPEDEF, deep.count + 2)
        deep.add("t", btf_writer.TYPEDEF, 1)
        wide = btf_writer.Btf()
        body = struct.pack("<III", 0, 1, 0) * 65535
        wide.add("kho_out", btf_writer.STRUCT, 8, body, 65535)
        long_name = btf_writer.Btf()
        for _ in range(20000):
            long_name.add("", btf_writer.INT, 4, struct.pack("<I", 32))
        long_name.strings += b"a" * (1 << 20)
        long_name = long_name.section() + b"\0"
        good = btf_writer.Btf()
        good.struct("kho_out", 8, [("fdt", good.pointer(0), 0)])
        for name, section in (
            ("aliases in a circle", deep.section()),
            ("a record full of itself", wide.section()),
            ("one endless name", long_name),
            ("a cut section", good.section()[:-3]),
            ("no header", b"\x9f\xeb"),
            ("nothing", b""),
            ("noise", random.Random(7).randbytes(4096)),
        ):
            one = kernel()
            at = one.variable("__start_BTF", section)
            one.symbols.append(("R", "__stop_BTF", at + len(section)))
            survives("BTF: " + name, one, one.finish())
        for end in (-8, 0, 1 << 28, (1 << 31) - 1):
            one = kernel()
            at = one.variable("__start_BTF", good.section())
            info = one.finish()
            one = kernel()
            at = one.variable("__start_BTF", good.section())
            one.symbols.append(
                ("R", "__stop_BTF", min(at + end, (1 << 31) - 1 - (1 << 20)) if one.relative else at + end)
            )
            survives(f"BTF: {end} bytes", one, one.finish())

        randomness = random.Random(20261121)
        for i in range(120):
            one = kernel()
            at = one.variable("__start_BTF", good.section())
            one.symbols.append(("R", "__stop_BTF", at + len(good.section())))
            info = one.finish()
            for _ in range(randomness.choice((1, 4, 40))):
                one.data[randomness.randrange(PAGE, len(one.data))] = randomness.choice(
                    (0, 0x7F, 0x80, 0xFF, 1)
                )
            survives(f"damage {i}", one, info)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(options.khover, options.image, folder)
        test.kinds_of_kernels()
        test.same_answer(options.image)
        test.variables()
        test.btf()
        test.in_memory()
        test.hostile()
    print("\n".join(test.failures) or "as expected")
    return 1 if test.failures else 0


if __name__ == "__main__":
    sys.exit(main())
