#!/usr/bin/env python3
"""The lists of the first posting of IOMMU state (next_objs, deleted, incoming), each damage of them found by name.

iommu_lists_test.py KHOVER KHOVER-WRITE-IMAGE
"""
import struct
import sys
import unittest

from damaged import VIOLATED, Core, Damaged

LISTS = ("unit", "domain", "device")


class Lists(Damaged):
    @classmethod
    def setUpClass(cls):
        cls.options = "--scenario 2026-02 --units 2 --devices 90 --domains 130".split()

    def setUp(self):
        super().setUp()
        self.path = self.written(*self.options)
        self.sets = self.dumped(self.path)
        self.core = Core(self.path)

    def pages(self, of):
        return [int(page["_addr"], 16) for page in self.sets["iommu.%s_pages" % of]]

    def write(self, record, field, value):
        """`record` as dumped. Its field is found by its value: the test knows no offsets."""
        at, was = int(record["_addr"], 16), int(record[field], 16)
        width = {"obj.ref_count": 4}.get(field, 8)
        place = self.core.read(at, 64).find(was.to_bytes(width, "little"))
        self.assertGreaterEqual(place, 0)
        self.core.write(at + place, value.to_bytes(width, "little"))

    def found(self, *rules):
        report = self.check(self.core, "--no-prove")
        violated = {finding["rule"] for finding in report["findings"] if finding["verdict"] == "violated"}
        self.assertEqual(report["verdict"]["status"], VIOLATED, report["verdict"])
        self.assertTrue(set(rules) <= violated, "%s; violated: %s" % (rules, sorted(violated)))

    def next_of(self, page, value):
        self.core.write(page, struct.pack("<Q", value))  # next_objs is the first member of the header

    def test_chain_cut(self):
        for of in ("domain", "device"):
            with self.subTest(of):
                self.core = Core(self.path)
                self.assertGreater(len(self.pages(of)), 1)
                self.next_of(self.pages(of)[0], 0)
                self.found("iommu-array-total")

    def test_chain_looped(self):
        for of in LISTS:
            with self.subTest(of):
                self.core = Core(self.path)
                self.next_of(self.pages(of)[-1], self.pages(of)[0])
                self.found("iommu-%s-pages-acyclic" % of)

    def test_chain_joined_with_another(self):
        for of, other in (("unit", "domain"), ("domain", "device"), ("device", "unit")):
            with self.subTest(of):
                self.core = Core(self.path)
                self.next_of(self.pages(of)[-1], self.pages(other)[0])
                self.found("iommu-list-pages-unique")

    def test_reference_count_of_a_live_record_is_zero(self):
        for of in LISTS:
            with self.subTest(of):
                self.core = Core(self.path)
                record = self.sets["iommu.%ss" % of][0]
                self.write(record, "obj.ref_count", 0)
                self.found("iommu-%s-refcount" % of)

    def test_token_changed(self):
        self.write(self.sets["iommu.units"][0], "token", 0xFED91000)
        self.found("iommu-unit-token-address")
        self.core = Core(self.path)
        self.write(self.sets["iommu.devices"][0], "token", 0x7777)
        self.found("iommu-device-owner")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
