#include "session/names.h"

#include "session/records.h"

namespace khover::session {
namespace {

// Names may lead to names; two packs could lead to each other.
constexpr int kDeepest = 4;

}  // namespace

std::string Names::of(evaluate::RecordRef record, int depth) {
  std::string text;
  if (depth <= kDeepest) {
    for (const pack::NamePiece& one : world_.model->sets[record.set].called)
      text += piece(one, record, depth).value_or("");
  }
  return text.empty() ? label(world_, columns_, record) : text;
}

std::optional<std::string> Names::piece(const pack::NamePiece& piece, evaluate::RecordRef record, int depth) {
  if (piece.when) {
    const auto when = columns_.evaluate(*piece.when, record.set, record.row);
    if (!when.known || when.value == 0) return std::nullopt;
  }
  std::string text;
  for (const pack::NamePart& part : piece.parts) {
    evaluate::RecordRef of = record;
    if (part.key) {
      const auto row = find(part, record);
      if (!row) return std::nullopt;
      of = {part.set, *row};
    }
    if (part.whole)
      text += this->of(of, depth + 1);
    else if (!part.value)
      text += part.text;
    else
      text += value_text(world_, columns_.evaluate(*part.value, of.set, of.row), part.value->type, part.hex,
                         part.digits);
  }
  return text;
}

std::optional<uint32_t> Names::find(const pack::NamePart& part, evaluate::RecordRef record) {
  const auto wanted = columns_.evaluate(*part.wanted, record.set, record.row);
  if (!wanted.known) return std::nullopt;
  const auto [found, fresh] = rows_.try_emplace(&part);
  if (fresh) {
    for (uint32_t row = 0; row < world_.sets[part.set].rows; ++row) {
      const auto key = columns_.evaluate(*part.key, part.set, row);
      if (key.known) found->second.emplace(static_cast<uint64_t>(key.value), row);
    }
  }
  const auto row = found->second.find(static_cast<uint64_t>(wanted.value));
  if (row == found->second.end()) return std::nullopt;
  return row->second;
}

}  // namespace khover::session
