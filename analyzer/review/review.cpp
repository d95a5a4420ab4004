#include "review/review.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "c/flags.h"
#include "extract/compile_flags.h"
#include "extract/configuration.h"
#include "extract/extract.h"
#include "extract/kernel_tree.h"
#include "findings/selection.h"
#include "findings/suppressions.h"
#include "review/check.h"
#include "review/header_review.h"
#include "review/isolate.h"
#include "review/run_unit.h"
#include "review/wire.h"

namespace khover::review {
namespace {

namespace fs = std::filesystem;

constexpr const char* synthetic_unit = "/khover-unit/review.c";

std::optional<std::string> contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return std::nullopt;
  return std::move(text).str();
}

// A unit of the new tree or of the old one.
struct Task {
  std::string name;
  bool old = false;
  UnitRequest unit;
};

class Planner {
 public:
  Planner(const Request& request, const Table& table, const series::Change& change, extract::KernelTree tree)
      : request_(request), table_(table), change_(change), tree_(std::move(tree)) {}

  Result<std::vector<Task>> plan(const std::set<std::string>& checks) {
    if (Result<void> done = read_database(); !done) return tl::unexpected(done.error());
    checks_ = checks;
    bool any_unit = false;
    for (const series::ChangedFile& file : change_.files) {
      if (!file.path.ends_with(".c") || !file.after) continue;
      any_unit = true;
      if (Result<void> done = add(file.path, file, false); !done) return tl::unexpected(done.error());
      if (request_.whole || !file.before) continue;
      if (Result<void> done = add(file.old_path, file, true); !done) return tl::unexpected(done.error());
    }
    for (const series::ChangedFile& file : change_.files) {
      if (any_unit || !file.path.ends_with(".h") || !file.after) continue;
      if (Result<void> done = add_header(file, false); !done) return tl::unexpected(done.error());
      if (request_.whole || !file.before) continue;
      if (Result<void> done = add_header(file, true); !done) return tl::unexpected(done.error());
    }
    return std::move(tasks_);
  }

 private:
  Result<void> read_database() {
    std::vector<std::string> places = {tree_.source + "/compile_commands.json",
                                       tree_.generated + "/compile_commands.json"};
    if (!request_.compile_commands.empty()) places = {request_.compile_commands};
    for (const std::string& place : places) {
      const std::optional<std::string> text = contents(place);
      if (!text) continue;
      Result<std::map<std::string, std::vector<std::string>>> commands = read_compile_commands(*text, place);
      if (!commands) return tl::unexpected(commands.error());
      commands_ = std::move(*commands);
      return {};
    }
    if (!request_.compile_commands.empty()) return fail(request_.compile_commands, "cannot be read");
    return {};
  }

  std::string text_of(const std::string& path, bool old) const {
    for (const series::ChangedFile& file : change_.files) {
      if (!old && file.path == path && file.after) return *file.after;
      if (old && file.old_path == path && file.before) return *file.before;
    }
    if (const auto other = change_.others.find(path); other != change_.others.end()) return other->second;
    return contents(fs::path(tree_.source) / path).value_or("");
  }

  std::vector<std::string> overrides_for(const std::string& path, bool old) const {
    std::vector<std::string> overrides = table_.configuration;
    const std::string makefile = (fs::path(path).parent_path() / "Makefile").string();
    for (std::string& option : options_of(text_of(makefile, old), path))
      overrides.push_back(std::move(option));
    overrides.insert(overrides.end(), request_.overrides.begin(), request_.overrides.end());
    return overrides;
  }

