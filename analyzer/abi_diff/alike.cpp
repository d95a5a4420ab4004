#include "abi_diff/alike.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "abi_diff/field_places.h"
#include "prove/solver/smt.h"

namespace khover::abi_diff {
namespace {

// As many elements of a flexible array as are asked about: addresses of more do not wrap.
constexpr uint64_t kMostElements = uint64_t{1} << 32;

// Byte k of a record, so that each place has a value of its own and every top bit is set.
uint8_t usual_byte(uint64_t place) { return static_cast<uint8_t>(0x81 + place % 127); }

std::string element_text(const std::vector<uint64_t>& indices) {
  std::string text;
  for (const uint64_t index : indices) text += fmt::format("[{}]", index);
  return text;
}

class Prover {
 public:
  Prover(bool little_endian, const std::string& smt2)
      : smt_({.folder = smt2}),
        z3_(smt_.context()),
        little_endian_(little_endian),
        bytes_(z3_.constant("bytes", z3_.array_sort(z3_.bv_sort(64), z3_.bv_sort(8)))) {}

  const prove::Tally& tally() const { return smt_.tally(); }

  bool strides(const std::string& name, uint64_t before, uint64_t after) {
    const z3::expr k = z3_.bv_const("k", 64);
    const z3::expr claim =
        z3::implies(z3::ult(k, number(kMostElements)), k * number(before) == k * number(after));
    return smt_.holds(name + " stride", claim).answer == prove::Answer::proved;
  }

  void values(const std::string& name, const Reading& before, const Reading& after, FieldProof& proof) {
    if (before.steps.size() != after.steps.size()) {
      proof.answer = FieldProof::Answer::differs;
      proof.because = "an array on one side, or of other dimensions";
      return;
    }
    for (const Reading* one : {&before, &after}) {
      if (!little_endian_ && (one->first_bit % 8 != 0 || one->width % 8 != 0)) {
        proof.because = "bit-fields of big-endian kernels are not modelled";
        return;
      }
    }
    if (before.width == 0 || after.width == 0) {
      proof.because = "it has no bits";
      return;
    }
    std::vector<z3::expr> indices;
    for (size_t i = 0; i < before.steps.size(); ++i)
      indices.push_back(z3_.bv_const(fmt::format("i{}", i).c_str(), 64));
    const unsigned width = static_cast<unsigned>(std::max(before.width, after.width)) + 2;
    const z3::expr here = in_range(before, indices), there = in_range(after, indices);
    const z3::expr same = value(before, indices, width) == value(after, indices, width);
    const z3::expr claim = here == there && z3::implies(here, same);
    const prove::Reply reply = smt_.holds(name, claim, "QF_ABV");
    proof.because = reply.answer == prove::Answer::unknown ? reply.reason : "";
    proof.answer = reply.answer == prove::Answer::proved    ? FieldProof::Answer::alike
                   : reply.answer == prove::Answer::refuted ? FieldProof::Answer::differs
                                                            : FieldProof::Answer::unknown;
    if (reply.answer == prove::Answer::refuted)
      counterexample(before, after, indices, here, there, claim, proof);
  }

 private:
  z3::expr number(uint64_t value) { return z3_.bv_val(value, 64); }

  z3::expr in_range(const Reading& reading, const std::vector<z3::expr>& indices) {
    z3::expr all = z3_.bool_val(true);
    for (size_t i = 0; i < indices.size(); ++i) {
      const uint64_t count = reading.steps[i].count == 0 ? kMostElements : reading.steps[i].count;
      all = all && z3::ult(indices[i], number(count));
    }
    return all;
  }

  z3::expr address(const Reading& reading, const std::vector<z3::expr>& indices) {
    z3::expr at = number(reading.first_bit / 8);
    for (size_t i = 0; i < indices.size(); ++i) at = at + indices[i] * number(reading.steps[i].stride);
    return at;
  }

  static unsigned bytes_of(const Reading& reading) {
    return static_cast<unsigned>((reading.first_bit % 8 + reading.width + 7) / 8);
  }

