#include "session/triage.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <tuple>

#include "error/try.h"
#include "image/vmcoreinfo.h"
#include "kernel/log.h"
#include "kernel/roots.h"
#include "session/report.h"

namespace khover::session {
namespace {

using findings::Handover;
using Role = findings::Handover::Role;

// More trees than these are copies; each is a whole reading of the image.
constexpr size_t kMaxTrees = 8;

// The kernel has prepared its own tree: it is past the moment at which it takes the one that it was handed.
bool has_own(const kernel::FoundRoots& found) {
  const auto own = [](const image::RootCandidate& one) { return one.role == image::Role::outgoing; };
  return std::any_of(found.roots.begin(), found.roots.end(), own) ||
         std::any_of(found.unreadable.begin(), found.unreadable.end(), own);
}

Role role_of(const image::RootCandidate& root, bool own) {
  if (root.role == image::Role::outgoing) return Role::outgoing;
  if (root.role == image::Role::received) return own ? Role::consumed : Role::received;
  return Role::unclaimed;
}

// Records that hand an object over, without the subtrees of the root itself.
uint64_t objects(const Analysis& analysis) {
  uint64_t count = 0;
  const std::string& core = analysis.model->sets.front().pack;
  for (const walk::RecordSet& set : analysis.world.sets) {
    if (!set.type->handled_registry.empty() && set.type->pack != core) count += set.rows;
  }
  return count;
}

Result<std::unique_ptr<Analysis>> read_tree(const ImageArguments& arguments, const image::RootCandidate& root,
                                            Role role) {
  ImageArguments one = arguments;
  one.fdt = fmt::format("{:#x}", root.phys);
  if (one.scratch.empty() && root.scratch && role != Role::consumed)
    one.scratch = fmt::format("{:#x},{:#x}", root.scratch->start, root.scratch->length);
  if (one.phase.empty() && (role == Role::received || role == Role::consumed)) {
    // What it was handed is never less than serialized; only if the contents deny that, they decide.
    one.phase = "early";
    if (auto analysis = analyze(one)) return analysis;
    one.phase.clear();
  }
  return analyze(one);
}

Handover judge(const ImageArguments& arguments, const image::RootCandidate& root, bool own) {
  Handover one;
  one.role = role_of(root, own);
  one.root = fmt::format("{:#x}", root.phys);
  one.compatible = root.compatible;
  one.named_by = root.reasons;
  const auto analysis = read_tree(arguments, root, one.role);
  if (!analysis) {
    one.why_not = sentence(analysis.error());
    return one;
  }
  one.objects = objects(**analysis);
  Asked asked;
  for (uint32_t i = 0; i < (*analysis)->model->rules.size(); ++i) asked.rules.insert(i);
  asked.abi_is_given = !arguments.abi.empty();
  asked.diagnose = one.role != Role::consumed;
  one.report = report_of(**analysis, asked, std::nullopt);
  return one;
}

constexpr size_t kMaxLog = size_t{64} << 20;  // bytes of a file

// "[   12.345678] luo: …": the time and the rest.
findings::LogEntry entry_of(const std::string& line) {
  double seconds = 0;
  int used = 0;
  if (std::sscanf(line.c_str(), "[%lf] %n", &seconds, &used) == 1 && used > 0 && seconds >= 0 &&
      seconds < 1e9)
    return {static_cast<uint64_t>(seconds * 1e9 + 0.5), line.substr(static_cast<size_t>(used))};
  return {std::nullopt, line};
}

Result<std::vector<findings::LogEntry>> read_log_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(path, "cannot be opened", "give a file with the kernel log, as dmesg prints it");
  std::vector<findings::LogEntry> lines;
  size_t bytes = 0;
  for (std::string line; std::getline(file, line);) {
    bytes += line.size() + 1;
    if (bytes > kMaxLog)
      return fail(path, "is larger than 64 MiB", "give the part that tells of the handover");
    lines.push_back(entry_of(line));
  }
  if (file.bad()) return fail(path, "cannot be read");
  return lines;
}

// Those lines that tell of a handover.
Result<void> add_log(const image::Image& image, const std::string& vmcoreinfo,
                     const pack::KernelSymbols& symbols, const std::string& log,
                     findings::TriageReport& report) {
  std::vector<findings::LogEntry> lines;
  report.log_from = log.empty() ? "the dump" : log;
  if (!log.empty()) {
    lines = TRY(read_log_file(log));
  } else if (vmcoreinfo.empty()) {
    report.why_no_log = "the dump has no VMCOREINFO, which says where it is; give it with --log";
  } else if (const auto found = kernel::read_log(*image.memory, vmcoreinfo)) {
    for (const kernel::LogLine& line : *found) lines.push_back({line.nanoseconds, line.text});
  } else {
    report.why_no_log = sentence(found.error());
  }
  for (findings::LogEntry& line : lines) {
    const bool tells = std::any_of(symbols.log.begin(), symbols.log.end(), [&](const std::string& word) {
      return line.text.find(word) != std::string::npos;
    });
    if (tells) report.log.push_back(std::move(line));
  }
  return {};
}

// By the phase that is given, or that khover's note states.
image::Role stated_role(const image::Image& image) {
  if (!image.facts.phase) return image::Role::unknown;
  return image.facts.phase->value == "early" ? image::Role::received : image::Role::outgoing;
}

// A root that is given, or that khover's note in the file names. Who gives one asks about no other.
void state_root(const image::Image& image, std::vector<image::RootCandidate>& trees) {
  const uint64_t phys = image.facts.root->value;
  const bool given = image.facts.root->origin == image::Origin::given;
  image::RootCandidate stated;
  stated.phys = phys;
  stated.compatible = image::root_compatible(*image.memory, phys).value_or("");
  for (const image::RootCandidate& one : trees) {
    if (one.phys == phys) stated = one;
  }
  stated.reasons.insert(stated.reasons.begin(), given ? "--fdt" : "the note in the file");
  if (stated.role == image::Role::unknown) stated.role = stated_role(image);
  if (given)
    trees.clear();
  else
    std::erase_if(trees, [&](const image::RootCandidate& one) { return one.phys == phys; });
  trees.insert(trees.begin(), std::move(stated));
}

// What was being handed over when the machine died; then what this kernel was handed; then what it has only
// begun to prepare; copies last, those with fewest faults first.
auto rank(const Handover& one) {
  int place = 3;
  if (one.role == Role::outgoing) place = one.objects != 0 ? 0 : 2;
  if (one.role == Role::received || one.role == Role::consumed) place = 1;
  const uint64_t violated = one.report ? one.report->verdict.coverage.violated : ~uint64_t{0};
  return std::tuple(place, !one.report.has_value(), violated);
}

}  // namespace

