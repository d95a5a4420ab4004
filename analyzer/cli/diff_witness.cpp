#include "cli/diff_witness.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cli/analysis.h"
#include "cli/carve_pieces.h"
#include "cli/khover_abi_files.h"
#include "cli/records.h"
#include "image/core_writer.h"
#include "prove/prove.h"
#include "review/git.h"

namespace khover::cli {
namespace {

using evaluate::Verdict;

// An image up to this size is written whole; of a larger one, the handover's own structures.
constexpr uint64_t kMostWhole = uint64_t{64} << 20;

// Two snapshots as files, so that they can be named as --abi is.
struct Files {
  review::TemporaryFolder folder;
  std::string before, after;
};

Result<void> write(Files& files, const abi::Snapshot& old_abi, const abi::Snapshot& new_abi) {
  files.before = files.folder.path() + "/old.yaml";
  files.after = files.folder.path() + "/new.yaml";
  if (Result<void> done = write_whole_file(files.before, abi::write_snapshot(old_abi)); !done) return done;
  return write_whole_file(files.after, abi::write_snapshot(new_abi));
}

std::set<uint32_t> all_rules(const Analysis& analysis) {
  std::set<uint32_t> rules;
  for (uint32_t i = 0; i < analysis.model->rules.size(); ++i) rules.insert(i);
  return rules;
}

Result<std::unique_ptr<Analysis>> open(const std::string& image, const std::string& abi,
                                       const std::string& addition = "") {
  ImageArguments arguments;
  arguments.image = image;
  if (!abi.empty()) arguments.abi = {abi};
  arguments.addition = addition;
  return analyze(arguments);
}

uint64_t count(const Analysis& analysis, Verdict verdict) {
  const auto& outcomes = analysis.judgement.outcomes;
  return static_cast<uint64_t>(std::count_if(outcomes.begin(), outcomes.end(),
                                             [&](const auto& one) { return one.verdict == verdict; }));
}

std::string rules_with(const Analysis& analysis, Verdict verdict) {
  std::string text;
  for (const evaluate::Outcome& outcome : analysis.judgement.outcomes) {
    if (outcome.verdict == verdict)
      text += (text.empty() ? "" : ", ") + analysis.model->rules[outcome.rule].id;
  }
  return text;
}

std::vector<image::Range> kept(const Analysis& analysis) {
  uint64_t bytes = 0;
  for (const image::Range& range : analysis.image.memory->present()) bytes += range.length;
  return bytes <= kMostWhole ? analysis.image.memory->present() : structure_pieces(analysis.world).kept;
}

std::string judged_by_new(const std::string& file, const std::string& abi) {
  const auto analysis = open(file, abi);
  if (!analysis) return "cannot be read: " + sentence(analysis.error());
  const uint64_t violated = count(**analysis, Verdict::violated);
  if (violated == 0) return "nothing is violated: it is misread in silence";
  return fmt::format("{} rule{} violated: {}", violated, violated == 1 ? "" : "s",
                     rules_with(**analysis, Verdict::violated));
}

std::string shown(const std::string& value) { return value.empty() ? "nothing" : value; }

std::string hex(const std::vector<uint8_t>& bytes) {
  std::string text;
  for (const uint8_t byte : bytes) text += fmt::format("{}{:02x}", text.empty() ? "" : " ", byte);
  return text;
}

// An image that OLD calls well-formed, and both ABIs by a name that --abi takes.
struct Base {
  std::unique_ptr<Analysis> analysis;
  std::string old_name, new_name;
};

Error not_well_formed(const std::string& image, const Analysis& analysis) {
  return {image, "is not well-formed under OLD: " + rules_with(analysis, Verdict::violated),
          "name an image that a kernel with OLD wrote"};
}

// Headers of some records only: the shipped layouts that fit the image have to be OLD's where NEW differs,
// and stand for the rest of OLD's ABI.
Result<Base> base_by_fit(const std::string& image, const Files& files, const abi::Snapshot& old_abi,
                         const abi::Snapshot& new_abi, const abi::Comparison& comparison) {
  auto analysis = open(image, "");
  if (!analysis) return tl::unexpected(analysis.error());
  if (count(**analysis, Verdict::violated) != 0) return tl::unexpected(not_well_formed(image, **analysis));
  const std::string name = (*analysis)->abi_names.front();
  const Result<pack::Library> library = open_library("");
  if (!library) return tl::unexpected(library.error());
  Result<abi::Snapshot> whole = library->snapshot(name);
  if (!whole) return tl::unexpected(whole.error());
  for (const abi::RecordProof& proof : comparison.proofs) {
    if (proof.all_alike()) continue;
    const auto here = whole->records.find(proof.before);
    if (here == whole->records.end() ||
        !layouts_agree(*whole, here->second, old_abi, old_abi.records.at(proof.before))) {
      return fail(image, fmt::format("is read with {}, where {} is not what OLD says", name, proof.before),
                  "name an image that a kernel with OLD wrote");
    }
    whole->records.erase(here);
  }
  for (const auto& [record, layout] : new_abi.records) whole->records[record] = layout;
  if (Result<void> done = write_whole_file(files.after, abi::write_snapshot(*whole)); !done)
    return tl::unexpected(done.error());
  return Base{std::move(*analysis), name, files.after};
}

Result<Base> open_base(const std::string& image, const Files& files, const abi::Snapshot& old_abi,
                       const abi::Snapshot& new_abi, const abi::Comparison& comparison) {
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

}  // namespace

Result<Witness> write_witness(const WitnessRequest& request, const abi::Snapshot& old_abi,
                              const abi::Snapshot& new_abi, const abi::Comparison& comparison) {
  Files files;
  if (Result<void> done = write(files, old_abi, new_abi); !done) return tl::unexpected(done.error());
  Result<Base> base = open_base(request.base, files, old_abi, new_abi, comparison);
  if (!base) return tl::unexpected(base.error());
  Analysis& analysis = *base->analysis;
  image::PatchedMemory memory(*analysis.image.memory);
  auto misread = prove::find_misread(old_abi, new_abi, comparison, analysis.world, memory);
  if (!misread) {
    return fail(
        request.base, "shows no difference, nor does any change that was tried and OLD's rules allow",
        "name an image with records of a changed type: " + [&] {
          std::string list;
          for (const abi::RecordProof& proof : comparison.proofs) {
            if (!proof.all_alike()) list += (list.empty() ? "" : ", ") + proof.before;
          }
          return list;
        }());
  }
  const auto written =
      image::write_core(request.file, analysis.image.machine, memory, kept(analysis), facts_of(analysis));
  if (!written) return tl::unexpected(written.error());

  // What counts is the file: it is opened again, judged by OLD's rules, and proved.
  auto again = open(request.file, base->old_name);
  if (!again) return tl::unexpected(again.error());
  const auto proof = prove::prove((*again)->world, all_rules(**again), {}, (*again)->judgement);
  if (!proof) return tl::unexpected(proof.error());
  if (count(**again, Verdict::violated) != 0) {
    return fail(request.file,
                "is not well-formed under OLD after all: " + rules_with(**again, Verdict::violated),
                "report this with the image");
  }
  Witness witness;
  witness.file = request.file;
  witness.base = request.base;
  walk::Columns columns(analysis.world);
  witness.where = path(analysis.world, columns, misread->record);
  witness.misread = std::move(*misread);
  witness.proved = count(**again, Verdict::proved);
  witness.not_judged = count(**again, Verdict::not_judged);
  witness.undetermined = count(**again, Verdict::undetermined);
  witness.under_new = judged_by_new(request.file, base->new_name);
  return witness;
}

std::string render_witness(const Witness& witness) {
  const prove::Misread& misread = witness.misread;
  std::string out = fmt::format("\nwitness {}, from {}\n", witness.file, witness.base);
  auto put = std::back_inserter(out);
  if (misread.change) {
    fmt::format_to(put, "  changed at {:#x}: {} → {} ({})\n", misread.change->address,
                   hex(misread.change->was), hex(misread.change->becomes), misread.change->what);
  } else {
    out += "  nothing was changed in it\n";
  }
  fmt::format_to(put, "  under OLD: well-formed; {} rules proved, {} undetermined, {} not judged\n",
                 witness.proved, witness.undetermined, witness.not_judged);
  fmt::format_to(put, "  under NEW: {}\n", witness.under_new);
  fmt::format_to(put, "  {} at {:#x}{}: {}\n", misread.old_type, misread.old_address,
                 misread.new_address == misread.old_address
                     ? ""
                     : fmt::format(", looked for at {:#x} by NEW", misread.new_address),
                 witness.where);
  size_t widest = 0, wide_value = 3;
  for (const prove::MisreadField& field : misread.fields) {
    widest = std::max(widest, field.path.size());
    wide_value = std::max(wide_value, shown(field.old_value).size());
  }
  for (const prove::MisreadField& field : misread.fields) {
    fmt::format_to(put, "    {:<{}}  OLD {:<{}}  NEW {}{}\n", field.path, widest, shown(field.old_value),
                   wide_value, shown(field.new_value), field.differs ? "   differs" : "");
  }
  return out;
}

std::string render_witness_json(const Witness& witness) {
  using Json = nlohmann::ordered_json;
  const prove::Misread& misread = witness.misread;
  Json json = {{"file", witness.file},
               {"base", witness.base},
               {"record", misread.old_type},
               {"where", witness.where},
               {"old_address", fmt::format("{:#x}", misread.old_address)},
               {"new_address", fmt::format("{:#x}", misread.new_address)}};
  json["change"] = nullptr;
  if (misread.change) {
    json["change"] = {{"address", fmt::format("{:#x}", misread.change->address)},
                      {"was", hex(misread.change->was)},
                      {"becomes", hex(misread.change->becomes)},
                      {"what", misread.change->what}};
  }
  json["readings"] = Json::array();
  for (const prove::MisreadField& field : misread.fields) {
    json["readings"].push_back({{"field", field.path},
                                {"old", field.old_value.empty() ? Json(nullptr) : Json(field.old_value)},
                                {"new", field.new_value.empty() ? Json(nullptr) : Json(field.new_value)},
                                {"differs", field.differs}});
  }
  json["under_old"] = {{"proved", witness.proved},
                       {"violated", 0},
                       {"undetermined", witness.undetermined},
                       {"not_judged", witness.not_judged}};
  json["under_new"] = witness.under_new;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace khover::cli
