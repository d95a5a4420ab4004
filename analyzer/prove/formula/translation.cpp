#include "prove/formula/translation.h"

#include <fmt/format.h>

#include <map>
#include <optional>

#include "prove/formula/bitvector.h"
#include "prove/formula/local_check.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

using pack::Expr;
using pack::Function;
using walk::Code;
using walk::Instruction;
using walk::Width;

unsigned lane_bits(Width width) { return width == Width::bits64 ? 64 : 128; }

// Strings are compared by their numbers.
Interval range_of(const Expr& expr) {
  return expr.type == pack::Type::text ? Interval{0, Integer{1} << 40} : expr.range;
}

// An arbitrary value of an interval, in as few bits as it needs.
struct Operand {
  z3::expr value;      // signed, width_of(range) bits
  z3::expr condition;  // it is in the interval
  Interval range;
};

Operand operand(z3::context& context, const char* name, const Interval& range) {
  const unsigned width = width_of(range);
  z3::expr value = context.bv_const(name, width);
  if (range.low == range.high)
    value = constant(context, range.low, width);
  else if (range.low >= 0)
    value = z3::zext(context.bv_const(name, width - 1), 1);
  return {value, lies_in(value, range), range};
}

// The register that holds a value: the lane's low bits of it.
z3::expr in_lane(const z3::expr& value, Width width) { return resized(value, lane_bits(width)); }

// The number that a register represents: 64-bit lanes are unsigned, 128-bit lanes signed.
z3::expr as_number(const z3::expr& lane, Width width) {
  return width == Width::bits64 ? z3::zext(lane, 66) : z3::sext(lane, 2);
}

// What walk/vm/machine.cpp does with two lanes. C++: 64-bit unsigned and 128-bit signed words that wrap.
z3::expr machine(Code code, Width width, const z3::expr& x, const z3::expr& y) {
  const bool narrow = width == Width::bits64;
  const unsigned bits = lane_bits(width);
  z3::context& context = x.ctx();
  const z3::expr zero = context.bv_val(0, bits);
  const auto lane = [&](const z3::expr& condition) {
    return z3::ite(condition, context.bv_val(1, 64), context.bv_val(0, 64));
  };
  switch (code) {
    case Code::add:
      return x + y;
    case Code::subtract:
      return x - y;
    case Code::multiply:
      return x * y;
    case Code::divide:
      return z3::ite(y == zero, zero, narrow ? z3::udiv(x, y) : x / y);
    case Code::modulo:
      return z3::ite(y == zero, zero, narrow ? z3::urem(x, y) : z3::srem(x, y));
    case Code::shift_left:
    case Code::shift_right: {
      const z3::expr beyond =
          narrow ? z3::uge(y, context.bv_val(64, 64)) : (y < zero || y >= context.bv_val(128, 128));
      const z3::expr shifted = code == Code::shift_left ? z3::shl(x, y)
                               : narrow                 ? z3::lshr(x, y)
                                                        : z3::ashr(x, y);
      return z3::ite(beyond, zero, shifted);
    }
    case Code::bit_and:
      return x & y;
    case Code::bit_or:
      return x | y;
    case Code::minimum:
      return z3::ite(narrow ? z3::ult(y, x) : y < x, y, x);
    case Code::maximum:
      return z3::ite(narrow ? z3::ult(x, y) : x < y, y, x);
    case Code::equal:
    case Code::is_version:
      return lane(x == y);
    case Code::not_equal:
      return lane(x != y);
    case Code::less:
      return lane(narrow ? z3::ult(x, y) : x < y);
    case Code::less_equal:
      return lane(narrow ? z3::ule(x, y) : x <= y);
    default:
      return zero;
  }
}

