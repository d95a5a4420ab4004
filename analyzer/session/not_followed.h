// Pointers that the walk did not follow.
#pragma once

#include "findings/image_report.h"
#include "session/analysis.h"

namespace khover::session {

// Those of damaged structures that no violated rule explains, with the record that holds each; and, where no
// rule is undetermined for it, those that lead to bytes which the dump lacks.
void add_not_followed(const Analysis& analysis, findings::ImageReport& report);

}  // namespace khover::session
