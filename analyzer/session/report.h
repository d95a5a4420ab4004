// From a judged image to what is said of it.
#pragma once

#include <optional>
#include <set>

#include "findings/image_report.h"
#include "prove/certify/prove.h"
#include "session/analysis.h"

namespace khover::session {

struct Asked {
  std::set<uint32_t> rules;  // of the model
  pack::Severity fail_on = pack::Severity::silent;
  bool abi_is_given = false;
  bool diagnose = false;  // look for probable causes though nothing is proved
};

// Its verdict included. `proof`: of the asked rules; without one, verdicts are evaluated only.
findings::ImageReport report_of(const Analysis& analysis, const Asked& asked,
                                const std::optional<prove::Proof>& proof);

}  // namespace khover::session
