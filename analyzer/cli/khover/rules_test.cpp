#include "cli/khover/rules_test.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "cli/khover/commands.h"
#include "error/try.h"
#include "output/printable.h"
#include "output/standard.h"
#include "pack/did_you_mean.h"
#include "pack/omissions.h"
#include "session/analysis.h"

namespace khover::cli {
namespace {

namespace fs = std::filesystem;
using evaluate::Verdict;

struct Tested {
  pack::Library library;
  bool whole = false;  // the folder has ABIs of kernels: it needs no built-in packs
  std::string prefix;  // the files of the folder are shown with this in front
  std::vector<pack::PackFile> packs;
  std::vector<pack::Model>
      models;  // of the ABIs that the folder's packs apply to; the first is the newest kernel's
  std::set<std::string> own;                   // names of the folder's packs
  std::map<std::string, std::string> why_not;  // of packs that apply to none of them
};

void report_all(const std::vector<Error>& errors) {
  std::set<std::string> said;  // an error of a template is met once for each include
  for (const Error& error : errors) {
    if (said.insert(sentence(error)).second) report_error(error);
  }
}

// Links the packs with one ABI. False: they cannot be, and why has been said.
bool link(Tested& tested, const std::string& name, const abi::Snapshot& abi) {
  std::vector<Error> wrong;
  auto model = pack::link(abi, name, tested.packs, &wrong);
  if (!model) {
    report_all(wrong.empty() ? std::vector<Error>{model.error()} : wrong);
    return false;
  }
  bool useful = tested.models.empty();
  for (const pack::PackInfo& info : model->packs) {
    if (tested.own.count(info.name) == 0) continue;
    const auto waiting = tested.why_not.find(info.name);
    if (info.applies)
      useful = (waiting != tested.why_not.end() && tested.why_not.erase(info.name) != 0) || useful;
    else if (tested.models.empty())
      tested.why_not[info.name] = info.why_not;
  }
  if (useful) tested.models.push_back(std::move(*model));
  return true;
}

std::vector<std::string> all_snapshots(const pack::Library& library, const std::string& base) {
  std::vector<std::string> names = library.addition_names();
  for (std::string& name : names) name = base + "+" + name;
  for (const auto& more : {library.snapshot_names(), library.earlier_names()})
    names.insert(names.end(), more.begin(), more.end());
  return names;
}

// Against the newest kernel, and each pack that is not for it against the newest ABI that it is for.
Result<bool> link_all(Tested& tested, const std::string& stated) {
  std::string base = stated;
  for (const std::string& name : tested.library.snapshot_names()) {
    if (base.empty() && name.find("-x86_64-") != std::string::npos) base = name;
  }
  std::vector<abi::Snapshot> abis = {TRY(tested.library.snapshot(base))};
  if (!link(tested, base, abis.front())) return false;
  for (const std::string& name : all_snapshots(tested.library, base.substr(0, base.find('+')))) {
    auto abi = tested.library.snapshot(name);
    if (!abi) continue;  // an addition that is not for this base
    abis.push_back(std::move(*abi));
    const bool may_help =
        std::any_of(tested.packs.begin(), tested.packs.end(),
                    [&](const pack::PackFile& pack) { return tested.why_not.count(pack.name) != 0; });
    if (stated.empty() && may_help && name != base && !link(tested, name, abis.back())) return false;
  }
  const std::vector<Error> unknown = pack::unknown_names(abis, tested.packs, tested.prefix);
  report_all(unknown);
  return unknown.empty();
}

void print_packs(const Tested& tested) {
  std::set<std::string> said;
  for (const pack::Model& model : tested.models) {
    for (const pack::PackInfo& pack : model.packs) {
      if (tested.own.count(pack.name) == 0 || said.count(pack.name) != 0) continue;
      const auto why_not = tested.why_not.find(pack.name);
      if (!pack.applies && why_not == tested.why_not.end()) continue;  // a later model says ok
      said.insert(pack.name);
      output::print("{:<18} {}\n", pack.name, pack.applies ? "ok" : "does not apply: " + why_not->second);
    }
  }
  const pack::Model& newest = tested.models.front();
  output::print("{} rules over {} sets, checked against {}\n", newest.rules.size(), newest.sets.size(),
                newest.abi_name);
  for (size_t i = 1; i < tested.models.size(); ++i)
    output::print("{} rules over {} sets, checked against {}\n", tested.models[i].rules.size(),
                  tested.models[i].sets.size(), tested.models[i].abi_name);
}

void print_omissions(const Tested& tested) {
  std::set<std::string> said;
  for (const pack::Model& model : tested.models) {
    for (const Error& omission : pack::omissions(model, tested.packs, tested.prefix)) {
      if (said.insert(sentence(omission)).second) output::print("warning: {}\n", sentence(omission));
    }
  }
}

std::vector<fs::path> images_of(const fs::path& folder) {
  std::vector<fs::path> images;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) images.push_back(entry.path());
  }
  std::sort(images.begin(), images.end());
  return images;
}

