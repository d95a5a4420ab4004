#include "review/header_review.h"

#include <fmt/format.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "abi_diff/alike.h"
#include "abi_diff/compare.h"
#include "lint/check.h"
#include "lint/embedded.h"
#include "lint/lint.h"

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
  Result<std::vector<abi::StatedCover>> stated =
      abi::read_stated_covers(lint::shipped_versions(), "tables/versions.yaml");
  if (!stated) return tl::unexpected(stated.error());
  Result<lint::Headers> headers = lint::read_headers(one, std::move(*stated));
  if (!headers) return headers;
  headers->tree = request.sources;
  headers->replaced = request.replaced;
  return headers;
}

std::string example_of(const abi_diff::FieldProof& field) {
  const std::string& name = field.after.empty() ? field.before : field.after;
  if (field.bytes.empty()) return fmt::format("'{}': {}", name, field.because);
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

}  // namespace

Result<std::unique_ptr<series::TemporaryFolder>> header_tree(const std::string& source,
                                                             const std::string& arch_folder,
                                                             const series::Change& change, bool old) {
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
  const auto put = [&](const std::string& path, const std::optional<std::string>& text) {
    std::error_code error;
    if (!path.ends_with(".h") || !series::is_inside_tree(path)) return;
    fs::remove(root / path, error);
    if (!text) return;
    fs::create_directories((root / path).parent_path(), error);
    std::ofstream(root / path, std::ios::binary) << *text;
  };
  for (const auto& [path, text] : change.others) put(path, text);
  for (const series::ChangedFile& file : change.files) {
    if (!file.old_path.empty() && file.old_path != file.path) put(file.old_path, std::nullopt);
    put(file.path, std::nullopt);
    if (old) {
      put(file.old_path, file.before);
    } else {
      put(file.path, file.after);
    }
  }
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
  Result<lint::Headers> headers = read(request);
  if (!headers) return tl::unexpected(headers.error());
  findings::Report report;
  for (const lint::Check& check : lint::all_checks()) {
    lint::Reporter reporter(check, report);
    check.run(*headers, reporter);
  }
  Findings findings;
  findings.findings = std::move(report.findings);
  findings.not_judged = std::move(report.not_judged);
  for (const auto& [name, declaration] : headers->declarations) {
    findings.functions.push_back({declaration.place.file, declaration.first_line, declaration.last_line});
  }
  return findings;
}

Result<Findings> compare_headers(const HeaderRequest& before, const HeaderRequest& after) {
  Result<lint::Headers> old_headers = read(before);
  if (!old_headers) return tl::unexpected(old_headers.error());
  Result<lint::Headers> new_headers = read(after);
  if (!new_headers) return tl::unexpected(new_headers.error());
  Result<abi_diff::Comparison> comparison =
      abi_diff::compare({old_headers->snapshot, old_headers->documented},
                        {new_headers->snapshot, new_headers->documented}, new_headers->stated);
  if (!comparison) return tl::unexpected(comparison.error());
  const Result<prove::Tally> proved =
      abi_diff::prove_alike(old_headers->snapshot, new_headers->snapshot, *comparison, "");
  if (!proved) return tl::unexpected(proved.error());
  Findings findings;
  for (const abi_diff::Item& item : comparison->items) {
    if (item.verdict != abi_diff::Verdict::broken && item.verdict != abi_diff::Verdict::person) continue;
    findings::Finding finding;
    finding.check = layout_check;
    finding.place = place_of(item.at);
    finding.subject = item.name;
    std::string covers;
    for (const abi_diff::CoverStep& cover : item.covers) {
      covers += fmt::format("{}{} = \"{}\"", covers.empty() ? "" : ", ", cover.macro, cover.after);
    }
    if (item.verdict == abi_diff::Verdict::broken) {
      finding.severity = findings::Severity::error;
      finding.message = fmt::format(
          "'{}' is read differently than before ({}), but the version that covers it did not change: {}",
          item.name, changes_of(item), covers.empty() ? "none was found" : covers);
      if (const abi_diff::RecordProof* proof = abi_diff::proof_of(*comparison, item); proof != nullptr) {
        for (const abi_diff::FieldProof& field : proof->fields) {
          if (field.answer != abi_diff::FieldProof::Answer::differs || finding.notes.size() == 4) continue;
          finding.notes.push_back({{}, example_of(field)});
        }
      }
    } else {
      finding.severity = findings::Severity::warning;
      finding.message = fmt::format(
          "'{}' may mean something else than before ({}): a person decides whether {} has to change",
          item.name, changes_of(item), covers.empty() ? "a version" : covers);
    }
    findings.findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace khover::review
