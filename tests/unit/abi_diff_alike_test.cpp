// The solver against readings of bytes: a value is a choice of bits, so whether two of them are the same for
// all bytes shows where one bit is set, or where all are.
#include <gtest/gtest.h>

#include <random>

#include "abi_diff/alike.h"

namespace khover::abi_diff {
namespace {

using abi::Field;
using abi::TypeKind;
using abi_diff::Meaning;
using abi_diff::Reading;

constexpr uint64_t kSize = 12;

Field field(std::mt19937& random) {
  Field one;
  one.name = "a";
  one.kind = random() % 4 == 0 ? TypeKind::boolean : TypeKind::integer;
  one.element_size = one.kind == TypeKind::boolean ? 1 : uint64_t{1} << random() % 3;
  one.is_signed = one.kind == TypeKind::integer && random() % 2 == 0;
  one.size = one.element_size;
  one.offset = random() % 3;
  if (random() % 3 == 0) {
    one.bit_offset = static_cast<uint32_t>(random() % 8);
    one.bit_width = static_cast<uint32_t>(1 + random() % 3);
    if (one.kind == TypeKind::boolean) one.bit_width = 1;
    one.size = 2;
  }
  one.type = "t";
  return one;
}

abi::Snapshot snapshot(const Field& one) {
  abi::Snapshot out;
  out.source.arch = "x86_64";
  abi::Record record;
  record.name = "parcel_ser";
  record.size = kSize;
  record.fields = {one};
  out.records[record.name] = record;
  return out;
}

// "true" is 1 to who reads a number.
std::string number_of(const Reading& reading, const std::vector<uint8_t>& bytes) {
  const std::string text = abi_diff::value_text(reading, bytes, true);
  return text == "true" ? "0x1" : text == "false" ? "0x0" : text;
}

bool alike_by_trial(const Reading& before, const Reading& after) {
  for (size_t bit = 0; bit <= kSize * 8; ++bit) {
    std::vector<uint8_t> bytes(kSize, bit == kSize * 8 ? 0xff : 0);
    if (bit < kSize * 8) bytes[bit / 8] = static_cast<uint8_t>(1u << (bit % 8));
    if (number_of(before, bytes) != number_of(after, bytes)) return false;
  }
  return true;
}

TEST(Alike, IsWhatTrialsSay) {
  std::mt19937 random(7);
  int alike = 0;
  for (int i = 0; i < 400; ++i) {
    Field before = field(random), after = i % 3 == 0 ? before : field(random);
    if (i % 3 == 0) after.is_signed = random() % 2 == 0 ? before.is_signed : !before.is_signed;
    if (after.kind == TypeKind::boolean) after.is_signed = false;
    const abi::Snapshot one = snapshot(before), other = snapshot(after);
    Result<abi_diff::Comparison> comparison = abi_diff::compare({one, {}}, {other, {}}, {});
    const Result<prove::Tally> done = prove_alike(one, other, *comparison, "");
    ASSERT_TRUE(done) << sentence(done.error());
    const abi_diff::FieldProof& proof = comparison->proofs.at(0).fields.at(0);
    const Reading a = abi_diff::readings(one, one.records.at("parcel_ser")).at(0);
    const Reading b = abi_diff::readings(other, other.records.at("parcel_ser")).at(0);
    const bool expected = alike_by_trial(a, b);
    alike += expected ? 1 : 0;
    ASSERT_EQ(proof.answer == abi_diff::FieldProof::Answer::alike, expected) << i;
    if (expected) continue;
    // The bytes that it names are read differently.
    std::vector<uint8_t> bytes(kSize);
    for (const auto& [at, byte] : proof.bytes) bytes.at(at) = byte;
    EXPECT_EQ(proof.old_value, abi_diff::value_text(a, bytes, true));
    EXPECT_EQ(proof.new_value, abi_diff::value_text(b, bytes, true));
    EXPECT_NE(number_of(a, bytes), number_of(b, bytes));
  }
  EXPECT_GT(alike, 50);
}

TEST(Alike, EveryElementOfAnArrayCounts) {
  Field three;
  three.name = "a";
  three.element_size = 2;
  three.size = 6;
  three.type = "u16[3]";
  three.dimensions = {3};
  Field four = three;
  four.size = 8;
  four.dimensions = {4};
  Field spread = three;
  spread.dimensions = {3, 1};
  spread.element_size = 2;
  const auto ask = [](const Field& before, const Field& after) {
    const abi::Snapshot one = snapshot(before), other = snapshot(after);
    Result<abi_diff::Comparison> comparison = abi_diff::compare({one, {}}, {other, {}}, {});
    EXPECT_TRUE(prove_alike(one, other, *comparison, ""));
    return comparison->proofs.at(0).fields.at(0);
  };
  EXPECT_EQ(ask(three, three).answer, abi_diff::FieldProof::Answer::alike);
  const abi_diff::FieldProof longer = ask(three, four);
  EXPECT_EQ(longer.answer, abi_diff::FieldProof::Answer::differs);
  EXPECT_EQ(longer.element, "[3]");
  EXPECT_EQ(longer.old_value, "no such element");
  EXPECT_EQ(ask(three, spread).answer, abi_diff::FieldProof::Answer::differs);
}

}  // namespace
}  // namespace khover::abi_diff
