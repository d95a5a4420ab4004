// The words, the JSON and the exit status come from one value, and no word says more than the status.
#include "findings/image_verdict.h"

#include <gtest/gtest.h>

#include "findings/image_report.h"

namespace khover::findings {
namespace {

using evaluate::Reason;
using evaluate::Verdict;
using pack::Severity;

RuleLine rule(Severity severity, Verdict verdict, Reason reason = Reason::none, const std::string& why = "") {
  return {"a-rule", severity, verdict, reason, why, 1};
}

ImageReport report_of(std::vector<RuleLine> rules) {
  ImageReport report;
  report.phase = "finalized";
  report.rules = std::move(rules);
  for (const RuleLine& line : report.rules) {
    if (line.verdict != Verdict::violated && line.verdict != Verdict::undetermined) continue;
    ImageFinding finding;
    finding.severity = line.severity;
    finding.violated = line.verdict == Verdict::violated;
    report.findings.push_back(finding);
  }
  return report;
}

ImageVerdict of(std::vector<RuleLine> rules, Severity fail_on = Severity::silent) {
  return verdict_of(report_of(std::move(rules)), fail_on);
}

TEST(ImageVerdict, IsWellFormedWhereEveryRuleIsDecidedOrLacksAnInput) {
  EXPECT_EQ(of({rule(Severity::crash, Verdict::holds)}).sentence,
            "well-formed (evaluated; no proof was made)");
  const ImageVerdict verdict =
      of({rule(Severity::crash, Verdict::holds),
          rule(Severity::crash, Verdict::not_judged, Reason::input, "input ram is not given"),
          rule(Severity::crash, Verdict::not_judged, Reason::input, "input numa is not given"),
          rule(Severity::crash, Verdict::not_judged, Reason::other_phase,
               "it is about images that are outgoing")});
  EXPECT_EQ(verdict.word, Word::well_formed);
  EXPECT_EQ(verdict.status, Status::nothing_to_object);
  EXPECT_EQ(
      verdict.sentence,
      "well-formed (evaluated; no proof was made); not judged: 1 (input numa is not given), 1 (input ram is "
      "not given), 1 (about another phase)");
}

TEST(ImageVerdict, CountsHygieneAside) {
  const ImageVerdict verdict =
      of({rule(Severity::hygiene, Verdict::violated), rule(Severity::hygiene, Verdict::violated)});
  EXPECT_EQ(verdict.sentence, "well-formed (evaluated; no proof was made), 2 hygiene findings");
  EXPECT_EQ(verdict.status, Status::nothing_to_object);
  EXPECT_EQ(of({rule(Severity::hygiene, Verdict::violated)}, Severity::hygiene).status, Status::violated);
  EXPECT_EQ(of({rule(Severity::silent, Verdict::violated), rule(Severity::hygiene, Verdict::violated)},
               Severity::crash)
                .sentence,
            "well-formed (evaluated; no proof was made), 1 silent and 1 hygiene findings");
}

TEST(ImageVerdict, SaysWhatThePhaseHides) {
  ImageReport report =
      report_of({rule(Severity::crash, Verdict::holds),
                 rule(Severity::crash, Verdict::not_judged, Reason::hidden, "the phase hides it"),
                 rule(Severity::crash, Verdict::not_judged, Reason::hidden, "the phase hides it")});
  report.phase = "outgoing";
  report.proof = report.rules[0].proof = ProofLine{};
  const ImageVerdict verdict = verdict_of(report, Severity::silent);
  EXPECT_EQ(verdict.word, Word::nothing_wrong_visible);
  EXPECT_EQ(verdict.status, Status::nothing_to_object);
  EXPECT_EQ(verdict.sentence,
            "nothing wrong in what is visible (proved): what serialization writes is not visible in an image "
            "that is "
            "outgoing: 2 of 3 rules say nothing; not judged: 2 (of what is not written yet in this phase)");
}

TEST(ImageVerdict, CountsWhatADeadlineLeftUnproved) {
  ImageReport report =
      report_of({rule(Severity::crash, Verdict::holds), rule(Severity::crash, Verdict::holds),
                 rule(Severity::silent, Verdict::holds)});
  report.proof = report.rules[1].proof = ProofLine{};
  const ImageVerdict verdict = verdict_of(report, Severity::silent);
  EXPECT_EQ(verdict.status, Status::nothing_to_object);
  EXPECT_EQ(verdict.sentence, "well-formed (evaluated; 1 of 3 proved)");
}

TEST(ImageVerdict, IsNotWellFormedWhereAPackIsMissing) {
  const ImageVerdict verdict =
      of({rule(Severity::silent, Verdict::not_judged, Reason::unfollowed, "no pack follows the file \"x\"")});
  EXPECT_EQ(verdict.word, Word::nothing_wrong_visible);
  EXPECT_NE(verdict.sentence.find("not judged: 1 (no pack follows the file \"x\")"), std::string::npos);
}

TEST(ImageVerdict, IsUndeterminedWhereARuleThatCountsIs) {
  const auto with = [](Severity severity) { return of({rule(severity, Verdict::undetermined)}); };
  EXPECT_EQ(with(Severity::silent).status, Status::undetermined);
  EXPECT_EQ(with(Severity::silent).word, Word::undetermined);
  EXPECT_EQ(with(Severity::hygiene).status, Status::nothing_to_object);
  EXPECT_EQ(with(Severity::hygiene).word, Word::nothing_wrong_visible) << "one is not decided";
}

TEST(ImageVerdict, IsUndeterminedWhereMilderDamageHidesRecords) {
  for (const Reason reason : {Reason::broken, Reason::masked}) {
    const auto with = [&](Severity severity) {
      return of({rule(Severity::hygiene, Verdict::violated), rule(severity, Verdict::not_judged, reason)});
    };
    EXPECT_EQ(with(Severity::silent).status, Status::undetermined);
    EXPECT_EQ(with(Severity::hygiene).status, Status::nothing_to_object);
  }
  EXPECT_EQ(of({rule(Severity::crash, Verdict::violated),
                rule(Severity::silent, Verdict::not_judged, Reason::broken)})
                .status,
            Status::violated);
}

TEST(ImageVerdict, IsUndeterminedWhereAPointerWasNotFollowed) {
  ImageReport report = report_of({rule(Severity::crash, Verdict::holds)});
  report.not_followed = {{"file \"b\"", 0x1000, "first.phys", "0x2000 is already another chunk"}};
  report.more_not_followed = 1;
  ImageVerdict verdict = verdict_of(report, Severity::silent);
  EXPECT_EQ(verdict.status, Status::undetermined);
  EXPECT_EQ(verdict.sentence,
            "undetermined: 'first.phys' of file \"b\" was not followed: 0x2000 is already another chunk; 1 "
            "more was "
            "not followed");
}

TEST(ImageVerdict, SpeaksOfTheRulesAskedForOnly) {
  ImageReport report = report_of({rule(Severity::crash, Verdict::holds)});
  report.rules_not_asked = 126;
  const ImageVerdict verdict = verdict_of(report, Severity::silent);
  EXPECT_EQ(verdict.word, Word::nothing_wrong_visible);
  EXPECT_EQ(verdict.sentence,
            "nothing wrong in what is visible (evaluated; no proof was made): 1 of 127 rules were asked, and "
            "nothing "
            "is said of the image");
}

TEST(ImageVerdict, IsUndeterminedWhereItsNoteContradictsIt) {
  ImageReport report = report_of({rule(Severity::crash, Verdict::holds)});
  report.phase_contradicted = true;
  EXPECT_EQ(verdict_of(report, Severity::silent).status, Status::undetermined);
}

// Whatever the rules say: the status is that of the worst, and the word goes with it.
TEST(ImageVerdict, WordsGoWithTheStatus) {
  const std::vector<RuleLine> lines = [] {
    std::vector<RuleLine> all;
    for (const Severity severity : {Severity::crash, Severity::silent, Severity::hygiene}) {
      for (const Verdict verdict : {Verdict::holds, Verdict::violated, Verdict::undetermined}) {
        all.push_back(rule(severity, verdict));
      }
      for (const Reason reason :
           {Reason::input, Reason::hidden, Reason::unfollowed, Reason::masked, Reason::broken})
        all.push_back(rule(severity, Verdict::not_judged, reason, "why"));
    }
    return all;
  }();
  for (const RuleLine& a : lines) {
    for (const RuleLine& b : lines) {
      const ImageVerdict verdict = of({a, b});
      EXPECT_EQ(verdict.word == Word::violated, verdict.status == Status::violated);
      EXPECT_EQ(verdict.word == Word::undetermined, verdict.status == Status::undetermined);
      const auto counts = [](const RuleLine& line) { return line.severity <= Severity::silent; };
      const bool violated =
          (counts(a) && a.verdict == Verdict::violated) || (counts(b) && b.verdict == Verdict::violated);
      EXPECT_EQ(verdict.status == Status::violated, violated);
      if (verdict.word == Word::well_formed) {
        for (const RuleLine& line : {a, b})
          EXPECT_TRUE(!counts(line) || line.verdict == Verdict::holds || line.reason == Reason::input);
      }
    }
  }
}

}  // namespace
}  // namespace khover::findings