// Not the compiler's code_of (walk/vm/program.cpp), which it checks: two tables, on purpose.
std::optional<Code> code_of(const Expr& expr) {
  switch (expr.op) {
    case Op::add:
      return Code::add;
    case Op::subtract:
      return Code::subtract;
    case Op::multiply:
      return Code::multiply;
    case Op::divide:
      return Code::divide;
    case Op::modulo:
      return Code::modulo;
    case Op::shift_left:
      return Code::shift_left;
    case Op::shift_right:
      return Code::shift_right;
    case Op::bit_and:
      return Code::bit_and;
    case Op::bit_or:
      return Code::bit_or;
    case Op::equal:
      return Code::equal;
    case Op::not_equal:
      return Code::not_equal;
    case Op::less:
      return Code::less;
    case Op::less_equal:
      return Code::less_equal;
    case Op::logical_and:
      return Code::both;
    case Op::logical_or:
      return Code::either;
    case Op::implies:
      return Code::implies;
    case Op::logical_not:
      return Code::negate;
    case Op::call:
      break;
    default:
      return Code::load;
  }
  switch (expr.function) {
    case Function::select:
      return Code::select;
    case Function::minimum:
      return Code::minimum;
    case Function::maximum:
      return Code::maximum;
    case Function::pages:
      return Code::pages;
    case Function::order_of:
      return Code::order_of;
    case Function::is_version:
      return Code::is_version;
    default:
      return Code::load;
  }
}

std::string decimal(Integer value) { return to_text(*number(value)); }
std::string interval_text(const Interval& range) { return decimal(range.low) + ".." + decimal(range.high); }
// Of all nodes: the bit-vectors of a formula are as wide as they say.
std::string intervals_of(const Formula& formula) {
  std::string text = interval_text(formula.range);
  for (const FormulaPtr& arg : formula.args) text += "," + intervals_of(*arg);
  return text;
}

// In the contents of obligations: words, as the numbers change when a code is added.
const char* name_of(Code code) {
  static const char* const kNames[] = {"load",     "constant", "widen",     "narrow", "add",     "subtract",
                                       "multiply", "divide",   "modulo",    "shl",    "shr",     "and_bits",
                                       "or_bits",  "equal",    "not_equal", "less",   "at_most", "both",
                                       "either",   "implies",  "negate",    "select", "minimum", "maximum",
                                       "pages",    "order_of", "is_version"};
  static_assert(std::size(kNames) == static_cast<size_t>(Code::is_version) + 1);
  return kNames[static_cast<size_t>(code)];
}

// An interval in which a result has room, right or wrong, so that leaving the declared one shows.
Interval room(Op op, const Interval& a, const Interval& b) {
  unsigned width = std::max(width_of(a), width_of(b)) + 2;
  if (op == Op::multiply) width = width_of(a) + width_of(b);
  if (op == Op::shift_left) width = 126;
  width = std::min(width, 126U);
  return {-(Integer{1} << (width - 1)), (Integer{1} << (width - 1)) - 1};
}

// As code_of: on purpose not the compiler's.
bool only_constants(const Expr& expr) {
  if (expr.op == Op::constant) return expr.type != pack::Type::text;
  if (expr.op == Op::column || expr.op == Op::fact || expr.op == Op::term || expr.op == Op::call)
    return false;
  for (const auto& arg : expr.args) {
    if (!only_constants(*arg)) return false;
  }
  return true;
}

}  // namespace

struct Translation::Impl {
  Impl(uint64_t page, const std::string& smt2, const ProvedObligations* before)
      : page_size(static_cast<Integer>(page)), folder(smt2), shipped(before) {}
  Integer page_size;
  std::string folder;
  const ProvedObligations* shipped;
  std::unique_ptr<Smt> smt;  // its context takes milliseconds to make: often nothing has to be asked
  std::map<std::string, Reply> cache;  // by content of the obligation
  Tally tally;

