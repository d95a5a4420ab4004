"""Reads the records of preserved devices, in every variant, for reader.py.

The variant is given (nothing in an image names it): each is a struct format, typed
from the posted series as the writer's declarations are, but not from them.
"""
import struct

DELETED = 1

PCI_HEADERS = {"A": "<QQ", "B": "<II", "C": "<QQ", "D": "<II", "E": "<IQ", "F1": "<IIQ", "F2": "<IIQ"}
PCI_NAMES = {
    "A": "pci-v1",
    "B": "pci-v1",
    "C": "pci-v2",
    "D": "pci-v2",
    "E": "pci-v2",
    "F1": "pci",
    "F2": "pci",
}
# domain and bdf
VFIO = {
    "r0": (2, "<H", (None, 0)),
    "r1": (8235, "<H", (None, 0)),
    "r2": (4, "<HH", (1, 0)),
    "r3": (5, "<HHB", (1, 0)),
    "r4": (9, "<HHBI", (1, 0)),
    "r5": (6, "<IH", (0, 1)),
}
IOMMU_NAMES = {
    "A0": "iommu-v1",
    "A1": "iommu-v1",
    "D": "iommu-liveupdate",
    "E-intel": "iommu-liveupdate",
    "E-smmuv3": "iommu-liveupdate",
}
VERSIONED = ("D", "E-intel", "E-smmuv3")
# Per array: format, then the positions of what matters.
IOMMU = {
    "A0": ("<IIB7xQIQQ4x", "<IIBQQQQ", "<IIBQIII4xQQI"),
    "A1": ("<IIBQIQQ", "<IIBQQQ", "<IIBQIIIQQI"),
    "B": ("<IBQQ", "<IBQQIBQ", "<IBIIQQQ"),
    "C": ("<IIQQ", "<IIQQIBQ", "<IIIIQQQ"),
    "C-intel": ("<IIQQB7xQQ8Q", "<IIQQIBQ", "<IIIIQQQQQ"),
    "C-smmuv3": ("<IIQQQQQQI4xQ40x", "<IIQQIBQ", "<IIIIQQQQI4xQ"),
    "D": ("<IIQQ", "<IIQQIBQ", "<IIIIQQQ"),
    # What owns the DMA of a device is nobody's to check.
    "E-intel": ("<IIQQB7xQQ8Q", "<IIQQIB3xQ", "<IIII8xQQQ8xQQ"),
    "E-smmuv3": ("<IIQQQQQQ56x", "<IIQQIB3xQ", "<IIII8xQQQQI4xQ"),
}
ADDRESS = 0x000FFFFFFFFFF000


class Record:
    """One record of an IOMMU array, its fields in an order that is the same in every variant."""

    def __init__(self, variant, kind, phys, fields):
        self.phys = phys
        if variant in ("A0", "A1"):
            self.idx, *fields = fields
        self.ref_count, self.flags, *fields = fields
        if kind == 0:
            self.token, self.type, *self.driver = fields
            # SMMUv3 has a stream table instead, C and D without a driver have neither
            self.root = {"A0": 1, "A1": 1, "C-intel": 2, "E-intel": 2}.get(variant)
        elif kind == 1:
            self.top_table, self.top_level = fields[:2]
            self.rest = fields[-1]  # restored_domain
        elif variant in ("A0", "A1"):
            (
                self.owner,
                self.devid,
                self.domain_nr,
                self.attachment,
                self.domain,
                self.unit,
                self.type,
            ) = fields
            self.driver = []
        else:
            self.devid, self.domain_nr, self.attachment, self.domain, self.unit, *self.driver = fields
        self.live = not self.flags & DELETED


