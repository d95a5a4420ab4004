#include "review/checks.h"

#include <fmt/format.h>

#include "review/check_list.h"

namespace khover::review {

// The table: one line for each check, by id. `since`, purpose and severity stand with the check.
const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = {
      address_anywhere_check,
      address_untested_check,
      array_alignment_check,
      chain_unbounded_check,
      checked_late_check,
      count_kept_above_check,
      count_not_set_check,
      count_unchecked_check,
      deleted_record_kept_check,
      double_free_check,
      double_step_check,
      equal_keys_check,
      error_folded_check,
      error_path_leak_check,
      error_pointer_test_check,
      failure_forgotten_check,
      failure_returns_success_check,
      fatal_on_image_check,
      freed_in_use_check,
      index_unaligned_check,
      index_unbounded_check,
      iterator_after_loop_check,
      log_of_zero_check,
      null_after_conversion_check,
      object_twice_check,
      order_ignored_check,
      order_recomputed_check,
      overwriting_insert_check,
      page_count_cut_check,
      partial_page_check,
      property_alignment_check,
      record_may_be_null_check,
      record_not_deleted_check,
      records_moved_check,
      reference_untested_check,
      reserved_ignored_check,
      restored_freed_check,
      result_ignored_check,
      shift_before_widening_check,
      slab_in_image_check,
      string_unterminated_check,
      tree_freed_check,
      truncated_value_check,
      unit_mismatch_check,
      value_unchecked_check,
      version_not_written_check,
  };
  return checks;
}

std::vector<std::string> check_ids() {
  std::vector<std::string> ids;
  for (const Check& check : all_checks()) ids.emplace_back(check.id);
  return ids;
}

std::vector<lint::CheckInfo> check_list() {
  std::vector<lint::CheckInfo> list;
  for (const Check& check : all_checks())
    list.push_back({check.id, check.purpose, check.since, check.severity});
  return list;
}

lint::Finding& Reporter::at(const Function& in, const clang::Stmt* statement, const std::string& what,
                            std::string message) {
  lint::Finding finding;
  finding.check = check_.id;
  finding.severity = check_.severity;
  finding.message = std::move(message);
  finding.place = unit_.place(statement->getSourceRange());
  finding.subject = fmt::format("{}: {}", in.name, what);
  findings_.findings.push_back(std::move(finding));
  return findings_.findings.back();
}

void Reporter::note(lint::Finding& finding, const clang::Stmt* statement, std::string text) const {
  finding.notes.push_back({unit_.place(statement->getSourceRange()), std::move(text)});
}

void Reporter::not_judged(std::string why) { findings_.not_judged.emplace_back(check_.id, std::move(why)); }

}  // namespace khover::review
