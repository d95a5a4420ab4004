#include "evaluate/agreement.h"

#include <fmt/format.h>

namespace khover::evaluate {
namespace {

std::string joined(std::span<const std::string> names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

Verdict agreed(Verdict here, std::optional<Verdict> there) {
  if (here == there) return here;
  if (here == Verdict::undetermined || there == Verdict::undetermined) return Verdict::undetermined;
  if (here == Verdict::violated || there == Verdict::violated) return Verdict::undetermined;
  return there ? Verdict::not_judged : here;
}

void agree(Judgement& judgement, const Judged& with, const Judgement& other, const Judged& other_with) {
  for (Outcome& outcome : judgement.outcomes) {
    const uint32_t index = other_with.model.find_rule(with.model.rules[outcome.rule].id);
    std::optional<Verdict> there;
    if (index != kNone) there = other.outcomes[index].verdict;
    const Verdict both = agreed(outcome.verdict, there);
    if (both == outcome.verdict) continue;
    if (both == Verdict::not_judged) {
      outcome.reason = other.outcomes[index].reason;
      outcome.why = other.outcomes[index].why;
    } else {
      outcome.why = fmt::format("{} with the layouts of {}, {} with those of {}; give --abi",
                                to_string(outcome.verdict), joined(with.layouts),
                                there ? to_string(*there) : "not known", joined(other_with.layouts));
    }
    outcome.verdict = both;
  }
}

}  // namespace khover::evaluate
