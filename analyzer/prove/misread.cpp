#include "prove/misread.h"

#include <algorithm>
#include <set>

#include "abi/reading.h"
#include "walk/walker.h"

namespace khover::prove {
namespace {

using abi::Reading;
using abi::RecordProof;

constexpr uint32_t kRowsSeen = 256;           // of one set: that many records show what the others do
constexpr uint32_t kRowsChanged = 3;          // of one set
constexpr uint64_t kMostTrials = 400;         // images that are judged,
constexpr uint64_t kMostJudged = 40'000'000;  // and records in all of them

// Everything of a record that one of the two kernels reads.
struct Both {
  const RecordProof* proof = nullptr;
  std::vector<Reading> before, after;
  struct Field {
    const Reading* before = nullptr;
    const Reading* after = nullptr;
  };
  std::vector<Field> fields;
};

Both both_of(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi, const RecordProof& proof) {
  Both both;
  both.proof = &proof;
  both.before = readings(old_abi, old_abi.records.at(proof.before));
  both.after = readings(new_abi, new_abi.records.at(proof.after));
  const auto find = [](const std::vector<Reading>& list, const std::string& path) -> const Reading* {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Reading& one) { return one.path == path; });
    return path.empty() || found == list.end() ? nullptr : &*found;
  };
  for (const abi::FieldProof& field : proof.fields)
    both.fields.push_back({find(both.before, field.before), find(both.after, field.after)});
  return both;
}

