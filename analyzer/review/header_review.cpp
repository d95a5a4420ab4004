#include "review/header_review.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "abi_diff/alike.h"
#include "abi_diff/compare.h"
#include "error/try.h"
#include "lint/check.h"
#include "lint/embedded.h"
#include "lint/lint.h"
#include "output/file.h"

namespace khover::review {
namespace {

namespace fs = std::filesystem;

Result<lint::Headers> read(const HeaderRequest& request) {
  extract::Request one;
  one.kernel = request.tree;
  one.generated = request.generated;
  one.overrides = request.overrides;
  one.folders = request.allowed;
  one.folders.push_back(request.tree);
  one.folders.push_back(request.generated);
  one.folders.emplace_back("/khover-unit");
  std::vector<abi::StatedCover> stated =
      TRY(abi::read_stated_covers(lint::shipped_versions(), "tables/versions.yaml"));
  lint::Headers headers = TRY(lint::read_headers(one, std::move(stated)));
  headers.tree = request.sources;
  headers.replaced = request.replaced;
  return headers;
}

std::string example_of(const abi_diff::FieldProof& field) {
  const std::string& name = field.after.empty() ? field.before : field.after;
  if (field.bytes.empty()) return fmt::format("'{}': {}", name, field.because);
  if (field.old_value.empty()) {
    return fmt::format("for example '{}'{} is new: it reads {} where the old layout has something else", name,
                       field.element, field.new_value);
  }
  if (field.new_value.empty())
    return fmt::format("for example '{}'{} was {}, and is not read any more", name, field.element,
                       field.old_value);
  return fmt::format("for example '{}'{} was {}, becomes {}", name, field.element, field.old_value,
                     field.new_value);
}

// "include/linux/kho/abi/x.h:12"
findings::Place place_of(const std::string& at) {
  findings::Place place;
  const size_t colon = at.rfind(':');
  place.file = at.substr(0, colon);
  if (colon != std::string::npos) std::from_chars(at.data() + colon + 1, at.data() + at.size(), place.line);
  return place;
}

std::string changes_of(const abi_diff::Item& item) {
  std::string text;
  size_t count = 0;
  for (const abi_diff::Change& change : item.changes) {
    if (change.effect == abi_diff::Effect::none) continue;
    if (++count > 4) return text + ", …";
    text += fmt::format("{}{}{}{}", text.empty() ? "" : ", ", change.kind, change.subject.empty() ? "" : " ",
                        change.subject.empty() ? "" : "'" + change.subject + "'");
  }
  return text;
}

std::string covers_of(const abi_diff::Item& item) {
  std::string covers;
  for (const abi_diff::CoverStep& cover : item.covers) {
    // A version that is gone with its record cannot change.
    if (cover.after.empty()) continue;
    covers += fmt::format("{}{} = \"{}\"", covers.empty() ? "" : ", ", cover.macro, cover.after);
  }
  return covers;
}

findings::Finding about(const abi_diff::Item& item, findings::Severity severity) {
  findings::Finding finding;
  finding.check = layout_check;
  finding.place = place_of(item.at);
  finding.subject = item.name;
  finding.severity = severity;
  return finding;
}

findings::Finding broken(const abi_diff::Item& item, const abi_diff::RecordProof* proof) {
  findings::Finding finding = about(item, findings::Severity::error);
  const std::string covers = covers_of(item);
  finding.message = fmt::format(
      "'{}' is read differently than before ({}), but the version that covers it did not change: {}",
      item.name, changes_of(item), covers.empty() ? "none was found" : covers);
  if (proof == nullptr) return finding;
  for (const abi_diff::FieldProof& field : proof->fields) {
    if (field.answer != abi_diff::FieldProof::Answer::differs || finding.notes.size() == 4) continue;
    finding.notes.push_back({{}, example_of(field)});
  }
  return finding;
}

findings::Finding for_a_person(const abi_diff::Item& item) {
  findings::Finding finding = about(item, findings::Severity::warning);
  const std::string covers = covers_of(item);
  finding.message =
      fmt::format("'{}' may mean something else than before ({}): a person decides whether {} has to change",
                  item.name, changes_of(item), covers.empty() ? "a version" : covers);
  return finding;
}

}  // namespace

Result<std::unique_ptr<series::TemporaryFolder>> header_tree(const std::string& source,
                                                             const std::string& arch_folder,
                                                             const series::Change& change,
                                                             series::Side side) {
  auto folder = std::make_unique<series::TemporaryFolder>();
  if (folder->path().empty()) return fail("", "cannot create a temporary folder", "set TMPDIR");
  const fs::path root = folder->path();
  for (const std::string& part : {std::string("include"), arch_folder}) {
    std::error_code error;
    if (!fs::is_directory(fs::path(source) / part, error)) continue;
    fs::create_directories((root / part).parent_path(), error);
    // Links are left out: what they lead to is not this tree's.
    for (fs::recursive_directory_iterator entry(fs::path(source) / part, error), end; !error && entry != end;
         entry.increment(error)) {
      const fs::path to = root / entry->path().lexically_relative(source);
      std::error_code trouble;
      if (entry->is_symlink(trouble)) continue;
      if (entry->is_directory(trouble)) {
        fs::create_directories(to, trouble);
      } else if (entry->is_regular_file(trouble)) {
        fs::create_directories(to.parent_path(), trouble);
        fs::copy_file(entry->path(), to, fs::copy_options::overwrite_existing, trouble);
        if (trouble) return fail(to.string(), "cannot be written", "free space in the temporary folder");
      }
    }
  }
  std::optional<Error> failure;
  const auto put = [&](const std::string& path, const std::optional<std::string>& text) {
    std::error_code error;
    if (!path.ends_with(".h") || !series::is_inside_tree(path)) return;
    fs::remove(root / path, error);
    if (!text) return;
    fs::create_directories((root / path).parent_path(), error);
    if (auto done = output::write_file(root / path, *text); !done) failure = done.error();
  };
  for (const auto& [path, text] : change.others) put(path, text);
  for (const series::ChangedFile& file : change.files) {
    if (!file.old_path.empty() && file.old_path != file.path) put(file.old_path, std::nullopt);
    put(file.path, std::nullopt);
    put(file.path_at(side), file.text_at(side));
  }
  if (failure) return tl::unexpected(*failure);
  return folder;
}

std::vector<findings::CheckInfo> header_checks() {
  std::vector<findings::CheckInfo> list;
  for (const lint::Check& check : lint::all_checks()) {
    list.push_back({check.id, check.purpose, check.since, check.severity, "docs/lint"});
  }
  list.push_back({layout_check, "a record is read differently than before, but its version did not change",
                  "0.1", findings::Severity::error, "docs/review"});
  return list;
}

Result<Findings> lint_headers(const HeaderRequest& request) {
  const lint::Headers headers = TRY(read(request));
  findings::Report report;
  for (const lint::Check& check : lint::all_checks()) {
    lint::Reporter reporter(check, report);
    check.run(headers, reporter);
  }
  Findings findings;
  findings.findings = std::move(report.findings);
  findings.not_judged = std::move(report.not_judged);
  for (const auto& [name, declaration] : headers.declarations) {
    findings.functions.push_back({declaration.place.file, declaration.first_line, declaration.last_line});
  }
  return findings;
}

Result<Findings> compare_headers(const HeaderRequest& before, const HeaderRequest& after) {
  const lint::Headers old_headers = TRY(read(before));
  const lint::Headers new_headers = TRY(read(after));
  abi_diff::Comparison comparison =
      TRY(abi_diff::compare({old_headers.snapshot, old_headers.documented},
                            {new_headers.snapshot, new_headers.documented}, new_headers.stated));
  TRY(abi_diff::prove_alike(old_headers.snapshot, new_headers.snapshot, comparison, ""));
  Findings findings;
  for (const abi_diff::Item& item : comparison.items) {
    // The version went with the record: no kernel takes the one for the other.
    const bool gone = !item.covers.empty() && covers_of(item).empty();
    if (gone) continue;
    if (item.verdict == abi_diff::Verdict::broken) {
      findings.findings.push_back(broken(item, abi_diff::proof_of(comparison, item)));
    } else if (item.verdict == abi_diff::Verdict::person) {
      findings.findings.push_back(for_a_person(item));
    }
  }
  return findings;
}

}  // namespace khover::review
