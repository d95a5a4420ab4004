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

// One mail for each patch that has findings, as an mbox. `silent` : mails that were not reviewed, and why.
std::string render_mail(const findings::Report& report, const Change& change,
                        const std::vector<std::string>& not_parsed, const Letter& letter);

}  // namespace khover::series
