#include "findings/suppressions.h"

#include <fmt/format.h>

#include <algorithm>

#include "findings/comments.h"

namespace khover::findings {
namespace {

constexpr std::string_view keyword = "khover: allow(";

struct Suppression {
  std::string check;
  std::string reason;
  Place place;
  uint32_t first = 0;  // lines that it covers
  uint32_t last = 0;
  bool used = false;
};

std::string trimmed(std::string_view text) {
  const auto is_trim = [](char c) { return c == ' ' || c == '\t' || c == '*' || c == '/' || c == '\r'; };
  while (!text.empty() && is_trim(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_trim(text.back())) text.remove_suffix(1);
  return std::string(text);
}

std::vector<Suppression> suppressions_of(const std::string& file, const Sources& sources,
                                         const std::vector<Extent>& extents) {
  std::vector<Suppression> found;
  const std::string& text = *sources.text(file);
  for (const Comment& comment : comments_of(text)) {
    uint32_t line = comment.first_line;
    size_t line_start = text.rfind('\n', comment.begin) + 1;
    for (size_t i = 0; i < comment.text.size(); ++i) {
      if (comment.text[i] == '\n') {
        ++line;
        line_start = comment.begin + i + 1;
      }
      if (!comment.text.substr(i).starts_with(keyword)) continue;
      const std::string_view rest = comment.text.substr(i + keyword.size());
      const size_t close = rest.find(')');
      const size_t line_end = std::min(rest.find('\n'), rest.size());
      if (close >= line_end) continue;
      Place place{file, line, static_cast<uint32_t>(comment.begin + i - line_start + 1), 0};
      std::string_view tail = rest.substr(close + 1, line_end - close - 1);
      const std::string reason = tail.starts_with(":") ? trimmed(tail.substr(1)) : "";
      // After code it speaks of that code, alone of what follows.
      uint32_t first = comment.alone ? comment.last_line + 1 : comment.first_line;
      uint32_t last = first;
      for (const Extent& extent : extents) {
        if (extent.file == file && extent.first == first) last = std::max(last, extent.last);
      }
      if (comment.alone) first = comment.first_line;  // findings in the comment itself: documentation
      std::string_view ids = rest.substr(0, close);
      while (!ids.empty()) {
        const size_t comma = ids.find(',');
        found.push_back({trimmed(ids.substr(0, comma)), reason, place, first, last, false});
        ids.remove_prefix(comma == std::string_view::npos ? ids.size() : comma + 1);
      }
    }
  }
  return found;
}

Finding complain(const Suppression& suppression, std::string message) {
  Finding finding;
  finding.check = suppression_check;
  finding.severity = Severity::warning;
  finding.message = std::move(message);
  finding.place = suppression.place;
  finding.subject = suppression.check;
  return finding;
}

}  // namespace

void apply_suppressions(Report& report, const std::vector<std::string>& known,
                        const std::vector<Extent>& extents) {
  std::vector<Finding> complaints;
  for (const auto& [file, text] : report.sources.files()) {
    std::vector<Suppression> suppressions = suppressions_of(file, report.sources, extents);
    for (Suppression& suppression : suppressions) {
      if (std::find(known.begin(), known.end(), suppression.check) == known.end()) {
        complaints.push_back(complain(suppression, fmt::format("unknown check '{}'", suppression.check)));
        continue;
      }
      if (suppression.reason.empty()) {
        complaints.push_back(complain(
            suppression,
            fmt::format(
                "'{}' is suppressed without a reason, which has no effect; write 'khover: allow({}): reason'",
                suppression.check, suppression.check)));
        continue;
      }
      for (Finding& finding : report.findings) {
        if (finding.check != suppression.check || finding.place.file != file ||
            finding.place.line < suppression.first || finding.place.line > suppression.last) {
          continue;
        }
        suppression.used = true;
        if (!finding.suppressed) finding.suppressed = suppression.reason;
      }
      const bool ran = std::any_of(report.checks.begin(), report.checks.end(),
                                   [&](const CheckInfo& check) { return check.id == suppression.check; }) &&
                       std::none_of(report.not_judged.begin(), report.not_judged.end(),
                                    [&](const auto& one) { return one.first == suppression.check; });
      if (!suppression.used && ran) {
        complaints.push_back(complain(
            suppression, fmt::format("'{}' is suppressed, but finds nothing here", suppression.check)));
      }
    }
  }
  report.findings.insert(report.findings.end(), complaints.begin(), complaints.end());
  sort_by_place(report.findings);
}

}  // namespace khover::findings
