// What of a judged image would be otherwise if some of its bytes were: the way to tell a cause from its
// consequences. The image itself is never changed.
#pragma once

#include <optional>
#include <set>

#include "image/patched_memory.h"
#include "session/analysis.h"

namespace khover::session {

// The bytes by which one stored field gets another value; nullopt: it has no bytes of its own in the image.
std::optional<image::Patch> patch_of(const walk::World& world, uint32_t set, uint32_t column, uint32_t row,
                                     uint64_t value);

class Trials {
 public:
  explicit Trials(const Analysis& analysis);

  // Rules that are violated or undetermined in the image and hold once the bytes are written; nullopt: what
  // is there then is wrong in another way, or there have been enough trials for an image of this size.
  std::optional<std::set<uint32_t>> mended_by(const image::Patch& patch);

 private:
  const Analysis& analysis_;
  size_t left_;
};

}  // namespace khover::session
