#include "abi_diff/misread.h"

#include <algorithm>
#include <optional>
#include <set>

#include "abi_diff/field_places.h"
#include "abi_diff/misread_values.h"
#include "walk/walker.h"

namespace khover::abi_diff {
namespace {

constexpr uint32_t kRowsSeen = 256;           // of one set: that many records show what the others do
constexpr uint32_t kRowsChanged = 3;          // of one set
constexpr uint64_t kMostTrials = 400;         // images that are judged,
constexpr uint64_t kLeastTrials = 40;         // of them for each type,
constexpr uint64_t kMostJudged = 40'000'000;  // and records in all of them

// The first element; empty where the memory has a hole.
std::string value_at(const image::Memory& memory, const Reading& reading, uint64_t record, bool little) {
  const uint64_t first = reading.first_bit / 8;
  // Of an array of bytes the first four are shown.
  const uint64_t count = reading.steps.empty() || reading.width != 8 ? 1 : reading.steps.back().count;
  const uint64_t bits = reading.width * (count == 0 ? 4 : std::min<uint64_t>(count, 4));
  std::vector<std::byte> raw((reading.first_bit % 8 + bits + 7) / 8);
  if (record > ~first || !memory.read(record + first, raw)) return "";
  std::vector<uint8_t> bytes(raw.size());
  std::transform(raw.begin(), raw.end(), bytes.begin(),
                 [](std::byte b) { return std::to_integer<uint8_t>(b); });
  Reading here = reading;
  here.first_bit %= 8;
  return value_text(here, bytes, little);
}

bool nothing(const std::string& value) {
  return value.empty() || value == "0x0" || value == "false" || value == "00 00 00 00" ||
         value == "00 00 00 00 …";
}

class Search {
 public:
  Search(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi, const Comparison& comparison,
         const walk::World& world, image::PatchedMemory& memory)
      : world_(world), memory_(memory), little_(old_abi.source.little_endian) {
    for (const RecordProof* proof : misread_records(comparison))
      changed_.push_back(both_readings(old_abi, new_abi, *proof));
  }

  Misreadings run() {
    uint64_t rows = 1;
    for (const walk::RecordSet& set : world_.sets) rows += set.rows;
    const uint64_t most = std::clamp<uint64_t>(kMostJudged / rows, 1, kMostTrials);
    Misreadings found;
    for (const BothReadings& both : changed_) {
      trials_ = std::clamp<uint64_t>(most / changed_.size(), std::min(most, kLeastTrials), most);
      const std::vector<evaluate::RecordRef> records = records_to_try(both);
      if (records.empty()) {
        found.absent.push_back(both.proof->before);
      } else if (auto misread = plainest(both, records)) {
        found.records.push_back(std::move(*misread));
      } else {
        found.hidden.push_back(both.proof->before);
      }
    }
    finish(found);
    return found;
  }

  // Records that are parts of others are read there.
  static void drop_parts(const abi::Snapshot& old_abi, Misreadings& found) {
    std::set<std::string> parts;
    std::vector<std::string> open;
    for (const Misread& misread : found.records) open.push_back(misread.old_type);
    while (!open.empty()) {
      const auto record = old_abi.records.find(open.back());
      open.pop_back();
      if (record == old_abi.records.end()) continue;
      for (const abi::Field& field : record->second.fields) {
        if (!field.record.empty() && parts.insert(field.record).second) open.push_back(field.record);
      }
    }
    std::erase_if(found.absent, [&](const std::string& name) { return parts.contains(name); });
  }

 private:
  // Fields that both declare, with two values, say most; then values that one of them alone reads.
  using Score = std::pair<size_t, size_t>;

  // Records of this type that the walk reached.
  template <typename Visit>
  void each_record(const BothReadings& both, uint32_t most, Visit visit) const {
    for (uint32_t set = 0; set < world_.sets.size(); ++set) {
      const walk::RecordSet& records = world_.sets[set];
      if (records.type->record != both.proof->before || records.extents.empty()) continue;
      const uint32_t rows = std::min(records.rows, most);
      for (uint32_t row = 0; row < rows; ++row) {
        if (!records.is_condemned(row)) visit(evaluate::RecordRef{set, row});
      }
    }
  }

  // The one that shows most as it is, and some more.
  std::vector<evaluate::RecordRef> records_to_try(const BothReadings& both) const {
    std::vector<evaluate::RecordRef> list;
    Score best;
    each_record(both, kRowsSeen, [&](evaluate::RecordRef record) {
      const Score score = score_of(both, read(both, record));
      if (!list.empty() && score <= best) return;
      best = score;
      list = {record};
    });
    each_record(both, kRowsChanged, [&](evaluate::RecordRef record) { list.push_back(record); });
    return list;
  }

  Misread read(const BothReadings& both, evaluate::RecordRef record) const {
    const walk::RecordSet& set = world_.sets[record.set];
    const walk::Extent& extent = set.extent_of(record.row);
    Misread result;
    result.record = record;
    result.old_type = both.proof->before;
    result.new_type = both.proof->after;
    result.old_address = set.address_of(record.row);
    // An array begins at the same place for both, and goes on with the size that each knows.
    result.new_address = result.old_address;
    if (set.type->stride == both.proof->old_size)
      result.new_address = extent.address + (record.row - extent.first_row) * both.proof->new_size;
    for (const BothReadings::Field& field : both.fields) {
      MisreadField line;
      line.path = field.after != nullptr ? field.after->path : field.before->path;
      if (field.before != nullptr)
        line.old_value = value_at(memory_, *field.before, result.old_address, little_);
      if (field.after != nullptr)
        line.new_value = value_at(memory_, *field.after, result.new_address, little_);
      // Bytes that the dump lacks are no value, and zero that is not read is no loss.
      line.differs = field.shared() ? !line.old_value.empty() && !line.new_value.empty() &&
                                          line.old_value != line.new_value
                                    : nothing(line.old_value) != nothing(line.new_value);
      result.fields.push_back(std::move(line));
    }
    return result;
  }