class Devices:
    """The part of a reader.Reader that knows devices; `reader` is that reader."""

    def __init__(self, reader, variants, expect):
        self.reader, self.variants, self.expect = reader, variants, expect
        self.core, self.page = reader.core, reader.page
        self.vfio, self.hwpts, self.live = [], [], {}

    def read_bytes(self, phys, length):
        parts = []
        while length:
            here = min(length, self.page - phys % self.page)
            parts.append(self.core.read(phys, here))
            phys, length = phys + here, length - here
        return b"".join(parts)

    def own_bytes(self, phys, length, owner):
        order = 0
        while self.page << order < length:
            order += 1
        self.reader.own(phys, order, owner)
        return self.read_bytes(phys, self.page << order)

    def read_file(self, compatible, phys, owner):
        if compatible == "vfio-pci-v1":
            return self.read_vfio(phys, owner)
        if compatible == "iommufd-v1":
            return self.read_iommufd(phys, owner)
        return self.read_guest_file(compatible, phys, owner)

    def read_folios(self, descriptor, count, order, owner):
        first, pages, _, _ = descriptor
        found = dict(self.reader.count)
        array = self.reader.read_vmalloc(first, pages, owner)
        self.reader.count.update(found)
        for i, (pfn, index) in enumerate(struct.iter_unpack("<QQ", array[: 16 * count])):
            self.expect(index == i << order, "folio of %s at %d", owner, index)
            self.reader.own(pfn * self.page, order, owner)

    def read_guest_file(self, compatible, phys, owner):
        record = self.own_bytes(phys, 1, owner)
        if compatible == "huge-memfd-v1":
            size, _, count, *descriptor, order = struct.unpack_from("<QQQQIHHB", record)
            self.expect(size == count * (self.page << order), "%s has %d bytes", owner, size)
            self.read_folios(descriptor, count, order, owner)
        elif compatible == "guest_memfd_luo_v1":
            size, _, count, _, *descriptor = struct.unpack_from("<QQQQQIHH", record)
            self.expect(size == count * self.page, "%s has %d bytes", owner, size)
            self.read_folios(descriptor, count, 0, owner)
        elif compatible == "kvm_vcpu_luo_v1":
            vcpu, _, _, arch, block = struct.unpack_from("<IIQQQ", record)
            self.reader.own(arch, 0, "state of " + owner)
            *_, number, zero, telemetry = struct.unpack_from("<IIIIQ", self.own_bytes(block, 1, owner))
            self.expect((number, zero) == (vcpu, 0), "control block of %s is of %d", owner, number)
            self.reader.own(telemetry, 0, "telemetry of " + owner)
        else:
            self.expect(compatible == "kvm_vm_luo_v1", "file is %r", compatible)
            if self.variants["kvm"] == "b":
                count, first, pages = struct.unpack_from("<8xQQI", record)
                found = dict(self.reader.count)
                array = self.reader.read_vmalloc(first, pages, owner)
                self.reader.count.update(found)
                attributes = list(struct.iter_unpack("<QQ", array[: 16 * count]))
                self.expect(len(attributes) == count == len(dict(attributes)), "%s has bad attributes", owner)
                self.expect(all(value for _, value in attributes), "an attribute of %s is 0", owner)
            if self.variants["kvm"] == "c":
                count, page = struct.unpack_from(
                    "<QQ", self.own_bytes(struct.unpack_from("<8xQ", record)[0], 1, owner)
                )
                self.expect(count == 1, "%s has %d folios", owner, count)
                self.reader.own(page, 0, owner)

    def read_vfio(self, phys, owner):
        size, form, places = VFIO[self.variants["vfio"]]
        record = self.own_bytes(phys, size, owner)
        self.expect(not any(record[size:]), "%s has a dirty tail", owner)
        if size == 8235:
            self.own_bytes(struct.unpack_from("<Q", record, 8227)[0], self.page << 2, owner)
        fields = struct.unpack_from(form, record)
        self.vfio.append((0 if places[0] is None else fields[places[0]], fields[places[1]]))

    def read_iommufd(self, phys, owner):
        if self.variants["iommufd"] == "0":
            self.expect(not any(self.own_bytes(phys, 1, owner)), "%s is not empty", owner)
            return
        header, form = ("<I", "<IQB") if self.variants["iommufd"] == "1" else ("<Q", "<QQB7x")
        (count,) = struct.unpack_from(header, self.core.read(phys, self.page))
        start, size = struct.calcsize(header), struct.calcsize(form)
        record = self.own_bytes(phys, start + count * size, owner)
        self.expect(not any(record[start + count * size :]), "%s has a dirty tail", owner)
        tokens = set()
        for i in range(count):
            fields = struct.unpack_from(form, record, start + i * size)
            token, domain = fields[:2] if self.variants["iommufd"] == "1" else fields[1::-1]
            self.expect(token not in tokens and not fields[2], "bad hwpt of %s", owner)
            tokens.add(token)
            self.hwpts.append(domain)

    def read_flb(self, name, phys, count):
        if name.startswith("pci"):
            self.expect(name == PCI_NAMES[self.variants["pci"]], "FLB is %r", name)
            self.pci_count = count
            self.read_pci(phys)
        elif name == "hugetlb-v1":
            self.own_bytes(phys, 37, "hugetlb_ser")
        elif name.startswith("iommu"):
            self.expect(
                name == IOMMU_NAMES.get(self.variants["iommu"], "iommu-liveupdate-v1"), "FLB is %r", name
            )
            self.iommu_count = count
            self.read_iommu(phys)

    def pci_entries(self, phys):
        variant = self.variants["pci"]
        header = PCI_HEADERS[variant]
        size = struct.calcsize(header)
        fields = struct.unpack_from(header, self.core.read(phys, size))
        if variant in "ABCD":
            room, live = fields
            record = self.own_bytes(phys, size + 8 * room, "pci_ser")
            used = room if variant == "D" else live
            self.expect(not any(record[size + 8 * used :]), "pci_ser has a dirty tail")
            return live, list(struct.iter_unpack("<IHH", record[size : size + 8 * used]))
        self.reader.own(phys, 0, "pci_ser")
        if variant != "E":
            self.expect(fields[0] == int(variant[1]), "pci_ser of version %d", fields[0])
        return fields[-2], [
            struct.unpack("<IHH", entry) for entry in self.reader.read_blocks(fields[-1], 8, "PCI block")
        ]

    def read_pci(self, phys):
        variant = self.variants["pci"]
        found, entries = self.pci_entries(phys)
        counted = variant not in "AB"
        live = [entry for entry in entries if entry[2] or not counted]
        self.expect(len(live) == found, "%d PCI records live, not %d", len(live), found)
        self.expect(all(not any(entry) for entry in entries if entry not in live), "a hole is not empty")
        names = [entry[:2] for entry in live]
        self.expect(len(set(names)) == len(names), "a PCI function is there twice")
        if variant in "AC":
            self.expect(names == sorted(names), "PCI records are not sorted")
        self.pci = {entry[:2]: entry[2] for entry in live}

    def read_array(self, phys, kind):
        form = IOMMU[self.variants["iommu"]][kind]
        size, records, full = struct.calcsize(form), [], True
        room = (self.page - 16) // size
        while phys:
            self.expect(full, "an array page behind one that is not full")
            self.reader.own(phys, 0, "IOMMU array page")
            page = self.core.read(phys, self.page)
            following, count = struct.unpack_from("<QQ", page)
            self.expect(count <= room and not any(page[16 + count * size :]), "bad array page at %#x", phys)
            for i in range(count):
                at = 16 + i * size
                records.append(
                    Record(self.variants["iommu"], kind, phys + at, struct.unpack_from(form, page, at))
                )
            phys, full = following, count == room
        return records

    def read_iommu(self, phys):
        variant = self.variants["iommu"]
        self.reader.own(phys, 0, "IOMMU record")
        if variant in ("A0", "A1"):
            words = self.core.words(phys, 6)
            heads, totals = words[::2], words[1::2]
        else:
            words = self.core.words(phys, 4)
            heads, totals = words[1:] if variant in VERSIONED else words[:3], None
            self.expect(variant not in VERSIONED or words[0] == 1, "IOMMU record of version %d", words[0])
        arrays = [self.read_array(head, kind) for kind, head in enumerate(heads)]
        if totals:
            self.expect(totals == tuple(map(len, arrays)), "totals are %s", totals)
            for array in arrays:
                self.expect([record.idx for record in array] == list(range(len(array))), "bad idx")
        self.check_iommu(*arrays)
        self.count_iommu(*arrays)

    def check_iommu(self, units, domains, devices):
        self.large = lambda entry: entry & 0x80
        if self.variants["iommu"].endswith("smmuv3"):
            self.large = lambda entry: not entry & 2
        expect, by_unit, names = self.expect, {}, set()
        live_units = {unit.phys: unit for unit in units if unit.live}
        live_domains = {domain.phys: domain for domain in domains if domain.live}
        for device in filter(lambda device: device.live, devices):
            expect(
                device.unit in live_units and device.domain in live_domains,
                "dangling device %#x",
                device.phys,
            )
            expect((device.domain_nr, device.devid) not in names, "device %#x is there twice", device.devid)
            names.add((device.domain_nr, device.devid))
            by_unit[device.unit] = by_unit.get(device.unit, 0) + 1
            if self.variants["iommu"].endswith("intel"):
                self.reader.own(device.driver[0], 1, "PASID directory")
                (table,) = self.core.words(device.driver[0], 1)
                self.reader.own(table & ADDRESS, 0, "PASID table")
            elif self.variants["iommu"].endswith("smmuv3"):
                self.read_contexts(device)
        for phys, unit in live_units.items():
            expect(unit.ref_count == by_unit.get(phys, 0), "bad ref_count of unit %#x", unit.token)
            if unit.root:
                self.read_root(unit.driver[unit.root])
            if self.variants["iommu"].endswith("smmuv3"):
                self.read_streams(unit)
        for domain in live_domains.values():
            expect(domain.ref_count == 1 and not domain.rest, "bad domain %#x", domain.phys)
            self.read_table(domain.top_table, domain.top_level)
        self.devices, self.domains = names, set(live_domains)

    def read_root(self, phys):
        self.reader.own(phys, 0, "VT-d root table")
        for entry in self.core.words(phys, 512):
            if entry & 1:
                self.reader.own(entry & ADDRESS, 0, "VT-d context table")

    def read_allocation(self, phys, owner):
        """The pages of a DMA allocation, which a dma_alloc_ser lists."""
        (pages,) = struct.unpack_from("<Q", self.core.read(phys, self.page), 8)
        record = self.own_bytes(phys, 18 + 8 * pages, "record of " + owner)
        pages = struct.unpack_from("<%dQ" % pages, record, 18)
        self.reader.own_pages(pages[0], len(pages), owner)
        self.expect(
            pages == tuple(range(pages[0], pages[0] + len(pages) * self.page, self.page)),
            "%s has gaps",
            owner,
        )
        return pages[0]

    def read_contexts(self, device):
        l1, count, l2 = device.driver
        if not l1:
            return  # stage 2
        first = self.read_allocation(l1, "context descriptors")
        if not count:
            return
        self.reader.own(l2, 0, "list of context descriptor tables")
        tokens = self.core.words(l2, self.page // 8)
        self.expect(all(tokens[:count]) and not any(tokens[count:]), "bad list of context descriptor tables")
        second = sorted(self.read_allocation(token, "context descriptors") for token in tokens[:count])
        if first in self.core.pages:
            used = sorted(entry & ADDRESS for entry in self.core.words(first, self.page // 8) if entry & 1)
            self.expect(second == used, "other context descriptor tables of device %#x", device.devid)

    def read_streams(self, unit):
        sparse = self.variants["iommu"] == "E-smmuv3"
        _, base, config, l1, count, l2 = (
            (unit.driver[0], 0, *unit.driver[1:3], 0, unit.driver[3]) if sparse else unit.driver
        )
        table = self.read_allocation(l1, "stream table")
        self.expect(base & ADDRESS in (0, table), "other stream table of %#x", unit.token)
        if not config >> 16 & 3:
            self.expect(not count and not l2, "level 2 of one level, of %#x", unit.token)
            return
        self.reader.own(l2, 0, "list of stream tables")
        tokens = self.core.words(l2, self.page // 8)
        if sparse:
            places = [i for i, entry in enumerate(self.core.words(table, 256)) if entry]
            self.expect(
                places == [i for i, token in enumerate(tokens) if token],
                "a table in another place of the list",
            )
            tokens = [token for token in tokens if token]
            count = len(tokens)
        self.expect(all(tokens[:count]) and not any(tokens[count:]), "bad list of stream tables")
        used = sorted(entry & ADDRESS for entry in self.core.words(table, 256) if entry)
        self.expect(
            sorted(self.read_allocation(token, "stream table") for token in tokens[:count]) == used,
            "other stream tables of %#x",
            unit.token,
        )

    def read_table(self, phys, level):
        self.reader.own(phys, 0, "page table")
        if phys not in self.core.pages:
            return  # real slim cores leave the tables out
        for entry in self.core.words(phys, self.page // 8):
            if entry and level and not self.large(entry):
                self.read_table(entry & ADDRESS, level - 1)

    def count_iommu(self, units, domains, devices):
        for name, records in (("hw_units", units), ("domains", domains), ("iommu_devices", devices)):
            self.reader.count[name] = len(records)

    def finish(self):
        expect = self.expect
        self.reader.count["devices"] = len(self.vfio)
        expect(len(set(self.vfio)) == len(self.vfio), "a device has two files")
        if hasattr(self, "pci"):
            expect(self.pci_count == len(self.vfio), "PCI counts %d files", self.pci_count)
            expect(set(self.vfio) <= set(self.pci), "a file's device has no PCI record")
        if hasattr(self, "devices"):
            expect(self.devices == set(self.vfio), "files and IOMMU records differ")
            expect(
                self.variants["iommufd"] == "0" or sorted(self.hwpts) == sorted(self.domains),
                "hwpts and domains differ",
            )
