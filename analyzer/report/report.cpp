#include "report/report.h"

namespace khover::report {

Summary summarize(const Report& report) {
  Summary summary;
  for (const RuleLine& rule : report.rules) {
    if (rule.verdict == "proved")
      ++summary.proved;
    else if (rule.verdict == "violated")
      ++summary.violated;
    else if (rule.verdict == "undetermined")
      ++summary.undetermined;
    else
      ++summary.not_judged;
  }
  return summary;
}

}  // namespace khover::report
