#include "lint/checks.h"

#include <algorithm>
#include <set>

namespace khover::lint {

// By id: `since`, purpose and severity are in the file of the check.
const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = {
#define KHOVER_CHECK(name) name##_check,
#include "lint/check_names.inc"
#undef KHOVER_CHECK
  };
  return checks;
}

Finding& Reporter::at(const Place& place, std::string subject, std::string message) {
  Finding finding;
  finding.check = check_.id;
  finding.severity = check_.severity;
  finding.message = std::move(message);
  finding.place = place;
  finding.subject = std::move(subject);
  report_.findings.push_back(std::move(finding));
  return report_.findings.back();
}

void Reporter::not_judged(std::string why) { report_.not_judged.emplace_back(check_.id, std::move(why)); }

std::string runtime_type(const Headers& headers, const abi::Field& field) {
  static const std::set<std::string> names = {
      "list_head",   "hlist_head",  "hlist_node",   "rb_root",      "rb_node",         "xarray",
      "mutex",       "spinlock",    "raw_spinlock", "rw_semaphore", "semaphore",       "refcount_struct",
      "kref",        "work_struct", "delayed_work", "completion",   "wait_queue_head", "rcu_head",
      "srcu_struct", "timer_list",  "ida",          "idr",          "atomic_t",        "atomic64_t",
      "spinlock_t",  "mutex_t",     "device",       "kobject"};
  if (field.kind != abi::TypeKind::record) return "";
  if (names.contains(field.record)) return field.type;
  const abi::Record* nested = headers.record(field.record);
  if (nested == nullptr) return "";
  // Declared by another part of the kernel, which may change it without thinking of this ABI.
  const std::string& file = nested->file;
  const bool kernel =
      file.starts_with("include/linux/") || file.starts_with("include/asm") || file.starts_with("arch/");
  const bool fixed = file.starts_with("include/linux/kho/abi/") || file.starts_with("include/uapi/") ||
                     file.starts_with("include/linux/uuid.h");
  return kernel && !fixed && !headers.is_listed(file) && field.record.find('.') == std::string::npos
             ? field.type
             : "";
}

bool is_runtime_record(const Headers& headers, const abi::Record& record) {
  return std::any_of(record.fields.begin(), record.fields.end(),
                     [&](const abi::Field& field) { return !runtime_type(headers, field).empty(); });
}

}  // namespace khover::lint
