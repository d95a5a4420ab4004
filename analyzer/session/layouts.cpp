#include "session/layouts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "error/try.h"
#include "evaluate/agreement.h"
#include "pack/signature.h"

namespace khover::session {
namespace {

bool may_fit(const std::string& name, const image::Image& image) {
  // NAME-ARCH-PAGES: what the name rules out is not even read.
  if (image.machine == image::Machine::x86_64 && name.find("-arm64-") != std::string::npos) return false;
  if (image.machine == image::Machine::aarch64 && name.find("-x86_64-") != std::string::npos) return false;
  if (!image.facts.page_size) return true;
  return name.ends_with(fmt::format("-{}k", image.facts.page_size->value / 1024));
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Layouts that fit equally well need not agree.
void agree(Reading& chosen, const Reading& other) {
  evaluate::agree(chosen.judgement, {*chosen.bundle->model, chosen.bundle->names}, other.judgement,
                  {*other.bundle->model, other.bundle->names});
}

// How many names no pack serves, those nearest to the root first: who reads further meets more of them.
std::vector<size_t> unserved(const Reading& reading) {
  std::vector<size_t> at_depth;
  for (const walk::Unhandled& one : reading.world.unhandled) {
    size_t depth = 0;
    for (uint32_t in = one.set; in != pack::kNone; in = reading.bundle->model->sets[in].parent) ++depth;
    if (at_depth.size() <= depth) at_depth.resize(depth + 1);
    ++at_depth[depth];
  }
  at_depth.resize(16);
  return at_depth;
}

auto badness(const Reading& reading) { return std::tuple{reading.unhandled(), reading.misfit}; }

}  // namespace

Layouts::Layouts(const pack::Library& library, const std::vector<pack::PackFile>& packs,
                 const image::Image& image, const std::vector<std::string>& stated,
                 const std::string& addition)
    : library_(library), packs_(packs), image_(image), stated_(stated), addition_(addition) {}

// One model for each set of layouts; snapshots that say the same share it.
Result<std::vector<Bundle*>> Layouts::bundles(const std::vector<std::string>& names) {
  std::vector<Bundle*> found;
  std::vector<std::string> signatures;
  for (const std::string& name : names) {
    const abi::Snapshot snapshot = TRY(library_.snapshot(name));
    pack::Model model = TRY(pack::link(snapshot, name, packs_));
    const std::string signature = pack::signature(model);
    const auto same = std::find(signatures.begin(), signatures.end(), signature);
    if (same != signatures.end()) {
      found[static_cast<size_t>(same - signatures.begin())]->names.push_back(name);
      continue;
    }
    signatures.push_back(signature);
    loaded_.push_back(std::make_unique<Bundle>(
        Bundle{std::make_unique<pack::Model>(std::move(model)), std::vector<std::string>{name}}));
    found.push_back(loaded_.back().get());
  }
  return found;
}

Result<void> Layouts::load() {
  std::vector<std::string> names = stated_;
  if (names.empty()) {
    for (const std::string& name : library_.snapshot_names()) {
      if (may_fit(name, image_)) names.push_back(name);
    }
  }
  if (!addition_.empty()) {
    for (std::string& name : names) name += "+" + addition_;
  }
  if (names.empty()) {
    return fail(image_.path, "no ABI snapshot is for this machine and page size",
                "extract one with `khover abi extract` and pass it with --abi");
  }
  current_ = TRY(bundles(names));
  return {};
}

Reading Layouts::read(Bundle& bundle, const image::RootCandidate& root) const {
  image::Facts facts = image_.facts;
  facts.root =
      image::Fact<uint64_t>{root.phys, image_.facts.root ? image_.facts.root->origin : image::Origin::dump};
  if (!facts.scratch && root.scratch)
    facts.scratch = image::Fact<image::Range>{*root.scratch, image::Origin::dump};
  Reading reading;
  reading.bundle = &bundle;
  reading.names = bundle.names;
  reading.world = walk::walk(*bundle.model, *image_.memory, facts);
  reading.judgement = evaluate::judge(reading.world);
  reading.misfit = evaluate::misfit(reading.world, reading.judgement);
  return reading;
}

Result<Reading> Layouts::best_reading(const image::RootCandidate& root) {
  std::optional<Reading> best;
  for (Bundle* bundle : current_) {
    Reading reading = read(*bundle, root);
    // Others that fit as well have a say in the verdicts.
    if (best && reading.misfit == best->misfit)
      agree(*best, reading);
    else if (!best || reading.misfit < best->misfit)
      best = std::move(reading);
  }
  if (may_choose() && best->misfit.strangers > 0) {
    TRY(try_earlier(*best, root));
  }
  return std::move(*best);
}

// By the version of the root. Where the current kernels know that, an earlier one must know more of the
// versions below it.
Result<void> Layouts::try_earlier(Reading& chosen, const image::RootCandidate& root) {
  std::vector<std::string> names;
  for (const std::string& name : library_.earlier_names()) {
    if (!root.compatible.empty() && may_fit(name, image_) && library_.mentions(name, root.compatible))
      names.push_back(name);
  }
  const std::vector<Bundle*> found = TRY(bundles(names));
  const std::vector<pack::Served>& known = chosen.bundle->model->served["root"];
  const bool knows_root = std::any_of(known.begin(), known.end(),
                                      [&](const pack::Served& one) { return one.name == root.compatible; });
  std::optional<Reading> best;
  std::vector<Reading> as_good;
  for (Bundle* bundle : found) {
    Reading reading = read(*bundle, root);
    if (knows_root && reading.misfit.strangers >= chosen.misfit.strangers) continue;
    const auto rank = [](const Reading& one) {
      return std::tuple{one.misfit.strangers, unserved(one), one.misfit};
    };
    if (best && rank(reading) == rank(*best)) {
      as_good.push_back(std::move(reading));
    } else if (!best || rank(reading) < rank(*best)) {
      as_good.clear();
      best = std::move(reading);
    }
  }
  if (!best) return {};
  for (const Reading& other : as_good) {
    agree(*best, other);
    best->names.insert(best->names.end(), other.names.begin(), other.names.end());
  }
  chosen = std::move(*best);
  return {};
}

// Those that know most of the names: the others would leave more of them unknown.
std::vector<std::string> Layouts::with_additions(const Reading& reading) const {
  std::set<std::string> unknown;
  for (const walk::Unhandled& one : reading.world.unhandled) unknown.insert(one.name);
  unknown.erase("");
  std::vector<std::string> names;
  std::ptrdiff_t most = 1;
  for (const std::string& addition : library_.addition_names()) {
    const auto known = std::count_if(unknown.begin(), unknown.end(), [&](const std::string& name) {
      return library_.mentions(addition, name);
    });
    if (known < most) continue;
    if (known > most) names.clear();
    most = known;
    names.push_back(reading.bundle->names.front() + "+" + addition);
  }
  return names;
}

void Layouts::add_layouts(Reading& chosen, const image::RootCandidate& root) {
  if (!may_choose() || chosen.unhandled() == 0) return;
  // Not every addition goes with the layouts of every earlier kernel.
  std::vector<Bundle*> extended;
  std::vector<std::string> unfit;
  const std::vector<std::string> names = with_additions(chosen);
  if (auto found = bundles(names)) {
    extended = std::move(*found);
  } else {
    for (const std::string& name : names) {
      auto one = bundles({name});
      if (one)
        extended.push_back(one->front());
      else
        unfit.push_back(sentence(one.error()));
    }
  }
  std::vector<Reading> as_good;
  const size_t unhandled = chosen.unhandled();
  for (Bundle* bundle : extended) {
    Reading reading = read(*bundle, root);
    if (reading.unhandled() >= unhandled) continue;
    if (chosen.unhandled() < unhandled && !(badness(reading) < badness(chosen))) {
      if (badness(reading) == badness(chosen)) as_good.push_back(std::move(reading));
      continue;
    }
    as_good.clear();
    chosen = std::move(reading);
  }
  for (const Reading& other : as_good) {
    agree(chosen, other);
    chosen.warnings.push_back(fmt::format("the layouts of {} fit as well as those of {}",
                                          joined(other.bundle->names), joined(chosen.bundle->names)));
  }
  if (extended.empty()) chosen.warnings.insert(chosen.warnings.end(), unfit.begin(), unfit.end());
}

}  // namespace khover::session
