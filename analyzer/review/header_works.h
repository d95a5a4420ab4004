// The part of a review that is about the headers of the ABI: which works it needs, and what each of them was.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "error/error.h"
#include "extract/kernel_tree.h"
#include "review/header_review.h"
#include "review/review.h"

namespace khover::review {

class HeaderWorks {
 public:
  // All of them outlive this.
  HeaderWorks(const Request& request, const c::Table& table, const series::Change& change,
              const extract::KernelTree& tree)
      : request_(request), table_(table), change_(change), tree_(tree) {}

  // Adds none where the change touches no header of the ABI. The works hold on to this.
  Result<void> plan(std::vector<std::function<std::string()>>& works);

  bool any() const { return any_; }
  // Of the works, in their order: lint of the new headers, lint of the old ones, their comparison.
  bool is_lint(size_t index) const { return index < 2; }
  series::Side side(size_t index) const { return index == 1 ? series::Side::before : series::Side::after; }

 private:
  Result<HeaderRequest> prepare(series::Side side);

  const Request& request_;
  const c::Table& table_;
  const series::Change& change_;
  const extract::KernelTree& tree_;
  bool any_ = false;
  std::vector<std::unique_ptr<series::TemporaryFolder>> folders_;
};

}  // namespace khover::review
