#include "prove/certify/lemmas.h"

#include <optional>

#include "prove/formula/bitvector.h"
#include "prove/solver/smt.h"

namespace khover::prove {
namespace {

// For lemmas that need bits: values of claims stay within ±2^120 (pack/typing.cpp).
constexpr Interval kAny{-(Integer{1} << 120), Integer{1} << 120};
constexpr Interval kLong{-(Integer{1} << 122), Integer{1} << 122};  // ends, sums of two

using Formulas = std::vector<FormulaPtr>;

FormulaPtr implies(const FormulaPtr& a, const FormulaPtr& b) { return operation(Op::implies, {a, b}); }
FormulaPtr all(const Formulas& parts) {
  FormulaPtr result = truth(true);
  for (const FormulaPtr& part : parts) result = both(result, part);
  return result;
}

class Book {
 public:
  explicit Book(std::string weaken) : weaken_(std::move(weaken)) {}

  FormulaPtr integer(Interval range = kAny) { return add(range, false); }
  FormulaPtr condition() { return add({0, 1}, true); }
  Formulas tuple() { return {integer(), integer(), integer(), integer()}; }

  // The local check, or what is left of it when it is weakened.
  FormulaPtr check(const std::string& name, const FormulaPtr& strong, const FormulaPtr& weak) const {
    return weaken_ == name ? weak : strong;
  }

  void lemma(const std::string& form, const std::string& name, const std::string& says,
             const FormulaPtr& formula) {
    lemmas.push_back({form, name, says, formula, std::move(variables_)});
    variables_.clear();
  }
  std::vector<Lemma> lemmas;

