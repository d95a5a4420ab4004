// The preserved memory map: which physical ranges the writing kernel asked the
// next one to keep (struct kho_radix_node and kho_radix_leaf, kernel/liveupdate/kexec_handover.c).
// Looked up in the bitmaps where they are; never expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

namespace khover::walk {

struct Key {
  uint64_t phys = 0;  // physical address of the first byte
  int order = 0;      // PAGE_SIZE << order bytes
};

enum class Answer { no, yes, unknown };

class PreservedMap {
 public:
  PreservedMap() = default;
  PreservedMap(uint32_t page_shift, uint32_t bitmap_bits)
      : page_shift_(page_shift), bitmap_bits_(bitmap_bits) {}

  void add_leaf(uint64_t first_key, const std::byte* bitmap);
  // Keys of [first, last] may be there or not: the page that says so is absent.
  void add_hole(uint64_t first_key, uint64_t last_key, uint64_t address);

  Key decode(uint64_t key) const;
  std::optional<uint64_t> encode(uint64_t phys, int order) const;  // nullopt: no key can say that

  Answer contains(uint64_t phys, int order) const;
  // The least order of a key that begins at `phys`: the next kernel visits it last, and its order stays in
  // the page. -1 without one; nullopt when a hole decides.
  std::optional<int> order_at(uint64_t phys) const;
  // A key that covers `phys`. unknown when none is known and a hole may hide one.
  Answer covering(uint64_t phys, Key* key) const;
  // The hole that a lookup may have met, for the report.
  std::optional<uint64_t> hole_address() const;
  uint32_t bitmap_bits() const { return bitmap_bits_; }
  int max_order() const { return 64 - static_cast<int>(page_shift_); }

 private:
  Answer test(uint64_t key) const;

  uint32_t page_shift_ = 12;
  uint32_t bitmap_bits_ = 15;                              // log2 of the bits in one bitmap
  std::unordered_map<uint64_t, const std::byte*> leaves_;  // by first_key >> bitmap_bits_
  std::map<uint64_t, uint64_t> holes_;    // first key → last key; joined, so that one lookup decides
  std::optional<uint64_t> hole_address_;  // of the first that was met
  uint64_t orders_ = 0;                   // bit n: a leaf may hold keys of order n
};

}  // namespace khover::walk
