#include "session/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "error/try.h"
#include "kernel/roots.h"
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

Result<image::OpenOptions> open_options(const ImageArguments& arguments) {
  image::OpenOptions options;
  if (!arguments.raw_base.empty()) {
    auto base = parse_address(arguments.raw_base, "--raw-base");
    if (!base) return tl::unexpected(base.error());
    options.raw_base = *base;
  }
  if (!arguments.fdt.empty()) {
    auto root = parse_address(arguments.fdt, "--fdt");
    if (!root) return tl::unexpected(root.error());
    options.given.root = image::Fact<uint64_t>{*root, image::Origin::given};
  }
  const auto by_start = [](const auto& a, const auto& b) { return a.start < b.start; };
  if (!arguments.ram.empty()) {
    auto ranges = image::parse_ranges(arguments.ram, "--ram");
    if (!ranges) return tl::unexpected(ranges.error());
    std::sort(ranges->begin(), ranges->end(), by_start);
    for (size_t i = 1; i < ranges->size(); ++i) {
      if ((*ranges)[i].start < (*ranges)[i - 1].end())
        return fail("--ram", "ranges overlap", "give disjoint ranges");
    }
    options.given.ram = image::Fact<std::vector<image::Range>>{std::move(*ranges), image::Origin::given};
  }
  if (!arguments.scratch.empty()) {
    auto ranges = image::parse_ranges(arguments.scratch, "--scratch");
    if (!ranges) return tl::unexpected(ranges.error());
    if (ranges->size() != 1)
      return fail("--scratch", "more than one range", "give address and size of the scratch table");
    options.given.scratch = image::Fact<image::Range>{ranges->front(), image::Origin::given};
  }
  std::vector<image::NumaRange> numa;
  for (const std::string& text : arguments.numa) {
    const size_t at = text.find('@');
    auto ranges = image::parse_ranges(text.substr(0, at), "--numa");
    if (!ranges) return tl::unexpected(ranges.error());
    auto node = parse_address(at == std::string::npos ? "" : text.substr(at + 1), "--numa");
    if (!node || *node > 1023)
      return fail("--numa", "'" + text + "' names no node", "give it as in 0x0,0x8000000@0");
    for (const image::Range& range : *ranges) numa.push_back({range, static_cast<uint32_t>(*node)});
  }
  if (!numa.empty()) {
    std::sort(numa.begin(), numa.end(),
              [](const auto& a, const auto& b) { return a.range.start < b.range.start; });
    for (size_t i = 1; i < numa.size(); ++i) {
      if (numa[i].range.start < numa[i - 1].range.end())
        return fail("--numa", "ranges overlap", "give disjoint ranges");
    }
    options.given.numa = image::Fact<std::vector<image::NumaRange>>{std::move(numa), image::Origin::given};
  }
  if (!arguments.host.empty()) {
    auto functions = image::read_topology(arguments.host);
    if (!functions) return tl::unexpected(functions.error());
    options.given.topology =
        image::Fact<std::vector<image::PciFunction>>{std::move(*functions), image::Origin::given};
  }
  if (!arguments.phase.empty()) {
    if (!pack::phase_from(arguments.phase)) {
      return fail("--phase", "'" + arguments.phase + "' is not a phase",
                  "phases are outgoing, finalized and early");
    }
    options.given.phase = image::Fact<std::string>{arguments.phase, image::Origin::given};
  }
  return options;
}

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

