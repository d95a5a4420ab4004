"""Memory of a kernel that never ran: its symbols (kallsyms), page tables and variables, and what its
VMCOREINFO says of them. Written from the kernel's description of these formats, with nothing of khover:
scripts/kallsyms.c, kernel/vmcore_info.c, Intel's Software Developer's Manual, volume 3, 4.5,
arch/arm64/include/asm/memory.h."""

import struct

PAGE = 4096
MASK = (1 << 64) - 1


class Kernel:
    """Its image lies at `base` in memory. `symbols` are added by variable(); memory() ends the work."""

    def __init__(
        self, base=0x200000000, slide=0, levels=4, mapped_by=PAGE, relative=True, machine="x86_64", bits=48
    ):
        self.base, self.slide, self.levels, self.mapped_by = base, slide, levels, mapped_by
        self.relative, self.machine, self.bits = relative, machine, bits
        if machine == "x86_64":
            self.text = 0xFFFFFFFF81000000 + slide
            # A random direct map, as CONFIG_RANDOMIZE_MEMORY makes it: 1 GiB aligned, in the upper half.
            self.direct = (0xFF11000000000000 if levels == 5 else 0xFFFF888000000000) + (
                slide << 6 & ~((1 << 30) - 1)
            )
        else:
            self.direct = MASK + 1 - (1 << bits)
            self.modules = MASK + 1 - (1 << min(bits, 48) - 1)
            self.text = self.modules + (2 << 30) + slide
            self.phys_offset = 0x40000000
        self.data = bytearray(PAGE)  # the image from its first byte on; the first page is text
        self.symbols = [("T", "_text", 0)]
        self.tables = {}  # address: bytearray
        self.next_table = base + (64 << 20)
        self.top = self.place(bytes(PAGE), PAGE)
        self.symbols.append(("D", "init_top_pgt", self.top))

    # The image: places are offsets from its beginning.
    def place(self, content, alignment=8):
        self.data += bytes(-len(self.data) % alignment)
        at = len(self.data)
        self.data += content
        return at

    def variable(self, name, content, alignment=8):
        at = self.place(content, alignment)
        self.symbols.append(("d", name, at))
        return at

    def virtual(self, place):
        return self.text + place

    # The direct map.
    def pointer(self, phys):
        """The kernel's pointer to memory; maps the page that it lies in."""
        if self.machine != "x86_64":
            return phys - self.phys_offset + self.direct & MASK
        virt = self.direct + phys
        table, level = self.base + self.top, self.levels - 1
        last = {PAGE: 0, 2 << 20: 1, 1 << 30: 2}[self.mapped_by]
        while True:
            shift = 12 + 9 * level
            slot = virt >> shift & 511
            if level == last:
                self.set_entry(
                    table, slot, phys >> shift << shift | 0x8000000000000163 | (0x80 if level else 0)
                )
                return virt
            entry = self.entry(table, slot)
            if not entry & 1:
                self.tables[self.next_table] = bytearray(PAGE)
                entry = self.next_table | 0x63
                self.set_entry(table, slot, entry)
                self.next_table += PAGE
            table, level = entry & 0x000FFFFFFFFFF000, level - 1

    def table_bytes(self, table):
        return (self.data, self.top) if table == self.base + self.top else (self.tables[table], 0)

    def entry(self, table, slot):
        data, at = self.table_bytes(table)
        return struct.unpack_from("<Q", data, at + 8 * slot)[0]

    def set_entry(self, table, slot, value):
        data, at = self.table_bytes(table)
        struct.pack_into("<Q", data, at + 8 * slot, value)

    # kallsyms.
    def write_symbols(self):
        # Tokens of several characters represent themselves in codes that no name uses.
        tokens = {code: chr(code) if 32 < code < 127 else "" for code in range(256)}
        tokens.update({1: "kho", 2: "_scratch", 3: "dkho_", 128: "_BTF", 255: "padding_"})

        def compressed(text):
            out = b""
            while text:
                code = max(
                    (code for code, token in tokens.items() if token and text.startswith(token)),
                    key=lambda code: len(tokens[code]),
                )
                out += bytes([code])
                text = text[len(tokens[code]) :]
            return out

        self.symbols += [
            ("t", "k" + "x" * 300, 8),
            ("t", "kho", 16),
            ("t", "kho_o", 16),
            ("t", "kho_out_of", 24),
        ]
        self.symbols.sort(key=lambda symbol: symbol[2])
        names = b""
        for kind, name, _ in self.symbols:
            code = compressed(kind + name)
            names += bytes([len(code)]) if len(code) < 128 else bytes([len(code) & 127 | 128, len(code) >> 7])
            names += code
        table, index = b"", b""
        for code in range(256):
            index += struct.pack("<H", len(table))
            table += tokens[code].encode() + b"\0"
        places = {
            "kallsyms_num_syms": self.place(struct.pack("<I", len(self.symbols))),
            "kallsyms_names": self.place(names),
            "kallsyms_token_table": self.place(table),
            "kallsyms_token_index": self.place(index),
        }
        if self.relative:
            at = self.place(b"", 4)
            offsets = [value - (at + 4 * i) for i, (_, _, value) in enumerate(self.symbols)]
            places["kallsyms_offsets"] = self.place(struct.pack(f"<{len(offsets)}i", *offsets), 4)
        else:
            places["kallsyms_relative_base"] = self.place(struct.pack("<Q", self.text))
            places["kallsyms_offsets"] = self.place(
                struct.pack(f"<{len(self.symbols)}I", *(value for _, _, value in self.symbols)), 4
            )
        return places

    def finish(self):
        """VMCOREINFO, as the kernel writes it; sets `places` of the tables."""
        self.places = self.write_symbols()
        lines = ["OSRELEASE=7.3.4-test", "PAGESIZE=4096", f"SYMBOL(_stext)={self.text:x}", "SIZE(page)=64"]
        lines += [f"SYMBOL({name})={self.virtual(at):x}" for name, at in self.places.items()]
        if self.machine == "x86_64":
            distance = self.base - (self.text - 0xFFFFFFFF80000000)
            lines += [
                f"NUMBER(phys_base)={distance}",
                f"SYMBOL(init_top_pgt)={self.virtual(self.top):x}",
                f"NUMBER(pgtable_l5_enabled)={int(self.levels == 5)}",
                f"KERNELOFFSET={self.slide:x}",
                "NUMBER(KERNEL_IMAGE_SIZE)=1073741824",
                "NUMBER(sme_mask)=0",
                "SYMBOL(vmemmap)=ffffea0000000000",
            ]
        else:
            lines += [
                f"NUMBER(VA_BITS)={self.bits}",
                f"NUMBER(MODULES_VADDR)=0x{self.modules:x}",
                f"NUMBER(kimage_voffset)=0x{self.text - self.base & MASK:x}",
                f"NUMBER(PHYS_OFFSET)=0x{self.phys_offset:x}",
                f"KERNELOFFSET={self.slide:x}",
            ]
        return ("\n".join(lines) + "\n").encode()

    def memory(self):
        """(physical address, bytes) of the image and its page tables."""
        data = bytes(self.data) + bytes(-len(self.data) % PAGE)
        return [(self.base, data)] + sorted((at, bytes(table)) for at, table in self.tables.items())
