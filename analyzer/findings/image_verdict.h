// The one verdict on an image: the words, the JSON and the exit status all come from this value.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "evaluate/verdict.h"
#include "pack/severity.h"

namespace khover::findings {

struct ImageReport;

enum class Word {
  well_formed,            // every rule is decided but those whose input is absent
  nothing_wrong_visible,  // what can be seen is right; the sentence says what cannot be seen
  undetermined,
  violated,
};
const char* to_string(Word word);

// Exit status of `khover check`. A word never says more than it.
enum class Status : int { nothing_to_object = 0, violated = 1, undetermined = 3 };

struct Coverage {
  uint64_t rules = 0;      // that were asked for
  uint64_t not_asked = 0;  // left out by --only and --skip
  uint64_t holds = 0;      // with or without a proof
  uint64_t proved = 0;     // of those that hold
  uint64_t violated = 0;
  uint64_t undetermined = 0;
  std::map<evaluate::Reason, uint64_t> not_judged;  // by reason; without those that are 0
  uint64_t not_followed = 0;                        // pointers
};

struct ImageVerdict {
  Word word = Word::undetermined;
  Status status = Status::undetermined;
  std::string
      sentence;  // without the word: what it is about, and every rule that is not judged with its reason
  std::string because;  // the part of the sentence that says why it is this word; may be empty
  Coverage coverage;
};

// `fail_on`: violated and undecided rules below it do not change the status.
ImageVerdict verdict_of(const ImageReport& report, pack::Severity fail_on);

}  // namespace khover::findings
