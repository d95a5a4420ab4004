// Comments that allow a finding: `khover: allow(check-id): reason`, on its line, on the line above it,
// or above the record that it is in.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "findings/finding.h"

namespace khover::findings {

inline constexpr const char* suppression_check = "suppression";

// Lines first..last of a file that a suppression in front of line `first` covers as a whole.
struct Extent {
  std::string file;
  uint32_t first = 0;
  uint32_t last = 0;
};

// Marks what is allowed in `report.findings`, and adds a finding of its own for a suppression without a
// reason, for an unknown check, or of a check that ran and found nothing there. `known` are all ids.
void apply_suppressions(Report& report, const std::vector<std::string>& known,
                        const std::vector<Extent>& extents);

}  // namespace khover::findings