  static Score score_of(const BothReadings& both, const Misread& misread) {
    Score score;
    for (size_t i = 0; i < misread.fields.size(); ++i) {
      if (misread.fields[i].differs) ++(both.fields[i].shared() ? score.first : score.second);
    }
    return score;
  }

  std::optional<Misread> plainest(const BothReadings& both, const std::vector<evaluate::RecordRef>& records) {
    for (const evaluate::RecordRef record : records) {
      std::vector<ByteChange> changes = show_more(both, record);
      Misread misread = read(both, record);
      if (score_of(both, misread) == Score()) continue;
      misread.changes = std::move(changes);
      return misread;
    }
    // Least of all: zero bytes that one of the two alone reads.
    for (const evaluate::RecordRef record : records) {
      Misread misread = read(both, record);
      for (size_t i = 0; i < misread.fields.size(); ++i) {
        MisreadField& field = misread.fields[i];
        if (both.fields[i].shared() || field.old_value.empty() == field.new_value.empty()) continue;
        field.differs = misread.zero_only = true;
      }
      if (misread.zero_only) return misread;
    }
    return std::nullopt;
  }

  // Changes of this record, after which more of its fields are read differently; they stay in the memory.
  std::vector<ByteChange> show_more(const BothReadings& both, evaluate::RecordRef record) {
    const uint64_t address = world_.sets[record.set].address_of(record.row);
    std::vector<ByteChange> made;
    for (size_t field = 0; field < both.fields.size(); ++field) {
      if (both.proof->fields[field].answer == FieldProof::Answer::alike) continue;
      const Misread before = read(both, record);
      if (before.fields[field].differs) continue;
      for (const ByteChange& change : changes_to_try(both, field, address, memory_, little_)) {
        if (trials_ == 0) return made;
        if (!write(change)) continue;
        const Misread after = read(both, record);
        if (after.fields[field].differs && score_of(both, after) > score_of(both, before)) {
          --trials_;
          if (well_formed()) {
            made.push_back(change);
            kept_.push_back(change);
            break;
          }
        }
        take_back();
      }
    }
    return made;
  }

  bool write(const ByteChange& change) {
    std::vector<std::byte> bytes;
    for (const uint8_t byte : change.becomes) bytes.push_back(std::byte{byte});
    return memory_.write(change.address, bytes);
  }

  void take_back() {
    memory_.clear();
    for (const ByteChange& change : kept_) write(change);
  }

  static size_t undetermined(const evaluate::Judgement& judgement) {
    return static_cast<size_t>(std::count_if(
        judgement.outcomes.begin(), judgement.outcomes.end(),
        [](const evaluate::Outcome& one) { return one.verdict == evaluate::Verdict::undetermined; }));
  }

  // As the image was: nothing violated, and nothing undetermined that was decided.
  bool well_formed() {
    if (!allowed_) allowed_ = undetermined(evaluate::judge(world_));
    const walk::World changed = walk::walk(*world_.model, memory_, world_.facts);
    for (size_t set = 0; set < changed.sets.size(); ++set) {
      if (changed.sets[set].rows < world_.sets[set].rows) return false;  // records vanished after the change
    }
    const evaluate::Judgement judgement = evaluate::judge(changed);
    return undetermined(judgement) <= *allowed_ &&
           std::none_of(
               judgement.outcomes.begin(), judgement.outcomes.end(),
               [](const evaluate::Outcome& one) { return one.verdict == evaluate::Verdict::violated; });
  }

  // A change made for one record may be in another: what the last memory holds is reported.
  void finish(Misreadings& found) const {
    std::vector<std::pair<Score, Misread>> scored;
    for (Misread& misread : found.records) {
      const auto both = std::find_if(changed_.begin(), changed_.end(), [&](const BothReadings& one) {
        return one.proof->before == misread.old_type;
      });
      if (!misread.zero_only) misread.fields = read(*both, misread.record).fields;
      const Score score = misread.zero_only ? Score() : score_of(*both, misread);
      if (!misread.zero_only && score == Score()) {
        found.hidden.push_back(misread.old_type);
        continue;
      }
      for (size_t i = 0; i < misread.fields.size(); ++i) {
        misread.fields[i].hidden =
            !misread.fields[i].differs && both->proof->fields[i].answer == FieldProof::Answer::differs;
      }
      scored.emplace_back(score, std::move(misread));
    }
    std::stable_sort(scored.begin(), scored.end(),
                     [](const auto& a, const auto& b) { return a.first > b.first; });
    found.records.clear();
    for (auto& [score, misread] : scored) found.records.push_back(std::move(misread));
  }

  const walk::World& world_;
  image::PatchedMemory& memory_;
  bool little_;
  std::vector<BothReadings> changed_;
  std::vector<ByteChange> kept_;
  uint64_t trials_ = 0;  // left for the type at hand
  std::optional<size_t> allowed_;
};

}  // namespace

bool Misreadings::zero_only() const {
  return std::all_of(records.begin(), records.end(), [](const Misread& one) { return one.zero_only; });
}

Misreadings find_misread(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                         const Comparison& comparison, const walk::World& world,
                         image::PatchedMemory& memory) {
  Misreadings found = Search(old_abi, new_abi, comparison, world, memory).run();
  Search::drop_parts(old_abi, found);
  return found;
}

}  // namespace khover::abi_diff
