#include "cli/khover-abi/diff_witness.h"

#include <fmt/format.h>

#include <algorithm>

#include "cli/base_images.h"
#include "cli/khover-abi/files.h"
#include "image/core_writer.h"
#include "prove/certify/prove.h"
#include "series/git.h"
#include "session/analysis.h"
#include "session/carve_pieces.h"
#include "session/records.h"

namespace khover::cli {
namespace {

using evaluate::Verdict;

// An image up to this size is written whole; of a larger one, the handover's own structures.
constexpr uint64_t kMostWhole = uint64_t{64} << 20;

// Two snapshots as files, so that they can be named as --abi is.
struct Files {
  series::TemporaryFolder folder;
  std::string before, after;
  std::string whole;  // NEW's records with the rest of a shipped ABI
};

Result<void> write(Files& files, const abi::Snapshot& old_abi, const abi::Snapshot& new_abi) {
  files.before = files.folder.path() + "/old.yaml";
  files.after = files.folder.path() + "/new.yaml";
  files.whole = files.folder.path() + "/whole.yaml";
  if (Result<void> done = write_whole_file(files.before, abi::write_snapshot(old_abi)); !done) return done;
  return write_whole_file(files.after, abi::write_snapshot(new_abi));
}

std::set<uint32_t> all_rules(const session::Analysis& analysis) {
  std::set<uint32_t> rules;
  for (uint32_t i = 0; i < analysis.model->rules.size(); ++i) rules.insert(i);
  return rules;
}

Result<std::unique_ptr<session::Analysis>> open(const std::string& image, const std::string& abi,
                                                const std::string& addition = "") {
  session::ImageArguments arguments;
  arguments.image = image;
  if (!abi.empty()) arguments.abi = {abi};
  arguments.addition = addition;
  return session::analyze(arguments);
}

uint64_t count(const session::Analysis& analysis, Verdict verdict) {
  const auto& outcomes = analysis.judgement.outcomes;
  return static_cast<uint64_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                             [&](const auto& one) { return one.verdict == verdict; }));
}

std::string rules_with(const session::Analysis& analysis, Verdict verdict) {
  std::string text;
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (outcome.verdict == verdict)
      text += (text.empty() ? "" : ", ") + analysis.model->rules[outcome.rule].id;
  }
  return text;
}

std::vector<image::Range> kept(const session::Analysis& analysis) {
  uint64_t bytes = 0;
  for (const image::Range& range : analysis.image.memory->present()) bytes += range.length;
  return bytes <= kMostWhole ? analysis.image.memory->present()
                             : session::structure_pieces(analysis.world).kept;
}

std::string judged_by_new(const std::string& file, const std::string& abi) {
  const auto analysis = open(file, abi);
  if (!analysis) return "cannot be read: " + sentence(analysis.error());
  const uint64_t violated = count(**analysis, Verdict::violated);
  if (violated == 0) return "no rule is violated: it is misread silently";
  return fmt::format("{} rule{} violated: {}", violated, violated == 1 ? "" : "s",
                     rules_with(**analysis, Verdict::violated));
}

// An image that OLD calls well-formed, and both ABIs by a name that --abi takes.
struct Base {
  std::unique_ptr<session::Analysis> analysis;
  std::string old_name, new_name;
};

Error not_well_formed(const std::string& image, const session::Analysis& analysis) {
  return {image, "is not well-formed under OLD: " + rules_with(analysis, Verdict::violated),
          "name an image that a kernel with OLD wrote"};
}

// The first record that changed and that these layouts do not have as OLD has it; empty: none.
std::string unlike_old(const abi::Snapshot& whole, const abi::Snapshot& old_abi,
                       const abi_diff::Comparison& comparison) {
  for (const abi_diff::RecordProof* proof : abi_diff::misread_records(comparison)) {
    const auto here = whole.records.find(proof->before);
    if (here == whole.records.end() ||
        !abi_diff::layouts_agree(whole, here->second, old_abi, old_abi.records.at(proof->before)))
      return proof->before;
  }
  return "";
}

Result<void> write_whole(const Files& files, abi::Snapshot whole, const abi::Snapshot& new_abi,
                         const abi_diff::Comparison& comparison) {
  for (const abi_diff::RecordProof& proof : comparison.proofs) {
    if (!proof.all_alike()) whole.records.erase(proof.before);
  }
  for (const auto& [record, layout] : new_abi.records) whole.records[record] = layout;
  return write_whole_file(files.whole, abi::write_snapshot(whole));
}

