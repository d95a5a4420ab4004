// Small changes of a well-formed image after which one rule fails, and, as far as the solver can say,
// no other. What it cannot say (what a changed pointer leads to) shows when the changed image is read:
// a rule that then fails, too, is told back, and the solver looks for changes that spare it.
#pragma once

#include <memory>
#include <vector>

#include "image/patched_memory.h"
#include "prove/formula/places.h"
#include "prove/search/change.h"
#include "walk/world.h"

namespace khover::prove {

struct Witness {
  std::vector<Change> changes;
  image::Patch patch;
};

class WitnessSearch {
 public:
  // `world` is well-formed; `rule` is to fail at `place`.
  WitnessSearch(const walk::World& world, const pack::Rule& rule, const Place& place);
  ~WitnessSearch();

  // The next one, of few changes before many; nullopt when there are no more, or none was found within
  // the solver steps that one place is worth.
  std::optional<Witness> next();
  // With the last one, `rule` failed at `place`, too: its records may change with it from now on.
  void spare(const pack::Rule& rule, const Place& place);
  // With the last one, some rule asked these bytes to be zero.
  void clear(const image::Range& bytes);

  uint64_t queries() const;  // of the solver, so far

 private:
  class Search;
  std::unique_ptr<Search> search_;
};

}  // namespace khover::prove
