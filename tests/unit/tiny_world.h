// A world small enough to see at a glance: three records, a pack that a test writes, memory that it fills.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "fake_memory.h"
#include "pack/model.h"
#include "walk/walker.h"

namespace khover {

constexpr uint64_t kRoot = 0x10000;   // struct head
constexpr uint64_t kItems = 0x20000;  // struct item[]
constexpr uint64_t kOthers = 0x30000;
constexpr uint64_t kChain = 0x40000;
constexpr uint64_t kItemSize = 32;

inline abi::Snapshot tiny_snapshot(uint64_t page_size = 4096) {
  auto snapshot = abi::read_snapshot(R"(format: 1
source: {release: "1", arch: x86_64, page_size: )" +
                                         std::to_string(page_size) +
                                         R"(, pointer_size: 8, endian: little, headers: [], configuration: []}
records:
  bits:
    size: 16
    alignment: 1
    packed: true
    fields:
      - {name: pfn, offset: 0, bits: [0, 52], size: 7, kind: integer, element: 8, type: u64}
      - {name: flags, offset: 6, bits: [4, 12], size: 2, kind: integer, element: 8, type: u64}
      - {name: small, offset: 8, size: 1, kind: integer, type: u8}
      - {name: odd, offset: 9, size: 4, kind: integer, signed: true, type: s32}
      - {name: half, offset: 13, size: 2, kind: integer, type: u16}
      - {name: sign, offset: 15, bits: [5, 3], size: 1, kind: integer, signed: true, element: 1, type: s8}
  head:
    size: 64
    alignment: 8
    fields:
      - {name: items, offset: 0, size: 8, kind: integer, type: u64}
      - {name: count, offset: 8, size: 8, kind: integer, type: u64}
      - {name: others, offset: 16, size: 8, kind: integer, type: u64}
      - {name: other_count, offset: 24, size: 8, kind: integer, type: u64}
      - {name: chain, offset: 32, size: 8, kind: integer, type: u64}
      - {name: map, offset: 40, size: 8, kind: integer, type: u64}
      - {name: low, offset: 48, size: 8, kind: integer, type: u64}
      - {name: high, offset: 56, size: 8, kind: integer, type: u64}
  item:
    size: 32
    alignment: 8
    fields:
      - {name: start, offset: 0, size: 8, kind: integer, type: u64}
      - {name: length, offset: 8, size: 8, kind: integer, type: u64}
      - {name: key, offset: 16, size: 8, kind: integer, type: u64}
      - {name: name, offset: 24, size: 8, kind: character, dimensions: [8], element: 1, type: "char[8]"}
  joined:
    size: 8
    alignment: 8
    fields:
      - {name: "", offset: 0, size: 8, kind: record, record: joined.@0, type: union}
  joined.@0:
    union: true
    size: 8
    alignment: 8
    fields:
      - {name: left, offset: 0, size: 8, kind: integer, type: u64}
      - {name: right, offset: 0, size: 8, kind: integer, type: u64}
  link:
    size: 16
    alignment: 8
    fields:
      - {name: next, offset: 0, size: 8, kind: integer, type: u64}
      - {name: value, offset: 8, size: 8, kind: integer, type: u64}
enumerations: {}
constants:
  LIMIT: {integer: 10, at: "a.h:1"}
  MAGIC: {text: "tiny-v2", at: "a.h:2"}
documented_versions: []
)",
                                     "tiny.yaml");
  EXPECT_TRUE(snapshot) << sentence(snapshot.error());
  return std::move(*snapshot);
}

// The sets that most tests need. `more` continues the file: rules, further keys.
inline std::string tiny_pack(const std::string& more) {
  return R"(pack: tiny
title: Tiny
serves: {root: MAGIC, thing: [thing-v1, thing-v2, other]}
sets:
  root: {singular: root, at: root_address, record: head}
  items: {singular: item, label: 'item {_position}', in: root, array: {at: items, record: item, count: count}}
  others: {singular: other, in: root, array: {at: others, record: item, count: other_count}}
  links: {singular: link, in: root, chain: {at: chain, record: link, next: next}}
)" + more;
}

inline std::string tiny_rule(const std::string& id, const std::string& claim, const std::string& more = "") {
  return "  - id: " + id + "\n    severity: crash\n    claim: |\n      " + claim +
         "\n    because: it is so\n    evidence: f()\n" + more;
}

inline Result<pack::PackFile> read_tiny(const std::string& yaml) {
  return pack::read_pack(yaml, "rules/tiny.yaml", [](const std::string&) { return std::nullopt; });
}

inline Result<pack::Model> link_tiny(const std::string& yaml, uint64_t page_size = 4096) {
  auto file = read_tiny(yaml);
  if (!file) return tl::unexpected(file.error());
  return pack::link(tiny_snapshot(page_size), "tiny", {*file});
}

struct Item {
  uint64_t start = 0, length = 0, key = 0;
  std::string name;
};

class TinyImage {
 public:
  explicit TinyImage(const std::string& yaml, uint64_t page_size = 4096) {
    static std::map<std::pair<std::string, uint64_t>, std::shared_ptr<const pack::Model>>
        models;  // thousands of images share one
    auto& known = models[{yaml, page_size}];
    if (!known) {
      auto linked = link_tiny(yaml, page_size);
      EXPECT_TRUE(linked) << sentence(linked.error());
      if (linked) known = std::make_shared<const pack::Model>(std::move(*linked));
    }
    model = known;
    memory.map(kRoot, 64);
    facts.root = image::Fact<uint64_t>{kRoot, image::Origin::given};
  }

  void items(const std::vector<Item>& list) { array(list, kItems, 0); }
  void others(const std::vector<Item>& list) { array(list, kOthers, 16); }
  void root(uint64_t offset, uint64_t value) { memory.put_u64(kRoot + offset, value); }
  // The chain's links are at kChain + 16 * i; next[i] is an index, -1 for the end.
  void chain(const std::vector<int>& next) {
    memory.map(kChain, 16 * next.size());
    root(32, kChain);
    for (size_t i = 0; i < next.size(); ++i) {
      memory.put_u64(kChain + 16 * i, next[i] < 0 ? 0 : kChain + 16 * static_cast<uint64_t>(next[i]));
    }
  }

  const walk::World& walk() {
    world = walk::walk(*model, memory, facts);
    return world;
  }
  const walk::RecordSet& set(const std::string& name) const { return world.sets[model->find_set(name)]; }

  std::shared_ptr<const pack::Model> model;
  FakeMemory memory;
  image::Facts facts;
  walk::World world;

 private:
  void array(const std::vector<Item>& list, uint64_t at, uint64_t head) {
    memory.map(at, kItemSize * list.size() + 8);
    root(head, at);
    root(head + 8, list.size());
    for (size_t i = 0; i < list.size(); ++i) {
      const uint64_t item = at + kItemSize * i;
      memory.put_u64(item, list[i].start);
      memory.put_u64(item + 8, list[i].length);
      memory.put_u64(item + 16, list[i].key);
      memory.put(item + 24, list[i].name);
    }
  }
};

}  // namespace khover
