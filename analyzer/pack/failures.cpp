#include "pack/failures.h"

#include <algorithm>

namespace khover::pack {

bool Failures::go_on(const Result<void>& done) {
  if (done) return true;
  const bool follows = std::any_of(lost_.begin(), lost_.end(), [&](const std::string& name) {
    return done.error().what.find("'" + name + "'") != std::string::npos;
  });
  if (follows) return true;
  kept_.push_back(done.error());
  if (all_) all_->push_back(done.error());
  return all_ != nullptr;
}

}  // namespace khover::pack
