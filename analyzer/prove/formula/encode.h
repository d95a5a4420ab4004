// Bytes that make a record read as a solver wants it: the inverse of Reader. The world itself stays
// as it is; what is to be written is collected beside it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "image/patched_memory.h"
#include "prove/formula/formula.h"
#include "walk/content/read.h"
#include "walk/world.h"

namespace khover::prove {

class Encoder {
 public:
  explicit Encoder(const walk::World& world, image::Patch patch = {})
      : world_(world), patch_(std::move(patch)) {}

  // Each returns false, and writes nothing, where no bytes say so: a string that is longer than its
  // buffer, a property that the node lacks, a number of the wrong width.
  bool number(uint32_t set, uint32_t column, uint32_t row, Integer value);
  bool text(uint32_t set, uint32_t column, uint32_t row, const std::string& text);
  // Takes the key of one row away, and adds `key`, which must be in the same page of the bitmap.
  bool remove_key(uint32_t set, uint32_t row);
  bool add_key(uint32_t set, uint32_t row, uint64_t key);
  // Takes away the key that covers `phys`.
  bool uncover(uint64_t phys);
  bool byte(uint64_t address, std::byte value);

  const image::Patch& patch() const { return patch_; }

 private:
  struct Bitmap {
    const walk::Leaf* leaf = nullptr;
    uint64_t address = 0;
  };
  std::optional<Bitmap> bitmap_of(uint32_t set, uint32_t row) const;  // the page that holds a key
  bool holds(const walk::Leaf& leaf, uint64_t key) const;
  bool set_bit(uint64_t address, uint64_t bit, bool value);
  bool write_bits(const walk::Place& field, const pack::Column& of, Integer value);
  bool write_node(const walk::FdtRow& row, const pack::Column& of, Integer value);
  std::byte now(uint64_t address) const;
  bool write(uint64_t address, Integer value, unsigned bytes, bool big_endian);
  bool write_text(const walk::Place& field, const std::string& text);

  const walk::World& world_;
  image::Patch patch_;
};

}  // namespace khover::prove
