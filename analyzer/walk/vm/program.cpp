#include "walk/vm/program.h"

#include <algorithm>

namespace khover::walk {
namespace {

using pack::Expr;
using pack::Function;
using pack::Integer;
using pack::Op;

class Compiler {
 public:
  explicit Compiler(uint64_t page_size) : page_size_(static_cast<Integer>(page_size)) {}

  // The register of `expr`, in the width that its interval asks for.
  uint32_t compile(const Expr& expr) {
    if (expr.op == Op::constant && expr.type != pack::Type::text) return fold(expr, expr.value);
    switch (expr.op) {
      case Op::constant:
      case Op::column:
      case Op::fact:
      case Op::term:
        return emit({Code::load, width_for(expr.range), 0, 0, 0, 0, &expr});
      case Op::call:
        return call(expr);
      case Op::logical_not:
        return emit({Code::negate, Width::bits64, compile(*expr.args[0]), 0, 0, 0, &expr});
      default:
        return binary(expr);
    }
  }
  Program program;

 private:
  uint32_t emit(const Instruction& instruction) {
    program.code.push_back(instruction);
    return static_cast<uint32_t>(program.code.size() - 1);
  }
  uint32_t fold(const Expr& expr, Integer value) {
    return emit({Code::constant, width_for({value, value}), 0, 0, 0, value, &expr});
  }
  uint32_t in(Width width, uint32_t reg) {
    const Width have = result_width(program.code[reg]);
    if (have == width) return reg;
    const Expr* of = program.code[reg].of;
    return emit({width == Width::bits128 ? Code::widen : Code::narrow, have, reg, 0, 0, 0, of});
  }
  uint32_t settle(const Expr& expr, uint32_t reg) { return in(width_for(expr.range), reg); }

  // prove/formula/translation.cpp has its own code_of and only_constants, on purpose: it checks these.
  static Code code_of(Op op) {
    switch (op) {
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
      default:
        return Code::load;
    }
  }

  uint32_t binary(const Expr& expr) {
    const size_t before = program.code.size();
    uint32_t a = compile(*expr.args[0]);
    uint32_t b = compile(*expr.args[1]);
    const bool arithmetic = !pack::is_condition(expr.op);
    // An interval of one value is a constant, whatever it is made of.
    if (arithmetic && expr.range.low == expr.range.high && only_constants(expr)) {
      program.code.resize(before);
      return fold(expr, expr.range.low);
    }
    Width width = Width::bits64;
    for (const uint32_t reg : {a, b}) width = std::max(width, result_width(program.code[reg]));
    if (arithmetic) width = std::max(width, width_for(expr.range));
    a = in(width, a);
    b = in(width, b);
    const uint32_t result = emit({code_of(expr.op), width, a, b, 0, 0, &expr});
    return arithmetic ? settle(expr, result) : result;
  }

  static bool only_constants(const Expr& expr) {
    if (expr.op == Op::constant) return expr.type != pack::Type::text;
    if (expr.op == Op::column || expr.op == Op::fact || expr.op == Op::term || expr.op == Op::call)
      return false;
    return std::all_of(expr.args.begin(), expr.args.end(),
                       [](const auto& arg) { return only_constants(*arg); });
  }

  uint32_t call(const Expr& expr) {
    switch (expr.function) {
      case Function::zero:
      case Function::key_order:
      case Function::known:
      case Function::served:
      case Function::in_known_ram:
      case Function::stem:
        return emit({Code::load, width_for(expr.range), 0, 0, 0, 0, &expr});
      case Function::select: {
        const uint32_t condition = compile(*expr.args[0]);
        const Width width = std::max(width_for(expr.args[1]->range), width_for(expr.args[2]->range));
        const uint32_t yes = in(width, compile(*expr.args[1]));
        const uint32_t no = in(width, compile(*expr.args[2]));
        return settle(expr, emit({Code::select, width, condition, yes, no, 0, &expr}));
      }
      case Function::minimum:
      case Function::maximum:
      case Function::is_version: {
        const Width width = std::max(width_for(expr.args[0]->range), width_for(expr.args[1]->range));
        const uint32_t a = in(width, compile(*expr.args[0]));
        const uint32_t b = in(width, compile(*expr.args[1]));
        if (expr.function == Function::is_version) return emit({Code::is_version, width, a, b, 0, 0, &expr});
        const Code code = expr.function == Function::minimum ? Code::minimum : Code::maximum;
        return settle(expr, emit({code, width, a, b, 0, 0, &expr}));
      }
      case Function::order_of: {
        // A page shifted by up to 64 needs the wide register.
        const uint32_t a = in(Width::bits128, compile(*expr.args[0]));
        return settle(expr, emit({Code::order_of, Width::bits128, a, 0, 0, page_size_, &expr}));
      }
      case Function::pages: {
        const Width width = width_for({expr.args[0]->range.low, expr.args[0]->range.high + page_size_});
        const uint32_t a = in(width, compile(*expr.args[0]));
        return settle(expr, emit({Code::pages, width, a, 0, 0, page_size_, &expr}));
      }
    }
    return 0;
  }

  Integer page_size_;
};

}  // namespace

Width width_for(const pack::Interval& range) {
  return range.low >= 0 && range.high >> 64 == 0 ? Width::bits64 : Width::bits128;
}

Width result_width(const Instruction& instruction) {
  switch (instruction.code) {
    case Code::widen:
      return Width::bits128;
    case Code::narrow:
    case Code::equal:
    case Code::not_equal:
    case Code::less:
    case Code::less_equal:
    case Code::both:
    case Code::either:
    case Code::implies:
    case Code::negate:
    case Code::is_version:
      return Width::bits64;
    default:
      return instruction.width;
  }
}

Program compile(const Expr& expr, uint64_t page_size) {
  Compiler compiler(page_size);
  compiler.compile(expr);
  return std::move(compiler.program);
}

}  // namespace khover::walk
