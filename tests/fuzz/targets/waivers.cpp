// Suppressions and baselines, and what is printed of their findings.
#include "findings/waivers.h"

#include <cstdlib>

#include "output/printable.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const std::string text = fuzz::text(input);
  findings::Report report;
  findings::Finding finding;
  finding.check = "some-check";
  finding.place.file = text.substr(0, 20);
  finding.message = text;
  report.findings.push_back(finding);
  findings::apply_suppression_file(text, "input", report);
  findings::apply_baseline(text, "input", report);
  for (const std::string& shown : {findings::render_text(report, false), findings::render_json(report),
                                   findings::render_sarif(report), findings::render_github(report)}) {
    if (output::printable_lines(shown) != shown) std::abort();
  }
}
