// What people and programs read: terminals obey nothing that an image says, JSON is JSON.
#include "report/report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

namespace khover::report {
namespace {

Report one_finding() {
  Report report;
  report.version = "1.2.3";
  report.image = "broken.elf";
  report.format = "ELF core";
  report.bytes_present = 1234567;
  report.root = "0x8a4000";
  report.root_origin = "note";
  report.phase = "finalized";
  report.phase_origin = "evidence";
  report.phase_alternatives = {"early"};
  report.abi = {"linux-7.3-x86_64-4k"};
  report.packs = {"kho", "luo"};
  report.packs_left_out = {{"pci", "the ABI has no 'pci_ser'"}};
  report.inputs = {{"ram", "note"}, {"numa", ""}};
  report.contents = {{"sessions", 60}, {"files", 1635}};
  report.warnings = {"the file is cut"};
  report.rules = {{"a-rule", "crash", "violated", "", 3},
                  {"b-rule", "silent", "proved", "", 5},
                  {"c-rule", "hygiene", "not judged", "input numa is not given", 0}};
  Finding finding;
  finding.rule = "a-rule";
  finding.severity = "crash";
  finding.verdict = "violated";
  finding.path = "LUO › session \"vm-7\"";
  finding.address = 0x2b5e000;
  finding.field = "count";
  finding.bytes = {0, 1, 2, 3, 4, 5, 6, 7, 0xff};
  finding.expected = "1 <= count";
  finding.found = "count = 0";
  finding.because = "the next kernel panics";
  finding.evidence = "kho_block_set_restore()";
  finding.more = 1999;
  report.findings = {finding};
  return report;
}

TEST(ReportText, ShowsOneFinding) {
  EXPECT_EQ(render_text(one_finding(), false), R"(khover 1.2.3  broken.elf
  image     ELF core, 1 234 567 bytes of memory
  root      0x8a4000 (note)
  phase     finalized (evidence), or early
  abi       linux-7.3-x86_64-4k
  packs     kho, luo
            not in this ABI: pci
  inputs    ram (note); not given: numa
  contents  60 sessions, 1 635 files
  warning   the file is cut

VIOLATED  crash  [a-rule]
  where     LUO › session "vm-7"
  address   0x2b5e000  00 01 02 03 04 05 06 07  ff
  field     count
  expected  1 <= count
  found     count = 0
  more      1 999 further records
  because   the next kernel panics
  evidence  kho_block_set_restore()

not judged:
  input numa is not given: c-rule

3 rules: 1 hold, 1 violated, 0 undetermined, 1 not judged
verdict: violated: the next kernel crashes on this image
)");
}

TEST(ReportText, TellsOfOneAbsentPageOnce) {
  Report report = one_finding();
  for (const char* rule : {"d-rule", "e-rule", "f-rule"}) {
    Finding finding;
    finding.rule = rule;
    finding.severity = rule[0] == 'd' ? "crash" : "silent";
    finding.verdict = "undetermined";
    finding.why = "the dump has no byte at 0x1000";
    report.findings.push_back(finding);
  }
  const std::string text = render_text(report, false);
  EXPECT_NE(text.find("UNDETERMINED  3 rules\n"
                      "  why       the dump has no byte at 0x1000\n"
                      "  crash     d-rule\n"
                      "  silent    e-rule, f-rule\n"),
            std::string::npos)
      << text;
  report.findings.pop_back();
  EXPECT_EQ(render_text(report, false).find("UNDETERMINED  3 rules"), std::string::npos) << "two stand alone";
}

// Who names layouts wants to know which name they lack.
TEST(ReportText, SaysWhyAPackWasLeftOutOfAGivenAbi) {
  Report report = one_finding();
  report.abi_is_given = true;
  EXPECT_NE(render_text(report, false).find("not in this ABI: pci (the ABI has no 'pci_ser')\n"),
            std::string::npos);
}

TEST(ReportText, IsColouredOnlyWhenAsked) {
  EXPECT_EQ(render_text(one_finding(), false).find('\x1b'), std::string::npos);
  EXPECT_NE(render_text(one_finding(), true).find("\x1b[1;31mVIOLATED"), std::string::npos);
}

TEST(ReportJson, CarriesTheFinding) {
  const auto json = nlohmann::json::parse(render_json(one_finding()));
  EXPECT_EQ(json["summary"],
            (nlohmann::json{{"proved", 1}, {"violated", 1}, {"undetermined", 0}, {"not_judged", 1}}));
  EXPECT_EQ(json["findings"][0]["address"], "0x2b5e000");
  EXPECT_EQ(json["findings"][0]["bytes"], "0001020304050607ff");
  EXPECT_EQ(json["inputs"]["numa"], nullptr);
  EXPECT_EQ(json["rules"][2]["why"], "input numa is not given");
}

TEST(ReportJson, IsJsonForHostileNames) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 500; ++round) {
    std::string name(random() % 40, '\0');
    for (char& byte : name) byte = static_cast<char>(random());
    Report report = one_finding();
    report.image = report.findings[0].path = report.findings[0].found = report.warnings[0] = name;
    const std::string text = render_json(report);
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  }
}

}  // namespace
}  // namespace khover::report