  Result<Task> task(const std::string& path, bool old) const {
    Task task;
    task.name = path;
    task.old = old;
    UnitRequest& unit = task.unit;
    unit.path = tree_.source + "/" + path;
    unit.roots = {tree_.source, tree_.generated};
    unit.checks = checks_;
    for (const series::ChangedFile& file : change_.files) {
      unit.reviewed.insert(old ? file.old_path : file.path);
      const std::optional<std::string>& text = old ? file.before : file.after;
      if (text) unit.overlay.emplace_back(tree_.source + "/" + (old ? file.old_path : file.path), *text);
    }
    for (const auto& [other, text] : change_.others) {
      unit.overlay.emplace_back(tree_.source + "/" + other, text);
    }
    unit.folders = {tree_.source, tree_.generated, "/khover-unit"};
    for (const std::string& folder : request_.allowed) {
      std::error_code error;
      const fs::path real = fs::canonical(folder, error);
      if (error) return fail(folder, "no such folder", "give a folder to --allow");
      unit.folders.push_back(real.string());
    }
    const std::string folder = fs::path(unit.path).parent_path().string();
    if (const auto known = commands_.find(unit.path); known != commands_.end()) {
      unit.flags = known->second;
    } else {
      Result<extract::Configuration> configuration =
          extract::configure(overrides_for(path, old), tree_.configuration);
      if (!configuration) return tl::unexpected(configuration.error());
      const bool differs = !configuration->forced_include.empty();
      unit.flags = extract::kernel_flags(tree_, differs ? extract::configuration_path : "");
      if (differs) unit.overlay.emplace_back(extract::configuration_path, configuration->forced_include);
      for (const std::string& flag : module_flags(path)) unit.flags.push_back(flag);
      unit.flags.push_back("-I" + folder);
      // scripts/dtc/libfdt is where lib/*.c of the kernel find libfdt's own headers.
      unit.flags.push_back("-I" + tree_.source + "/scripts/dtc/libfdt");
    }
    for (const std::string& directory : request_.include_directories) {
      std::error_code error;
      const fs::path real = fs::canonical(directory, error);
      if (error) return fail(directory, "no such folder", "give a folder to -I");
      unit.flags.push_back("-I" + real.string());
      unit.folders.push_back(real.string());
    }
    unit.flags.insert(unit.flags.begin(), extract::clang_target(tree_.arch));
    return task;
  }

  Result<void> add(const std::string& path, const series::ChangedFile&, bool old) {
    Result<Task> one = task(path, old);
    if (!one) return tl::unexpected(one.error());
    tasks_.push_back(std::move(*one));
    return {};
  }

  // A header alone: a unit that does nothing but include it.
  Result<void> add_header(const series::ChangedFile& file, bool old) {
    const std::string& path = old ? file.old_path : file.path;
    Result<Task> one = task(path, old);
    if (!one) return tl::unexpected(one.error());
    one->unit.overlay.emplace_back(synthetic_unit, fmt::format("#include \"{}\"\n", one->unit.path));
    one->unit.path = synthetic_unit;
    tasks_.push_back(std::move(*one));
    return {};
  }

  const Request& request_;
  const Table& table_;
  const series::Change& change_;
  extract::KernelTree tree_;
  std::set<std::string> checks_;
  std::map<std::string, std::vector<std::string>> commands_;
  std::vector<Task> tasks_;
};

// Units with findings that call functions of other files of the review: they are looked at again, with what
// those do. Answers of the second look take the place of the first.
void look_again(std::vector<Task>& tasks, const Table& table, const Limits& limits,
                std::vector<Result<std::string>>& answers) {
  std::vector<std::optional<Findings>> first;
  for (size_t i = 0; i < tasks.size(); ++i) {
    Result<Findings> findings = answers[i] ? unpack(*answers[i]) : tl::unexpected(answers[i].error());
    first.push_back(findings ? std::optional(std::move(*findings)) : std::nullopt);
  }
  std::vector<size_t> again;
  std::vector<std::function<std::string()>> works;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (!first[i] || first[i]->findings.empty()) continue;
    for (size_t other = 0; other < tasks.size(); ++other) {
      if (other == i || !first[other] || tasks[other].old != tasks[i].old) continue;
      for (const auto& [name, offer] : first[other]->offers) {
        if (first[i]->asks.contains(name)) tasks[i].unit.elsewhere.emplace(name, offer);
      }
    }
    if (tasks[i].unit.elsewhere.empty()) continue;
    again.push_back(i);
    works.push_back([&task = tasks[i], &table] { return pack(run_unit(task.unit, table)); });
  }
  std::vector<Result<std::string>> better = run_isolated(works, limits);
  for (size_t i = 0; i < again.size(); ++i) {
    if (better[i]) answers[again[i]] = std::move(better[i]);
  }
}

