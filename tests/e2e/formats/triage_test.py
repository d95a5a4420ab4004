#!/usr/bin/env python3
"""khover triage: every handover of a dump is told apart, the one that matters comes first, and what a kernel has taken
already is not called broken. triage_test.py --khover KHOVER IMAGE

The memory is that of kallsyms_test.py: the pages of a real image and a kernel whose variables name their trees."""

import argparse
import json
import os
import struct
import sys
import tempfile

import elf_memory
import elf_writer
import khover
from kernel_memory import PAGE, Kernel

NOTHING_TO_OBJECT, VIOLATED, UNDETERMINED = 0, 1, 3
EMPTY_MAP, EMPTY_ROOT, PLAIN = 0x100000, 0x101000, 0x102000


def cells(words):
    return struct.pack(f">{len(words)}I", *words)


def empty_root(compatible, memory_map):
    """The root FDT of a kernel that has nothing to hand over yet, by the format of device trees."""
    strings = b"compatible\0preserved-memory-map\0"
    tree = cells([1, 0, 3, len(compatible) + 1, 0]) + compatible + bytes(4 - len(compatible) % 4)
    tree += cells([3, 8, 11]) + struct.pack("<Q", memory_map) + cells([2, 9])
    at = 40 + 16
    size = at + len(tree) + len(strings)
    header = cells([0xD00DFEED, size, at, at + len(tree), 40, 17, 16, 0, len(strings), len(tree)])
    return (header + bytes(16) + tree + strings).ljust(PAGE, b"\0")


RECORDS, TEXT_BITS = 4, 8  # of the ring buffer in this test; 2^2 and 2^8 bytes


