// docs/lint/layout-reuse.md
#include <fmt/format.h>

#include "lint/checks.h"
#include "lint/fingerprints.h"

namespace khover::lint {
namespace {

void run(const Headers& headers, Reporter& reporter) {
  Result<std::vector<Fingerprint>> shipped = shipped_fingerprints();
  if (!shipped) {
    reporter.not_judged(sentence(shipped.error()));
    return;
  }
  const std::string pages = page_key(headers.snapshot);
  each_record(headers, [&](const abi::Record& record, const Declaration& declaration) {
    if (declaration.nested) return;
    const std::string own = layout_fingerprint(headers.snapshot, record);
    for (const abi::Cover& cover : headers.covers(record)) {
      const std::string version = abi::version_text(headers.snapshot.constants.at(cover.macro));
      std::string elsewhere;
      bool known_here = false;
      for (const Fingerprint& known : *shipped) {
        if (known.version != cover.macro + " " + version || known.record != record.name) continue;
        if (!known.pages.empty() && known.pages != pages) continue;
        if (known.layout == own) {
          known_here = true;
        } else {
          elsewhere += (elsewhere.empty() ? "" : ", ") + known.seen_in;
        }
      }
      if (elsewhere.empty()) continue;
      Finding& finding =
          reporter.at(declaration.place, fmt::format("{} {}", record.name, version),
                      fmt::format("'{}' had another layout under the same version ('{}' \"{}\") in {}",
                                  record.name, cover.macro, version, elsewhere));
      finding.notes.push_back(
          {{},
           known_here ? "this layout was seen under it, too: the version does not tell them apart"
                      : "change the version with the layout"});
      break;
    }
  });
}

}  // namespace

const Check layout_reuse_check = {"layout-reuse", "the same version string was seen with another layout",
                                  "0.1", Severity::error, run};

}  // namespace khover::lint
