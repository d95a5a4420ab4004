#include "review/review.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <sstream>

#include "error/try.h"
#include "extract/kernel_tree.h"
#include "findings/selection.h"
#include "findings/suppressions.h"
#include "review/check_list.h"
#include "review/header_works.h"
#include "review/isolate.h"
#include "review/plan.h"
#include "review/run_unit.h"
#include "review/wire.h"

namespace khover::review {
namespace {

using findings::LeftOut;
using series::Side;

Result<Findings> unpacked(const Result<std::string>& answer) {
  return answer ? unpack(*answer) : tl::unexpected(answer.error());
}

// Units with findings that call functions of other files of the review: they are looked at again, with what
// those do. Answers of the second look take the place of the first.
void look_again(std::vector<Task>& tasks, const c::Table& table, const Limits& limits,
                std::vector<Result<std::string>>& answers) {
  std::vector<std::optional<Findings>> first;
  for (size_t i = 0; i < tasks.size(); ++i) {
    Result<Findings> findings = unpacked(answers[i]);
    first.push_back(findings ? std::optional(std::move(*findings)) : std::nullopt);
  }
  std::vector<size_t> again;
  std::vector<std::function<std::string()>> works;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (!first[i] || first[i]->findings.empty()) continue;
    for (size_t other = 0; other < tasks.size(); ++other) {
      if (other == i || !first[other] || tasks[other].side != tasks[i].side) continue;
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

// What a finding is in: Reporter::at() writes "function: what".
std::string function_of(const findings::Finding& finding) {
  return finding.subject.substr(0, finding.subject.find(": "));
}

// Gathers what the units gave, and tells what the change brought from what was there before.
class Collector {
 public:
  Collector(const Request& request, const series::Change& change, std::set<std::string> checks)
      : request_(request), change_(change), checks_(std::move(checks)) {
    report_.coverage.emplace();
    for (const series::ChangedFile& file : change.files) {
      if (!file.after) continue;
      report_.sources.add(file.path, *file.after);
      now_[file.old_path] = file.path;
    }
  }

  void take(const Task& task, const Result<std::string>& answer) {
    report_.parsed.push_back(task.name + (task.side == Side::before ? " as it was" : ""));
    Result<Findings> findings = unpacked(answer);
    if (task.side == Side::before) {
      take_before(task.name, std::move(findings));
    } else {
      take_after(task.name, std::move(findings));
    }
  }

  void take_headers(const HeaderWorks& works, size_t index, const Result<std::string>& answer) {
    const bool before = works.side(index) == Side::before;
    Result<Findings> findings = unpacked(answer);
    if (!findings) {
      if (!before) leave_out_file("headers of the ABI", findings.error());
      return;
    }
    for (findings::Finding& finding : findings->findings) {
      if (!checks_.contains(finding.check)) continue;
      if (before) rename_to_now(finding);
      if (works.is_lint(index) && touched_file(finding.place.file) == nullptr) continue;
      if (before) {
        ++before_[findings::fingerprint(finding)];
      } else {
        report_.findings.push_back(std::move(finding));
      }
    }
    any_parsed_ = true;
    if (!before) extents_.insert(extents_.end(), findings->functions.begin(), findings->functions.end());
  }

  // `known`: ids of all checks. `ran`: a suppression of another one is not held against what was found.
  Review finish(const std::vector<std::string>& known, std::vector<findings::CheckInfo> ran) {
    report_.checks = std::move(ran);
    remove_doubles(report_.findings);
    findings::apply_suppressions(report_, known, extents_);
    if (!checks_.contains(findings::suppression_check)) {
      std::erase_if(report_.findings,
                    [](const findings::Finding& one) { return one.check == findings::suppression_check; });
    }
    Review review;
    if (!request_.whole) review.older = take_older();
    review.anything_parsed = any_parsed_ || report_.coverage->files == 0;
    review.report = std::move(report_);
    return review;
  }

 private:
  void leave_out_file(const std::string& name, const Error& error) {
    report_.left_out.push_back({LeftOut::Part::file, name, {}, sentence(error)});
  }

  void take_before(const std::string& name, Result<Findings> findings) {
    if (!findings) {
      leave_out_file(name + " as it was before the change", findings.error());
      unknown_files_.insert(now_.contains(name) ? now_[name] : name);
      return;
    }
    for (const LeftOut& one : findings->left_out) {
      const std::string& file = one.place.file;
      unknown_functions_.emplace(now_.contains(file) ? now_[file] : file, one.name);
    }
    remove_doubles(findings->findings);
    for (findings::Finding& finding : findings->findings) {
      rename_to_now(finding);
      ++before_[findings::fingerprint(finding)];
    }
  }

  void take_after(const std::string& name, Result<Findings> findings) {
    findings::Coverage& coverage = *report_.coverage;
    ++coverage.files;
    if (!findings) return leave_out_file(name, findings.error());
    ++coverage.parsed_files;
    any_parsed_ = true;
    // What is in a header is in every unit that includes it.
    for (const findings::Extent& one : findings->functions) {
      if (!counted_.emplace(one.file, one.first).second) continue;
      ++coverage.functions;
      ++coverage.judged_functions;
    }
    for (LeftOut& one : findings->left_out) {
      if (!told_.emplace(one.place.file, one.place.line, one.name).second) continue;
      if (one.part == LeftOut::Part::function) ++coverage.functions;
      report_.left_out.push_back(std::move(one));
    }
    extents_.insert(extents_.end(), findings->functions.begin(), findings->functions.end());
    report_.undeclared.insert(findings->undeclared.begin(), findings->undeclared.end());
    for (const auto& one : findings->not_judged) {
      if (std::find(report_.not_judged.begin(), report_.not_judged.end(), one) == report_.not_judged.end()) {
        report_.not_judged.push_back(one);
      }
    }
    for (findings::Finding& finding : findings->findings) report_.findings.push_back(std::move(finding));
  }

  void rename_to_now(findings::Finding& finding) const {
    if (const auto now = now_.find(finding.place.file); now != now_.end()) finding.place.file = now->second;
  }

  const series::ChangedFile* touched_file(const std::string& path) const {
    const auto found = std::find_if(change_.files.begin(), change_.files.end(),
                                    [&](const series::ChangedFile& file) { return file.path == path; });
    return found == change_.files.end() ? nullptr : &*found;
  }

  // Takes out of the report what was there before the change.
  std::vector<findings::Finding> take_older() {
    std::vector<findings::Finding> brought, older;
    for (findings::Finding& finding : report_.findings) {
      int& old = before_[findings::fingerprint(finding)];
      bool is_old = old > 0;
      if (is_old) --old;
      // It is not known: only new lines count.
      is_old = is_old || unknown_files_.contains(finding.place.file) ||
               unknown_functions_.contains({finding.place.file, function_of(finding)});
      const series::ChangedFile* file = touched_file(finding.place.file);
      const bool touched = file != nullptr && file->added.contains(finding.place.line);
      (touched || !is_old ? brought : older).push_back(std::move(finding));
    }
    report_.findings = std::move(brought);
    return older;
  }

  const Request& request_;
  const series::Change& change_;
  std::set<std::string> checks_;
  findings::Report report_;
  bool any_parsed_ = false;
  std::vector<findings::Extent> extents_;
  std::set<std::pair<std::string, uint32_t>> counted_;             // functions: file, line
  std::set<std::tuple<std::string, uint32_t, std::string>> told_;  // what is left out: file, line, name
  std::map<std::string, std::string> now_;                         // path before the change, path after it
  std::map<std::string, int> before_;                              // findings of the old tree, by fingerprint
  std::set<std::string> unknown_files_;                            // which did not parse before the change
  std::set<std::pair<std::string, std::string>> unknown_functions_;
};

// "7.3.4" of the reviewed tree's Makefile; the name of its folder, where that says nothing.
std::string name_of_tree(const Request& request, const series::Change& change,
                         const extract::KernelTree& tree) {
  std::istringstream makefile(text_of(tree, change, "Makefile", Side::after));
  std::map<std::string, std::string> values;
  for (std::string line; values.size() < 4 && std::getline(makefile, line);) {
    std::istringstream words(line);
    std::string name, sign, value;
    words >> name >> sign >> value;
    if (sign == "=" &&
        (name == "VERSION" || name == "PATCHLEVEL" || name == "SUBLEVEL" || name == "EXTRAVERSION"))
      values[name] = value;
  }
  if (!values["VERSION"].empty() && !values["PATCHLEVEL"].empty()) {
    return fmt::format("{}.{}{}{}{}", values["VERSION"], values["PATCHLEVEL"],
                       values["SUBLEVEL"].empty() ? "" : ".", values["SUBLEVEL"], values["EXTRAVERSION"]);
  }
  std::error_code error;
  const std::string folder = std::filesystem::canonical(request.tree, error).filename().string();
  return folder.empty() ? "review" : folder;
}

std::vector<findings::CheckInfo> checks_that_ran(const std::set<std::string>& checks, bool headers) {
  std::vector<findings::CheckInfo> ran = check_list();
  const std::vector<findings::CheckInfo> of_headers = header_checks();
  if (headers) ran.insert(ran.end(), of_headers.begin(), of_headers.end());
  ran.push_back({findings::suppression_check,
                 "a suppression has no reason, no such check, or nothing to suppress", "0.1",
                 findings::Severity::warning});
  std::erase_if(ran, [&](const findings::CheckInfo& one) { return !checks.contains(one.id); });
  return ran;
}

std::vector<std::string> all_ids() {
  std::vector<std::string> ids;
  for (const findings::CheckInfo& check : check_list()) ids.push_back(check.id);
  for (const findings::CheckInfo& check : header_checks()) ids.push_back(check.id);
  ids.emplace_back(findings::suppression_check);
  return ids;
}

}  // namespace

Result<Review> review(const Request& request, const c::Table& table, const series::Change& change) {
  const std::vector<std::string> known = all_ids();
  const std::vector<std::string> selected = TRY(findings::select_checks(request.checks, known));
  const std::set<std::string> checks(selected.begin(), selected.end());
  const extract::KernelTree tree =
      TRY(extract::find_kernel_tree(request.tree, request.generated, request.arch));
  std::vector<Task> tasks = TRY(plan_units(request, table, change, tree, checks));

  std::vector<std::function<std::string()>> works;
  for (const Task& task : tasks) {
    works.push_back([&task, &table] { return pack(run_unit(task.unit, table)); });
  }
  HeaderWorks headers(request, table, change, tree);
  TRY(headers.plan(works));
  const long processors = sysconf(_SC_NPROCESSORS_ONLN);
  const Limits limits = {request.seconds, request.memory, static_cast<unsigned>(std::max(1L, processors))};
  std::vector<Result<std::string>> answers = run_isolated(works, limits);
  look_again(tasks, table, limits, answers);

  Collector collector(request, change, checks);
  for (size_t i = 0; i < tasks.size(); ++i) collector.take(tasks[i], answers[i]);
  for (size_t i = tasks.size(); i < answers.size(); ++i)
    collector.take_headers(headers, i - tasks.size(), answers[i]);
  Review review = collector.finish(known, checks_that_ran(checks, headers.any()));
  review.report.command = "khover review";
  review.report.pages = "docs/review";
  review.report.subject = name_of_tree(request, change, tree);
  return review;
}

}  // namespace khover::review