def add_log(kernel, lines):
    """printk's ring buffer, by kernel/printk/printk_ringbuffer.h; what VMCOREINFO says of it. The record of the last line
    is reserved and not finished. Offsets are this test's own: VMCOREINFO has them."""
    text, descriptors, infos = bytearray(1 << TEXT_BITS), bytearray(32 * RECORDS), bytearray(40 * RECORDS)
    at = 0
    for number, line in enumerate(lines):
        data = line.encode()
        size = (8 + len(data) + 7) // 8 * 8
        begin = at
        if begin % len(text) + size > len(text):
            at = (at // len(text) + 1) * len(text)
        place = at % len(text)
        struct.pack_into("<Q", text, place, number)
        text[place + 8 : place + 8 + len(data)] = data
        at += size
        state = (0 if number == len(lines) - 1 else 2) << 62 | number
        struct.pack_into("<8xQQQ", descriptors, number % RECORDS * 32, state, begin, at)
        struct.pack_into("<QQH", infos, number % RECORDS * 40, number, number * 1500000000, len(data))
    places = [kernel.virtual(kernel.place(bytes(part))) for part in (descriptors, infos, text)]
    head, tail = len(lines) - 1, max(0, len(lines) - RECORDS)
    ring = struct.pack("<4xI", 2) + struct.pack("<QQQQ", places[0], places[1], head, tail)
    ring += struct.pack("<I4xQ", TEXT_BITS, places[2])
    pointer = kernel.place(struct.pack("<Q", kernel.virtual(kernel.place(ring))))
    offsets = {
        "printk_ringbuffer.desc_ring": 4,
        "printk_ringbuffer.text_data_ring": 40,
        "prb_desc_ring.count_bits": 0,
        "prb_desc_ring.descs": 4,
        "prb_desc_ring.infos": 12,
        "prb_desc_ring.head_id": 20,
        "prb_desc_ring.tail_id": 28,
        "prb_data_ring.size_bits": 0,
        "prb_data_ring.data": 8,
        "prb_desc.state_var": 8,
        "prb_desc.text_blk_lpos": 16,
        "prb_data_blk_lpos.begin": 0,
        "printk_info.ts_nsec": 8,
        "printk_info.text_len": 16,
        "atomic_long_t.counter": 0,
    }
    info = [f"SYMBOL(prb)={kernel.virtual(pointer):x}", "SIZE(prb_desc)=32", "SIZE(printk_info)=40"]
    info += [f"OFFSET({name})={offset}" for name, offset in offsets.items()]
    return ("\n".join(info) + "\n").encode()


class Test:
    def __init__(self, program, image, folder):
        self.khover, self.folder, self.image, self.failures, self.number = program, folder, image, [], 0
        core = elf_memory.read_file(image)
        self.facts = elf_memory.note(core)
        self.root = int(self.facts["root"], 16)
        self.scratch = (int(self.facts["scratch"][0], 16), self.facts["scratch"][1])
        self.pages = {frame * PAGE: data for frame, data in elf_memory.pages(core, PAGE).items()}

    def dump(self, out=None, in_=None, without=(), extra=(), log=None):
        """A dump of a kernel whose variables hold these addresses."""
        self.number += 1
        path = os.path.join(self.folder, f"{self.number}.elf")
        kernel = Kernel()
        kernel.variable("kho_out", struct.pack("<Q", kernel.pointer(out) if out else 0) + bytes(64))
        kernel.variable("kho_in", struct.pack("<QQ", in_ or 0, 0) + bytes(64))
        kernel.variable("kho_scratch", struct.pack("<Q", kernel.pointer(self.scratch[0])))
        kernel.variable("kho_scratch_cnt", struct.pack("<I", self.scratch[1] // 16))
        printk = add_log(kernel, log) if log else b""
        info = kernel.finish() + printk
        pieces = {phys: data for phys, data in self.pages.items() if phys not in without}
        pieces.update(kernel.memory())
        pieces.update(extra)
        with open(path, "wb") as file:
            file.write(
                elf_writer.core(
                    sorted(pieces.items()), elf_writer.note(b"VMCOREINFO", 0, info), elf_writer.X86_64
                )
            )
        return path

    def triage(self, path, *more):
        result = khover.run(self.khover, "triage", "--format", "json", path, *more)
        if result.returncode == khover.NO_ANSWER:
            sys.exit(f"khover triage {path}: {result.stderr.decode()}")
        report = json.loads(result.stdout)
        self.expect(
            "the status is said", report["status"] == result.returncode, (report["status"], result.returncode)
        )
        text = khover.run(self.khover, "triage", path, *more)
        first = text.stdout.decode().splitlines()[0]
        self.expect(
            "the answer comes first",
            all(one[1:] in first for one in report["answer"]),
            (first, report["answer"]),
        )
        return report, first

    def expect(self, name, condition, seen):
        if not condition:
            self.failures.append(f"{name}: {seen}")

    def expect_trees(self, name, path, roles, status, *more):
        report, first = self.triage(path, *more)
        found = [(one["role"], one["root"]) for one in report["handovers"]]
        self.expect(name, found == [(role, hex(root)) for role, root in roles], found)
        self.expect(name + ": status", report["status"] == status, (report["status"], first))
        return report, first

    def log(self):
        lines = [
            "KHO: overwritten",
            "luo: one",
            "usb: no",
            "luo: " + "x" * 140,
            "KHO: four",
            "KHO: from the start",
            "not finished",
        ]
        path = self.dump(out=self.root, log=lines)
        report, _ = self.triage(path)
        found = [(one["nanoseconds"], one["text"]) for one in report["log"]]
        expected = [(i * 1500000000, lines[i]) for i in (3, 4, 5)]
        self.expect("the log of the dump", found == expected, (found, report.get("why_no_log")))
        text = khover.run(self.khover, "triage", path).stdout.decode()
        self.expect("the log as text", "\n  [    6.000000] KHO: four\n" in text, text[-400:])

        other = os.path.join(self.folder, "dmesg")
        with open(other, "w", encoding="utf-8") as file:
            file.write("[    1.500000] luo: \x1b[31mred\n[    2.000000] usb: no\nluo: no time\n")
        report, _ = self.triage(path, "--log", other)
        found = [(one.get("nanoseconds"), one["text"]) for one in report["log"]]
        self.expect("--log", found == [(1500000000, "luo: \x1b[31mred"), (None, "luo: no time")], found)
        text = khover.run(self.khover, "triage", path, "--log", other).stdout
        self.expect("a terminal obeys nothing in it", b"\x1b" not in text, text[-300:])
        report, _ = self.triage(self.dump(out=self.root))
        self.expect("no log", "SYMBOL(prb)" in report.get("why_no_log", ""), report.get("why_no_log"))

    def run(self):
        empty = {
            EMPTY_MAP: bytes(PAGE),
            EMPTY_ROOT: empty_root(b"kho-v4", EMPTY_MAP),
        }
        # Before the jump: what this kernel hands over.
        _, first = self.expect_trees(
            "outgoing", self.dump(out=self.root), [("outgoing", self.root)], NOTHING_TO_OBJECT
        )
        self.expect("what is handed over", "3 sessions" in first and "7.3.4-test" in first, first)

        # After it: the kernel has a tree of its own, empty; the one that it was handed is the news.
        taken = self.dump(out=EMPTY_ROOT, in_=self.root, extra=empty)
        _, first = self.expect_trees(
            "after the jump", taken, [("consumed", self.root), ("outgoing", EMPTY_ROOT)], UNDETERMINED
        )
        self.expect("not well-formed", "well-formed" not in first, first)
        self.expect("reused", "may be reused" in first, first)

        # Its memory is reused: whatever is there now, the next kernel does not crash on it.
        maps = [phys for phys in self.pages if 0x8AD000 <= phys < 0x8B4000 and phys != self.root]
        reused = self.dump(
            out=EMPTY_ROOT, in_=self.root, extra={**empty, **{phys: b"\xa5" * PAGE for phys in maps}}
        )
        report, first = self.expect_trees(
            "reused", reused, [("consumed", self.root), ("outgoing", EMPTY_ROOT)], UNDETERMINED
        )
        self.expect("no crash is foretold", "crash" not in first, first)

        # Early: nothing of its own yet.
        self.expect_trees("early", self.dump(in_=self.root), [("received", self.root)], NOTHING_TO_OBJECT)

        # The kernel names its root, and no tree can be read there.
        torn = {self.root: b"\0\0\0\0" + self.pages[self.root][4:]}
        damaged = self.dump(out=self.root, extra=torn)
        report, first = self.expect_trees("damaged", damaged, [("outgoing", self.root)], VIOLATED)
        rules = [one["rule"] for one in report["handovers"][0]["check"]["findings"]]
        self.expect("what is wrong with it", "kho-root-header" in rules, rules)
        self.expect("what that means", "boots as if nothing was handed over" in first, first)
        checked = khover.run(self.khover, "check", khover.NO_PROOF, damaged)
        self.expect("check judges that address", checked.returncode == VIOLATED, checked.stderr)

        # Copies that nothing names are listed last.
        copy = self.dump(out=self.root, extra={PLAIN: self.pages[self.root]})
        self.expect_trees("a copy", copy, [("outgoing", self.root), ("unclaimed", PLAIN)], NOTHING_TO_OBJECT)
        self.expect_trees(
            "who asks for it", copy, [("unclaimed", PLAIN)], NOTHING_TO_OBJECT, "--fdt", hex(PLAIN)
        )

        # The note of a slim core says whose tree it is.
        self.expect_trees("slim core", self.image, [("outgoing", self.root)], NOTHING_TO_OBJECT)

        self.log()

        nothing = os.path.join(self.folder, "nothing.elf")
        with open(nothing, "wb") as file:
            file.write(elf_writer.core([(PLAIN, b"x" * PAGE)], b"", elf_writer.X86_64))
        report, first = self.triage(nothing)
        self.expect("nothing", report["handovers"] == [] and report["status"] == UNDETERMINED, first)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(options.khover, options.image, folder)
        test.run()
    for failure in test.failures:
        print(failure)
    return len(test.failures) != 0


if __name__ == "__main__":
    sys.exit(main())
