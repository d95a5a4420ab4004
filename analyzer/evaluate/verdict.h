// What is said of one rule on one image.
#pragma once

namespace khover::evaluate {

// `holds`: every record satisfies the claim. That it was proved, too, is said by what proved it.
enum class Verdict { holds, violated, undetermined, not_judged };

// Why a rule is not judged; where several reasons meet, the last one counts.
enum class Reason {
  none,         // it is judged
  input,        // a fact is not given
  other_phase,  // it is about an earlier moment than the image
  hidden,       // what it is about is not written yet in the phase of the image
  unfollowed,   // no pack follows a record that decides
  masked,       // a rule that it needs fails for the same record
  broken,       // a pointer on the path to its records was not followed
};

inline const char* to_string(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::violated:
      return "violated";
    case Verdict::undetermined:
      return "undetermined";
    case Verdict::not_judged:
      return "not judged";
  }
  return "";
}

}  // namespace khover::evaluate
