// Findings as an answer on a mailing list: the hunk quoted, the comment below the line that it is about.
#pragma once

#include <string>
#include <vector>

#include "findings/finding.h"
#include "series/change.h"

namespace khover::series {

struct Letter {
  std::string from;  // "" : a placeholder that git send-email replaces
};

// One mail for each patch that has findings, as an mbox. Each says what was not judged.
std::string render_mail(const findings::Report& report, const Change& change, const Letter& letter);

}  // namespace khover::series