// Images beside a pack: those in good/ break no rule, those in bad/ break the rule that their name begins
// with.
class Images {
 public:
  explicit Images(session::ImageArguments arguments) : arguments_(std::move(arguments)) {}

  void check(const std::string& pack, const fs::path& folder) {
    std::set<std::string> broken, rules;
    for (const fs::path& image : images_of(folder / "good")) judge(image, pack, "", rules);
    for (const fs::path& image : images_of(folder / "bad")) {
      const std::string name = image.filename().string();
      const std::string rule = name.substr(0, name.find('.'));
      if (judge(image, pack, rule, rules)) broken.insert(rule);
    }
    for (const std::string& rule : rules) {
      if (broken.count(rule) == 0)
        output::print("warning: no image in {} breaks {}\n", (folder / "bad").generic_string(), rule);
    }
  }
  size_t failed() const { return failed_; }

 private:
  // Whether it is judged as it should be. `rule`: the one to be broken; empty: none. `rules`: gets the
  // pack's.
  bool judge(const fs::path& image, const std::string& pack, const std::string& rule,
             std::set<std::string>& rules) {
    arguments_.image = image.generic_string();
    auto analysis = session::analyze(arguments_);
    const std::string why = analysis ? wrong(**analysis, pack, rule, rules) : sentence(analysis.error());
    output::print("{}: {}\n", image.generic_string(), output::printable(why.empty() ? said_ : why));
    failed_ += why.empty() ? 0 : 1;
    return why.empty();
  }

  // What is not as it should be; empty: nothing.
  std::string wrong(const session::Analysis& analysis, const std::string& pack, const std::string& rule,
                    std::set<std::string>& rules) {
    const pack::Model& model = *analysis.model;
    bool has_records = false;
    for (size_t i = 0; i < model.sets.size(); ++i)
      has_records = has_records || (model.sets[i].pack == pack && analysis.world.sets[i].rows > 0);
    std::vector<std::string> ids;
    for (const pack::Rule& one : model.rules) {
      ids.push_back(one.id);
      if (one.pack == pack) rules.insert(one.id);
    }
    if (!has_records) return "has no record of " + pack + " with the layouts of " + model.abi_name;
    if (!rule.empty() && model.find_rule(rule) == pack::kNone) {
      const std::string meant = pack::did_you_mean(rule, ids);
      return "is named for '" + rule + "', which is no rule" + (meant.empty() ? "" : "; " + meant);
    }
    std::string violated, open;
    bool as_named = false;
    for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
      const pack::Rule& one = model.rules[outcome.rule];
      if (outcome.verdict == Verdict::violated) {
        as_named = as_named || one.id == rule;
        if (one.id != rule) violated += (violated.empty() ? "" : ", ") + one.id;
      } else if (outcome.verdict == Verdict::undetermined && one.pack == pack) {
        open += (open.empty() ? "" : ", ") + one.id;
      }
    }
    if (rule.empty()) {
      said_ = "no rule is violated";
      if (!violated.empty()) return "violates " + violated;
      return open.empty() ? "" : "leaves undetermined: " + open;
    }
    said_ = "violates " + rule + (violated.empty() ? "" : ", and " + violated);
    return as_named ? "" : "does not violate " + rule + (violated.empty() ? "" : ", but " + violated);
  }

  session::ImageArguments arguments_;
  std::string said_;
  size_t failed_ = 0;
};

Result<Tested> open(const std::string& folder) {
  Tested tested;
  TRY(tested.library.add(folder));
  tested.whole = !tested.library.snapshot_names().empty();
  if (!tested.whole) {
    tested.library = pack::Library::built_in();
    TRY(tested.library.add(folder));
  }
  tested.prefix = folder.ends_with('/') ? folder : folder + "/";
  return tested;
}

}  // namespace

int test_rules(const std::string& folder, const std::string& abi) {
  auto tested = open(folder);
  if (!tested) return report_error(tested.error());
  std::vector<Error> wrong;
  auto packs = tested->library.packs(&wrong);
  if (!packs) {
    report_all(wrong);
    return kCannotAnswer;
  }
  tested->packs = std::move(*packs);
  std::map<std::string, fs::path> folders;
  for (const pack::PackFile& pack : tested->packs) {
    if (!pack.at.file.starts_with(tested->prefix)) continue;
    tested->own.insert(pack.name);
    folders[pack.name] = fs::path(pack.at.file).parent_path();
  }
  const auto linked = link_all(*tested, abi);
  if (!linked) return report_error(linked.error());
  if (!*linked) return kCannotAnswer;
  print_packs(*tested);
  print_omissions(*tested);
  session::ImageArguments arguments;
  if (!abi.empty()) arguments.abi = {abi};
  if (tested->whole)
    arguments.rules = folder;
  else
    arguments.add_rules = {folder};
  Images images(arguments);
  for (const auto& [pack, path] : folders) images.check(pack, path);
  return images.failed() == 0 ? kNothingToObject : kViolated;
}

}  // namespace khover::cli
