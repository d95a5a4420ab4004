// Versions in an image that are above all that the packs know: one piece of news, not one for each rule.
#pragma once

#include "findings/image_report.h"
#include "session/analysis.h"

namespace khover::session {

void add_newer_versions(const Analysis& analysis, findings::ImageReport& report);

}  // namespace khover::session
