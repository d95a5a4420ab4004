#include "review/plan.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "c/flags.h"
#include "error/try.h"
#include "extract/compile_flags.h"
#include "extract/configuration.h"
#include "extract/extract.h"

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

class Planner {
 public:
  Planner(const Request& request, const c::Table& table, const series::Change& change,
          extract::KernelTree tree)
      : request_(request), table_(table), change_(change), tree_(std::move(tree)) {}

  Result<std::vector<Task>> plan(const std::set<std::string>& checks) {
    TRY(read_database());
    checks_ = checks;
    bool any_unit = false;
    for (const series::ChangedFile& file : change_.files) any_unit = any_unit || is_new(file, ".c");
    for (const series::ChangedFile& file : change_.files) {
      if (!is_new(file, any_unit ? ".c" : ".h")) continue;
      tasks_.push_back(TRY(task(file.path, series::Side::after)));
      if (request_.whole || !file.before) continue;
      tasks_.push_back(TRY(task(file.old_path, series::Side::before)));
    }
    return std::move(tasks_);
  }

 private:
  static bool is_new(const series::ChangedFile& file, const char* ending) {
    return file.path.ends_with(ending) && file.after;
  }

  Result<void> read_database() {
    std::vector<std::string> places = {tree_.source + "/compile_commands.json",
                                       tree_.generated + "/compile_commands.json"};
    if (!request_.compile_commands.empty()) places = {request_.compile_commands};
    for (const std::string& place : places) {
      const std::optional<std::string> text = contents(place);
      if (!text) continue;
      commands_ = TRY(c::read_compile_commands(*text, place));
      return {};
    }
    if (!request_.compile_commands.empty()) return fail(request_.compile_commands, "cannot be read");
    return {};
  }

  std::vector<std::string> overrides_for(const std::string& path, series::Side side) const {
    std::vector<std::string> overrides = table_.configuration;
    const std::string makefile = (fs::path(path).parent_path() / "Makefile").string();
    for (std::string& option : c::options_of(text_of(tree_, change_, makefile, side), path))
      overrides.push_back(std::move(option));
    overrides.insert(overrides.end(), request_.overrides.begin(), request_.overrides.end());
    return overrides;
  }

  Result<Task> task(const std::string& path, series::Side side) const {
    Task task;
    task.name = path;
    task.side = side;
    UnitRequest& unit = task.unit;
    unit.path = tree_.source + "/" + path;
    unit.roots = {tree_.source, tree_.generated};
    unit.checks = checks_;
    for (const series::ChangedFile& file : change_.files) {
      unit.reviewed.insert(file.path_at(side));
      const std::optional<std::string>& text = file.text_at(side);
      if (text) unit.overlay.emplace_back(tree_.source + "/" + file.path_at(side), *text);
    }
    for (const auto& [other, text] : change_.others) {
      unit.overlay.emplace_back(tree_.source + "/" + other, text);
    }
    unit.folders = {tree_.source, tree_.generated, "/khover-unit"};
    for (const std::string& folder : request_.allowed)
      unit.folders.push_back(TRY(real_folder(folder, "--allow")));
    TRY(set_flags(path, side, unit));
    for (const std::string& directory : request_.include_directories) {
      const std::string real = TRY(real_folder(directory, "-I"));
      unit.flags.push_back("-I" + real);
      unit.folders.push_back(real);
    }
    unit.flags.insert(unit.flags.begin(), extract::clang_target(tree_.arch));
    if (path.ends_with(".h")) {
      // A header alone: a unit that does nothing but include it.
      unit.overlay.emplace_back(synthetic_unit, fmt::format("#include \"{}\"\n", unit.path));
      unit.path = synthetic_unit;
    }
    return task;
  }

  static Result<std::string> real_folder(const std::string& folder, const char* option) {
    std::error_code error;
    const fs::path real = fs::canonical(folder, error);
    if (error) return fail(folder, "no such folder", fmt::format("give a folder to {}", option));
    return real.string();
  }

  Result<void> set_flags(const std::string& path, series::Side side, UnitRequest& unit) const {
    if (const auto known = commands_.find(unit.path); known != commands_.end()) {
      unit.flags = known->second;
      return {};
    }
    const extract::Configuration configuration =
        TRY(extract::configure(overrides_for(path, side), tree_.configuration));
    const bool differs = !configuration.forced_include.empty();
    unit.flags = extract::kernel_flags(tree_, differs ? extract::configuration_path : "");
    if (differs) unit.overlay.emplace_back(extract::configuration_path, configuration.forced_include);
    for (const std::string& flag : c::module_flags(path)) unit.flags.push_back(flag);
    unit.flags.push_back("-I" + fs::path(unit.path).parent_path().string());
    // scripts/dtc/libfdt is where lib/*.c of the kernel find libfdt's own headers.
    unit.flags.push_back("-I" + tree_.source + "/scripts/dtc/libfdt");
    return {};
  }

  const Request& request_;
  const c::Table& table_;
  const series::Change& change_;
  extract::KernelTree tree_;
  std::set<std::string> checks_;
  std::map<std::string, std::vector<std::string>> commands_;
  std::vector<Task> tasks_;
};

}  // namespace

Result<std::vector<Task>> plan_units(const Request& request, const c::Table& table,
                                     const series::Change& change, const extract::KernelTree& tree,
                                     const std::set<std::string>& checks) {
  return Planner(request, table, change, tree).plan(checks);
}

std::string text_of(const extract::KernelTree& tree, const series::Change& change, const std::string& path,
                    series::Side side) {
  for (const series::ChangedFile& file : change.files) {
    if (file.path_at(side) == path && file.text_at(side)) return *file.text_at(side);
  }
  if (const auto other = change.others.find(path); other != change.others.end()) return other->second;
  return contents(fs::path(tree.source) / path).value_or("");
}

}  // namespace khover::review
