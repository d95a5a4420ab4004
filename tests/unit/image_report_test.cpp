// What people and programs read: terminals obey nothing that an image says, JSON is JSON.
#include "findings/image_report.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "findings/printable.h"

namespace khover::findings {
namespace {

using evaluate::Reason;
using evaluate::Verdict;
using pack::Severity;

ImageReport one_finding() {
  ImageReport report;
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
  report.rules = {
      {"a-rule", Severity::crash, Verdict::violated, Reason::none, "", 3},
      {"b-rule", Severity::silent, Verdict::holds, Reason::none, "", 5},
      {"c-rule", Severity::hygiene, Verdict::not_judged, Reason::input, "input numa is not given", 0}};
  ImageFinding finding;
  finding.rule = "a-rule";
  finding.severity = Severity::crash;
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
  report.verdict = verdict_of(report, Severity::silent);
  return report;
}

TEST(ReportText, ShowsOneFinding) {
  EXPECT_EQ(
      render_text(one_finding(), false),
      R"(verdict: violated: the next kernel crashes on this image; not judged: 1 (input numa is not given)
khover 1.2.3  broken.elf
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
  more      1 999 more records
  because   the next kernel panics
  evidence  kho_block_set_restore()

3 rules: 1 hold, 1 violated, 0 undetermined, 1 not judged
verdict: violated: the next kernel crashes on this image; not judged: 1 (input numa is not given)
)");
}

TEST(ReportText, TellsOfOneAbsentPageOnce) {
  ImageReport report = one_finding();
  for (const char* rule : {"d-rule", "e-rule", "f-rule"}) {
    ImageFinding finding;
    finding.rule = rule;
    finding.severity = rule[0] == 'd' ? Severity::crash : Severity::silent;
    finding.violated = false;
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

// The cause in full, what follows in a line each; -v shows that in full, too, and what is not judged.
TEST(ReportText, ShowsACauseBeforeItsConsequences) {
  ImageReport report = one_finding();
  ImageFinding consequence = report.findings[0];
  consequence.rule = "b-rule";
  consequence.path = "LUO › \x1b[31mfile";
  report.findings.insert(report.findings.begin(), consequence);
  Group group{{1, 0}};
  group.repair = {{report.findings[1].path, "count", "0x2b5e008", "0", "1"}};
  group.gone = {0, 1};
  group.reached = {{"next of session block 0", 0x9c8000}};
  report.groups = {group};
  const std::string text = render_text(report, false);
  EXPECT_NE(text.find("  reached   by next of session block 0 at 0x9c8000\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  cause     probably count = 0 at 0x2b5e008, where 1 would be right\n"
                      "  explains  1 more finding, which is gone with that repair\n"
                      "            crash    [b-rule]  LUO › \\x1b[31mfile and 1 999 more\n"),
            std::string::npos)
      << text;
  EXPECT_EQ(text.find("VIOLATED  crash  [b-rule]"), std::string::npos);
  EXPECT_EQ(text.find("not judged:\n"), std::string::npos);
  const std::string all = render_text(report, false, true);
  EXPECT_LT(all.find("VIOLATED  crash  [a-rule]"), all.find("VIOLATED  crash  [b-rule]")) << all;
  EXPECT_NE(all.find("VIOLATED  crash  [b-rule]"), std::string::npos);
  EXPECT_NE(all.find("not judged:\n  input numa is not given: c-rule\n"), std::string::npos) << all;
}

// Damage that no rule speaks of itself.
TEST(ReportText, ShowsDamageThatOnlyItsConsequencesTell) {
  ImageReport report = one_finding();
  Group group{{0}};
  group.unseen = true;
  group.repair = {{"preserved memory map › node 0x8b2000", "slot 0", "0x8b2000", "0x0", "0x8b3000"}};
  group.why = "the page there has 60 keys that the map lacks";
  group.gone = {0};
  report.groups = {group};
  const std::string text = render_text(report, false);
  EXPECT_NE(
      text.find(
          "DAMAGED  crash\n"
          "  where     preserved memory map › node 0x8b2000\n"
          "  address   0x8b2000\n"
          "  field     slot 0\n"
          "  found     0x0\n"
          "  cause     probably this, where 0x8b3000 would be right: the page there has 60 keys that the "
          "map lacks\n"
          "  explains  1 finding, which is gone with that repair\n"),
      std::string::npos)
      << text;
}

// One line says it all: the rules that cannot be decided follow from it.
TEST(ReportText, SaysFirstThatTheImageIsNewer) {
  ImageReport report = one_finding();
  report.findings[0].violated = false;
  report.newer = {{report.findings[0].path, "kho-v9", "kho-v4"}};
  const std::string text = render_text(report, false);
  EXPECT_EQ(text.find("newer: LUO › session \"vm-7\" says \"kho-v9\"; khover knows up to \"kho-v4\": "),
            text.find('\n') + 1)
      << text;
}

// Who names layouts wants to know which name they lack.
TEST(ReportText, SaysWhyAPackWasLeftOutOfAGivenAbi) {
  ImageReport report = one_finding();
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
  EXPECT_EQ(
      json["summary"],
      (nlohmann::json{{"proved", 0}, {"holds", 1}, {"violated", 1}, {"undetermined", 0}, {"not_judged", 1}}));
  EXPECT_EQ(json["findings"][0]["address"], "0x2b5e000");
  EXPECT_EQ(json["findings"][0]["bytes"], "0001020304050607ff");
  EXPECT_EQ(json["inputs"]["numa"], nullptr);
  EXPECT_EQ(json["rules"][2]["why"], "input numa is not given");
  EXPECT_EQ(json["schema"], 2);
  EXPECT_EQ(json["verdict"]["word"], "violated");
  EXPECT_EQ(json["verdict"]["status"], 1);
  EXPECT_EQ(json["verdict"]["coverage"]["not_judged"], (nlohmann::json{{"input", 1}}));
}

TEST(ReportJson, SaysWhatFollowsFromWhat) {
  ImageReport report = one_finding();
  Group group{{0}};
  group.repair = {{"LUO", "count", "0x10", "0", "1"}};
  group.gone = {0};
  group.reached = {{"next of session block 0", 0x9c8000}};
  report.groups = {group};
  const auto json = nlohmann::json::parse(render_json(report));
  EXPECT_EQ(json["groups"][0]["findings"], nlohmann::json({0}));
  EXPECT_EQ(json["groups"][0]["gone"], nlohmann::json({0}));
  EXPECT_EQ(json["groups"][0]["cause_is_finding"], true);
  EXPECT_EQ(json["groups"][0]["repair"][0]["becomes"], "1");
  EXPECT_EQ(json["groups"][0]["reached_by"][0]["address"], "0x9c8000");
}

// "proved" exists only after a proof.
TEST(ReportJson, SaysWhatBacksAVerdict) {
  ImageReport report = one_finding();
  auto json = nlohmann::json::parse(render_json(report));
  EXPECT_EQ(json["backed_by"], "evaluation");
  EXPECT_EQ(json["rules"][0]["backed_by"], "evaluation");
  EXPECT_EQ(json["rules"][1]["verdict"], "holds");
  EXPECT_EQ(json["rules"][1]["backed_by"], "evaluation");
  EXPECT_FALSE(json["rules"][2].contains("backed_by"));
  report.proof = report.rules[1].proof = ProofLine{1, 1, 0};
  json = nlohmann::json::parse(render_json(report));
  EXPECT_EQ(json["backed_by"], "proof");
  EXPECT_EQ(json["rules"][0]["backed_by"], "evaluation") << "its witness is the record";
  EXPECT_EQ(json["rules"][1]["verdict"], "proved");
  EXPECT_EQ(json["rules"][1]["backed_by"], "proof");
  EXPECT_EQ(json["summary"]["proved"], 1);
}

TEST(ReportJson, IsJsonForHostileNames) {
  std::mt19937_64 random(2);
  for (int round = 0; round < 500; ++round) {
    std::string name(random() % 40, '\0');
    for (char& byte : name) byte = static_cast<char>(random());
    ImageReport report = one_finding();
    report.image = report.findings[0].path = report.findings[0].found = report.warnings[0] = name;
    const std::string text = render_json(report);
    EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  }
}

}  // namespace
}  // namespace khover::findings
