// What a comparison says of itself, and the words for it.
#include <algorithm>

#include "abi_diff/compare.h"

namespace khover::abi_diff {

bool RecordProof::all_alike() const {
  return strides_alike && std::all_of(fields.begin(), fields.end(), [](const FieldProof& field) {
           return field.answer == FieldProof::Answer::alike;
         });
}

const RecordProof* proof_of(const Comparison& comparison, const Item& item) {
  if (item.kind != "record" && item.kind != "union") return nullptr;
  for (const RecordProof& proof : comparison.proofs) {
    if (proof.after == item.name) return &proof;
  }
  return nullptr;
}

std::vector<const RecordProof*> misread_records(const Comparison& comparison) {
  std::vector<const RecordProof*> list;
  for (const RecordProof& proof : comparison.proofs) {
    const auto item = std::find_if(comparison.items.begin(), comparison.items.end(), [&](const Item& one) {
      return (one.kind == "record" || one.kind == "union") && one.name == proof.after;
    });
    if (proof.all_alike() || (item != comparison.items.end() && item->effect != Effect::layout)) continue;
    list.push_back(&proof);
  }
  return list;
}

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::same:
      return "same";
    case Verdict::compatible:
      return "compatible";
    case Verdict::bumped:
      return "break, version changed";
    case Verdict::person:
      return "needs a person";
    case Verdict::broken:
      return "break, version not changed";
  }
  return "";
}

const char* name_of(Effect effect) {
  return effect == Effect::none ? "none" : effect == Effect::meaning ? "meaning" : "layout";
}

const char* name_of(abi::VersionStep step) {
  switch (step) {
    case abi::VersionStep::same:
      return "same";
    case abi::VersionStep::raised:
      return "raised";
    case abi::VersionStep::lowered:
      return "lowered";
    case abi::VersionStep::other:
      return "other";
  }
  return "";
}

}  // namespace khover::abi_diff
