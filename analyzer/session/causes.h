// Puts the findings of a report under the damage that explains them: by trying repairs on a copy of the
// memory, and by how records and rules hang together.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "findings/image_report.h"
#include "prove/search/diagnosis.h"
#include "session/analysis.h"

namespace khover::session {

// By rule of the model: how the first record that violates it could be mended.
using Repairs = std::map<uint32_t, std::vector<prove::Repair>>;

// Every finding of the report is in exactly one group.
void add_groups(const Analysis& analysis, const Repairs& repairs, findings::ImageReport& report);

}  // namespace khover::session