  z3::expr bits(const Reading& reading, const std::vector<z3::expr>& indices) {
    const z3::expr at = address(reading, indices);
    const unsigned shift = static_cast<unsigned>(reading.first_bit % 8);
    const unsigned count = bytes_of(reading);
    z3::expr whole = z3::select(bytes_, at);
    for (unsigned i = 1; i < count; ++i) {
      const z3::expr next = z3::select(bytes_, at + number(i));
      whole = little_endian_ ? z3::concat(next, whole) : z3::concat(whole, next);
    }
    return whole.extract(shift + static_cast<unsigned>(reading.width) - 1, shift);
  }

  // In `width` bits, at least two more than either reading has: numbers of both signs differ there, and a
  // floating-point number differs from all of them.
  z3::expr value(const Reading& reading, const std::vector<z3::expr>& indices, unsigned width) {
    const z3::expr raw = bits(reading, indices);
    const unsigned own = static_cast<unsigned>(reading.width);
    switch (reading.meaning) {
      case Meaning::number:
        break;
      case Meaning::signed_number:
        return z3::sext(raw, width - own);
      case Meaning::truth:
        return z3::ite(raw == z3_.bv_val(0, own), z3_.bv_val(0, width), z3_.bv_val(1, width));
      case Meaning::floating:
        return z3::concat(z3_.bv_val(1, 2), z3::zext(raw, width - 2 - own));
    }
    return z3::zext(raw, width - own);
  }

  z3::solver bounded_solver() {
    z3::solver solver(z3_, "QF_ABV");
    z3::params params(z3_);
    params.set("rlimit", prove::SmtOptions{}.steps);
    solver.set(params);
    return solver;
  }

  // Bytes and an element against `claim`, the plainest that there are: the first element, and the
  // usual bytes.
  void counterexample(const Reading& before, const Reading& after, const std::vector<z3::expr>& indices,
                      const z3::expr& here, const z3::expr& there, const z3::expr& claim, FieldProof& proof) {
    std::vector<uint64_t> element;
    for (const uint64_t most : {uint64_t{0}, uint64_t{1}, kMostElements}) {
      z3::expr wanted = !claim;
      for (const z3::expr& index : indices) wanted = wanted && z3::ule(index, number(most));
      z3::solver solver = bounded_solver();
      solver.add(wanted);
      if (solver.check() != z3::sat) continue;
      const z3::model model = solver.get_model();
      element.clear();
      for (const z3::expr& index : indices) element.push_back(model.eval(index, true).get_numeral_uint64());
      break;
    }
    if (element.size() != indices.size()) return;
    z3::solver solver = bounded_solver();
    solver.add(!claim);
    for (size_t i = 0; i < indices.size(); ++i) solver.add(indices[i] == number(element[i]));
    std::vector<uint64_t> places;
    std::vector<z3::expr> fixed;
    for (const Reading* one : {&before, &after}) {
      uint64_t at = one->first_bit / 8;
      for (size_t i = 0; i < element.size(); ++i) at += element[i] * one->steps[i].stride;
      for (unsigned i = 0; i < bytes_of(*one); ++i) places.push_back(at + i);
    }
    solver.push();
    for (const uint64_t place : places)
      solver.add(z3::select(bytes_, number(place)) ==
                 z3_.bv_val(static_cast<unsigned>(usual_byte(place)), 8));
    if (solver.check() != z3::sat) {
      solver.pop();
      if (solver.check() != z3::sat) return;
    }
    const z3::model model = solver.get_model();
    for (const uint64_t place : places) {
      proof.bytes[place] =
          static_cast<uint8_t>(model.eval(z3::select(bytes_, number(place)), true).get_numeral_uint());
    }
    proof.element = element_text(element);
    proof.old_value = read(before, indices, here, model);
    proof.new_value = read(after, indices, there, model);
  }

  std::string read(const Reading& reading, const std::vector<z3::expr>& indices, const z3::expr& in,
                   const z3::model& model) {
    if (!model.eval(in, true).is_true()) return "no such element";
    if (reading.width > 64) return "another value";
    return number_text(reading, model.eval(bits(reading, indices), true).get_numeral_uint64());
  }

