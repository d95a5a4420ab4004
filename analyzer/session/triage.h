// Every handover that a dump holds, told apart and judged, each in its own phase.
#pragma once

#include "findings/triage_report.h"
#include "session/analysis.h"

namespace khover::session {

// Verdicts are evaluated, not proved; probable causes are looked for all the same. Errors: the dump cannot be
// read, or is of no kernel that khover reads. That it holds no handover is no error.
// `log`: a file with the kernel log, in place of the one in the dump; may be empty.
Result<findings::TriageReport> triage(const ImageArguments& arguments, const std::string& log);

}  // namespace khover::session