Result<std::unique_ptr<Analysis>> analyze(const ImageArguments& arguments) {
  auto options = open_options(arguments);
  if (!options) return tl::unexpected(options.error());
  auto library = open_library(arguments.rules, arguments.add_rules);
  if (!library) return tl::unexpected(library.error());
  std::vector<std::string> files = arguments.parts;
  files.insert(files.begin(), arguments.image);
  auto image = image::open(files, *options);
  if (!image) return tl::unexpected(image.error());
  if (!image->little_endian) {
    return fail(image->path, "was written by a big-endian kernel", "khover reads little-endian images only");
  }
  auto packs = library->packs();
  if (!packs) return tl::unexpected(packs.error());
  Layouts layouts(*library, *packs, *image, arguments.abi, arguments.addition);
  if (auto loaded = layouts.load(); !loaded) return tl::unexpected(loaded.error());

  std::vector<image::RootCandidate> roots;
  kernel::FoundRoots found;
  if (image->facts.root) {
    if (image->memory->run(image->facts.root->value).empty()) {
      return fail(
          image->path,
          fmt::format("has no byte at {:#x}, the given address of the root FDT", image->facts.root->value),
          "give its physical address with --fdt");
    }
    const uint64_t root = image->facts.root->value;
    roots.push_back(
        {root, image::root_compatible(*image->memory, root).value_or(""), {}, std::nullopt, false});
  } else {
    auto symbols = library->kernel_symbols();
    if (!symbols) return tl::unexpected(symbols.error());
    found = kernel::find_roots(*image, *symbols);
    roots = std::move(found.roots);
    // Who can be asked has not jumped yet: serialization is the last thing that a kernel does.
    if (image->running && !image->facts.phase && !roots.empty() && roots.front().decisive)
      image->facts.phase = image::Fact<std::string>{"outgoing", image::Origin::dump};
    if (roots.size() > kMaxRoots) roots.resize(kMaxRoots);
  }
  image->memory->hold();
  if (roots.empty()) {
    return fail(image->path,
                "no page has the root FDT of a handover" +
                    (found.why_no_symbols.empty() ? "" : ", and " + found.why_no_symbols),
                "give its physical address with --fdt");
  }

  std::optional<Reading> chosen;
  std::vector<const image::RootCandidate*> ties;  // best supported first, as find_roots() has them
  for (const image::RootCandidate& root : roots) {
    auto reading = layouts.best_reading(root);
    if (!reading) return tl::unexpected(reading.error());
    if (chosen && reading->misfit == chosen->misfit) ties.push_back(&root);
    if (chosen && !(reading->misfit < chosen->misfit)) continue;
    ties = {&root};
    chosen = std::move(*reading);
  }
  if (ties.size() > 1 && ties[0]->reasons.size() == ties[1]->reasons.size()) {
    std::string list;
    for (const image::RootCandidate* root : ties)
      list += fmt::format("{}{:#x}", list.empty() ? "" : ", ", root->phys);
    return fail(image->path, "several root FDTs fit equally well: " + list, "give one with --fdt");
  }
  const image::RootCandidate& root = *ties.front();

  layouts.add_layouts(*chosen, root);

  auto best = std::make_unique<Analysis>();
  best->warnings = std::move(chosen->warnings);
  best->world = std::move(chosen->world);
  best->judgement = std::move(chosen->judgement);
  best->abi_names = std::move(chosen->names);
  best->model = std::move(chosen->bundle->model);
  if (roots.size() > 1) {
    best->warnings.push_back(fmt::format("{} pages look like a root FDT; the one at {:#x} fits best{}",
                                         roots.size(), root.phys, supported(root)));
  }
  if (image->running) {
    best->warnings.push_back(
        "the memory of a running kernel changes while it is read: objects that are being preserved may look "
        "damaged");
  }
  for (const image::RootCandidate& other : found.aside) {
    best->warnings.push_back(fmt::format("the kernel also names {:#x}, by {}; check it with --fdt {:#x}",
                                         other.phys, other.reasons.front(), other.phys));
  }
  best->warnings.insert(best->warnings.end(), image->warnings.begin(), image->warnings.end());
  best->warnings.insert(best->warnings.end(), best->judgement.warnings.begin(),
                        best->judgement.warnings.end());
  best->root_origin = root_origin(*image, root);
  best->image = std::move(*image);
  best->world.memory = best->image.memory.get();
  return best;
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