  // What `build` makes, unless the same was asked before. `content` names all that it depends on.
  template <typename Build>
  Reply ask(const std::string& content, Build build) {
    const auto found = cache.find(content);
    if (found != cache.end()) {
      ++tally.repeated;
      return found->second;
    }
    if (shipped != nullptr && shipped->contains(content)) {
      ++tally.repeated;
      return {Answer::proved, ""};
    }
    if (!smt) smt = std::make_unique<Smt>(SmtOptions{5'000'000, folder});
    const Reply reply = smt->holds("translation." + content, build(smt->context()));
    cache.emplace(content, reply);
    return reply;
  }

  Reply binary(const Instruction& one) {
    const Expr& expr = *one.of;
    const Interval ra = range_of(*expr.args[0]), rb = range_of(*expr.args[1]);
    const bool arithmetic = !pack::is_condition(expr.op);
    const Interval result = arithmetic || expr.op == Op::call ? expr.range : Interval{0, 1};
    const std::string content = fmt::format(
        "{}.by.{}.w{}.to{}.{}.{}.{}", name_of(*code_of(expr)), name_of(one.code), lane_bits(one.width),
        lane_bits(walk::result_width(one)), interval_text(ra), interval_text(rb), interval_text(result));
    return ask(content, [&](z3::context& context) {
      const Operand a = operand(context, "a", ra), b = operand(context, "b", rb);
      const z3::expr lane =
          machine(one.code, one.width, in_lane(a.value, one.width), in_lane(b.value, one.width));
      const z3::expr got = as_number(lane, walk::result_width(one));
      const unsigned width = got.get_sort().bv_size();
      z3::expr meant = got;
      z3::expr stays = context.bool_val(true);
      z3::expr known = context.bool_val(true);
      if (expr.op == Op::modulo && rb.low > 0) {
        // A theorem about remainders that Z3 would find in the divider circuit only with luck.
        const unsigned natural =
            walk::width_for(ra) == Width::bits64 && walk::width_for(rb) == Width::bits64 ? 64 : 128;
        const z3::expr x = resized(a.value, natural), y = resized(b.value, natural);
        known = z3::ult(z3::urem(x, y), y);
      }
      if (expr.op == Op::call) {
        const unsigned wide = width_of(hull(ra, rb));
        const z3::expr x = resized(a.value, wide), y = resized(b.value, wide);
        if (expr.function == Function::minimum)
          meant = resized(z3::ite(x <= y, x, y), width);
        else if (expr.function == Function::maximum)
          meant = resized(z3::ite(x >= y, x, y), width);
        else
          meant = z3::ite(x == y, context.bv_val(1, width), context.bv_val(0, width));
        if (expr.function != Function::is_version) stays = lies_in(meant, result);
      } else if (arithmetic) {
        const Interval wide = room(expr.op, ra, rb);
        const z3::expr value =
            exact(expr.op, a.value, ra, b.value, rb,
                  expr.op == Op::divide || expr.op == Op::modulo || expr.op == Op::shift_right
                      ? result
                      : hull(wide, result));
        meant = resized(value, std::max(width, value.get_sort().bv_size()));
        stays = lies_in(value, result);
      } else {
        meant = z3::ite(exact(expr.op, a.value, ra, b.value, rb, {0, 1}), context.bv_val(1, width),
                        context.bv_val(0, width));
      }
      return z3::implies(a.condition && b.condition && known,
                         resized(got, meant.get_sort().bv_size()) == meant && stays);
    });
  }

  Reply constant_of(const Instruction& one) {
    const Expr& expr = *one.of;
    if (!only_constants(expr))
      return {Answer::refuted, "a constant is used for an expression that is not constant"};
    const pack::Model no_model;
    Check check(no_model, "constant");
    const FormulaPtr formula = check.read(std::make_shared<Expr>(expr), 0, pack::kNone);
    if (one.width != walk::width_for({one.value, one.value}))
      return {Answer::refuted, "a constant of the wrong width"};
    const std::string content =
        fmt::format("constant.{}.{}.{}", to_text(*formula), decimal(one.value), intervals_of(*formula));
    return ask(content, [&](z3::context& context) {
      const z3::expr meant = meaning(context, *formula, {});
      if (meant.is_bool()) return meant == context.bool_val(one.value != 0);
      return resized(meant, 130) == constant(context, one.value, 130);
    });
  }

