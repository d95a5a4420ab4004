#include "session/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "error/try.h"
#include "kernel/roots.h"
#include "session/given_facts.h"
#include "session/layouts.h"

namespace khover::session {
namespace {

// A second kexec leaves a few old root FDTs in memory; more candidates than this are decoys.
constexpr size_t kMaxRoots = 16;

Result<uint64_t> parse_address(const std::string& text, const std::string& option) {
  size_t used = 0;
  uint64_t value = 0;
  const bool digits = !text.empty() && text[0] >= '0' && text[0] <= '9';
  try {
    if (digits) value = std::stoull(text, &used, 0);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size())
    return fail(option, "'" + text + "' is not an address", "give it as in 0x8a4000");
  return value;
}

template <typename T>
image::Fact<T> given(T value) {
  return {std::move(value), image::Origin::given};
}

// Sorted; `range_of`: an element's range.
template <typename T, typename RangeOf>
Result<std::vector<T>> disjoint(std::vector<T> list, const std::string& option, RangeOf range_of) {
  std::sort(list.begin(), list.end(),
            [&](const T& a, const T& b) { return range_of(a).start < range_of(b).start; });
  for (size_t i = 1; i < list.size(); ++i) {
    if (range_of(list[i]).start < range_of(list[i - 1]).end())
      return fail(option, "ranges overlap", "give disjoint ranges");
  }
  return list;
}

Result<std::vector<image::NumaRange>> parse_numa(const std::vector<std::string>& texts) {
  std::vector<image::NumaRange> numa;
  for (const std::string& text : texts) {
    const size_t at = text.find('@');
    const std::vector<image::Range> ranges = TRY(image::parse_ranges(text.substr(0, at), "--numa"));
    const auto node = parse_address(at == std::string::npos ? "" : text.substr(at + 1), "--numa");
    if (!node || *node > 1023)
      return fail("--numa", "'" + text + "' names no node", "give it as in 0x0,0x8000000@0");
    for (const image::Range& range : ranges) numa.push_back({range, static_cast<uint32_t>(*node)});
  }
  return disjoint(std::move(numa), "--numa", [](const image::NumaRange& one) { return one.range; });
}

}  // namespace

Result<image::OpenOptions> open_options(const ImageArguments& arguments) {
  image::OpenOptions options;
  image::Facts& facts = options.given;
  if (!arguments.raw_base.empty()) options.raw_base = TRY(parse_address(arguments.raw_base, "--raw-base"));
  if (!arguments.fdt.empty()) facts.root = given(TRY(parse_address(arguments.fdt, "--fdt")));
  if (!arguments.ram.empty()) {
    std::vector<image::Range> ranges = TRY(image::parse_ranges(arguments.ram, "--ram"));
    facts.ram =
        given(TRY(disjoint(std::move(ranges), "--ram", [](const image::Range& range) { return range; })));
  }
  if (!arguments.scratch.empty()) {
    const std::vector<image::Range> ranges = TRY(image::parse_ranges(arguments.scratch, "--scratch"));
    if (ranges.size() != 1)
      return fail("--scratch", "more than one range", "give address and size of the scratch table");
    facts.scratch = given(ranges.front());
  }
  if (!arguments.numa.empty()) facts.numa = given(TRY(parse_numa(arguments.numa)));
  if (!arguments.host.empty()) facts.topology = given(TRY(image::read_topology(arguments.host)));
  if (!arguments.phase.empty()) {
    if (!pack::phase_from(arguments.phase)) {
      return fail("--phase", "'" + arguments.phase + "' is not a phase",
                  "phases are outgoing, finalized and early");
    }
    facts.phase = given(arguments.phase);
  }
  return options;
}

namespace {

// What in the dump itself points to a root, for people.
std::string supported(const image::RootCandidate& root) {
  std::string text;
  for (const std::string& reason : root.reasons) text += (text.empty() ? ", and named by " : ", ") + reason;
  return text;
}

std::string root_origin(const image::Image& image, const image::RootCandidate& root) {
  if (image.facts.root) return image.facts.root->origin == image::Origin::given ? "given" : "note";
  return root.reasons.empty() ? "scan" : root.reasons.front().substr(0, root.reasons.front().find(' '));
}

}  // namespace

Result<pack::Library> open_library(const std::string& rules, const std::vector<std::string>& add_rules) {
  pack::Library library = rules.empty() ? pack::Library::built_in() : TRY(pack::Library::from_folder(rules));
  for (const std::string& folder : add_rules) TRY(library.add(folder));
  return library;
}

namespace {

struct Roots {
  std::vector<image::RootCandidate> candidates;  // best supported first
  std::vector<image::RootCandidate> aside;       // that the kernel names, too
  std::string no_handover = {};                  // why there is none
};

// Where the root FDT may be. What the dump says of its phase goes to `image`.
Result<Roots> find_roots(image::Image& image, const pack::Library& library) {
  if (image.facts.root) {
    const uint64_t root = image.facts.root->value;
    if (image.memory->run(root).empty()) {
      return fail(image.path, fmt::format("has no byte at {:#x}, the given address of the root FDT", root),
                  "give its physical address with --fdt");
    }
    const std::string compatible = image::root_compatible(*image.memory, root).value_or("");
    return Roots{{{root, compatible, {}, std::nullopt, false, image::Role::unknown}}, {}};
  }
  const auto symbols = TRY(library.kernel_symbols());
  kernel::FoundRoots found = kernel::find_roots(image, symbols);
  // A kernel's own word for where it is counts more than that nothing can be read there.
  if (found.roots.empty()) found.roots = std::move(found.unreadable);
  if (found.roots.empty() && !found.no_handover.empty()) return Roots{{}, {}, std::move(found.no_handover)};
  if (found.roots.empty()) {
    return fail(image.path,
                "no page has the root FDT of a handover" +
                    (found.why_no_symbols.empty() ? "" : ", and " + found.why_no_symbols),
                "give its physical address with --fdt");
  }
  // Who can be asked has not jumped yet: serialization is the last thing that a kernel does.
  if (image.running && !image.facts.phase && found.roots.front().decisive)
    image.facts.phase = image::Fact<std::string>{"outgoing", image::Origin::dump};
  if (found.roots.size() > kMaxRoots) found.roots.resize(kMaxRoots);
  return Roots{std::move(found.roots), std::move(found.aside)};
}

struct Choice {
  Reading reading;
  const image::RootCandidate* root = nullptr;
};

// The root, and the layouts, under which the image fits best.
Result<Choice> choose_root(Layouts& layouts, const Roots& roots, const std::string& path) {
  std::optional<Reading> chosen;
  std::vector<const image::RootCandidate*> ties;  // best supported first, as find_roots() has them
  for (const image::RootCandidate& root : roots.candidates) {
    Reading reading = TRY(layouts.best_reading(root));
    if (chosen && reading.misfit == chosen->misfit) ties.push_back(&root);
    if (chosen && !(reading.misfit < chosen->misfit)) continue;
    ties = {&root};
    chosen = std::move(reading);
  }
  if (ties.size() > 1 && ties[0]->reasons.size() == ties[1]->reasons.size()) {
    std::string list;
    for (const image::RootCandidate* root : ties)
      list += fmt::format("{}{:#x}", list.empty() ? "" : ", ", root->phys);
    return fail(path, "several root FDTs fit equally well: " + list, "give one with --fdt");
  }
  layouts.add_layouts(*chosen, *ties.front());
  return Choice{std::move(*chosen), ties.front()};
}

// Judges again what the target decides; the rules that it violates, and another kernel may not.
std::set<std::string> ask_target(const pack::Model& model, Reading& reading) {
  using evaluate::Verdict;
  std::set<uint32_t> before;
  for (const evaluate::Outcome& one : reading.judgement.outcomes) {
    if (one.verdict == Verdict::violated) before.insert(one.rule);
  }
  evaluate::ask_target(reading.world, reading.judgement);
  std::set<std::string> refused;
  for (const evaluate::Outcome& one : reading.judgement.outcomes) {
    if (one.verdict == Verdict::violated && before.count(one.rule) == 0)
      refused.insert(model.rules[one.rule].id);
  }
  return refused;
}

std::vector<std::string> warnings_of(const image::Image& image, const Roots& roots, const Choice& choice) {
  std::vector<std::string> warnings = choice.reading.warnings;
  const evaluate::Judgement& judgement = choice.reading.judgement;
  if (roots.candidates.size() > 1) {
    warnings.push_back(fmt::format("{} pages look like a root FDT; the one at {:#x} fits best{}",
                                   roots.candidates.size(), choice.root->phys, supported(*choice.root)));
  }
  if (choice.root->compatible.empty() && !choice.root->reasons.empty()) {
    warnings.push_back(fmt::format(
        "{} says that the root FDT is at {:#x}, and none can be read there: a kernel that is handed it boots "
        "as if nothing was handed over",
        choice.root->reasons.front(), choice.root->phys));
  }
  if (image.running) {
    warnings.push_back(
        "the memory of a running kernel changes while it is read: objects that are being preserved may look "
        "damaged");
  }
  for (const image::RootCandidate& other : roots.aside) {
    warnings.push_back(fmt::format("the kernel also names {:#x}, by {}; check it with --fdt {:#x}",
                                   other.phys, other.reasons.front(), other.phys));
  }
  warnings.insert(warnings.end(), image.warnings.begin(), image.warnings.end());
  if (judgement.phase_contradicted) {
    warnings.push_back("the phase is given as " + choice.reading.world.facts.phase->value +
                       ", but the contents of the image do not fit that phase");
  }
  return warnings;
}

}  // namespace

Result<Opened> open_and_judge(const ImageArguments& arguments) {
  const image::OpenOptions options = TRY(open_options(arguments));
  const pack::Library library = TRY(open_library(arguments.rules, arguments.add_rules));
  std::vector<std::string> files = arguments.parts;
  files.insert(files.begin(), arguments.image);
  image::Image image = TRY(image::open(files, options));
  if (!image.little_endian)
    return fail(image.path, "was written by a big-endian kernel", "khover reads little-endian images only");
  const std::vector<pack::PackFile> packs = TRY(library.packs());
  Layouts layouts(library, packs, image, arguments.abi, arguments.addition);
  TRY(layouts.load());
  const Roots roots = TRY(find_roots(image, library));
  if (!roots.no_handover.empty()) return Opened{nullptr, roots.no_handover};
  image.memory->hold();
  Choice choice = TRY(choose_root(layouts, roots, image.path));
  TRY(check_given_facts(choice.reading));

  auto analysis = std::make_unique<Analysis>();
  if (!arguments.target.empty()) {
    // The layouts are the writer's; only who reads them is another.
    pack::Model& model = *choice.reading.bundle->model;
    analysis->target = TRY(target::Target::open(arguments.target, model, library, packs));
    model.target = analysis->target;
    analysis->refused_by_target = ask_target(model, choice.reading);
  }
  analysis->warnings = warnings_of(image, roots, choice);
  analysis->root_origin = root_origin(image, *choice.root);
  analysis->world = std::move(choice.reading.world);
  analysis->judgement = std::move(choice.reading.judgement);
  analysis->abi_names = std::move(choice.reading.names);
  analysis->model = std::move(choice.reading.bundle->model);
  analysis->image = std::move(image);
  analysis->world.memory = analysis->image.memory.get();
  return Opened{std::move(analysis), ""};
}

Result<std::unique_ptr<Analysis>> analyze(const ImageArguments& arguments) {
  Opened opened = TRY(open_and_judge(arguments));
  if (opened.analysis) return std::move(opened.analysis);
  return fail(arguments.image, "hands over nothing: " + opened.no_handover,
              "take a dump of a kernel that was booted with kho=on");
}

image::Facts facts_of(const Analysis& analysis) {
  image::Facts facts = analysis.world.facts;
  const auto& phases = analysis.judgement.phases;
  if (!facts.phase && phases.size() == 1)
    facts.phase = image::Fact<std::string>{pack::to_string(phases.front()), image::Origin::dump};
  if (!facts.page_size)
    facts.page_size = image::Fact<uint64_t>{analysis.model->page_size, image::Origin::dump};
  return facts;
}

}  // namespace khover::session