Result<findings::TriageReport> triage(const ImageArguments& arguments, const std::string& log) {
  const image::OpenOptions options = TRY(open_options(arguments));
  const pack::Library library = TRY(open_library(arguments.rules, arguments.add_rules));
  std::vector<std::string> files = arguments.parts;
  files.insert(files.begin(), arguments.image);
  const image::Image image = TRY(image::open(files, options));
  if (!image.little_endian)
    return fail(image.path, "was written by a big-endian kernel", "khover reads little-endian images only");
  const pack::KernelSymbols symbols = TRY(library.kernel_symbols());
  kernel::FoundRoots found = kernel::find_all_roots(image, symbols);
  std::vector<image::RootCandidate> trees = found.roots;
  // Where no tree can be read though the kernel says that one is there.
  for (const image::RootCandidate& one : found.unreadable) {
    const bool known = std::any_of(trees.begin(), trees.end(), [&](const image::RootCandidate& other) {
      return other.role == one.role || other.phys == one.phys;
    });
    if (!known) trees.push_back(one);
  }
  findings::TriageReport report;
  report.image = image.path;
  report.format = image.format;
  report.release = std::string(image::vmcoreinfo_value(found.vmcoreinfo, "OSRELEASE").value_or(""));
  if (image.facts.root) state_root(image, trees);
  if (trees.size() > kMaxTrees) trees.resize(kMaxTrees);
  TRY(add_log(image, found.vmcoreinfo, symbols, log, report));
  if (trees.size() == 1 && trees.front().role == image::Role::unknown)
    trees.front().role = stated_role(image);
  const bool own = has_own(found);
  for (const image::RootCandidate& tree : trees) report.handovers.push_back(judge(arguments, tree, own));
  std::stable_sort(report.handovers.begin(), report.handovers.end(),
                   [](const Handover& a, const Handover& b) { return rank(a) < rank(b); });
  return report;
}

}  // namespace khover::session