  Reply one_of_each(const Instruction& one, const walk::Program& program) {
    const Expr& expr = *one.of;
    switch (one.code) {
      case Code::load:
        if (one.width != walk::width_for(expr.range))
          return {Answer::refuted, "a value is loaded into the wrong width"};
        return {Answer::proved, ""};
      case Code::constant:
        return constant_of(one);
      case Code::widen:
      case Code::narrow: {
        const Instruction& from = program.code[one.a];
        if (from.of != one.of) return {Answer::refuted, "a register is reused for another expression"};
        if (walk::result_width(from) != one.width)
          return {Answer::refuted, "a register is read in the wrong width"};
        const Interval range =
            from.code == Code::constant ? Interval{from.value, from.value} : range_of(expr);
        return ask(fmt::format("{}.w{}.to{}.{}", name_of(one.code), lane_bits(one.width),
                               lane_bits(walk::result_width(one)), interval_text(range)),
                   [&](z3::context& context) {
                     const Operand a = operand(context, "a", range);
                     const z3::expr lane = in_lane(a.value, one.width);
                     const z3::expr changed =
                         one.code == Code::widen ? z3::zext(lane, 64) : lane.extract(63, 0);
                     return z3::implies(a.condition,
                                        as_number(changed, walk::result_width(one)) == resized(a.value, 130));
                   });
      }
      case Code::both:
      case Code::either:
      case Code::implies:
      case Code::negate: {
        return ask(fmt::format("connective.{}", name_of(one.code)), [&](z3::context& context) {
          const z3::expr a = context.bool_const("a"), b = context.bool_const("b");
          const auto lane = [&](const z3::expr& of) {
            return z3::ite(of, context.bv_val(1, 64), context.bv_val(0, 64));
          };
          const z3::expr x = lane(a), y = lane(b), zero = context.bv_val(0, 64);
          if (one.code == Code::negate) return lane(x == zero) == lane(!a);
          // Both operands known; the lemmas "three-valued" are about unknown ones.
          const uint64_t deciding = one.code == Code::both ? 0 : 1;
          const z3::expr left = one.code == Code::implies ? lane(x == zero) : x;
          const z3::expr decides = left == context.bv_val(deciding, 64) || y == context.bv_val(deciding, 64);
          const z3::expr got =
              z3::ite(decides, context.bv_val(deciding, 64), context.bv_val(1 - deciding, 64));
          return got == lane(one.code == Code::both     ? a && b
                             : one.code == Code::either ? a || b
                                                        : z3::implies(a, b));
        });
      }
      case Code::select: {
        const Interval ra = range_of(*expr.args[1]), rb = range_of(*expr.args[2]);
        return ask(
            fmt::format("select.w{}.{}.{}.{}", lane_bits(one.width), interval_text(ra), interval_text(rb),
                        interval_text(range_of(expr))),
            [&](z3::context& context) {
              const z3::expr condition = context.bool_const("c");
              const Operand a = operand(context, "a", ra), b = operand(context, "b", rb);
              const z3::expr got = as_number(
                  z3::ite(condition, in_lane(a.value, one.width), in_lane(b.value, one.width)), one.width);
              const z3::expr meant = z3::ite(condition, resized(a.value, 130), resized(b.value, 130));
              return z3::implies(a.condition && b.condition, got == meant && lies_in(meant, range_of(expr)));
            });
      }
      case Code::pages: {
        const Interval ra = range_of(*expr.args[0]);
        if (one.value != page_size) return {Answer::refuted, "another page size"};
        return ask(
            fmt::format("pages{}.w{}.{}.{}", decimal(one.value), lane_bits(one.width), interval_text(ra),
                        interval_text(expr.range)),
            [&](z3::context& context) {
              // In two halves: the rounding does not wrap, and the quotient of what it gives is the
              // least n with n × page ≥ bytes. Each is easy; Z3 4.8 gives up on both at once.
              const Operand a = operand(context, "a", ra);
              const z3::expr rounded =
                  in_lane(a.value, one.width) + constant(context, one.value - 1, lane_bits(one.width));
              const z3::expr exactly = resized(a.value, 144) + constant(context, one.value - 1, 144);
              const z3::expr no_wrap =
                  z3::implies(a.condition, resized(as_number(rounded, one.width), 144) == exactly);
              const Operand r = operand(context, "r", {ra.low + one.value - 1, ra.high + one.value - 1});
              const z3::expr lane = in_lane(r.value, one.width),
                             size = constant(context, one.value, lane_bits(one.width));
              const z3::expr got = resized(
                  as_number(one.width == Width::bits64 ? z3::udiv(lane, size) : lane / size, one.width), 144);
              const z3::expr bytes = resized(r.value, 144) - constant(context, one.value - 1, 144),
                             page = constant(context, one.value, 144);
              return no_wrap && z3::implies(r.condition, got * page >= bytes && got * page - page < bytes &&
                                                             lies_in(got, expr.range));
            });
      }
      case Code::order_of: {
        const Interval ra = range_of(*expr.args[0]);
        if (one.value != page_size) return {Answer::refuted, "another page size"};
        return ask(
            fmt::format("order_of{}.{}.{}", decimal(one.value), interval_text(ra), interval_text(expr.range)),
            [&](z3::context& context) {
              const Operand a = operand(context, "a", ra);
              const z3::expr bytes = in_lane(a.value, Width::bits128);
              // while (order < 64 && page << order < bytes) ++order
              z3::expr order = context.bv_val(0, 128);
              for (int i = 0; i < 64; ++i) {
                const z3::expr n = context.bv_val(i, 128);
                order = z3::ite(order == n && constant(context, one.value << i, 128) < bytes,
                                context.bv_val(i + 1, 128), order);
              }
              const z3::expr page = constant(context, one.value, 128);
              const z3::expr enough = order == context.bv_val(64, 128) || z3::shl(page, order) >= bytes;
              const z3::expr least =
                  order == context.bv_val(0, 128) || z3::shl(page, order - context.bv_val(1, 128)) < bytes;
              return z3::implies(a.condition, enough && least && lies_in(order, expr.range));
            });
      }
      default:
        return binary(one);
    }
  }
};

