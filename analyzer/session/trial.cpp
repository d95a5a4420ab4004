#include "session/trial.h"

#include <algorithm>
#include <array>

#include "walk/content/read.h"

namespace khover::session {
namespace {

using evaluate::Outcome;
using evaluate::Verdict;

// A trial reads and judges the whole image again. So many rows may be read in all, and so many trials made.
constexpr uint64_t kRows = 1 << 21;
constexpr size_t kTrials = 24;

bool objects(const Outcome& outcome) {
  return outcome.verdict == Verdict::violated || outcome.verdict == Verdict::undetermined;
}

size_t broken_pointers(const walk::World& world) {
  size_t count = 0;
  for (const walk::RecordSet& set : world.sets) {
    for (const walk::Opening& one : set.openings) count += one.cause == walk::Opening::Cause::broken ? 1 : 0;
  }
  return count;
}

}  // namespace

std::optional<image::Patch> patch_of(const walk::World& world, uint32_t set, uint32_t column, uint32_t row,
                                     uint64_t value) {
  const pack::Column& field = world.model->sets[set].columns[column];
  const walk::Place place = walk::place_of(world, world.sets[set], field, row);
  if (place.address == 0 || place.size == 0 || place.size > 8) return std::nullopt;
  std::array<std::byte, 8> bytes{};
  if (!world.memory->read(place.address, std::span(bytes).first(place.size))) return std::nullopt;
  uint64_t stored = 0;
  for (size_t i = place.size; i-- > 0;) stored = stored << 8 | std::to_integer<uint64_t>(bytes[i]);
  const uint32_t bits = std::min<uint32_t>(field.bits == 0 ? 64 : field.bits, 64);
  const uint64_t mask = (bits == 64 ? ~uint64_t{0} : (uint64_t{1} << bits) - 1) << field.bit_offset;
  stored = (stored & ~mask) | (value << field.bit_offset & mask);
  image::Patch patch;
  for (size_t i = 0; i < place.size; ++i)
    patch[place.address + i] = static_cast<std::byte>(stored >> (8 * i));
  return patch;
}

Trials::Trials(const Analysis& analysis) : analysis_(analysis) {
  uint64_t rows = 1;
  for (const walk::RecordSet& set : analysis.world.sets) rows += set.rows;
  left_ = std::min<uint64_t>(kTrials, kRows / rows);
}

std::optional<std::set<uint32_t>> Trials::mended_by(const image::Patch& patch) {
  if (left_ == 0) return std::nullopt;
  --left_;
  const walk::World& before = analysis_.world;
  const image::PatchedMemory memory(*before.memory, patch);
  const walk::World after = walk::walk(*before.model, memory, before.facts);
  if (broken_pointers(after) > broken_pointers(before)) return std::nullopt;
  const evaluate::Judgement judgement = evaluate::judge(after);
  std::set<uint32_t> mended;
  for (const Outcome& now : judgement.outcomes) {
    const Outcome& was = analysis_.judgement.outcomes[now.rule];
    if (objects(now) && !objects(was) && was.verdict == Verdict::holds) return std::nullopt;
    if (objects(was) && now.verdict == Verdict::holds) mended.insert(now.rule);
  }
  return mended;
}

}  // namespace khover::session