// Two units that include one header find the same in it.
void remove_doubles(std::vector<findings::Finding>& findings) {
  std::set<std::tuple<std::string, std::string, uint32_t, uint32_t, std::string>> seen;
  std::erase_if(findings, [&](const findings::Finding& one) {
    return !seen.emplace(one.check, one.place.file, one.place.line, one.place.column, one.subject).second;
  });
}

// The part of a review that is about the headers of the ABI.
struct HeaderWorks {
  bool any = false;
  size_t first = 0;  // of its works
  std::unique_ptr<series::TemporaryFolder> now, then;

  void take(const std::vector<Result<std::string>>& answers, const std::set<std::string>& checks,
            const series::Change& change, Review& review, std::vector<findings::Extent>& extents,
            std::map<std::string, int>& before, std::map<std::string, std::string>& was) const {
    for (size_t i = first; any && i < answers.size(); ++i) {
      const bool is_lint = i < first + 2, old = i == first + 1;
      Result<Findings> findings = answers[i] ? unpack(*answers[i]) : tl::unexpected(answers[i].error());
      if (!findings) {
        if (!old)
          review.not_parsed.push_back(fmt::format("headers of the ABI: {}", sentence(findings.error())));
        continue;
      }
      for (findings::Finding& finding : findings->findings) {
        if (!checks.contains(finding.check)) continue;
        if (old && was.contains(finding.place.file)) finding.place.file = was[finding.place.file];
        const bool touched =
            std::any_of(change.files.begin(), change.files.end(),
                        [&](const series::ChangedFile& file) { return file.path == finding.place.file; });
        if (is_lint && !touched) continue;
        if (old) {
          ++before[findings::fingerprint(finding)];
        } else {
          review.report.findings.push_back(std::move(finding));
        }
      }
      if (!old) extents.insert(extents.end(), findings->functions.begin(), findings->functions.end());
    }
  }
};

Result<HeaderWorks> plan_headers(const Request& request, const Table& table, const series::Change& change,
                                 const extract::KernelTree& tree,
                                 std::vector<std::function<std::string()>>& works) {
  HeaderWorks headers;
  headers.first = works.size();
  bool any_before = false;
  for (const series::ChangedFile& file : change.files) {
    headers.any = headers.any || (file.after && file.path.ends_with(".h") && table.is_abi_header(file.path));
    any_before = any_before || (file.before && table.is_abi_header(file.old_path));
  }
  if (!headers.any) return headers;
  const std::string arch = tree.arch == extract::Arch::x86_64 ? "arch/x86/include" : "arch/arm64/include";
  const auto prepare = [&](bool old) -> Result<HeaderRequest> {
    Result<std::unique_ptr<series::TemporaryFolder>> folder = header_tree(tree.source, arch, change, old);
    if (!folder) return tl::unexpected(folder.error());
    HeaderRequest one;
    one.tree = (*folder)->path();
    one.generated = tree.generated;
    one.overrides = table.configuration;
    one.overrides.insert(one.overrides.end(), request.overrides.begin(), request.overrides.end());
    one.allowed = request.allowed;
    one.sources = tree.source;
    for (const series::ChangedFile& file : change.files) {
      // A file that moved is gone from where it was, and not yet there before the change.
      for (const std::string& path : {file.old_path, file.path}) {
        if (path.ends_with(".c")) one.replaced.emplace(path, "");
      }
      const std::string& path = old ? file.old_path : file.path;
      const std::optional<std::string>& text = old ? file.before : file.after;
      if (text && path.ends_with(".c")) one.replaced[path] = *text;
    }
    (old ? headers.then : headers.now) = std::move(*folder);
    return one;
  };
  Result<HeaderRequest> now = prepare(false);
  if (!now) return tl::unexpected(now.error());
  works.push_back([one = *now] { return pack(lint_headers(one)); });
  if (request.whole || !any_before) return headers;
  Result<HeaderRequest> then = prepare(true);
  if (!then) return tl::unexpected(then.error());
  works.push_back([one = *then] { return pack(lint_headers(one)); });
  works.push_back([one = *then, two = *now] { return pack(compare_headers(one, two)); });
  return headers;
}

}  // namespace

