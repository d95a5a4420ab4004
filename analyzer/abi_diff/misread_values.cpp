#include "abi_diff/misread_values.h"

#include <algorithm>
#include <set>

namespace khover::abi_diff {
namespace {

class Changes {
 public:
  Changes(uint64_t address, const image::Memory& memory, bool little)
      : address_(address), memory_(memory), little_(little) {}

  void every_value_of(const Reading& reading, const std::string& what) {
    if (reading.width > 64 || reading.first_bit % 8 != 0 || reading.width % 8 != 0) return;
    const uint64_t place = reading.first_bit / 8, count = reading.width / 8;
    std::vector<std::byte> raw(count);
    if (!memory_.read(address_ + place, raw)) return;
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
      add(place, bytes, what);
    }
  }

  void add(uint64_t place, const std::vector<uint8_t>& becomes, const std::string& what) {
    std::vector<std::byte> was(becomes.size());
    if (!memory_.read(address_ + place, was)) return;
    ByteChange change{address_ + place, {}, becomes, what};
    for (const std::byte byte : was) change.was.push_back(std::to_integer<uint8_t>(byte));
    if (change.was != change.becomes) list.push_back(std::move(change));
  }

  std::vector<ByteChange> list;

 private:
  uint64_t address_;
  const image::Memory& memory_;
  bool little_;
};

}  // namespace

BothReadings both_readings(const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                           const RecordProof& proof) {
  BothReadings both;
  both.proof = &proof;
  both.before = readings(old_abi, old_abi.records.at(proof.before));
  both.after = readings(new_abi, new_abi.records.at(proof.after));
  const auto find = [](const std::vector<Reading>& list, const std::string& path) -> const Reading* {
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Reading& one) { return one.path == path; });
    return path.empty() || found == list.end() ? nullptr : &*found;
  };
  for (const FieldProof& field : proof.fields)
    both.fields.push_back({find(both.before, field.before), find(both.after, field.after)});
  return both;
}

std::vector<ByteChange> changes_to_try(const BothReadings& both, size_t field, uint64_t address,
                                       const image::Memory& memory, bool little_endian) {
  const FieldProof& proof = both.proof->fields[field];
  std::set<const Reading*> fields;
  std::set<uint64_t> loose;  // bytes of no field of OLD
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
  Changes changes(address, memory, little_endian);
  for (const Reading& reading : both.before) {
    if (fields.contains(&reading)) changes.every_value_of(reading, both.proof->before + "." + reading.path);
  }
  for (const uint64_t place : loose) {
    changes.add(place, {static_cast<uint8_t>(0x81 + place % 127)},
                both.proof->before + (place < both.proof->old_size ? ", padding" : ", after the record"));
  }
  return std::move(changes.list);
}

}  // namespace khover::abi_diff
