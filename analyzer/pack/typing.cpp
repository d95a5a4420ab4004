#include "pack/typing.h"

#include <algorithm>

#include "error/try.h"
#include "pack/did_you_mean.h"

namespace khover::pack {
namespace {

// Room to spare below 2^127, so that intermediate sums of two such values are exact.
constexpr Integer kLargest = Integer{1} << 120;

Result<ExprPtr> bad(const Position& at, const std::string& what, const std::string& remedy = {}) {
  return fail(to_string(at), what, remedy);
}

bool fits(const Interval& range) { return range.low >= -kLargest && range.high <= kLargest; }

// Least all-ones value that covers `high`.
Integer ones_above(Integer high) {
  Integer mask = 0;
  while (mask < high) mask = mask * 2 + 1;
  return mask;
}

Interval span_of(std::initializer_list<Integer> values) { return {std::min(values), std::max(values)}; }

// A product that cannot overflow: operands beyond 2^60 × 2^60 are refused before they are multiplied.
bool product_fits(Integer a, Integer b) {
  const auto magnitude = [](Integer v) { return v < 0 ? -v : v; };
  if (a == 0 || b == 0) return true;
  return magnitude(a) <= kLargest / magnitude(b);
}

std::optional<Interval> range_of(Op op, const Interval& a, const Interval& b) {
  switch (op) {
    case Op::add:
      return Interval{a.low + b.low, a.high + b.high};
    case Op::subtract:
      return Interval{a.low - b.high, a.high - b.low};
    case Op::multiply:
      if (!product_fits(a.low, b.low) || !product_fits(a.low, b.high) || !product_fits(a.high, b.low) ||
          !product_fits(a.high, b.high)) {
        return std::nullopt;
      }
      return span_of({a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high});
    case Op::divide:
      if (b.low <= 0 || a.low < 0) return std::nullopt;
      return Interval{a.low / b.high, a.high / b.low};
    case Op::modulo:
      if (b.low <= 0 || a.low < 0) return std::nullopt;
      return Interval{0, std::min(a.high, b.high - 1)};
    case Op::shift_left:
      if (b.low < 0 || b.high > 119 || a.low < 0 || !product_fits(a.high, Integer{1} << b.high))
        return std::nullopt;
      return Interval{a.low << b.low, a.high << b.high};
    case Op::shift_right:
      if (b.low < 0 || b.high > 119 || a.low < 0) return std::nullopt;
      return Interval{a.low >> b.high, a.high >> b.low};
    case Op::bit_and:
      if (a.low < 0 || b.low < 0) return std::nullopt;
      return Interval{0, std::min(a.high, b.high)};
    case Op::bit_or:
      if (a.low < 0 || b.low < 0) return std::nullopt;
      return Interval{0, ones_above(std::max(a.high, b.high))};
    default:
      return std::nullopt;
  }
}

const char* why_not(Op op) {
  switch (op) {
    case Op::divide:
    case Op::modulo:
      return "the divisor must be positive and the dividend not negative for every record";
    case Op::shift_left:
    case Op::shift_right:
      return "the shift count must be bounded for every record; write min(count, 63)";
    case Op::bit_and:
    case Op::bit_or:
      return "bit operations need values that are never negative";
    default:
      return "the result may leave 120 bits";
  }
}

std::shared_ptr<Expr> make(Op op, Type type, const Node& node) {
  auto expr = std::make_shared<Expr>();
  expr->op = op;
  expr->type = type;
  expr->at = node.at;
  expr->source = node.source;
  expr->range = {0, 1};
  return expr;
}

std::string noun(const std::string& singular) {
  std::string word = singular;
  std::replace(word.begin(), word.end(), ' ', '_');
  return word;
}

const char* type_name(Type type) {
  switch (type) {
    case Type::integer:
      return "a number";
    case Type::boolean:
      return "a condition";
    case Type::text:
      return "a string";
  }
  return "";
}

}  // namespace

ExprPtr constant(Integer value, const Node& node) {
  auto expr = make(Op::constant, Type::integer, node);
  expr->value = value;
  expr->range = {value, value};
  return expr;
}

ExprPtr make_call(Function function, Interval range, std::vector<ExprPtr> args, const ExprPtr& like) {
  auto expr = std::make_shared<Expr>();
  expr->op = Op::call;
  expr->function = function;
  expr->type = Type::integer;
  expr->range = range;
  expr->at = like->at;
  expr->source = like->source;
  expr->args = std::move(args);
  return expr;
}

ExprPtr arithmetic(Op op, const ExprPtr& left, const ExprPtr& right) {
  const auto range = range_of(op, left->range, right->range);
  if (!range || !fits(*range)) return nullptr;
  auto expr = std::make_shared<Expr>();
  expr->op = op;
  expr->range = *range;
  expr->at = left->at;
  expr->source = left->source;
  expr->args = {left, right};
  return expr;
}

Result<ExprPtr> Typing::expression(const NodePtr& node, uint32_t set, std::vector<Term>* terms) const {
  switch (node->kind) {
    case NodeKind::number:
      return constant(node->number, *node);
    case NodeKind::text: {
      auto expr = make(Op::constant, Type::text, *node);
      expr->text = node->text;
      return expr;
    }
    case NodeKind::name:
      return name(*node, set);
    case NodeKind::unary:
      return unary(*node, set, terms);
    case NodeKind::binary:
      return binary(*node, set, terms);
    case NodeKind::call:
      return call(*node, set, terms);
    case NodeKind::membership:
      return membership(*node, set, terms);
    case NodeKind::aggregate:
      return aggregate(*node, set, terms);
  }
  return bad(node->at, "not an expression");
}

Result<ExprPtr> Typing::integer(const NodePtr& node, uint32_t set, std::vector<Term>* terms) const {
  auto typed = expression(node, set, terms);
  if (typed && (*typed)->type != Type::integer) {
    return bad(node->at, std::string("expected a number, this is ") + type_name((*typed)->type));
  }
  return typed;
}

Result<ExprPtr> Typing::boolean(const NodePtr& node, uint32_t set, std::vector<Term>* terms) const {
  auto typed = expression(node, set, terms);
  if (typed && (*typed)->type != Type::boolean) {
    return bad(node->at, std::string("expected a condition, this is ") + type_name((*typed)->type));
  }
  return typed;
}

Result<std::vector<ExprPtr>> Typing::tuple(const std::vector<NodePtr>& nodes, uint32_t set) const {
  std::vector<ExprPtr> typed;
  if (nodes.size() > kMaxTuple)
    return fail(to_string(nodes[kMaxTuple]->at),
                "a tuple has at most " + std::to_string(kMaxTuple) + " values");
  for (const NodePtr& node : nodes) {
    typed.push_back(TRY(expression(node, set)));
  }
  return typed;
}

Result<uint32_t> Typing::set(const std::string& name, const Position& at) const {
  uint32_t found = model_.find_set(pack_ + "." + name);
  if (found == kNone) found = model_.find_set(name);
  if (found != kNone) return found;
  std::vector<std::string> known;
  for (const SetType& type : model_.sets) {
    known.push_back(type.name);
    if (type.pack == pack_) known.push_back(type.name.substr(pack_.size() + 1));
  }
  return fail(to_string(at), "unknown record set '" + name + "'",
              did_you_mean(name, known, "see `khover rules list --sets`"));
}

Result<SetRef> Typing::set(const SetSyntax& syntax) const {
  auto index = TRY(set(syntax.name, syntax.at));
  SetRef ref{index, nullptr};
  if (syntax.where) {
    ref.where = TRY(boolean(syntax.where, index));
  }
  return ref;
}

std::vector<std::string> Typing::columns_of(uint32_t set) const {
  std::vector<std::string> names;
  for (const Column& column : model_.sets[set].columns) names.push_back(column.name);
  return names;
}

Result<ExprPtr> Typing::name(const Node& node, uint32_t set) const {
  const std::string& path = node.text;
  auto column = [&](uint32_t in, uint32_t hops, const std::string& column_name) -> ExprPtr {
    const uint32_t index = model_.sets[in].find(column_name);
    if (index == kNone) return nullptr;
    const Column& of = model_.sets[in].columns[index];
    auto expr = make(Op::column, of.type, node);
    expr->range = of.range;
    expr->hops = hops;
    expr->set = in;
    expr->column = index;
    return expr;
  };
  if (set != kNone) {
    if (ExprPtr own = column(set, 0, path)) return own;
    const size_t dot = path.find('.');
    const std::string head = path.substr(0, dot);
    uint32_t hops = 0;
    for (uint32_t in = set; in != kNone; in = model_.sets[in].parent, ++hops) {
      if (noun(model_.sets[in].singular) != head) continue;
      const std::string rest = dot == std::string::npos ? "_addr" : path.substr(dot + 1);
      if (ExprPtr found = column(in, hops, rest)) return found;
      return bad(node.at, "a " + model_.sets[in].singular + " has no column '" + rest + "'",
                 did_you_mean(rest, columns_of(in), "see `khover rules list --sets`"));
    }
  }
  if (const auto known = constants_.find(path); known != constants_.end()) return known->second;
  if (path == "PAGE_SIZE") return constant(Integer{model_.page_size}, node);
  if (path == "PAGE_SHIFT") return constant(model_.page_shift, node);
  if (path == "ARCH_ARM64") return constant(model_.abi.arch == "arm64", node);
  for (const auto& [fact, text] : {std::pair{FactName::root_address, "root_address"},
                                   std::pair{FactName::scratch_address, "scratch_address"},
                                   std::pair{FactName::scratch_size, "scratch_size"}}) {
    if (path != text) continue;
    auto expr = make(Op::fact, Type::integer, node);
    expr->fact = fact;
    expr->range = {0, kMaxU64};
    return expr;
  }
  if (const auto value = snapshot_.integer(path)) {
    if (*value < -kLargest || *value > kLargest) return bad(node.at, "'" + path + "' is too large");
    return constant(*value, node);
  }
  if (const auto text = snapshot_.text(path)) {
    auto expr = make(Op::constant, Type::text, node);
    expr->text = *text;
    return expr;
  }
  std::string where = "the ABI " + model_.abi_name;
  if (set != kNone) where = "a " + model_.sets[set].singular + " or " + where;
  std::vector<std::string> known = set == kNone ? std::vector<std::string>{} : columns_of(set);
  for (const auto& [name, value] : constants_) known.push_back(name);
  for (const auto& [name, value] : snapshot_.constants) known.push_back(name);
  return bad(node.at, "'" + path + "' is not a column or constant of " + where, did_you_mean(path, known));
}

Result<ExprPtr> Typing::unary(const Node& node, uint32_t set, std::vector<Term>* terms) const {
  auto operand = boolean(node.args[0], set, terms);
  if (!operand) return operand;
  auto expr = make(Op::logical_not, Type::boolean, node);
  expr->args = {*operand};
  return expr;
}

Result<ExprPtr> Typing::binary(const Node& node, uint32_t set, std::vector<Term>* terms) const {
  static const std::map<std::string, Op> kOperators = {
      {"=>", Op::implies},     {"or", Op::logical_or}, {"and", Op::logical_and}, {"==", Op::equal},
      {"!=", Op::not_equal},   {"<", Op::less},        {"<=", Op::less_equal},   {">", Op::less},
      {">=", Op::less_equal},  {"&", Op::bit_and},     {"|", Op::bit_or},        {"<<", Op::shift_left},
      {">>", Op::shift_right}, {"+", Op::add},         {"-", Op::subtract},      {"*", Op::multiply},
      {"/", Op::divide},       {"%", Op::modulo}};
  const Op op = kOperators.at(node.text);
  auto left = expression(node.args[0], set, terms);
  if (!left) return left;
  auto right = expression(node.args[1], set, terms);
  if (!right) return right;
  if (op == Op::implies || op == Op::logical_or || op == Op::logical_and) {
    for (const auto& side : {*left, *right}) {
      if (side->type != Type::boolean)
        return bad(side->at, "'" + node.text + "' joins conditions, this is " + type_name(side->type));
    }
    auto expr = make(op, Type::boolean, node);
    expr->args = {*left, *right};
    return expr;
  }
  if (op == Op::equal || op == Op::not_equal || op == Op::less || op == Op::less_equal) {
    if ((*left)->type != (*right)->type) {
      return bad(node.at, std::string("'") + node.text + "' compares " + type_name((*left)->type) + " with " +
                              type_name((*right)->type));
    }
    if ((*left)->type != Type::integer && (op == Op::less || op == Op::less_equal)) {
      return bad(node.at, "only numbers have an order");
    }
    auto expr = make(op, Type::boolean, node);
    expr->args = node.text[0] == '>' ? std::vector{*right, *left} : std::vector{*left, *right};
    return expr;
  }
  for (const auto& side : {*left, *right}) {
    if (side->type != Type::integer)
      return bad(side->at, "'" + node.text + "' needs numbers, this is " + type_name(side->type));
  }
  const auto range = range_of(op, (*left)->range, (*right)->range);
  if (!range || !fits(*range)) return bad(node.at, "'" + node.source + "' is not bounded", why_not(op));
  auto expr = make(op, Type::integer, node);
  expr->range = *range;
  expr->args = {*left, *right};
  return expr;
}

Result<ExprPtr> Typing::size_of(const Node& node) const {
  if (node.args.size() != 1 || node.args[0]->kind != NodeKind::name)
    return bad(node.at, "sizeof takes the name of a record");
  const std::string& record = node.args[0]->text;
  if (const auto found = snapshot_.records.find(record); found != snapshot_.records.end()) {
    return constant(Integer{found->second.size}, node);
  }
  if (const auto found = own_records_.find(record); found != own_records_.end()) {
    return constant(Integer{found->second.size}, node);
  }
  return bad(node.at, "the ABI " + model_.abi_name + " has no record '" + record + "'");
}

Result<ExprPtr> Typing::call(const Node& node, uint32_t set, std::vector<Term>* terms) const {
  struct Signature {
    Function function;
    Type type;
    std::vector<Type> args;
  };
  static const std::map<std::string, Signature> kFunctions = {
      {"zero", {Function::zero, Type::boolean, {Type::integer, Type::integer}}},
      {"key_order", {Function::key_order, Type::integer, {Type::integer}}},
      {"known", {Function::known, Type::boolean, {Type::text, Type::text}}},
      {"served", {Function::served, Type::boolean, {Type::text, Type::text}}},
      {"in_known_ram", {Function::in_known_ram, Type::boolean, {Type::integer, Type::integer}}},
      {"order_of", {Function::order_of, Type::integer, {Type::integer}}},
      {"pages", {Function::pages, Type::integer, {Type::integer}}},
      {"is_version", {Function::is_version, Type::boolean, {Type::integer, Type::integer}}},
      {"stem", {Function::stem, Type::text, {Type::text}}},
      {"if", {Function::select, Type::integer, {Type::boolean, Type::integer, Type::integer}}},
      {"min", {Function::minimum, Type::integer, {Type::integer, Type::integer}}},
      {"max", {Function::maximum, Type::integer, {Type::integer, Type::integer}}},
  };
  if (node.text == "sizeof") return size_of(node);
  const auto found = kFunctions.find(node.text);
  if (found == kFunctions.end())
    return bad(node.at, "unknown function '" + node.text + "'", "see docs/rule-language.md");
  const Signature& signature = found->second;
  if (node.args.size() != signature.args.size())
    return bad(node.at, "'" + node.text + "' takes " + std::to_string(signature.args.size()) + " values");
  auto expr = make(Op::call, signature.type, node);
  expr->function = signature.function;
  for (size_t i = 0; i < node.args.size(); ++i) {
    auto arg = expression(node.args[i], set, terms);
    if (!arg) return arg;
    if ((*arg)->type != signature.args[i]) {
      return bad(node.args[i]->at, std::string("expected ") + type_name(signature.args[i]) + ", this is " +
                                       type_name((*arg)->type));
    }
    expr->args.push_back(*arg);
  }
  if (signature.function == Function::known || signature.function == Function::served) {
    if (expr->args[0]->op != Op::constant)
      return bad(node.at, "'" + node.text + "' takes the name of a registry as a literal");
    expr->text = expr->args[0]->text;
  }
  auto range = [&](size_t i) { return expr->args[i]->range; };
  switch (signature.function) {
    case Function::key_order:
      expr->range = {-1, 64};
      break;
    case Function::order_of:
      expr->range = {0, 64};
      break;
    case Function::pages:
      if (range(0).low < 0) return bad(node.at, "'pages' needs a value that is never negative");
      expr->range = {0, range(0).high / static_cast<Integer>(model_.page_size) + 1};
      break;
    case Function::select:
      expr->range = {std::min(range(1).low, range(2).low), std::max(range(1).high, range(2).high)};
      break;
    case Function::minimum:
      expr->range = {std::min(range(0).low, range(1).low), std::min(range(0).high, range(1).high)};
      break;
    case Function::maximum:
      expr->range = {std::max(range(0).low, range(1).low), std::max(range(0).high, range(1).high)};
      break;
    default:
      break;
  }
  return expr;
}

Result<ExprPtr> Typing::membership(const Node& node, uint32_t set, std::vector<Term>* terms) const {
  if (!terms) return bad(node.at, "'in' is only allowed in the condition of a 'for' claim");
  Term term;
  term.is_membership = true;
  term.set = TRY(this->set(*node.set));
  term.outer = TRY(tuple(node.args, set));
  term.key = TRY(tuple(node.set_tuple, term.set.set));
  for (size_t i = 0; i < term.key.size(); ++i) {
    if (term.key[i]->type != term.outer[i]->type) return bad(node.at, "the two tuples differ in type");
  }
  auto expr = make(Op::term, Type::boolean, node);
  expr->term = static_cast<uint32_t>(terms->size());
  terms->push_back(std::move(term));
  return expr;
}

Result<ExprPtr> Typing::aggregate(const Node& node, uint32_t set, std::vector<Term>* terms) const {
  if (!terms) return bad(node.at, "'" + node.text + "' is only allowed in the condition of a 'for' claim");
  // A set has fewer records than an image has bytes; 2^40 leaves room for every dump there is.
  constexpr Integer kMaxRecords = Integer{1} << 40;
  Term term;
  term.function = node.text;
  term.set = TRY(this->set(*node.set));
  auto expr = make(Op::term, Type::integer, node);
  expr->range = {0, kMaxRecords};
  if (!node.args.empty()) {
    auto value = integer(node.args[0], term.set.set);
    if (!value) return value;
    term.value = *value;
    expr->range = term.value->range;
    if (node.text == "sum") {
      if (!product_fits(expr->range.low, kMaxRecords) || !product_fits(expr->range.high, kMaxRecords)) {
        return bad(node.at, "the sum may leave 120 bits");
      }
      expr->range = {std::min<Integer>(0, expr->range.low * kMaxRecords), expr->range.high * kMaxRecords};
    }
  }
  if (!node.group.empty()) {
    for (uint32_t in = term.set.set, hops = 0; in != kNone; in = model_.sets[in].parent, ++hops) {
      if (noun(model_.sets[in].singular) == node.group && in == set) term.group_hops = hops;
    }
    if (term.group_hops == kNone) {
      return bad(node.at,
                 "'" + node.group + "' does not enclose the records of " + model_.sets[term.set.set].name);
    }
  } else if (!node.set_tuple.empty()) {
    term.key = TRY(tuple(node.set_tuple, term.set.set));
    term.outer = TRY(tuple(node.outer_tuple, set));
  }
  expr->term = static_cast<uint32_t>(terms->size());
  terms->push_back(std::move(term));
  return expr;
}

}  // namespace khover::pack
