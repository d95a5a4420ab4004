#include <set>

#include "error/try.h"
#include "pack/lexer.h"
#include "pack/syntax.h"

namespace khover::pack {
namespace {

// Recursion is bounded so that a hostile pack cannot exhaust the stack.
constexpr int kMaxDepth = 64;

const std::set<std::string> kKeywords = {
    "for",    "where",     "in", "unique",  "determines", "tile", "overshoot", "disjoint", "apart", "from",
    "within", "preserved", "as", "acyclic", "by",         "of",   "and",       "or",       "not"};

class Parser {
 public:
  Parser(const std::string& text, std::vector<Token> tokens) : text_(text), tokens_(std::move(tokens)) {}

  Result<NodePtr> whole_expression() {
    NodePtr node = expression();
    if (node && !at_end()) error("expected the end of the expression");
    if (error_) return tl::unexpected(*error_);
    return node;
  }

  Result<ClaimSyntax> whole_claim() {
    ClaimSyntax parsed = claim();
    if (!error_ && !at_end()) error("expected the end of the claim");
    if (error_) return tl::unexpected(*error_);
    return parsed;
  }

 private:
  const Token& peek(size_t ahead = 0) const { return tokens_[std::min(pos_ + ahead, tokens_.size() - 1)]; }
  bool at_end() const { return peek().kind == TokenKind::end; }
  bool is(const char* word) const {
    return (peek().kind == TokenKind::symbol || peek().kind == TokenKind::name) && peek().text == word;
  }
  bool accept(const char* word) {
    if (!is(word)) return false;
    ++pos_;
    return true;
  }
  void expect(const char* word) {
    if (!accept(word)) error(std::string("expected '") + word + "'");
  }
  void error(const std::string& what) {
    if (error_) return;  // the first one is the cause
    const Token& token = peek();
    std::string found = token.kind == TokenKind::end
                            ? "the end"
                            : "'" + text_.substr(token.begin, token.end - token.begin) + "'";
    error_ =
        Error{to_string(token.at), what + ", found " + found, "see the grammar in docs/rule-language.md"};
  }

  std::shared_ptr<Node> make(NodeKind kind) {
    auto node = std::make_shared<Node>();
    node->kind = kind;
    node->at = peek().at;
    return node;
  }
  // The text between two token positions, blanks folded: what a finding quotes.
  std::string source_between(size_t first, size_t last) const {
    std::string folded;
    bool blank = false;
    for (size_t i = tokens_[first].begin; i < tokens_[last].end; ++i) {
      const char c = text_[i];
      if (c == ' ' || c == '\n' || c == '\t') {
        blank = true;
        continue;
      }
      if (blank && !folded.empty()) folded += ' ';
      blank = false;
      folded += c;
    }
    return folded;
  }

  NodePtr finish(std::shared_ptr<Node> node, size_t first) {
    node->at = tokens_[first].at;
    if (pos_ > first) node->source = source_between(first, pos_ - 1);
    return node;
  }

  NodePtr binary(const std::string& op, NodePtr left, NodePtr right, size_t first) {
    auto node = make(NodeKind::binary);
    node->text = op;
    node->args = {std::move(left), std::move(right)};
    return finish(node, first);
  }

  NodePtr expression() {
    if (++depth_ > kMaxDepth) {
      error("expression nested too deeply");
      return nullptr;
    }
    NodePtr node = implication();
    --depth_;
    return error_ ? nullptr : node;
  }

  NodePtr implication() {
    const size_t first = pos_;
    NodePtr left = disjunction();
    if (!error_ && accept("=>")) return binary("=>", left, expression(), first);
    return left;
  }

  NodePtr disjunction() {
    const size_t first = pos_;
    NodePtr left = conjunction();
    while (!error_ && accept("or")) left = binary("or", left, conjunction(), first);
    return left;
  }

  NodePtr conjunction() {
    const size_t first = pos_;
    NodePtr left = negation();
    while (!error_ && accept("and")) left = binary("and", left, negation(), first);
    return left;
  }

  NodePtr negation() {
    const size_t first = pos_;
    if (accept("not")) {
      if (++depth_ > kMaxDepth) {
        error("expression nested too deeply");
        return nullptr;
      }
      auto node = make(NodeKind::unary);
      node->text = "not";
      node->args = {negation()};
      --depth_;
      return finish(node, first);
    }
    return comparison();
  }

  // a <= b < c reads as a <= b and b < c.
  NodePtr comparison() {
    const size_t first = pos_;
    NodePtr left = bits();
    NodePtr chain;
    while (!error_) {
      std::string op;
      for (const char* candidate : {"==", "!=", "<=", ">=", "<", ">"}) {
        if (is(candidate)) op = candidate;
      }
      if (op.empty()) break;
      ++pos_;
      NodePtr right = bits();
      if (error_) return nullptr;
      NodePtr link = binary(op, left, right, first);
      chain = chain ? binary("and", chain, link, first) : link;
      left = right;
    }
    return chain ? chain : left;
  }

