#include "session/repair_lines.h"

#include <fmt/format.h>

#include "output/printable.h"
#include "session/records.h"

namespace khover::session {

std::vector<findings::RepairLine> repair_lines(const walk::World& world, const prove::Repair& repair) {
  walk::Columns columns(world);
  std::vector<findings::RepairLine> lines;
  for (const prove::Change& change : repair.changes) {
    lines.push_back({path(world, columns, change.record), change.what,
                     change.address ? fmt::format("{:#x}", *change.address) : "",
                     output::printable(change.was), output::printable(change.becomes)});
  }
  return lines;
}

}  // namespace khover::session
