#include "review/header_works.h"

#include "error/try.h"
#include "review/wire.h"

namespace khover::review {

Result<void> HeaderWorks::plan(std::vector<std::function<std::string()>>& works) {
  bool any_before = false;
  for (const series::ChangedFile& file : change_.files) {
    any_ = any_ || (file.after && file.path.ends_with(".h") && table_.is_abi_header(file.path));
    any_before = any_before || (file.before && table_.is_abi_header(file.old_path));
  }
  if (!any_) return {};
  const HeaderRequest now = TRY(prepare(series::Side::after));
  works.emplace_back([now] { return pack(lint_headers(now)); });
  if (request_.whole || !any_before) return {};
  const HeaderRequest then = TRY(prepare(series::Side::before));
  works.emplace_back([then] { return pack(lint_headers(then)); });
  works.emplace_back([then, now] { return pack(compare_headers(then, now)); });
  return {};
}

Result<HeaderRequest> HeaderWorks::prepare(series::Side side) {
  const std::string arch = tree_.arch == extract::Arch::x86_64 ? "arch/x86/include" : "arch/arm64/include";
  folders_.push_back(TRY(header_tree(tree_.source, arch, change_, side)));
  HeaderRequest one;
  one.tree = folders_.back()->path();
  one.generated = tree_.generated;
  one.overrides = table_.configuration;
  one.overrides.insert(one.overrides.end(), request_.overrides.begin(), request_.overrides.end());
  one.allowed = request_.allowed;
  one.sources = tree_.source;
  for (const series::ChangedFile& file : change_.files) {
    // A file that moved is gone from where it was, and not yet there before the change.
    for (const std::string& path : {file.old_path, file.path}) {
      if (path.ends_with(".c")) one.replaced.emplace(path, "");
    }
    const std::optional<std::string>& text = file.text_at(side);
    if (text && file.path_at(side).ends_with(".c")) one.replaced[file.path_at(side)] = *text;
  }
  return one;
}

}  // namespace khover::review