Translation::Translation(uint64_t page_size, const std::string& smt2, const ProvedObligations* shipped)
    : impl_(std::make_unique<Impl>(page_size, smt2, shipped)) {}
Translation::~Translation() = default;

std::set<std::string> Translation::proved() const {
  std::set<std::string> contents;
  for (const auto& [content, reply] : impl_->cache) {
    if (reply.answer == Answer::proved) contents.insert(content);
  }
  return contents;
}

Integer Translation::page_size() const { return impl_->page_size; }

const Tally& Translation::tally() const {
  if (impl_->smt) {
    impl_->tally.queries = impl_->smt->tally().queries;
    impl_->tally.seconds = impl_->smt->tally().seconds;
  }
  return impl_->tally;
}

Reply Translation::holds(const Expr& expr, const walk::Program& program) {
  if (program.code.empty() || program.code.back().of != &expr)
    return {Answer::refuted, "the last register is not the result"};
  Reply worst{Answer::proved, ""};
  for (size_t i = 0; i < program.code.size(); ++i) {
    const Instruction& one = program.code[i];
    ++instructions_;
    const auto wrong = [&](const std::string& what) {
      return Reply{Answer::refuted, fmt::format("instruction {}, '{}': {}", i, one.of->source, what)};
    };
    const uint32_t operands[] = {one.a, one.b, one.c};
    const size_t wired = one.code == Code::load || one.code == Code::constant  ? 0
                         : one.code == Code::widen || one.code == Code::narrow ? 1
                                                                               : one.of->args.size();
    for (size_t k = 0; k < wired; ++k) {
      if (operands[k] >= i) return wrong("reads a register that is not filled yet");
    }
    if (one.code != Code::constant && one.code != Code::widen && one.code != Code::narrow) {
      // The instruction must be about the operands of its expression; that it computes the right thing is for
      // the solver.
      for (size_t k = 0; k < wired; ++k) {
        const Instruction& from = program.code[operands[k]];
        if (from.of != one.of->args[k].get()) return wrong("an operand is another expression");
        const bool is_condition = one.code == Code::select && k == 0;
        const bool connective = one.code >= Code::both && one.code <= Code::negate;
        if (walk::result_width(from) != (is_condition || connective ? Width::bits64 : one.width))
          return wrong("an operand has another width");
      }
      // Instructions with a model of their own are the right ones only for their own function.
      const bool own_model = one.code == Code::load || one.code >= Code::both;
      const bool binary =
          one.code == Code::minimum || one.code == Code::maximum || one.code == Code::is_version;
      if (own_model && !binary && code_of(*one.of) != one.code) return wrong("another operation");
    }
    const Reply reply = impl_->one_of_each(one, program);
    if (reply.answer == Answer::refuted) return wrong(reply.reason);
    if (reply.answer == Answer::unknown)
      worst = {Answer::unknown, fmt::format("instruction {}, '{}': {}", i, one.of->source, reply.reason)};
  }
  return worst;
}

