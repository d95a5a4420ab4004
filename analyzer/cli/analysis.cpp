#include "cli/analysis.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "kernel/roots.h"
#include "pack/signature.h"

namespace khover::cli {
namespace {

// A second kexec leaves a few old root FDTs in memory; more candidates than this are decoys.
constexpr size_t kMaxRoots = 16;

struct Bundle {
  std::unique_ptr<pack::Model> model;
  std::vector<std::string> names;
};

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

bool may_fit(const std::string& name, const image::Image& image) {
  // linux-RELEASE-ARCH-PAGES: what the name rules out is not even read.
  if (image.machine == image::Machine::x86_64 && name.find("-arm64-") != std::string::npos) return false;
  if (image.machine == image::Machine::aarch64 && name.find("-x86_64-") != std::string::npos) return false;
  if (!image.facts.page_size) return true;
  return name.ends_with(fmt::format("-{}k", image.facts.page_size->value / 1024));
}

std::vector<std::string> shipped_names(const pack::Library& library, const image::Image& image) {
  std::vector<std::string> names;
  for (const std::string& name : library.snapshot_names()) {
    if (may_fit(name, image)) names.push_back(name);
  }
  return names;
}

// One model for each set of layouts; snapshots that say the same share it.
Result<std::vector<Bundle>> bundles(const pack::Library& library, const std::vector<pack::PackFile>& packs,
                                    const std::vector<std::string>& names) {
  std::vector<Bundle> found;
  std::vector<std::string> signatures;
  for (const std::string& name : names) {
    auto snapshot = library.snapshot(name);
    if (!snapshot) return tl::unexpected(snapshot.error());
    auto model = pack::link(*snapshot, name, packs);
    if (!model) return tl::unexpected(model.error());
    const std::string signature = pack::signature(*model);
    const auto same = std::find(signatures.begin(), signatures.end(), signature);
    if (same != signatures.end()) {
      found[static_cast<size_t>(same - signatures.begin())].names.push_back(name);
      continue;
    }
    signatures.push_back(signature);
    found.push_back({std::make_unique<pack::Model>(std::move(*model)), {name}});
  }
  return found;
}

// What an image says when it is read with one bundle, from one root.
struct Reading {
  Bundle* bundle = nullptr;
  walk::World world;
  evaluate::Judgement judgement;
  evaluate::Misfit misfit;