// Headers of some records only: shipped layouts that fit the image have to be OLD's where NEW differs, and
// represent the rest of OLD's ABI. Several may fit; those that fit best are asked first.
Result<Base> base_by_fit(const std::string& image, const Files& files, const abi::Snapshot& old_abi,
                         const abi::Snapshot& new_abi, const abi_diff::Comparison& comparison) {
  auto fitting = open(image, "");
  if (!fitting) return tl::unexpected(fitting.error());
  const Result<pack::Library> library = session::open_library("");
  if (!library) return tl::unexpected(library.error());
  const std::string best = (*fitting)->abi_names.front();
  std::vector<std::string> names = {best};
  for (const std::string& addition : library->addition_names())
    names.push_back(best.substr(0, best.find('+')) + "+" + addition);
  std::optional<Error> error;
  for (const std::string& name : names) {
    Result<abi::Snapshot> whole = library->snapshot(name);
    if (!whole) return tl::unexpected(whole.error());
    const std::string unlike = unlike_old(*whole, old_abi, comparison);
    if (!unlike.empty()) {
      if (!error)
        error = Error{image, fmt::format("is read with {}, where {} differs from OLD", name, unlike),
                      "name an image that a kernel with OLD wrote"};
      continue;
    }
    auto analysis = name == best ? std::move(fitting) : open(image, name);
    if (!analysis) return tl::unexpected(analysis.error());
    if (count(**analysis, Verdict::violated) != 0) {
      if (name == best) error = not_well_formed(image, **analysis);
      continue;
    }
    if (Result<void> done = write_whole(files, std::move(*whole), new_abi, comparison); !done)
      return tl::unexpected(done.error());
    return Base{std::move(*analysis), name, files.whole};
  }
  return tl::unexpected(*error);
}

Result<Base> open_base(const std::string& image, const Files& files, const abi::Snapshot& old_abi,
                       const abi::Snapshot& new_abi, const abi_diff::Comparison& comparison) {
  const bool part = old_abi.source.page_size == 0;
  auto analysis = open(image, part ? "" : files.before, part ? files.before : "");
  if (analysis && count(**analysis, Verdict::violated) == 0) {
    std::string name = (*analysis)->abi_names.front(), new_name = name;
    new_name.replace(new_name.find(files.before), files.before.size(), files.after);
    return Base{std::move(*analysis), name, new_name};
  }
  if (part) return base_by_fit(image, files, old_abi, new_abi, comparison);
  if (!analysis) return tl::unexpected(analysis.error());
  return tl::unexpected(not_well_formed(image, **analysis));
}

// An image, and what it shows.
struct Trial {
  std::string name;
  Base base;
  std::unique_ptr<image::PatchedMemory> memory;
  abi_diff::Misreadings found;

  // More than that: records with values; then any.
  bool shows_more_than(const Trial& other) const {
    const auto rank = [](const Trial& one) {
      const auto plain = std::count_if(one.found.records.begin(), one.found.records.end(),
                                       [](const abi_diff::Misread& misread) { return !misread.zero_only; });
      return std::pair(plain, one.found.records.size());
    };
    return rank(*this) > rank(other);
  }
  bool shows_all() const { return !found.zero_only() && found.absent.empty() && found.hidden.empty(); }
};

Result<Trial> try_image(const std::string& image, const std::string& name, const Files& files,
                        const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                        const abi_diff::Comparison& comparison) {
  Result<Base> base = open_base(image, files, old_abi, new_abi, comparison);
  if (!base) return tl::unexpected(base.error());
  Trial trial{name, std::move(*base), nullptr, {}};
  trial.memory = std::make_unique<image::PatchedMemory>(*trial.base.analysis->image.memory);
  trial.found =
      abi_diff::find_misread(old_abi, new_abi, comparison, trial.base.analysis->world, *trial.memory);
  return trial;
}

std::string changed_types(const abi_diff::Comparison& comparison) {
  std::string list;
  for (const abi_diff::RecordProof* proof : abi_diff::misread_records(comparison))
    list += (list.empty() ? "" : ", ") + proof->before;
  return list;
}