std::vector<std::pair<std::string, pack::ExprPtr>> expressions(const pack::Model& model) {
  std::vector<std::pair<std::string, pack::ExprPtr>> found;
  const auto add = [&](const std::string& name, const pack::ExprPtr& expr) {
    if (expr) found.emplace_back(name, expr);
  };
  // Functions that read memory are loads; what they are given is computed by programs of its own.
  const auto add_set = [&](const std::string& name, const pack::SetRef& set) {
    add(name + " where", set.where);
  };
  for (const pack::Rule& rule : model.rules) {
    const pack::Claim& claim = rule.claim;
    add_set(rule.id, claim.set);
    add(rule.id, claim.predicate);
    add(rule.id, claim.start);
    add(rule.id, claim.length);
    for (const auto& term : claim.terms) {
      add_set(rule.id, term.set);
      add(rule.id, term.value);
      for (const auto& expr : term.key) add(rule.id, expr);
      for (const auto& expr : term.outer) add(rule.id, expr);
    }
    for (const auto& over : claim.tuples) {
      add_set(rule.id, over.set);
      for (const auto& expr : over.tuple) add(rule.id, expr);
    }
    for (const auto& expr : claim.right) add(rule.id, expr);
    for (const auto* list : {&claim.ranges, &claim.others}) {
      for (const auto& over : *list) {
        add_set(rule.id, over.set);
        add(rule.id, over.start);
        add(rule.id, over.length);
      }
    }
  }
  for (const pack::SetType& set : model.sets) {
    for (const pack::Column& column : set.columns) add(set.name + "." + column.name, column.derived);
    add(set.name, set.when);
    for (const auto& expr : pack::values_of(set.plan)) add(set.name, expr);
  }
  std::vector<std::pair<std::string, pack::ExprPtr>> all = found;
  for (size_t i = 0; i < all.size(); ++i) {  // grows
    const pack::ExprPtr expr = all[i].second;
    const std::string name = all[i].first;
    const bool reads_memory = expr->op == Op::call && code_of(*expr) == Code::load;
    for (const auto& arg : expr->args) {
      if (reads_memory && arg->op != Op::constant) found.emplace_back(name, arg);
      all.emplace_back(name, arg);
    }
  }
  return found;
}

}  // namespace khover::prove
