#!/usr/bin/env python3
"""A second reader of handoff images, independent of khover and of the writer.

Reads a well-formed image, strictly, and prints what it holds as JSON. Any
surprise ends it with a message. In finalized and early images the keys must be
exactly those that the objects account for; in outgoing ones at least those.
"""
import json
import struct
import sys

import device_reader


class Surprise(Exception):
    pass


def expect(condition, message, *values):
    if not condition:
        raise Surprise(message % values)


class Core:
    """Physical memory of an ELF64 core, and its KHOVER note."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        expect(self.bytes[:4] == b"\x7fELF", "not an ELF file")
        machine = struct.unpack_from("<H", self.bytes, 18)[0]
        self.page = {62: 4096, 183: None}[machine]
        (table,) = struct.unpack_from("<Q", self.bytes, 32)
        (count,) = struct.unpack_from("<H", self.bytes, 56)
        self.loads, self.note = [], {}
        for i in range(count):
            kind, _, offset, _, paddr, size, _, _ = struct.unpack_from(
                "<IIQQQQQQ", self.bytes, table + 56 * i
            )
            if kind == 1:
                self.loads.append((paddr, size, offset))
            elif kind == 4:
                name, length, number = struct.unpack_from("<III", self.bytes, offset)
                expect(
                    (self.bytes[offset + 12 : offset + 12 + name], number) == (b"KHOVER\0", 1), "foreign note"
                )
                start = offset + 12 + (name + 3 & ~3)
                self.note = json.loads(self.bytes[start : start + length].decode())
        self.page = self.note.get("page_size", self.page)
        self.pages = {}
        for paddr, size, offset in self.loads:
            for at in range(0, size, self.page):
                expect(paddr + at not in self.pages, "page %#x is there twice", paddr + at)
                self.pages[paddr + at] = offset + at

    def read(self, phys, length):
        base = phys & ~(self.page - 1)
        expect(base in self.pages, "hole at %#x", phys)
        expect(phys + length <= base + self.page, "read across the page at %#x", base)
        at = self.pages[base] + phys - base
        return self.bytes[at : at + length]

    def words(self, phys, count):
        return struct.unpack("<%dQ" % count, self.read(phys, 8 * count))


def read_fdt(core, phys):
    """{property: bytes} and {child: {property: bytes}}, in order; and totalsize."""
    magic, total, structure, strings, _, version, compatible = struct.unpack(">7I", core.read(phys, 28))
    expect((magic, version, compatible) == (0xD00DFEED, 17, 16), "bad FDT header at %#x", phys)
    expect(total <= core.page, "FDT of %d bytes", total)
    blob = core.read(phys, total)
    path, root, children, at = [], {}, [], structure
    while True:
        (token,) = struct.unpack_from(">I", blob, at)
        at += 4
        if token == 1:
            end = blob.index(b"\0", at)
            path.append(blob[at:end].decode())
            if len(path) == 2:
                children.append((path[1], {}))
            at = end + 4 & ~3
        elif token == 2:
            path.pop()
        elif token == 3:
            length, name = struct.unpack_from(">II", blob, at)
            name = blob[strings + name : blob.index(b"\0", strings + name)].decode()
            (root if len(path) == 1 else children[-1][1])[name] = blob[at + 8 : at + 8 + length]
            at += 8 + length + 3 & ~3
        else:
            expect(token == 9 and not path, "bad FDT token %d", token)
            return root, children, total


def u64(value):
    expect(len(value) == 8, "property of %d bytes", len(value))
    return struct.unpack("<Q", value)[0]


def text(field):
    """A NUL-terminated string in a field of zeros."""
    end = field.index(b"\0")
    expect(end and not any(field[end:]), "bad string %r", field)
    return field[:end].decode()


NEWEST = ("kho", "v4"), ("luo", "v5"), ("memfd", "v2")


class Reader:
    def __init__(self, core, root=None, variants=None):
        self.core, self.page = core, core.page
        self.shift = core.page.bit_length() - 1
        self.phase = core.note.get("phase")
        self.owned = {}  # key -> owner, as the objects account for it
        self.count = dict.fromkeys(
            (
                "radix_nodes",
                "subtrees",
                "regions",
                "test_folios",
                "flbs",
                "sessions",
                "files",
                "blocks",
                "folios",
                "chunks",
                "array_pages",
                "devices",
                "hw_units",
                "domains",
                "iommu_devices",
            ),
            0,
        )
        self.unknown = []
        self.kho, self.luo, self.memfd = ((variants or {}).get(name, newest) for name, newest in NEWEST)
        self.devices = device_reader.Devices(self, variants or {}, expect)
        self.read_root(int(core.note["root"], 16) if root is None else root)

    def own(self, phys, order, owner):
        key = (phys, order)
        expect(not self.has_map or key in self.keys, "%s at %#x has no key of order %d", owner, phys, order)
        expect(key not in self.owned, "%#x belongs to %s and %s", phys, self.owned.get(key), owner)
        self.owned[key] = owner

    def own_pages(self, phys, pages, owner):
        while pages:
            order = min(
                pages.bit_length() - 1, ((phys >> self.shift) & -(phys >> self.shift)).bit_length() - 1
            )
            while self.has_map and (phys, order) not in self.keys and order:
                order -= 1  # a NUMA boundary
            self.own(phys, order, owner)
            phys += self.page << order
            pages -= 1 << order

    def read_any_map(self, first):
        self.keys, self.at_base, self.has_map = set(), {}, True
        if self.kho in ("v4", "v3", "v2"):
            pages = self.read_map(first)
        elif self.phase == "outgoing":
            expect(not first, "the map is there before it is finalized")
            pages, self.has_map = set(), False
        else:
            pages = self.read_bitmaps(first)
        self.count["radix_nodes"] = len(pages)
        covered = sorted((phys, phys + (self.page << order)) for phys, order in self.keys)
        for (_, end), (start, _) in zip(covered, covered[1:]):
            expect(end <= start, "keys overlap at %#x", start)
        expect(not any((page, 0) in self.keys for page in pages), "a page of the map has a key")

    def read_bitmaps(self, chunk):
        """kho-v1: {next, order, count} and {start, bitmap} in each page of the chain."""
        size, chunks, pages, last = 512 if self.kho == "v1-512" else self.page, set(), set(), (-1, 0)
        while chunk:
            expect(chunk not in chunks and not chunk % self.page, "page %#x of the map", chunk)
            chunks.add(chunk)
            following, order, count = struct.unpack("<QII", self.core.read(chunk, 16))
            expect(0 < count <= self.page // 16 - 1, "%d bitmaps in a page", count)
            for i in range(count):
                start, bitmap = self.core.words(chunk + 16 + 16 * i, 2)
                expect((order, start) > last, "bitmaps out of order at %#x", start)
                last = order, start
                expect(
                    not start % (size * 8 << self.shift + order) and not bitmap % size,
                    "bad bitmap for %#x",
                    start,
                )
                pages.add(bitmap & -self.page)
                bits = int.from_bytes(self.core.read(bitmap, size), "little")
                while bits:
                    low = bits & -bits
                    phys = start + (low.bit_length() - 1 << self.shift + order)
                    self.keys.add((phys, order))
                    self.at_base[phys] = order
                    bits ^= low
            chunk = following
        return chunks | pages

    def read_map(self, root):
        width, table, leaf = 65 - self.shift, self.shift - 3, self.shift + 3
        levels = -(-(width - leaf) // table) + 1
        seen = set()
        todo = [(root, levels - 1, 0)]
        while todo:
            node, level, prefix = todo.pop()
            expect(node not in seen, "radix node %#x is there twice", node)
            seen.add(node)
            if level:
                for i, slot in enumerate(self.core.words(node, 1 << table)):
                    if slot:
                        todo.append((slot, level - 1, prefix | i << (level - 1) * table + leaf))
                continue
            bits = int.from_bytes(self.core.read(node, self.page), "little")
            while bits:
                low = bits & -bits
                self.add_key(prefix | low.bit_length() - 1)
                bits ^= low
        return seen

    def add_key(self, key):
        order = 65 - self.shift - key.bit_length()
        expect(key and order >= 0, "bad key %#x", key)
        phys = key << self.shift + order & (1 << 64) - 1
        self.keys.add((phys, order))
        self.at_base[phys] = order

    def read_root(self, phys):
        root, children, _ = read_fdt(self.core, phys)
        expect(
            root["compatible"] == b"kho-" + self.kho[:2].encode() + b"\0", "root is %r", root["compatible"]
        )
        self.read_any_map(u64(root["preserved-memory-map"]))
        self.own(phys, 0, "root FDT")
        for name, properties in children:
            self.count["subtrees"] += 1
            data = u64(properties["preserved-data" if self.kho in ("v4", "v3", "v2") else "fdt"])
            if self.kho in ("v4", "v3"):
                size = u64(properties["blob-size"])
            else:
                expect(len(properties) == 1, "subtree %s has a size", name)
                size = read_fdt(self.core, data)[2]
            if name in ("LUO", "memblock", "kexec-metadata", "kho_test"):
                if name != "kho_test":  # its folio is larger than its tree
                    self.own(data, 0, name)
                getattr(self, "read_" + name.lower().replace("-", "_"))(data, size)
            else:
                self.unknown.append(name)

    def read_kexec_metadata(self, phys, size):
        expect(size == 73, "metadata of %d bytes", size)
        version, release, count = struct.unpack("<I65sI", self.core.read(phys, 73))
        expect(version == 1 and text(release) and count >= 1, "bad kexec-metadata")

    def read_memblock(self, phys, size):
        root, regions, total = read_fdt(self.core, phys)
        expect(root["compatible"] == b"memblock-v1\0" and size == total, "bad memblock FDT")
        for name, properties in regions:
            self.count["regions"] += 1
            start, length = u64(properties["start"]), u64(properties["size"])
            expect(properties["compatible"] == b"reserve-mem-v1\0", "bad region %s", name)
            self.own_pages(start, length >> self.shift, "region " + name)

    def read_kho_test(self, phys, size):
        root, ((name, data),), total = read_fdt(self.core, phys)
        expect((root["compatible"], name, size) == (b"kho-test-v1\0", "data", total), "bad kho_test FDT")
        self.own(phys, self.at_base.get(phys, 0), "kho_test")
        (count,) = struct.unpack("<I", data["nr_folios"])
        first, pages, _, order = struct.unpack("<QIHH", data["folios_info"])
        expect(not order and (pages - 1) * self.page < count * 8 <= pages * self.page, "bad list of kho_test")
        found = dict(self.count)
        array = self.read_vmalloc(first, pages, "kho_test")
        self.count.update(found, test_folios=count)
        for word in struct.unpack("<%dQ" % count, array[: 8 * count]):
            self.own(word & -self.page, word % self.page, "kho_test folio")

    def read_luo(self, phys, size):
        wanted = ("luo-" + self.luo[:2]).encode()
        if self.luo in ("v5", "v4", "v3"):
            expect(size == 32, "luo_ser of %d bytes", size)
            compatible, number, sessions, flbs = struct.unpack("<8sQQQ", self.core.read(phys, 32))
            expect(compatible == wanted.ljust(8, b"\0"), "LUO is %r", compatible)
        else:
            root, children, total = read_fdt(self.core, phys)
            expect(root["compatible"] == wanted + b"\0" and size == total, "bad tree of LUO")
            if self.luo == "v2":
                header = u64(root["luo-abi-header"])
                self.own(header, 0, "luo_ser")
                expect(not children and not any(self.core.read(header, self.page)[24:]), "more than luo_ser")
                number, sessions, flbs = self.core.words(header, 3)
            else:
                number, (sessions, flbs) = u64(root["liveupdate-number"]), self.luo_nodes(children)
        expect(number >= 1, "bad number of live updates")
        names_only = self.luo == "v1-session-v1"
        if not names_only:
            self.own(flbs, 0, "FLB page")
        pages, count = (1, 0) if names_only else self.core.words(flbs, 2)
        expect(pages == 1, "FLB page counts %d pages", pages)
        self.count["flbs"] = count
        expect(
            not (self.phase == "outgoing" and (self.luo in ("v5", "v4", "v3") and sessions or count)),
            "outgoing, but already serialized",
        )
        if self.luo in ("v5", "v4"):
            entries = self.read_blocks(sessions, 80, "session block")
        else:
            (number,) = self.core.words(sessions, 1) if sessions else (0,)
            expect(not (self.phase == "outgoing" and number), "outgoing, but with sessions")
            entries = self.read_array(sessions, 16, 8, number, 64 if names_only else 80, "sessions")
        for entry in entries:
            name, files, count = struct.unpack("<64sQQ", entry.ljust(80, b"\0"))
            self.read_session(text(name), files, count)
        for i in range(self.count["flbs"]):
            name, data, files = struct.unpack("<48sQQ", self.core.read(flbs + 16 + 64 * i, 64))
            expect(text(name) and files, "bad FLB")
            self.devices.read_flb(text(name), data, files)
        self.devices.finish()

    def luo_nodes(self, children):
        nodes = dict(children)
        if self.luo == "v1-session-v1":
            expect(
                len(nodes) == 1 and nodes["luo-session"]["compatible"] == b"luo-session-v1\0",
                "bad nodes of LUO",
            )
            return u64(nodes["luo-session"]["luo-session-header"]), 0
        expect(set(nodes) == {"luo-session", "luo-flb"}, "LUO has nodes %s", sorted(nodes))
        session, flb = nodes["luo-session"], nodes["luo-flb"]
        expect(
            session["compatible"] == b"luo-session-v2\0" and flb["compatible"] == b"luo-flb-v1\0",
            "bad nodes of LUO",
        )
        return u64(session["luo-session-header"]), u64(flb["luo-flb-header"])

    def read_array(self, phys, pages, header, count, size, owner):
        """Records side by side in so many pages."""
        if not phys:
            expect(not count, "no %s, but %d", owner, count)
            return
        self.own(phys, pages.bit_length() - 1, owner)
        self.count["blocks"] += 1
        expect(header + count * size <= pages * self.page, "%d %s", count, owner)
        block = b"".join(self.core.read(phys + i * self.page, self.page) for i in range(pages))
        expect(not any(block[header + count * size :]), "%s have a dirty tail", owner)
        for i in range(count):
            yield block[header + i * size : header + (i + 1) * size]

    def read_blocks(self, phys, size, owner):
        room = (self.page - 16) // size
        while phys:
            self.own(phys, 0, owner)
            self.count["blocks"] += 1
            following, count = self.core.words(phys, 2)
            expect(1 <= count <= room and (count == room or not following), "%s of %d entries", owner, count)
            block = self.core.read(phys, self.page)
            expect(not any(block[16 + count * size :]), "%s has a dirty tail", owner)
            for i in range(count):
                yield block[16 + i * size : 16 + (i + 1) * size]
            phys = following

    def read_session(self, name, files, count):
        self.count["sessions"] += 1
        tokens = set()
        entries = (
            self.read_blocks(files, 64, "file block of " + name)
            if self.luo == "v5"
            else self.read_array(files, 2, 0, count, 64, "files of " + name)
        )
        for entry in entries:
            compatible, data, token = struct.unpack("<48sQQ", entry)
            expect(token not in tokens, "token %#x twice in %s", token, name)
            tokens.add(token)
            if text(compatible) == "memfd-" + self.memfd:
                self.read_memfd(data, "memfd %s/%#x" % (name, token))
            else:
                self.devices.read_file(text(compatible), data, "%s %s/%#x" % (text(compatible), name, token))
        expect(len(tokens) == count, "%s counts %d files, not %d", name, count, len(tokens))
        self.count["files"] += count

    def read_memfd(self, phys, owner):
        self.own(phys, 0, owner)
        record = self.core.read(phys, self.page)
        seals = flags = 0
        if self.memfd == "v1":
            pos, size, folios, first, pages, kind, order = struct.unpack_from("<QQQQIHH", record)
        else:
            pos, size, seals, flags, folios, first, pages, kind, order = struct.unpack_from(
                "<QQIIQQIHH", record
            )
        expect(not any(record[40 if self.memfd == "v1" else 48 :]), "%s has a dirty tail", owner)
        expect(max(pos, size) < 1 << 63 and seals <= 0x3F and not flags, "bad record of %s", owner)
        if not folios:
            expect(not (size or first or pages or kind or order), "%s is empty, and is not", owner)
            return
        expect(kind in (1, 3) and not order, "bad vmalloc of %s", owner)
        array = self.read_vmalloc(first, pages, owner)
        expect((pages - 1) * self.page < folios * 16 <= pages * self.page, "array of %s does not fit", owner)
        expect(not any(array[folios * 16 :]), "array of %s has a dirty tail", owner)
        at = 0
        for word, index in sorted(
            struct.iter_unpack("<QQ", array[: folios * 16]), key=lambda folio: folio[1]
        ):
            base = (word & (1 << 52) - 1) << self.shift
            expect(base and word >> 52 == 3 and base in self.at_base, "bad folio of %s", owner)
            order = self.at_base[base]
            expect(index == at and not index & (1 << order) - 1, "gap in %s at %d", owner, at)
            expect(at * self.page < size, "%s has a folio behind its end", owner)
            self.own(base, order, owner)
            at += 1 << order
        expect(at * self.page >= size, "%s is too short", owner)
        self.count["folios"] += folios

    def read_vmalloc(self, chunk, pages, owner):
        array, room, full, empty = [], self.page // 8 - 1, True, False
        while chunk:
            expect(full and not empty, "%s: a chunk behind one that is not full", owner)
            self.own(chunk, 0, "chunk of " + owner)
            self.count["chunks"] += 1
            chunk, *entries = self.core.words(chunk, room + 1)
            used = entries.index(0) if 0 in entries else room
            expect(not any(entries[used:]), "%s: dirty chunk", owner)
            full, empty = used == room, not used
            for page in entries[:used]:
                self.own(page, 0, "array of " + owner)
                array.append(self.core.read(page, self.page))
        expect(len(array) == pages, "%s has %d array pages, not %d", owner, len(array), pages)
        self.count["array_pages"] += pages
        return b"".join(array)

    def report(self):
        if self.phase != "outgoing" and not self.unknown:
            orphans = self.keys - set(self.owned)
            expect(not orphans, "%d keys belong to nothing: %s", len(orphans), sorted(orphans)[:3])
        orders = {}
        for _, order in sorted(self.keys, key=lambda key: key[1]):
            orders[str(order)] = orders.get(str(order), 0) + 1
        return dict(
            self.count, phase=self.phase, page_size=self.page, keys=len(self.keys), keys_by_order=orders
        )


def read(path, root=None, variants=None):
    return Reader(Core(path), root, variants).report()


if __name__ == "__main__":
    try:
        print(json.dumps(read(sys.argv[1], int(sys.argv[2], 0) if len(sys.argv) > 2 else None), indent=1))
    except (Surprise, KeyError, ValueError, struct.error, OSError) as problem:
        sys.exit("%s: %s" % (sys.argv[1], problem))
