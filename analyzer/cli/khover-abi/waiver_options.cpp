#include "cli/khover-abi/waiver_options.h"

#include "cli/khover-abi/files.h"
#include "error/try.h"
#include "findings/waivers.h"
#include "output/file.h"

namespace khover::cli {

void WaiverOptions::add_to(CLI::App& command) {
  command.add_option("--suppressions", suppressions, "YAML of findings that are allowed, with reasons");
  command.add_option("--baseline", baseline, "file of findings that are known: marked, and not counted");
  command.add_flag("--update-baseline", update, "write the findings of this run to --baseline");
}

Result<void> WaiverOptions::apply(findings::Report& report) const {
  if (!suppressions.empty()) {
    std::string text = TRY(read_whole_file(suppressions));
    if (Result<void> done = findings::apply_suppression_file(text, suppressions, report); !done) return done;
  }
  if (update) {
    if (baseline.empty()) return fail("", "no baseline to update", "name it with --baseline");
    if (Result<void> done = output::write_file(baseline, findings::write_baseline(report)); !done)
      return done;
  }
  if (baseline.empty()) return {};
  const std::string text = TRY(read_whole_file(baseline));
  return findings::apply_baseline(text, baseline, report);
}

}  // namespace khover::cli