  NodePtr left_associative(std::initializer_list<const char*> operators, NodePtr (Parser::*next)()) {
    const size_t first = pos_;
    NodePtr left = (this->*next)();
    while (!error_) {
      std::string op;
      for (const char* candidate : operators) {
        if (is(candidate)) op = candidate;
      }
      if (op.empty()) break;
      ++pos_;
      left = binary(op, left, (this->*next)(), first);
    }
    return left;
  }
  NodePtr bits() { return left_associative({"&", "|"}, &Parser::shift); }
  NodePtr shift() { return left_associative({"<<", ">>"}, &Parser::sum); }
  NodePtr sum() { return left_associative({"+", "-"}, &Parser::product); }
  NodePtr product() { return left_associative({"*", "/", "%"}, &Parser::primary); }

  // A condition that needs no record. Types know comparisons of numbers already, so it is one.
  NodePtr truth(bool value, size_t first) {
    auto zero = make(NodeKind::number);
    auto other = make(NodeKind::number);
    other->number = value ? 0 : 1;
    auto node = make(NodeKind::binary);
    node->text = "==";
    node->args = {finish(zero, first), finish(other, first)};
    return finish(node, first);
  }

  NodePtr primary() {
    const size_t first = pos_;
    if (error_) return nullptr;
    const Token token = peek();
    if (token.kind == TokenKind::number) {
      auto node = make(NodeKind::number);
      node->number = token.number;
      ++pos_;
      return finish(node, first);
    }
    if (token.kind == TokenKind::text) {
      auto node = make(NodeKind::text);
      node->text = token.text;
      ++pos_;
      return finish(node, first);
    }
    if (accept("(")) {
      std::vector<NodePtr> list = expression_list(")");
      if (error_) return nullptr;
      if (accept("in")) return membership(std::move(list), first);
      if (list.size() != 1) {
        error("a tuple is only allowed before 'in' or 'determines'");
        return nullptr;
      }
      return list.front();
    }
    if (token.kind == TokenKind::name && kKeywords.count(token.text) == 0) {
      ++pos_;
      if (!accept("(")) {
        if (token.text == "true" || token.text == "false") return truth(token.text == "true", first);
        auto node = make(NodeKind::name);
        node->text = token.text;
        return finish(node, first);
      }
      if (token.text == "count" || token.text == "sum") {
        return aggregate(token.text, first);
      }
      auto node = make(NodeKind::call);
      node->text = token.text;
      node->args = accept(")") ? std::vector<NodePtr>{} : expression_list(")");
      return finish(node, first);
    }
    error("expected a value");
    return nullptr;
  }

  std::vector<NodePtr> expression_list(const char* close) {
    std::vector<NodePtr> list;
    do {
      list.push_back(expression());
    } while (!error_ && accept(","));
    expect(close);
    return list;
  }

  SetSyntax set_syntax(bool with_where = true) {
    SetSyntax set;
    set.at = peek().at;
    if (peek().kind != TokenKind::name || kKeywords.count(peek().text) != 0) {
      error("expected the name of a record set");
      return set;
    }
    set.name = peek().text;
    ++pos_;
    if (with_where && accept("where")) set.where = expression();
    return set;
  }

  NodePtr membership(std::vector<NodePtr> tuple, size_t first) {
    auto node = make(NodeKind::membership);
    node->args = std::move(tuple);
    SetSyntax set = set_syntax(false);
    expect("(");
    if (error_) return nullptr;
    node->set_tuple = expression_list(")");
    if (accept("where")) set.where = expression();
    node->set = std::move(set);
    if (!error_ && node->set_tuple.size() != node->args.size()) error("the two tuples differ in length");
    return finish(node, first);
  }

  NodePtr aggregate(const std::string& function, size_t first) {
    auto node = make(NodeKind::aggregate);
    node->text = function;
    if (function != "count") {
      node->args = {expression()};
      expect("of");
    }
    node->set = set_syntax();
    if (accept("by")) {
      if (accept("(")) {
        node->set_tuple = expression_list(")");
        expect("=");
        expect("(");
        if (error_) return nullptr;
        node->outer_tuple = expression_list(")");
        if (!error_ && node->set_tuple.size() != node->outer_tuple.size())
          error("the two tuples differ in length");
      } else if (peek().kind == TokenKind::name) {
        node->group = peek().text;
        ++pos_;
      } else {
        error("expected '(' or the singular of an enclosing record");
      }
    }
    expect(")");
    return finish(node, first);
  }