 private:
  FormulaPtr add(Interval range, bool boolean) {
    variables_.push_back(variable(static_cast<uint32_t>(variables_.size()), range, boolean));
    return variables_.back();
  }
  std::string weaken_;
  Formulas variables_;
};

// A lane is a value and whether it is known; the value of an unknown one means nothing.
void three_valued(Book& book) {
  struct Connective {
    const char* name;
    Op op;
    bool negate_left;
    bool deciding;
  };
  for (const Connective& one :
       {Connective{"and", Op::logical_and, false, false}, Connective{"or", Op::logical_or, false, true},
        Connective{"implies", Op::implies, true, true}}) {
    const auto lanes = [&](Formulas& v) {  // value a, known a, value b, known b, real a, real b
      for (int i = 0; i < 6; ++i) v.push_back(book.condition());
    };
    const auto machine = [&](const Formulas& v, FormulaPtr* value, FormulaPtr* known) {
      const FormulaPtr left = one.negate_left ? negation(v[0]) : v[0];
      const auto decides = [&](const FormulaPtr& side) { return one.deciding ? side : negation(side); };
      const FormulaPtr decided = either(both(v[1], decides(left)),
                                        book.check("three-valued", both(v[3], decides(v[2])), decides(v[2])));
      *value = one.deciding ? decided : negation(decided);
      *known = either(decided, both(v[1], v[3]));
    };
    const auto fits = [](const Formulas& v) {
      return both(implies(v[1], equal(v[0], v[4])), implies(v[3], equal(v[2], v[5])));
    };
    Formulas v;
    lanes(v);
    FormulaPtr value, known;
    machine(v, &value, &known);
    book.lemma("three-valued", std::string(one.name) + ".sound",
               "a known result is that of every completion of the unknown operands",
               implies(both(fits(v), known), equal(value, operation(one.op, {v[4], v[5]}))));
    Formulas w;
    lanes(w);
    machine(w, &value, &known);
    // Two more completions of the same operands.
    const FormulaPtr other_a = book.condition(), other_b = book.condition();
    Formulas second = w;
    second[4] = other_a;
    second[5] = other_b;
    const auto completions = [&](const FormulaPtr& a, const FormulaPtr& b) {
      return operation(one.op, {a, b});
    };
    Formulas every;
    for (const bool a : {false, true}) {
      for (const bool b : {false, true}) {
        Formulas at = w;
        at[4] = truth(a);
        at[5] = truth(b);
        every.push_back(implies(fits(at), completions(truth(a), truth(b))));
      }
    }
    Formulas none;
    for (const bool a : {false, true}) {
      for (const bool b : {false, true}) {
        Formulas at = w;
        at[4] = truth(a);
        at[5] = truth(b);
        none.push_back(implies(fits(at), negation(completions(truth(a), truth(b)))));
      }
    }
    book.lemma("three-valued", std::string(one.name) + ".complete",
               "if all completions agree, the result is known",
               implies(either(all(every), all(none)), known));
  }
}

void orders(Book& book) {
  {
    const auto x = book.tuple(), a = book.tuple(), b = book.tuple();
    const FormulaPtr next = book.check("order.next", before(a, b), either(before(a, b), same(a, b)));
    book.lemma("unique", "order.step", "what was less than the current tuple is less than the next one",
               implies(both(before(x, a), next), before(x, b)));
  }
  {
    const auto a = book.tuple(), b = book.tuple();
    const FormulaPtr next = book.check("order.next", before(a, b), either(before(a, b), same(a, b)));
    book.lemma("unique", "order.base", "the current tuple is less than the next one",
               implies(next, before(a, b)));
  }
  {
    const auto x = book.tuple(), a = book.tuple();
    book.lemma("unique", "order.end", "of two tuples the lesser is not the same",
               implies(before(x, a), negation(same(x, a))));
  }
  const auto agrees = [](const Formulas& a, const Formulas& ra, const Formulas& b, const Formulas& rb) {
    return either(before(a, b), both(same(a, b), same(ra, rb)));
  };
  {
    const auto x = book.tuple(), a = book.tuple(), b = book.tuple();
    const Formulas rx = {book.integer()}, ra = {book.integer()}, rb = {book.integer()};
    const FormulaPtr next =
        book.check("determines.next", agrees(a, ra, b, rb), either(before(a, b), same(a, b)));
    book.lemma("determines", "order.step", "what was less, or equal with an equal right side, stays so",
               implies(both(agrees(x, rx, a, ra), next), agrees(x, rx, b, rb)));
  }
  {
    const auto x = book.tuple(), a = book.tuple();
    const Formulas rx = {book.integer()}, ra = {book.integer()};
    book.lemma("determines", "order.end", "equal left sides have equal right sides",
               implies(both(agrees(x, rx, a, ra), same(x, a)), same(rx, ra)));
  }
  const auto up_to = [](const Formulas& a, const Formulas& b) { return either(before(a, b), same(a, b)); };
  {
    const auto x = book.tuple(), a = book.tuple(), b = book.tuple();
    const FormulaPtr next = book.check("members.next", up_to(a, b), truth(true));
    book.lemma("lookup", "members.step", "keys in order: what was not greater stays not greater",
               implies(both(up_to(x, a), next), up_to(x, b)));
  }
  {
    const auto x = book.tuple(), low = book.tuple(), k = book.tuple(), high = book.tuple(), y = book.tuple();
    book.lemma("lookup", "members.end", "a key between two neighbours is the key of no record",
               implies(all({up_to(x, low), book.check("member.absent", before(low, k), up_to(low, k)),
                            before(k, high), up_to(high, y)}),
                       both(negation(same(x, k)), negation(same(y, k)))));
  }
  {
    const auto k = book.tuple(), m = book.tuple();
    const FormulaPtr where = book.condition(), outer_is_k = same(k, m);
    book.lemma("lookup", "member", "the record that is named is the one that is asked for",
               implies(both(outer_is_k, where), both(same(m, k), where)));
  }
  {
    const auto k = book.tuple(), a = book.tuple(), b = book.tuple(), y = book.tuple();
    const FormulaPtr next = book.check("groups.next", before(a, b), truth(true));
    book.lemma("aggregate", "groups.end", "records beyond the end of a group do not have its key",
               implies(all({same(a, k), next, up_to(b, y)}), negation(same(y, k))));
  }
}

void ranges(Book& book) {
  const auto end = [](const FormulaPtr& start, const FormulaPtr& length) { return sum(start, length); };
  const auto holds = [](const FormulaPtr& p, const FormulaPtr& from, const FormulaPtr& to) {
    return both(at_most(from, p), less(p, to));
  };
  {
    const FormulaPtr xe = book.integer(), s = book.integer(), l = book.integer(), t = book.integer();
    const FormulaPtr next = book.check("runs.next", at_most(end(s, l), t), at_most(s, t));
    book.lemma("disjoint", "runs.step",
               "what ended before the current range ends before the next one; so does the current one",
               implies(all({at_most(xe, s), less(number(0), l), next}),
                       both(at_most(xe, t), at_most(end(s, l), t))));
  }
  {
    const FormulaPtr xs = book.integer(), xe = book.integer(), s = book.integer(), e = book.integer(),
                     p = book.integer();
    book.lemma("disjoint", "runs.end", "no address is in two of them",
               implies(at_most(xe, s), negation(both(holds(p, xs, xe), holds(p, s, e)))));
  }
  {
    const FormulaPtr xs = book.integer(), xe = book.integer(), s = book.integer(), r = book.integer(),
                     r2 = book.integer(), t = book.integer(), te = book.integer();
    const FormulaPtr grows = book.check("right.next", at_most(r, r2), truth(true));
    book.lemma("apart", "right.step", "the reach is no less than any end so far; starts grow",
               implies(all({at_most(xe, r), at_most(xs, s), at_most(s, t), grows, at_most(te, r2)}),
                       all({at_most(xe, r2), at_most(te, r2), at_most(xs, t)})));
  }
  {
    const FormulaPtr xs = book.integer(), xe = book.integer(), r = book.integer(), l = book.integer(),
                     le = book.integer(), t = book.integer(), ys = book.integer(), ye = book.integer(),
                     p = book.integer();
    const FormulaPtr above = book.check("gap", at_most(r, l), truth(true));
    book.lemma("apart", "gap.end", "a range between the reach and the next start shares no address with any",
               implies(all({at_most(xe, r), above, at_most(le, t), at_most(t, ys)}),
                       both(negation(both(holds(p, l, le), holds(p, xs, xe))),
                            negation(both(holds(p, l, le), holds(p, ys, ye))))));
  }
  for (const char* form : {"within", "preserved"}) {
    const std::string check = form == std::string("within") ? "area.next" : "piece";
    {
      const FormulaPtr a = book.integer(), e = book.integer(), s = book.integer(), pe = book.integer(),
                       e2 = book.integer(), p = book.integer();
      const FormulaPtr next = book.check(check, at_most(s, e), truth(true));
      book.lemma(form, "pieces.step",
                 "every address of the grown area is in the previous area or in the piece",
                 implies(all({next, either(at_most(e2, e), at_most(e2, pe)), holds(p, a, e2)}),
                         either(holds(p, a, e), holds(p, s, pe))));
    }
    {
      const FormulaPtr a = book.integer(), e = book.integer(), s = book.integer(), l = book.integer(),
                       p = book.integer();
      const FormulaPtr inside = book.check(form == std::string("within") ? "inside" : "range.pieces",
                                           at_most(end(s, l), e), truth(true));
      book.lemma(form, "pieces.end", "every address of the range is in the area",
                 implies(all({at_most(a, s), inside, holds(p, s, end(s, l))}), holds(p, a, e)));
    }
  }
  {
    const FormulaPtr f = book.integer(), r = book.integer(), s = book.integer(), l = book.integer(),
                     xe = book.integer(), p = book.integer();
    const FormulaPtr next = book.check("tiles.next", equal(s, r), at_most(r, s));
    book.lemma("tiles", "tiles.step",
               "no gap: an address up to the end of the tile is in it or was covered; no overlap: earlier "
               "tiles end before it",
               implies(all({next, at_most(number(0), l), at_most(xe, r), holds(p, f, end(s, l))}),
                       both(either(holds(p, f, r), holds(p, s, end(s, l))), at_most(xe, s))));
  }
  {
    const FormulaPtr f = book.integer(), r = book.integer(), e = book.integer(), p = book.integer();
    const FormulaPtr last = book.check("tiles.last", at_most(e, r), truth(true));
    book.lemma("tiles", "tiles.end", "every address of the range is covered",
               implies(both(last, holds(p, f, e)), holds(p, f, r)));
  }
}

void sums(Book& book) {
  const auto counted = [](const FormulaPtr& where, const FormulaPtr& value) {
    return call(Formula::Kind::select, {where, value, number(0)}, kAny);
  };
  {
    const FormulaPtr total = book.integer(), s = book.integer(), w = book.condition(), v = book.integer(),
                     s2 = book.integer(kLong);
    const FormulaPtr next =
        book.check("sum.next", equal(sum(s, counted(w, v)), s2), at_most(sum(s, counted(w, v)), s2));
    book.lemma("aggregate", "sum.step", "a sum of all records so far stays one when a record is added",
               implies(both(equal(s, total), next), equal(s2, sum(total, counted(w, v)))));
  }
}

// Of implication.cpp: `m` is how many addresses below some point are in the area of the whole.
void measures(Book& book) {
  {
    const FormulaPtr total = book.integer(), e = book.integer(), m = book.integer(), s = book.integer(),
                     ms = book.integer(), l = book.integer(), me = book.integer(kLong);
    const FormulaPtr grows = implies(at_most(e, s), at_most(m, ms)), inside = equal(me, sum(ms, l));
    const FormulaPtr apart = book.check("measure.apart", at_most(e, s), truth(true));
    book.lemma(
        "aggregate", "measure.parts",
        "lengths of disjoint ranges inside an area add up to no more than the area up to the last of them",
        implies(all({at_most(total, m), grows, apart, inside}), at_most(sum(total, l), me)));
  }
  {
    const FormulaPtr total = book.integer(), m = book.integer(), l = book.integer(), m2 = book.integer(kLong);
    const FormulaPtr grows = book.check("measure.piece", at_most(m2, sum(m, l)), truth(true));
    book.lemma("aggregate", "measure.whole", "an area has no more addresses than its pieces together",
               implies(both(at_most(m, total), grows), at_most(m2, sum(total, l))));
  }
}

void links(Book& book) {
  {
    const FormulaPtr r0 = book.integer(), r = book.integer(), r2 = book.integer();
    const FormulaPtr next = book.check("link.rank", less(r, r2), at_most(r, r2));
    book.lemma("acyclic", "rank.step", "ranks grow along a path, from the first link on",
               implies(both(at_most(r0, r), next), both(less(r0, r2), at_most(r0, r2))));
  }
  {
    // The rank belongs to the record: at one address there is one.
    const FormulaPtr a0 = book.integer(), r0 = book.integer(), a = book.integer(), r = book.integer();
    book.lemma("acyclic", "rank.end", "a path does not return to its first record",
               implies(both(implies(equal(a0, a), equal(r0, r)), less(r0, r)), negation(equal(a0, a))));
  }
}

// The key of (phys, order) and what the next kernel decodes it to: kho_encode_radix_key() and
// kho_decode_radix_key(), for pages of 4 KiB.
void keys(Book& book) {
  const FormulaPtr phys = book.integer({0, (Integer{1} << 64) - 1}), order = book.integer({0, 51});
  const FormulaPtr shift = sum(number(12), order);
  const FormulaPtr top = operation(Op::shift_right, {number(Integer{1} << 64), shift}, {2, Integer{1} << 52});
  const FormulaPtr frame = operation(Op::shift_right, {phys, shift}, {0, Integer{1} << 52});
  const FormulaPtr back = operation(Op::shift_left, {frame, shift}, {0, Integer{1} << 65});
  const FormulaPtr below = operation(
      Op::subtract, {operation(Op::shift_left, {number(1), shift}, {4096, Integer{1} << 63}), number(1)},
      {4095, (Integer{1} << 63) - 1});
  const FormulaPtr multiple =
      equal(operation(Op::bit_and, {phys, below}, {0, (Integer{1} << 64) - 1}), number(0));
  const FormulaPtr key = operation(Op::add, {top, frame}, {2, Integer{1} << 54});
  const FormulaPtr aligned = book.check("key", multiple, truth(true));
  const FormulaPtr low = operation(Op::subtract, {key, top}, {-(Integer{1} << 54), Integer{1} << 54});
  book.lemma("preserved", "key", "the highest bit of the key says the order, and the rest says the address",
             implies(aligned, all({at_most(top, key), less(key, sum(top, top)), equal(low, frame),
                                   equal(back, phys)})));
}

// Most lemmas need no bits: sums and comparisons of integers without bounds, which linear
// arithmetic decides at once. nullopt for the others.
std::optional<z3::expr> linear(z3::context& context, const Formula& formula,
                               const std::vector<z3::expr>& variables) {
  if (formula.kind == Formula::Kind::constant) {
    return formula.boolean ? context.bool_val(formula.value != 0) : context.int_val(to_text(formula).c_str());
  }
  if (formula.kind == Formula::Kind::variable) return variables[formula.variable];
  std::vector<z3::expr> args;
  for (const FormulaPtr& arg : formula.args) {
    const auto part = linear(context, *arg, variables);
    if (!part) return std::nullopt;
    args.push_back(*part);
  }
  if (formula.kind == Formula::Kind::select) return z3::ite(args[0], args[1], args[2]);
  if (formula.kind != Formula::Kind::operation) return std::nullopt;
  switch (formula.op) {
    case Op::add:
      return args[0] + args[1];
    case Op::subtract:
      return args[0] - args[1];
    case Op::equal:
      return args[0] == args[1];
    case Op::not_equal:
      return args[0] != args[1];
    case Op::less:
      return args[0] < args[1];
    case Op::less_equal:
      return args[0] <= args[1];
    case Op::logical_and:
      return args[0] && args[1];
    case Op::logical_or:
      return args[0] || args[1];
    case Op::implies:
      return z3::implies(args[0], args[1]);
    case Op::logical_not:
      return !args[0];
    default:
      return std::nullopt;
  }
}

Reply prove_one(Smt& smt, const Lemma& lemma) {
  z3::context& context = smt.context();
  const std::string name = "lemma." + lemma.form + "." + lemma.name;
  std::vector<z3::expr> integers, words;
  z3::expr ranged = context.bool_val(true);
  for (size_t i = 0; i < lemma.variables.size(); ++i) {
    const Formula& of = *lemma.variables[i];
    const std::string variable_name = "v" + std::to_string(i);
    integers.push_back(of.boolean ? context.bool_const(variable_name.c_str())
                                  : context.int_const(variable_name.c_str()));
    words.push_back(variable(context, variable_name, of.range, of.boolean));
    if (!of.boolean) ranged = ranged && lies_in(words.back(), of.range);
  }
  if (const auto claim = linear(context, *lemma.formula, integers)) return smt.holds(name, *claim, "QF_LIA");
  return smt.holds(name, z3::implies(ranged, meaning(context, *lemma.formula, words)));
}

}  // namespace

std::vector<Lemma> lemmas(const std::string& weaken) {
  Book book(weaken);
  three_valued(book);
  orders(book);
  ranges(book);
  sums(book);
  measures(book);
  links(book);
  keys(book);
  return std::move(book.lemmas);
}

std::vector<std::string> checks_that_can_be_weakened() {
  return {"three-valued",  "order.next",  "determines.next", "members.next",
          "member.absent", "groups.next", "runs.next",       "right.next",
          "gap",           "area.next",   "inside",          "piece",
          "range.pieces",  "tiles.next",  "tiles.last",      "sum.next",
          "link.rank",     "key",         "measure.apart",   "measure.piece"};
}

std::vector<LemmaResult> prove_lemmas(const std::string& weaken, const std::string& smt2) {
  std::vector<LemmaResult> results;
  for (Lemma& lemma : lemmas(weaken)) {
    Smt smt({40'000'000, smt2});
    const Reply reply = prove_one(smt, lemma);
    results.push_back({std::move(lemma), reply, smt.tally().seconds});
  }
  return results;
}

}  // namespace khover::prove