  prove::Smt smt_;
  z3::context& z3_;
  bool little_endian_;
  z3::expr bytes_;
};

struct Pair {
  const Reading* before = nullptr;
  const Reading* after = nullptr;
};

// By path; what is left over by its place: a field that took another one's.
std::vector<Pair> pairs_of(const std::vector<Reading>& before, const std::vector<Reading>& after) {
  std::vector<Pair> pairs;
  std::vector<bool> taken(after.size(), false);
  std::map<std::string, size_t> by_path;
  for (size_t i = 0; i < after.size(); ++i) by_path.emplace(after[i].path, i);
  for (const Reading& one : before) {
    const auto found = by_path.find(one.path);
    pairs.push_back({&one, nullptr});
    if (found == by_path.end() || taken[found->second]) continue;
    pairs.back().after = &after[found->second];
    taken[found->second] = true;
  }
  for (Pair& pair : pairs) {
    for (size_t i = 0; i < after.size() && pair.after == nullptr; ++i) {
      if (taken[i] || !pair.before->agrees_with(after[i])) continue;
      pair.after = &after[i];
      taken[i] = true;
    }
  }
  for (size_t i = 0; i < after.size(); ++i) {
    if (!taken[i]) pairs.push_back({nullptr, &after[i]});
  }
  return pairs;
}

// What only one kernel reads: nothing to ask, but bytes and their value all the same.
void one_sided(const Reading& reading, bool gone, bool little_endian, FieldProof& proof) {
  proof.because = gone ? "only OLD declares it" : "only NEW declares it";
  Reading first = reading;
  first.steps.clear();
  std::vector<uint8_t> bytes((reading.first_bit + reading.width + 7) / 8);
  for (uint64_t at = reading.first_bit / 8; at < bytes.size(); ++at) {
    bytes[at] = usual_byte(at);
    proof.bytes[at] = bytes[at];
  }
  for (size_t i = 0; i < reading.steps.size(); ++i) proof.element += "[0]";
  (gone ? proof.old_value : proof.new_value) = value_text(first, bytes, little_endian);
}

}  // namespace

Result<prove::Tally> prove_alike(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                                 Comparison& comparison, const std::string& smt2) try {
  Prover prover(old_abi.source.little_endian, smt2);
  for (RecordProof& record : comparison.proofs) {
    const std::vector<Reading> before = readings(old_abi, old_abi.records.at(record.before));
    const std::vector<Reading> after = readings(new_abi, new_abi.records.at(record.after));
    record.strides_alike = prover.strides(record.after, record.old_size, record.new_size);
    record.fields.clear();
    bool places_agree = record.old_size == record.new_size;
    for (const Pair& pair : pairs_of(before, after)) {
      FieldProof proof;
      if (pair.before != nullptr) proof.before = pair.before->path;
      if (pair.after != nullptr) proof.after = pair.after->path;
      if (pair.before != nullptr && pair.after != nullptr) {
        prover.values(record.after + "." + proof.after, *pair.before, *pair.after, proof);
        const bool agree = pair.before->agrees_with(*pair.after);
        places_agree = places_agree && agree;
        if (proof.answer != FieldProof::Answer::unknown &&
            agree != (proof.answer == FieldProof::Answer::alike)) {
          return fail(record.after + "." + proof.after,
                      "the solver and the comparison of offsets disagree: a bug in khover",
                      "please report it with both headers");
        }
      } else if (const Reading* only = pair.before != nullptr ? pair.before : pair.after) {
        proof.answer = FieldProof::Answer::differs;
        one_sided(*only, only == pair.before, old_abi.source.little_endian, proof);
        places_agree = false;
      }
      record.fields.push_back(std::move(proof));
    }
    if (places_agree && !record.strides_alike)
      return fail(record.after, "the solver did not prove that equal sizes are equal", "please report it");
  }
  return prover.tally();
} catch (const z3::exception& error) {
  return fail("Z3", error.msg(), "please report it with both headers");
}

}  // namespace khover::abi_diff
