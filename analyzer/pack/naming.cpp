#include "pack/naming.h"

#include "error/try.h"

namespace khover::pack {
namespace {

// {value:x}, {value:04x}
template <typename Part>
Result<void> take_format(std::string& place, Part& part, const Position& at) {
  const size_t colon = place.rfind(':');
  if (colon == std::string::npos) return {};
  const std::string format = place.substr(colon + 1);
  part.hex = format == "x";
  if (format.size() == 3 && format[0] == '0' && format[1] >= '1' && format[1] <= '9' && format[2] == 'x')
    part.digits = static_cast<uint32_t>(format[1] - '0');
  if (!part.hex && part.digits == 0)
    return fail(to_string(at), "label: '" + format + "' is not a format", "write x or, for four digits, 04x");
  place.resize(colon);
  return {};
}

}  // namespace

Result<ExprPtr> Naming::expression(const std::string& text, const Position& at, uint32_t set) const {
  return typing_.expression(TRY(parse_expression(text, {at, 1})), set);
}

Result<void> Naming::called(const SetDefinition& definition, uint32_t index) {
  typing_.in_pack(model_.sets[index].pack);
  for (const NameSyntax& syntax : definition.called) {
    NamePiece piece;
    if (syntax.when) {
      piece.when = TRY(typing_.boolean(syntax.when, index));
    }
    bool complete = true;
    for (size_t from = 0; from < syntax.text.size();) {
      const size_t open = syntax.text.find('{', from);
      const size_t close = open == std::string::npos ? open : syntax.text.find('}', open);
      NamePart literal;
      literal.text = syntax.text.substr(from, close == std::string::npos ? close : open - from);
      if (!literal.text.empty()) piece.parts.push_back(std::move(literal));
      if (close == std::string::npos) break;
      auto part = TRY(place(syntax.text.substr(open + 1, close - open - 1), syntax.at, index));
      complete = complete && part.has_value();
      if (part) piece.parts.push_back(std::move(*part));
      from = close + 1;
    }
    if (complete) model_.sets[index].called.push_back(std::move(piece));
  }
  return {};
}

// VALUE, or VALUE of SET(KEY = WANTED)
Result<std::optional<NamePart>> Naming::place(std::string text, const Position& at, uint32_t index) const {
  NamePart part;
  TRY(take_format(text, part, at));
  uint32_t set = index;
  if (const size_t of = text.find(" of "); of != std::string::npos) {
    const size_t open = text.find('(', of), equal = text.find(" = ", of);
    if (open == std::string::npos || equal == std::string::npos || open > equal || text.back() != ')')
      return fail(to_string(at), "'" + text + "' is not a place", "write {VALUE of SET(KEY = WANTED)}");
    const std::string name = text.substr(of + 4, open - of - 4);
    part.set = model_.find_set(model_.sets[index].pack + "." + name);
    if (part.set == kNone) part.set = model_.find_set(name);
    if (part.set == kNone) return std::optional<NamePart>();
    auto key = TRY(expression(text.substr(open + 1, equal - open - 1), at, part.set));
    auto wanted = TRY(expression(text.substr(equal + 3, text.size() - equal - 4), at, index));
    part.key = key;
    part.wanted = wanted;
    set = part.set;
    text.resize(of);
    part.whole = text == "name";
  }
  if (!part.whole) {
    part.value = TRY(expression(text, at, set));
  }
  return std::optional(std::move(part));
}

Result<void> Naming::label(const SetDefinition& definition, uint32_t index) {
  SetType& type = model_.sets[index];
  const std::string& text = definition.label;
  size_t from = 0;
  while (from < text.size()) {
    const size_t open = text.find('{', from);
    const size_t close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) {
      type.label.push_back({text.substr(from), kNone, false, 0});
      break;
    }
    if (open > from) type.label.push_back({text.substr(from, open - from), kNone, false, 0});
    std::string name = text.substr(open + 1, close - open - 1);
    LabelPart part;
    if (auto done = take_format(name, part, definition.at_position); !done) return done;
    part.column = type.find(name);
    if (part.column == kNone) {  // not a column but a value made of some
      auto parsed = TRY(parse_expression(name, {definition.at_position, 1}));
      auto typed = TRY(typing_.expression(parsed, index));
      Column column;
      column.name = name;
      column.kind = ColumnKind::derived;
      column.type = typed->type;
      column.range = typed->range;
      column.derived = typed;
      part.column = static_cast<uint32_t>(type.columns.size());
      type.columns.push_back(std::move(column));
    }
    type.label.push_back(part);
    from = close + 1;
  }
  return {};
}

}  // namespace khover::pack