  RangeSyntax range() {
    RangeSyntax parsed;
    parsed.at = peek().at;
    expect("[");
    parsed.start = expression();
    expect(",");
    if (accept("+")) {
      parsed.length = expression();
    } else {
      parsed.end = expression();
    }
    expect(")");
    return parsed;
  }

  RangeSource range_source() {
    RangeSource source;
    if (is("[")) {
      source.range = range();
      expect("in");
    }
    source.set = set_syntax();
    return source;
  }
  std::vector<RangeSource> range_sources() {
    std::vector<RangeSource> sources;
    do {
      sources.push_back(range_source());
    } while (!error_ && accept(","));
    return sources;
  }

  std::vector<NodePtr> tuple() {
    expect("(");
    if (error_) return {};
    return expression_list(")");
  }

  ClaimSyntax claim() {
    ClaimSyntax parsed;
    if (accept("for")) {
      parsed.set = set_syntax();
      expect(":");
      if (is("[")) {
        ranged_claim(parsed);
      } else {
        parsed.form = Form::row;
        parsed.predicate = expression();
      }
    } else if (accept("in")) {
      parsed.form = Form::determines;
      parsed.set = set_syntax();
      expect(":");
      parsed.tuples = {TupleSource{tuple(), parsed.set}};
      expect("determines");
      parsed.right = tuple();
    } else if (accept("unique")) {
      parsed.form = Form::unique;
      do {
        TupleSource source;
        if (is("(")) {
          source.tuple = tuple();
          expect("in");
        }
        source.set = set_syntax();
        parsed.tuples.push_back(std::move(source));
      } while (!error_ && accept(","));
    } else if (accept("disjoint")) {
      parsed.form = Form::disjoint;
      parsed.ranges = range_sources();
    } else if (accept("apart")) {
      parsed.form = Form::apart;
      parsed.ranges = range_sources();
      expect("from");
      parsed.others = range_sources();
    } else if (accept("acyclic")) {
      parsed.form = Form::acyclic;
      parsed.set = set_syntax(false);
    } else {
      error("expected 'for', 'in', 'unique', 'disjoint', 'apart' or 'acyclic'");
    }
    return parsed;
  }

  void ranged_claim(ClaimSyntax& parsed) {
    RangeSyntax first = range();
    if (accept("within")) {
      parsed.form = Form::within;
      parsed.within_one = accept("one");
      parsed.range = std::move(first);
      parsed.ranges = range_sources();
      if (accept("by")) parsed.group = singular();
    } else if (accept("preserved")) {
      parsed.form = Form::preserved;
      parsed.range = std::move(first);
      if (accept("as")) parsed.preserved_as = preserved_as();
    } else if (accept("in")) {
      parsed.form = Form::tiles;
      RangeSource tiles;
      tiles.range = std::move(first);
      tiles.set = set_syntax();
      parsed.ranges = {std::move(tiles)};
      expect("tile");
      parsed.range = range();
      parsed.overshoot = accept("overshoot");
    } else {
      error("expected 'within', 'preserved' or 'in SET tile'");
    }
  }

  std::string singular() {
    if (peek().kind != TokenKind::name || kKeywords.count(peek().text) != 0) {
      error("expected the singular of a record set");
      return {};
    }
    return tokens_[pos_++].text;
  }

  PreservedAs preserved_as() {
    if (accept("one")) {
      expect("key");
      return PreservedAs::one_key;
    }
    if (accept("natural")) {
      expect("keys");
      return PreservedAs::natural_keys;
    }
    if (accept("a")) {
      expect("folio");
      return PreservedAs::folio;
    }
    error("expected 'one key', 'natural keys' or 'a folio'");
    return PreservedAs::covered;
  }

  const std::string& text_;
  std::vector<Token> tokens_;
  size_t pos_ = 0;
  int depth_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<NodePtr> parse_expression(const std::string& text, const Origin& origin) {
  return Parser(text, TRY(tokenize(text, origin))).whole_expression();
}

Result<ClaimSyntax> parse_claim(const std::string& text, const Origin& origin) {
  return Parser(text, TRY(tokenize(text, origin))).whole_claim();
}

const char* to_string(Form form) {
  switch (form) {
    case Form::row:
      return "row";
    case Form::unique:
      return "unique";
    case Form::determines:
      return "determines";
    case Form::tiles:
      return "tiles";
    case Form::disjoint:
      return "disjoint";
    case Form::apart:
      return "apart";
    case Form::within:
      return "within";
    case Form::preserved:
      return "preserved";
    case Form::acyclic:
      return "acyclic";
  }
  return "";
}

}  // namespace khover::pack
