#include "walk/vm/machine.h"

#include <algorithm>

namespace khover::walk {

// C++ words that wrap; prove/formula/translation.cpp says the same of each instruction to the solver.
namespace {

// C++ leaves shifts by the width or more undefined; here they give 0.
template <typename Word>
Word shifted_left(Word x, Word y) {
  return y < 0 || y >= static_cast<Word>(sizeof(Word) * 8) ? 0 : static_cast<Word>(x << static_cast<int>(y));
}
template <typename Word>
Word shifted_right(Word x, Word y) {
  return y < 0 || y >= static_cast<Word>(sizeof(Word) * 8) ? 0 : static_cast<Word>(x >> static_cast<int>(y));
}

template <typename Word, typename Out, typename Operation>
void each(const std::vector<Word>& a, const std::vector<Word>& b, std::vector<Out>& out,
          Operation operation) {
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Out>(operation(a[i], b[i]));
}

template <typename Word>
void arithmetic(Code code, const std::vector<Word>& a, const std::vector<Word>& b, std::vector<Word>& out) {
  switch (code) {
    case Code::add:
      return each(a, b, out, [](Word x, Word y) { return x + y; });
    case Code::subtract:
      return each(a, b, out, [](Word x, Word y) { return x - y; });
    case Code::multiply:
      return each(a, b, out, [](Word x, Word y) { return x * y; });
    // An unknown operand is 0 here; its result is unknown, but must not trap.
    case Code::divide:
      return each(a, b, out, [](Word x, Word y) { return y == 0 ? 0 : x / y; });
    case Code::modulo:
      return each(a, b, out, [](Word x, Word y) { return y == 0 ? 0 : x % y; });
    case Code::shift_left:
      return each(a, b, out, [](Word x, Word y) { return shifted_left(x, y); });
    case Code::shift_right:
      return each(a, b, out, [](Word x, Word y) { return shifted_right(x, y); });
    case Code::bit_and:
      return each(a, b, out, [](Word x, Word y) { return x & y; });
    case Code::bit_or:
      return each(a, b, out, [](Word x, Word y) { return x | y; });
    case Code::minimum:
      return each(a, b, out, [](Word x, Word y) { return std::min(x, y); });
    case Code::maximum:
      return each(a, b, out, [](Word x, Word y) { return std::max(x, y); });
    default:
      return;
  }
}

template <typename Word>
void comparison(Code code, const std::vector<Word>& a, const std::vector<Word>& b,
                std::vector<uint64_t>& out) {
  switch (code) {
    case Code::is_version:
    case Code::equal:
      return each(a, b, out, [](Word x, Word y) { return x == y; });
    case Code::not_equal:
      return each(a, b, out, [](Word x, Word y) { return x != y; });
    case Code::less:
      return each(a, b, out, [](Word x, Word y) { return x < y; });
    case Code::less_equal:
      return each(a, b, out, [](Word x, Word y) { return x <= y; });
    default:
      return;
  }
}

bool is_comparison(Code code) {
  return code == Code::equal || code == Code::not_equal || code == Code::less || code == Code::less_equal ||
         code == Code::is_version;
}

}  // namespace

Lane Machine::take_lane() {
  if (spare_.empty()) return {};
  Lane lane = std::move(spare_.back());
  spare_.pop_back();
  return lane;
}

void Machine::run(const Program& program, size_t n, LeafSource& leaves, Lane& out) {
  const size_t first = used_;
  used_ += program.code.size();
  while (registers_.size() < used_) registers_.push_back(std::make_unique<Register>());
  for (size_t i = 0; i < program.code.size(); ++i)
    execute(program.code[i], first, n, leaves, *registers_[first + i]);
  const Register& result = *registers_[used_ - 1];
  out.resize(n);
  if (result_width(program.code.back()) == Width::bits128)
    out.values.assign(result.wide.begin(), result.wide.end());
  else
    std::copy(result.narrow.begin(), result.narrow.end(), out.values.begin());
  out.known = result.known;
  used_ = first;
}

void Machine::execute(const Instruction& instruction, size_t first, size_t n, LeafSource& leaves,
                      Register& out) {
  const Width width = result_width(instruction);
  if (width == Width::bits128)
    out.wide.resize(n);
  else
    out.narrow.resize(n);
  const Register& a = *registers_[first + instruction.a];
  const Register& b = *registers_[first + instruction.b];
  const Register& c = *registers_[first + instruction.c];
  const bool is_wide = instruction.width == Width::bits128;
  switch (instruction.code) {
    case Code::load:
      return load(*instruction.of, width, leaves, out);
    case Code::constant:
      if (width == Width::bits128)
        std::fill(out.wide.begin(), out.wide.end(), instruction.value);
      else
        std::fill(out.narrow.begin(), out.narrow.end(), static_cast<uint64_t>(instruction.value));
      out.known.assign(n, 1);
      return;
    case Code::widen:
      std::copy(a.narrow.begin(), a.narrow.end(), out.wide.begin());
      break;
    case Code::narrow:
      for (size_t i = 0; i < n; ++i) out.narrow[i] = static_cast<uint64_t>(a.wide[i]);
      break;
    case Code::negate:
      for (size_t i = 0; i < n; ++i) out.narrow[i] = a.narrow[i] == 0;
      break;
    case Code::both:
      return decide(a, b, false, 0, out);
    case Code::either:
      return decide(a, b, false, 1, out);
    case Code::implies:
      return decide(a, b, true, 1, out);
    case Code::select:
      return choose(a, b, c, is_wide, out);
    case Code::pages:
      for (size_t i = 0; i < n; ++i) {
        const auto page_size = static_cast<uint64_t>(instruction.value);
        if (is_wide)
          out.wide[i] = (a.wide[i] + (instruction.value - 1)) / instruction.value;
        else
          out.narrow[i] = (a.narrow[i] + (page_size - 1)) / page_size;
      }
      break;
    case Code::order_of:
      for (size_t i = 0; i < n; ++i) {
        int order = 0;
        while (order < 64 && (instruction.value << order) < a.wide[i]) ++order;
        out.wide[i] = order;
      }
      break;
    default:
      return compute_pair(instruction, a, b, out);
  }
  out.known = a.known;
}

void Machine::load(const pack::Expr& expr, Width width, LeafSource& leaves, Register& out) {
  Lane lane = take_lane();
  leaves.load(expr, lane);
  if (width == Width::bits128)
    out.wide.assign(lane.values.begin(), lane.values.end());
  else
    std::copy(lane.values.begin(), lane.values.end(), out.narrow.begin());
  out.known = lane.known;
  spare_.push_back(std::move(lane));
}

void Machine::choose(const Register& condition, const Register& yes, const Register& no, bool is_wide,
                     Register& out) {
  const size_t n = condition.narrow.size();
  out.known.resize(n);
  for (size_t i = 0; i < n; ++i) {
    const Register& chosen = condition.narrow[i] != 0 ? yes : no;
    if (is_wide)
      out.wide[i] = chosen.wide[i];
    else
      out.narrow[i] = chosen.narrow[i];
    out.known[i] = static_cast<uint8_t>(condition.known[i] & chosen.known[i]);
  }
}

// What is computed of two operands, and known if both are.
void Machine::compute_pair(const Instruction& instruction, const Register& a, const Register& b,
                           Register& out) {
  const bool is_wide = instruction.width == Width::bits128;
  const bool compares = is_comparison(instruction.code);
  if (compares && is_wide)
    comparison(instruction.code, a.wide, b.wide, out.narrow);
  else if (compares)
    comparison(instruction.code, a.narrow, b.narrow, out.narrow);
  else if (is_wide)
    arithmetic(instruction.code, a.wide, b.wide, out.wide);
  else
    arithmetic(instruction.code, a.narrow, b.narrow, out.narrow);
  const size_t n = a.known.size();
  out.known.resize(n);
  for (size_t i = 0; i < n; ++i) out.known[i] = static_cast<uint8_t>(a.known[i] & b.known[i]);
  if (instruction.code != Code::is_version) return;
  for (size_t i = 0; i < n; ++i) {  // a newer version: whether it is the same is unknown
    if (is_wide ? a.wide[i] > b.wide[i] : a.narrow[i] > b.narrow[i]) out.known[i] = 0;
  }
}

// One side may decide alone: false and unknown is false.
void Machine::decide(const Register& a, const Register& b, bool negate_left, uint64_t deciding,
                     Register& out) {
  out.known.resize(out.narrow.size());
  for (size_t i = 0; i < out.narrow.size(); ++i) {
    const uint64_t left = negate_left ? (a.narrow[i] == 0) : a.narrow[i];
    const bool left_decides = a.known[i] != 0 && left == deciding;
    const bool right_decides = b.known[i] != 0 && b.narrow[i] == deciding;
    out.narrow[i] = left_decides || right_decides ? deciding : 1 - deciding;
    out.known[i] =
        static_cast<uint8_t>(left_decides || right_decides || (a.known[i] != 0 && b.known[i] != 0));
  }
}

}  // namespace khover::walk