// The built-in image that shows most; the first one that shows everything.
Result<Trial> try_built_in(const Files& files, const abi::Snapshot& old_abi, const abi::Snapshot& new_abi,
                           const abi_diff::Comparison& comparison) {
  std::optional<Trial> best;
  size_t well_formed = 0, with_records = 0;
  for (const BaseImage& image : base_images()) {
    const std::string path = files.folder.path() + "/" + image.name + ".elf.zst";
    if (Result<void> done = write_whole_file(path, std::string(image.bytes)); !done)
      return tl::unexpected(done.error());
    Result<Trial> trial = try_image(path, image.name, files, old_abi, new_abi, comparison);
    // Of another ABI, or of one that OLD's kernel knows in part.
    if (!trial || count(*trial->base.analysis, Verdict::undetermined) != 0) continue;
    ++well_formed;
    with_records += trial->found.hidden.empty() && trial->found.records.empty() ? 0 : 1;
    if (trial->found.records.empty()) continue;
    const bool all = trial->shows_all();
    if (!best || trial->shows_more_than(*best)) best = std::move(*trial);
    if (all) break;
  }
  if (best) return std::move(*best);
  const std::string types = changed_types(comparison);
  const char* remedy = "name one that a kernel with OLD wrote with --image";
  if (well_formed == 0) {
    return fail("built-in images",
                fmt::format("none of {} is well-formed with OLD's layouts", base_images().size()), remedy);
  }
  if (with_records == 0) {
    return fail("built-in images",
                fmt::format("none of the {} that are well-formed with OLD's layouts has a record that a "
                            "rule pack finds as {}",
                            well_formed, types),
                std::string(remedy) + "; a record that no rule pack names is not found in any image");
  }
  return fail(
      "built-in images",
      fmt::format("no record of {} shows a difference, nor does any change tried that OLD's rules allow",
                  types),
      remedy);
}

Result<Trial> try_given(const std::string& image, const Files& files, const abi::Snapshot& old_abi,
                        const abi::Snapshot& new_abi, const abi_diff::Comparison& comparison) {
  Result<Trial> trial = try_image(image, image, files, old_abi, new_abi, comparison);
  if (!trial || !trial->found.records.empty()) return trial;
  return fail(image, "shows no difference, nor does any change tried that OLD's rules allow",
              "name an image with records of a changed type: " + changed_types(comparison));
}

}  // namespace

Result<Witness> write_witness(const WitnessRequest& request, const abi::Snapshot& old_abi,
                              const abi::Snapshot& new_abi, const abi_diff::Comparison& comparison) {
  Files files;
  if (Result<void> done = write(files, old_abi, new_abi); !done) return tl::unexpected(done.error());
  const bool built_in = request.base.empty();
  Result<Trial> trial = built_in ? try_built_in(files, old_abi, new_abi, comparison)
                                 : try_given(request.base, files, old_abi, new_abi, comparison);
  if (!trial) return tl::unexpected(trial.error());
  const session::Analysis& analysis = *trial->base.analysis;
  const auto written = image::write_core(request.file, analysis.image.machine, *trial->memory, kept(analysis),
                                         session::facts_of(analysis));
  if (!written) return tl::unexpected(written.error());

  // What counts is the file: it is opened again, judged by OLD's rules, and proved.
  auto again = open(request.file, trial->base.old_name);
  if (!again) return tl::unexpected(again.error());
  const auto proof = prove::prove((*again)->world, all_rules(**again), {}, (*again)->judgement);
  if (!proof) return tl::unexpected(proof.error());
  if (count(**again, Verdict::violated) != 0) {
    return fail(request.file, "is not well-formed under OLD: " + rules_with(**again, Verdict::violated),
                "report this with the image");
  }
  Witness witness;
  witness.file = request.file;
  witness.base = trial->name;
  witness.built_in = built_in;
  walk::Columns columns(analysis.world);
  for (const abi_diff::Misread& misread : trial->found.records)
    witness.where.push_back(session::path(analysis.world, columns, misread.record));
  witness.misread = std::move(trial->found);
  witness.proved = count(**again, Verdict::holds);
  witness.not_judged = count(**again, Verdict::not_judged);
  witness.undetermined = count(**again, Verdict::undetermined);
  witness.under_new = judged_by_new(request.file, trial->base.new_name);
  return witness;
}

}  // namespace khover::cli
