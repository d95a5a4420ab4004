#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <set>

#include "cli/khover/commands.h"
#include "cli/khover/image_options.h"
#include "error/try.h"
#include "output/standard.h"
#include "session/report.h"

namespace khover::cli {
namespace {

struct CheckArguments {
  session::ImageArguments image;
  std::string format = "text";
  std::string fail_on = "silent";
  std::vector<std::string> only, skip;
  bool prove = true;
  bool verbose = false;
  prove::Options proof;
};

Result<std::set<uint32_t>> choose(const pack::Model& model, const CheckArguments& arguments) {
  std::set<uint32_t> chosen;
  for (const auto& [list, option] :
       {std::pair{&arguments.only, "--only"}, std::pair{&arguments.skip, "--skip"}}) {
    for (const std::string& id : *list) {
      if (model.find_rule(id) == pack::kNone)
        return fail(option, "unknown rule '" + id + "'", "see `khover rules list`");
    }
  }
  for (uint32_t i = 0; i < model.rules.size(); ++i) {
    const std::string& id = model.rules[i].id;
    const bool in_only = arguments.only.empty() ||
                         std::find(arguments.only.begin(), arguments.only.end(), id) != arguments.only.end();
    const bool in_skip = std::find(arguments.skip.begin(), arguments.skip.end(), id) != arguments.skip.end();
    if (in_only && !in_skip) chosen.insert(i);
  }
  return chosen;
}

// Says what evaluation found before the proof is there, and how far that is.
class Stages {
 public:
  explicit Stages(const std::string& format)
      : lines_(format == "jsonl"), terminal_(format == "text" && isatty(STDOUT_FILENO) != 0) {}

  bool wants_evaluated() const { return lines_ || terminal_; }
  void evaluated(const findings::ImageReport& report) {
    word_ = to_string(report.verdict.word);
    if (lines_) output::put(findings::render_json_line(report, "evaluated"));
    output::flush();
    progress(0, 0);
  }
  void progress(size_t done, size_t of) {
    if (terminal_)
      output::show(of == 0 ? fmt::format("evaluated: {}; proving …", word_)
                           : fmt::format("evaluated: {}; proving, {} of {} rules done", word_, done, of));
    // In steps of a tenth: who reads the lines need not read one for each rule.
    if (!lines_ || of == 0 || done * 10 / of == (done - 1) * 10 / of) return;
    output::put(findings::render_progress_line(done, of));
    output::flush();
  }
  void final(const findings::ImageReport& report, const CheckArguments& arguments) {
    if (terminal_) output::show("");
    output::put(lines_ ? findings::render_json_line(report, "final")
                : arguments.format == "json"
                    ? findings::render_json(report)
                    : findings::render_text(report, isatty(STDOUT_FILENO) != 0, arguments.verbose));
  }

 private:
  bool lines_, terminal_;
  std::string word_;
};

Result<findings::ImageReport> judge(const CheckArguments& arguments, pack::Severity fail_on, Stages& stages) {
  const std::unique_ptr<session::Analysis> analysis = TRY(session::analyze(arguments.image));
  const session::Asked asked{TRY(choose(*analysis->model, arguments)), fail_on, !arguments.image.abi.empty()};
  const auto report = [&](const std::optional<prove::Proof>& proof) {
    findings::ImageReport made = session::report_of(*analysis, asked, proof);
    made.version = KHOVER_VERSION;
    return made;
  };
  if (!arguments.prove && arguments.proof.certificate.empty() && arguments.proof.smt2.empty())
    return report(std::nullopt);
  if (stages.wants_evaluated()) stages.evaluated(report(std::nullopt));
  prove::Options options = arguments.proof;
  options.progress = [&](size_t done, size_t of) { stages.progress(done, of); };
  return report(TRY(prove::prove(analysis->world, asked.rules, options, analysis->judgement)));
}

int check(const CheckArguments& arguments) {
  const auto fail_on = pack::severity_from(arguments.fail_on);
  if (!fail_on)
    return report_error({"--fail-on", "'" + arguments.fail_on + "' is not a severity",
                         "severities are crash, refuse, silent and hygiene"});
  Stages stages(arguments.format);
  const auto report = judge(arguments, *fail_on, stages);
  if (!report) return report_error(report.error());
  stages.final(*report, arguments);
  return static_cast<int>(report->verdict.status);
}

}  // namespace

void add_check(CLI::App& app, int& status) {
  CLI::App* command = app.add_subcommand("check", "check an image against every rule that applies");
  auto arguments = std::make_shared<CheckArguments>();
  add_image_options(*command, arguments->image);
  add_target_options(*command, arguments->image);
  command->add_option("--format", arguments->format, "text, json, or jsonl: the evaluated report first")
      ->check(CLI::IsMember({"text", "json", "jsonl"}));
  command->add_flag("-v,--verbose", arguments->verbose,
                    "text: every finding in full, and the rules that are not judged");
  command->add_option("--only", arguments->only, "report these rules only");
  command->add_option("--skip", arguments->skip, "do not report these rules");
  command
      ->add_option("--fail-on", arguments->fail_on,
                   "lowest severity that counts for the exit status: crash, refuse, silent, hygiene")
      ->capture_default_str();
  command->add_flag("--prove,!--no-prove", arguments->prove,
                    "prove each verdict with Z3, which is the default, or only evaluate it");
  command->add_option("--deadline", arguments->proof.deadline,
                      "seconds for the proof; what is not proved in time holds as evaluated");
  command
      ->add_option("--audit", arguments->proof.audit,
                   "share of the facts, 0 to 1, that the solver decides as well; all if no share is given")
      ->expected(0, 1)
      ->default_str("1")
      ->check(CLI::Range(0.0, 1.0));
  command->add_option("--smt2", arguments->proof.smt2, "folder for every query of the proof, as SMT-LIB")
      ->check(CLI::ExistingDirectory);
  command->add_option("--certificate", arguments->proof.certificate,
                      "file for what was proved, for tools/check-certificate.py");
  command->footer("Exit status: 0 nothing to object, 1 violated, 2 cannot answer, 3 undetermined.");
  command->callback([arguments, &status] {
    name_inputs(arguments->image);
    status = check(*arguments);
  });
}

}  // namespace khover::cli