// The first element; empty where the memory has a hole.
std::string value_at(const image::Memory& memory, const Reading& reading, uint64_t record, bool little) {
  const uint64_t first = reading.first_bit / 8;
  // Of an array of bytes the first four are shown.
  const uint64_t count = reading.steps.empty() || reading.width != 8 ? 1 : reading.steps.back().count;
  const uint64_t bits = reading.width * (count == 0 ? 4 : std::min<uint64_t>(count, 4));
  std::vector<std::byte> raw((reading.first_bit % 8 + bits + 7) / 8);
  if (record > ~first || memory.read(record + first, raw)) return "";
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
  Search(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi, const abi::Comparison& comparison,
         const walk::World& world, image::PatchedMemory& memory)
      : world_(world), memory_(memory), little_(old_abi.source.little_endian) {
    for (const RecordProof& proof : comparison.proofs) {
      if (!proof.all_alike()) changed_.push_back(both_of(old_abi, new_abi, proof));
    }
  }

  std::optional<Misread> run() {
    // A field that both declare, with two values, says most; then a value that one of them alone reads; and
    // least, a zero that one of them alone reads.
    if (auto found = as_it_is(Shows::two_values)) return found;
    if (auto found = as_it_is(Shows::one_value)) return found;
    if (auto found = with_a_change()) return found;
    return as_it_is(Shows::one_zero);
  }

 private:
  // Records of this type that the walk reached.
  template <typename Visit>
  void each_record(const Both& both, uint32_t most, Visit visit) const {
    for (uint32_t set = 0; set < world_.sets.size(); ++set) {
      const walk::RecordSet& records = world_.sets[set];
      if (records.type->record != both.proof->before || records.extents.empty()) continue;
      const uint32_t rows = std::min(records.rows, most);
      for (uint32_t row = 0; row < rows; ++row) {
        if (!records.is_condemned(row) && visit(evaluate::RecordRef{set, row})) return;
      }
    }
  }

  Misread read(const Both& both, evaluate::RecordRef record) const {
    const walk::RecordSet& set = world_.sets[record.set];
    const walk::Extent& extent = set.extent_of(record.row);
    Misread result{record, both.proof->before, both.proof->after, set.address_of(record.row), 0, {}, {}};
    // An array begins at the same place for both, and goes on with the size that each knows.
    result.new_address = result.old_address;
    if (set.type->stride == both.proof->old_size)
      result.new_address = extent.address + (record.row - extent.first_row) * both.proof->new_size;
    for (const Both::Field& field : both.fields) {
      MisreadField line;
      line.path = field.after != nullptr ? field.after->path : field.before->path;
      if (field.before != nullptr)
        line.old_value = value_at(memory_, *field.before, result.old_address, little_);
      if (field.after != nullptr)
        line.new_value = value_at(memory_, *field.after, result.new_address, little_);
      const bool shared = field.before != nullptr && field.after != nullptr;
      // Bytes that the dump lacks are no value, and zero that nobody reads is no loss.
      line.differs =
          shared ? !line.old_value.empty() && !line.new_value.empty() && line.old_value != line.new_value
                 : nothing(line.old_value) != nothing(line.new_value);
      result.fields.push_back(std::move(line));
    }
    return result;
  }

  enum class Shows { two_values, one_value, one_zero };

  static bool shows(const Both& both, Misread& misread, Shows least) {
    bool any = false;
    for (size_t i = 0; i < misread.fields.size(); ++i) {
      MisreadField& field = misread.fields[i];
      const bool shared = both.fields[i].before != nullptr && both.fields[i].after != nullptr;
      if (least == Shows::one_zero && !shared)
        field.differs = field.old_value.empty() != field.new_value.empty();
      any = any || (field.differs && (shared || least != Shows::two_values));
    }
    return any;
  }

  std::optional<Misread> as_it_is(Shows least) const {
    std::optional<Misread> found;
    for (const Both& both : changed_) {
      each_record(both, kRowsSeen, [&](evaluate::RecordRef record) {
        Misread misread = read(both, record);
        if (!shows(both, misread, least)) return false;
        found = std::move(misread);
        return true;
      });
      if (found) return found;
    }
    return std::nullopt;
  }

  // Values of OLD's fields, and bytes that OLD does not read, where either kernel reads the one field.
  std::vector<ByteChange> changes(const Both& both, evaluate::RecordRef record) const {
    std::vector<ByteChange> list;
    std::set<const Reading*> fields;
    std::set<uint64_t> loose;  // bytes of no field of OLD
    for (const abi::FieldProof& proof : both.proof->fields) {
      if (proof.answer == abi::FieldProof::Answer::alike) continue;
      for (const auto& [place, byte] : proof.bytes) {
        bool declared = false;
        for (const Reading& reading : both.before) {
          const uint64_t last = (reading.first_bit + reading.width - 1) / 8;
          if (place < reading.first_bit / 8 || place > last) continue;
          fields.insert(&reading);
          declared = true;
        }
        if (!declared) loose.insert(place);
      }
    }
    const uint64_t address = world_.sets[record.set].address_of(record.row);
    const auto add = [&](uint64_t place, const std::vector<uint8_t>& becomes, const std::string& what) {
      std::vector<std::byte> was(becomes.size());
      if (memory_.read(address + place, was)) return;
      ByteChange change{address + place, {}, becomes, what};
      for (const std::byte byte : was) change.was.push_back(std::to_integer<uint8_t>(byte));
      if (change.was != change.becomes) list.push_back(std::move(change));
    };
    for (const Reading& reading : both.before) {
      if (!fields.contains(&reading) || reading.width > 64 || reading.first_bit % 8 != 0 ||
          reading.width % 8 != 0)
        continue;
      const uint64_t count = reading.width / 8;
      std::vector<std::byte> raw(count);
      if (memory_.read(address + reading.first_bit / 8, raw)) continue;
      uint64_t value = 0;
      for (uint64_t i = 0; i < count; ++i)
        value |= std::to_integer<uint64_t>(raw[little_ ? i : count - 1 - i]) << (8 * i);
      // Near to what is there, small, and in every byte: what the rules allow differs from field to field.
      std::vector<uint64_t> values = {value + 1, value - 1, 1, 2, 3, 0};
      for (uint64_t bit = 0; bit < reading.width; bit += 4) values.push_back(value ^ (uint64_t{1} << bit));
      values.push_back(0x8887868584838281);
      for (const uint64_t wanted : values) {
        std::vector<uint8_t> bytes(count);
        for (uint64_t i = 0; i < count; ++i)
          bytes[little_ ? i : count - 1 - i] = static_cast<uint8_t>(wanted >> (8 * i));
        add(reading.first_bit / 8, bytes, both.proof->before + "." + reading.path);
      }
    }
    for (const uint64_t place : loose)
      add(place, {static_cast<uint8_t>(0x81 + place % 127)},
          both.proof->before + (place < both.proof->old_size ? ", padding" : ", behind the record"));
    return list;
  }

  std::optional<Misread> with_a_change() {
    uint64_t trials = 0, rows = 1;
    for (const walk::RecordSet& set : world_.sets) rows += set.rows;
    const uint64_t most = std::clamp<uint64_t>(kMostJudged / rows, 1, kMostTrials);
    for (const Both& both : changed_) {
      std::optional<Misread> found;
      each_record(both, kRowsChanged, [&](evaluate::RecordRef record) {
        for (const ByteChange& change : changes(both, record)) {
          if (trials == most) return true;
          std::vector<std::byte> bytes;
          for (const uint8_t byte : change.becomes) bytes.push_back(std::byte{byte});
          memory_.clear();
          if (!memory_.write(change.address, bytes)) continue;
          Misread misread = read(both, record);
          if (!shows(both, misread, Shows::one_value)) continue;
          ++trials;
          if (!well_formed()) continue;
          misread.change = change;
          found = std::move(misread);
          return true;
        }
        return false;
      });
      if (found) return found;
    }
    memory_.clear();
    return std::nullopt;
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
      if (changed.sets[set].rows < world_.sets[set].rows) return false;  // records vanished behind the change
    }
    const evaluate::Judgement judgement = evaluate::judge(changed);
    return undetermined(judgement) <= *allowed_ &&
           std::none_of(
               judgement.outcomes.begin(), judgement.outcomes.end(),
               [](const evaluate::Outcome& one) { return one.verdict == evaluate::Verdict::violated; });
  }

  const walk::World& world_;
  image::PatchedMemory& memory_;
  bool little_;
  std::vector<Both> changed_;
  std::optional<size_t> allowed_;
};

}  // namespace

std::optional<Misread> find_misread(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                                    const abi::Comparison& comparison, const walk::World& world,
                                    image::PatchedMemory& memory) {
  return Search(old_abi, new_abi, comparison, world, memory).run();
}

}  // namespace khover::prove