  size_t unhandled() const { return world.unhandled.size(); }
};

Reading read(Bundle& bundle, const image::Image& image, const image::RootCandidate& root) {
  image::Facts facts = image.facts;
  facts.root =
      image::Fact<uint64_t>{root.phys, image.facts.root ? image.facts.root->origin : image::Origin::dump};
  if (!facts.scratch && root.scratch)
    facts.scratch = image::Fact<image::Range>{*root.scratch, image::Origin::dump};
  Reading reading;
  reading.bundle = &bundle;
  reading.world = walk::walk(*bundle.model, *image.memory, facts);
  reading.judgement = evaluate::judge(reading.world);
  reading.misfit = evaluate::misfit(reading.world, reading.judgement);
  return reading;
}

// The image names objects that no pack of this bundle serves: layouts that no released kernel
// has may, and only then are they looked at.
// Those that know most of the names: the others would leave more of them unknown.
std::vector<std::string> bundles_with_additions(const pack::Library& library, const Reading& reading) {
  std::set<std::string> unknown;
  for (const walk::Unhandled& one : reading.world.unhandled) unknown.insert(one.name);
  unknown.erase("");
  std::vector<std::string> names;
  std::ptrdiff_t most = 1;
  for (const std::string& addition : library.addition_names()) {
    const auto known = std::count_if(unknown.begin(), unknown.end(), [&](const std::string& name) {
      return library.mentions(addition, name);
    });
    if (known < most) continue;
    if (known > most) names.clear();
    most = known;
    names.push_back(reading.bundle->names.front() + "+" + addition);
  }
  return names;
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Bundles that fit equally well need not agree; where they do not, nothing is decided.
void reconcile(Reading& chosen, const Reading& other) {
  for (evaluate::Outcome& outcome : chosen.judgement.outcomes) {
    const std::string& id = chosen.bundle->model->rules[outcome.rule].id;
    const bool violated = outcome.verdict == evaluate::Verdict::violated;
    const uint32_t rule = other.bundle->model->find_rule(id);
    const bool violated_there =
        rule != pack::kNone &&
        std::any_of(other.judgement.outcomes.begin(), other.judgement.outcomes.end(), [&](const auto& one) {
          return one.rule == rule && one.verdict == evaluate::Verdict::violated;
        });
    if (violated == violated_there) continue;
    outcome.verdict = evaluate::Verdict::undetermined;
    outcome.why = fmt::format("violated with the layouts of {}, not with those of {}; state --abi",
                              joined((violated ? chosen : other).bundle->names),
                              joined((violated ? other : chosen).bundle->names));
  }
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

void ImageArguments::add_to(CLI::App& app) {
  app.add_option("image", image,
                 "ELF core, kdump (compressed, flattened), or raw memory with --raw-base; zstd of any")
      ->required();
  app.add_option("parts", parts, "further files of a split kdump");
  app.add_option("--fdt", fdt, "physical address of the root FDT");
  app.add_option("--ram", ram, "RAM map: START,LENGTH[+START,LENGTH…]");
  app.add_option("--scratch", scratch, "scratch table: ADDRESS,SIZE");
  app.add_option("--numa", numa, "NUMA map: START,LENGTH[+…]@NODE, once for each node");
  app.add_option("--host", host, "PCI functions of the host: its /sys, or a copy with its links");
  app.add_option("--phase", phase, "outgoing, finalized or early");
  app.add_option("--abi", abi, "ABI snapshot: a shipped one by name, or a file; BASE+ADDITION joins two");
  app.add_option("--rules", rules, "folder of rule packs to use instead of the built-in ones");
  app.add_option("--raw-base", raw_base, "the file is memory as it is, from this physical address on");
}

Result<pack::Library> open_library(const std::string& rules) {
  if (rules.empty()) return pack::Library::built_in();
  return pack::Library::from_folder(rules);
}

Result<std::unique_ptr<Analysis>> analyze(const ImageArguments& arguments) {
  auto options = open_options(arguments);
  if (!options) return tl::unexpected(options.error());
  auto library = open_library(arguments.rules);
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
  const std::vector<std::string> names =
      arguments.abi.empty() ? shipped_names(*library, *image) : arguments.abi;
  if (names.empty()) {
    return fail(image->path, "no ABI snapshot is for this machine and page size",
                "extract one with `khover abi extract` and pass it with --abi");
  }
  auto candidates = bundles(*library, *packs, names);
  if (!candidates) return tl::unexpected(candidates.error());

  std::vector<image::RootCandidate> roots;
  kernel::FoundRoots found;
  if (image->facts.root) {
    if (image->memory->run(image->facts.root->value).empty()) {
      return fail(
          image->path,
          fmt::format("has no byte at {:#x}, where the root FDT is said to be", image->facts.root->value),
          "give its physical address with --fdt");
    }
    roots.push_back({image->facts.root->value, "", {}, std::nullopt, false});
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
                "no page holds the root FDT of a handover" +
                    (found.why_no_symbols.empty() ? "" : ", and " + found.why_no_symbols),
                "give its physical address with --fdt");
  }

  // The reading that fits best; others that fit as well, from the same root, have a say in its verdicts.
  std::optional<Reading> chosen;
  std::vector<const image::RootCandidate*> ties;  // best supported first, as find_roots() has them
  for (const image::RootCandidate& root : roots) {
    for (Bundle& bundle : *candidates) {
      Reading reading = read(bundle, *image, root);
      if (chosen && reading.misfit == chosen->misfit && chosen->world.facts.root->value == root.phys) {
        evaluate::merge(chosen->judgement, *chosen->bundle->model, reading.judgement, *bundle.model);
        continue;
      }
      if (chosen && reading.misfit == chosen->misfit &&
          std::find(ties.begin(), ties.end(), &root) == ties.end())
        ties.push_back(&root);
      if (chosen && !(reading.misfit < chosen->misfit)) continue;
      ties = {&root};
      chosen = std::move(reading);
    }
  }
  if (ties.size() > 1 && ties[0]->reasons.size() == ties[1]->reasons.size()) {
    std::string list;
    for (const image::RootCandidate* root : ties)
      list += fmt::format("{}{:#x}", list.empty() ? "" : ", ", root->phys);
    return fail(image->path, "several root FDTs fit equally well: " + list, "state one with --fdt");
  }
  const image::RootCandidate& root = *ties.front();

  std::vector<Bundle> extended;
  std::vector<Reading> as_good;
  if (arguments.abi.empty() && chosen->unhandled() > 0) {
    auto with_additions = bundles(*library, *packs, bundles_with_additions(*library, *chosen));
    if (!with_additions) return tl::unexpected(with_additions.error());
    extended = std::move(*with_additions);
    const size_t unhandled = chosen->unhandled();
    const auto badness = [](const Reading& reading) {
      return std::pair{reading.unhandled(), reading.misfit};
    };
    for (Bundle& bundle : extended) {
      Reading reading = read(bundle, *image, root);
      if (reading.unhandled() >= unhandled) continue;
      if (chosen->unhandled() < unhandled && !(badness(reading) < badness(*chosen))) {
        if (badness(reading) == badness(*chosen)) as_good.push_back(std::move(reading));
        continue;
      }
      as_good.clear();
      chosen = std::move(reading);
    }
    for (const Reading& other : as_good) reconcile(*chosen, other);
  }

  auto best = std::make_unique<Analysis>();
  for (const Reading& other : as_good) {
    best->warnings.push_back(fmt::format("the layouts of {} fit as well as those of {}",
                                         joined(other.bundle->names), joined(chosen->bundle->names)));
  }
  best->world = std::move(chosen->world);
  best->judgement = std::move(chosen->judgement);
  best->abi_names = chosen->bundle->names;
  best->model = std::move(chosen->bundle->model);
  if (roots.size() > 1) {
    best->warnings.push_back(fmt::format("{} pages look like a root FDT; the one at {:#x} fits best{}",
                                         roots.size(), root.phys, supported(root)));
  }
  if (image->running) {
    best->warnings.push_back(
        "the memory of a running kernel changes while it is read: what is being preserved right now may look "
        "damaged");
  }
  for (const image::RootCandidate& other : found.aside) {
    best->warnings.push_back(fmt::format("the kernel also names {:#x}, by {}; judge it with --fdt {:#x}",
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

}  // namespace khover::cli