Result<Review> review(const Request& request, const Table& table, const series::Change& change) {
  std::vector<std::string> known = check_ids();
  for (const findings::CheckInfo& check : header_checks()) known.push_back(check.id);
  known.emplace_back(findings::suppression_check);
  Result<std::vector<std::string>> selected = findings::select_checks(request.checks, known);
  if (!selected) return tl::unexpected(selected.error());
  const std::set<std::string> checks(selected->begin(), selected->end());
  Result<extract::KernelTree> tree = extract::find_kernel_tree(request.tree, request.generated, request.arch);
  if (!tree) return tl::unexpected(tree.error());
  Result<std::vector<Task>> tasks = Planner(request, table, change, *tree).plan(checks);
  if (!tasks) return tl::unexpected(tasks.error());

  std::vector<std::function<std::string()>> works;
  for (const Task& task : *tasks) {
    works.push_back([&task, &table] { return pack(run_unit(task.unit, table)); });
  }
  Result<HeaderWorks> headers = plan_headers(request, table, change, *tree, works);
  if (!headers) return tl::unexpected(headers.error());
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  const Limits limits = {request.seconds, request.memory, static_cast<unsigned>(std::max(1L, processors))};
  std::vector<Result<std::string>> answers = run_isolated(works, limits);
  look_again(*tasks, table, limits, answers);

  Review review;
  findings::Report& report = review.report;
  report.command = "khover review";
  report.pages = "docs/review";
  report.subject = tree->release.empty() ? "review" : tree->release;
  for (const Check& check : all_checks()) {
    if (checks.contains(check.id)) {
      report.checks.push_back({check.id, check.purpose, check.since, check.severity});
    }
  }
  for (const findings::CheckInfo& check : header_checks()) {
    if (headers->any && checks.contains(check.id)) report.checks.push_back(check);
  }
  std::vector<findings::Extent> extents;
  std::map<std::string, int> before;  // findings of the old tree, by fingerprint
  std::map<std::string, std::string> was;
  for (const series::ChangedFile& file : change.files) {
    if (!file.after) continue;
    report.sources.add(file.path, *file.after);
    was[file.old_path] = file.path;
  }
  for (size_t i = 0; i < tasks->size(); ++i) {
    const Task& task = (*tasks)[i];
    report.parsed.push_back(task.name + (task.old ? " as it was" : ""));
    Result<Findings> findings = answers[i] ? unpack(*answers[i]) : tl::unexpected(answers[i].error());
    if (!findings) {
      if (!task.old)
        review.not_parsed.push_back(fmt::format("{}: {}", task.name, sentence(findings.error())));
      continue;
    }
    if (task.old) {
      remove_doubles(findings->findings);
      for (findings::Finding& finding : findings->findings) {
        if (const auto now = was.find(finding.place.file); now != was.end()) finding.place.file = now->second;
        ++before[findings::fingerprint(finding)];
      }
      continue;
    }
    extents.insert(extents.end(), findings->functions.begin(), findings->functions.end());
    for (const auto& one : findings->not_judged) {
      if (std::find(report.not_judged.begin(), report.not_judged.end(), one) == report.not_judged.end()) {
        report.not_judged.push_back(one);
      }
    }
    for (findings::Finding& finding : findings->findings) report.findings.push_back(std::move(finding));
  }
  headers->take(answers, checks, change, review, extents, before, was);
  remove_doubles(report.findings);
  findings::apply_suppressions(report, known, extents);
  if (checks.contains(findings::suppression_check)) {
    report.checks.push_back({findings::suppression_check,
                             "a suppression has no reason, no such check, or nothing to suppress", "0.1",
                             findings::Severity::warning});
  } else {
    std::erase_if(report.findings,
                  [](const findings::Finding& one) { return one.check == findings::suppression_check; });
  }
  if (!request.whole) {
    std::vector<findings::Finding> brought;
    for (findings::Finding& finding : report.findings) {
      int& old = before[findings::fingerprint(finding)];
      const bool is_old = old > 0;
      if (is_old) --old;
      bool touched = false;
      for (const series::ChangedFile& file : change.files) {
        if (file.path == finding.place.file) touched = file.added.contains(finding.place.line);
      }
      (touched || !is_old ? brought : review.older).push_back(std::move(finding));
    }
    report.findings = std::move(brought);
  }
  return review;
}

}  // namespace khover::review
