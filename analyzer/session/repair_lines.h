// A repair in the words of a report.
#pragma once

#include <vector>

#include "findings/image_report.h"
#include "prove/search/diagnosis.h"
#include "walk/world.h"

namespace khover::session {

std::vector<findings::RepairLine> repair_lines(const walk::World& world, const prove::Repair& repair);

}  // namespace khover::session
