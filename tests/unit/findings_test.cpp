// Selection of checks, suppressions, comments and renderers: everything of lint that needs no clang.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "findings/comments.h"
#include "findings/finding.h"
#include "findings/selection.h"
#include "findings/suppressions.h"

namespace khover::findings {
namespace {

using Ids = std::vector<std::string>;

Report report_of(const std::string& text, std::vector<uint32_t> lines) {
  Report report;
  report.checks = {{"bit-field", "bits", "0.1", Severity::warning}};
  report.sources.add("a.h", text);
  for (const uint32_t line : lines) {
    report.findings.push_back(
        {"bit-field", Severity::warning, "it is", {"a.h", line, 1, 3}, {}, "s", std::nullopt});
  }
  return report;
}

TEST(Selection, LaterGlobsWin) {
  const Ids ids = {"bit-field", "bool-member", "doc-version"};
  EXPECT_EQ(*select_checks("*", ids), ids);
  EXPECT_EQ(*select_checks("b*,-bool-*", ids), Ids{"bit-field"});
  EXPECT_EQ(*select_checks("-doc-*", ids), (Ids{"bit-field", "bool-member"}));
  EXPECT_EQ(*select_checks("-*,doc-?ersion", ids), Ids{"doc-version"});
  EXPECT_FALSE(select_checks("nothing", ids));
}

TEST(Suppressions, CoverTheirLineTheNextOneOrARecord) {
  Report report = report_of(
      "int a; // khover: allow(bit-field): here\n"
      "/* khover: allow(bit-field): below */\nint b;\nint c;\n"
      "/* khover: allow(bit-field): all of it */\nstruct s {\n int d;\n};\n",
      {1, 3, 4, 7});
  apply_suppressions(report, {"bit-field"}, {{"a.h", 6, 8}});
  ASSERT_EQ(report.findings.size(), 4u);
  EXPECT_EQ(report.findings[0].suppressed, "here");
  EXPECT_EQ(report.findings[1].suppressed, "below");
  EXPECT_FALSE(report.findings[2].suppressed);
  EXPECT_EQ(report.findings[3].suppressed, "all of it");
  EXPECT_EQ(count_at_least(report, Severity::note), 1u);
}

TEST(Suppressions, TextInAStringIsNone) {
  Report report = report_of("char *s = \"/* khover: allow(bit-field): no */\";\n", {1});
  apply_suppressions(report, {"bit-field"}, {});
  ASSERT_EQ(report.findings.size(), 1u);
  EXPECT_FALSE(report.findings[0].suppressed);
}

TEST(Fingerprints, SurviveMovedLines) {
  Report a = report_of("\n\n", {1}), b = report_of("\n\n", {2});
  EXPECT_EQ(fingerprint(a.findings[0]), fingerprint(b.findings[0]));
  b.findings[0].subject = "t";
  EXPECT_NE(fingerprint(a.findings[0]), fingerprint(b.findings[0]));
}

TEST(Text, ShowsTheLineWithItsTabs) {
  const Report report = [] {
    Report one = report_of("\tu64 pfn:52;\n", {1});
    one.findings[0].place = {"a.h", 1, 6, 9};
    return one;
  }();
  const std::string text = render_text(report, false);
  EXPECT_NE(text.find("a.h:1:6: warning: it is [bit-field]\n     1 | \tu64 pfn:52;\n       | \t    ^~~\n"),
            std::string::npos)
      << text;
}

TEST(Sarif, CountsCharactersAndKeepsFiveThousand) {
  Report report = report_of("/* ä */ x\n", std::vector<uint32_t>(5001, 1));
  for (Finding& finding : report.findings) finding.place = {"a b.h", 1, 10, 11};
  report.sources.add("a b.h", "/* \xc3\xa4 */ x\n");
  const nlohmann::json run = nlohmann::json::parse(render_sarif(report))["runs"][0];
  EXPECT_EQ(run["results"].size(), 5000u);
  const nlohmann::json& place = run["results"][0]["locations"][0]["physicalLocation"];
  EXPECT_EQ(place["region"]["startColumn"], 9);
  EXPECT_EQ(place["artifactLocation"]["uri"], "a%20b.h");
  EXPECT_EQ(run["invocations"][0]["toolExecutionNotifications"].size(), 1u);
}

TEST(Comments, KernelDocHasParameters) {
  const std::string text =
      "int a; /** not alone\n */\n/**\n * struct s - It.\n * @one: First\n *       line two.\n *\n * Prose. "
      "@x\n * @in.two: b\n */\n";
  const std::vector<Comment> comments = comments_of(text);
  ASSERT_EQ(comments.size(), 2u);
  EXPECT_FALSE(comments[0].alone);
  EXPECT_EQ(comments[1].first_line, 3u);
  const KernelDoc doc = kernel_doc_of(comments[1]);
  EXPECT_EQ(doc.subject, "s");
  ASSERT_EQ(doc.parameters.size(), 2u);
  EXPECT_EQ(doc.parameters[0].text, "First line two.");
  EXPECT_EQ(doc.parameters[0].line, 5u);
  EXPECT_EQ(doc.parameters[0].column, 5u);
  EXPECT_EQ(doc.parameters[1].name, "in.two");
}

}  // namespace
}  // namespace khover::findings
