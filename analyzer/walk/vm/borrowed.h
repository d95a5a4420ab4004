#pragma once

#include <memory>

#include "walk/vm/columns.h"

namespace khover::walk {

// A lane for the time of one operation; lanes are kept, since a batch needs many.
class Columns::Borrowed {
 public:
  explicit Borrowed(Columns& owner) : owner_(owner) {
    if (owner_.spare_.empty()) {
      lane_ = std::make_unique<Lane>();
    } else {
      lane_ = std::move(owner_.spare_.back());
      owner_.spare_.pop_back();
    }
  }
  ~Borrowed() { owner_.spare_.push_back(std::move(lane_)); }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;
  Lane& operator*() { return *lane_; }
  Lane* operator->() { return lane_.get(); }

 private:
  Columns& owner_;
  std::unique_ptr<Lane> lane_;
};

}  // namespace khover::walk
