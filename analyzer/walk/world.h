// Everything that was read of one image under one model.
#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "image/image.h"
#include "pack/model.h"
#include "walk/preserved_map.h"
#include "walk/record_set.h"

namespace khover::walk {

// Strings as numbers: equal strings have equal ids, so that names compare, join and hash like integers.
class StringTable {
 public:
  uint64_t id(std::string_view text);
  const std::string& text(uint64_t id) const { return texts_[id]; }

 private:
  std::unordered_map<std::string_view, uint64_t> ids_;
  std::deque<std::string> texts_;  // a deque keeps its elements where they are
};

// A device tree, copied out of the image so that libfdt sees bytes of a known length.
struct FdtBlob {
  uint64_t address = 0;
  std::vector<char> bytes;
};

// A record that no pack follows, so that memory below it cannot be attributed.
struct Unhandled {
  uint32_t set = 0;
  uint32_t row = 0;
  std::string name;
};

struct World {
  const pack::Model* model = nullptr;
  const image::Memory* memory = nullptr;
  image::Facts facts;           // with the root that was chosen
  std::vector<RecordSet> sets;  // parallel to Model::sets
  std::vector<FdtBlob> blobs;
  std::vector<Unhandled> unhandled;
  PreservedMap map;
  bool has_map = false;
  bool map_unwritten = false;   // nothing keeps it from being read: there is none yet
  uint32_t map_set = kNone;     // of its keys
  mutable StringTable strings;  // filled as columns are read

  // The row `hops` parents above a row of `set`.
  uint32_t ancestor(uint32_t set, uint32_t row, uint32_t hops) const;
  // [first, last) of the rows of `set` that are `hops` parents below one row of an ancestor.
  std::pair<uint32_t, uint32_t> rows_below(uint32_t set, uint32_t hops, uint32_t ancestor) const;
  // What keeps that family from being complete; null when it is complete.
  const Opening* opening_below(uint32_t set, uint32_t hops, uint32_t ancestor) const;
  // What keeps the set as a whole from being complete: its own openings and those above it.
  const Opening* opening(uint32_t set) const;
};

}  // namespace khover::walk
