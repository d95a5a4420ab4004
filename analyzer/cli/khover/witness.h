// khover rules witness: a well-formed image, damaged so that it breaks one rule and no other.
#pragma once

#include <string>
#include <vector>

#include "session/analysis.h"

namespace khover::cli {

struct WitnessArguments {
  session::ImageArguments image;
  std::vector<std::string> only;  // these rules; empty: all that the image has records for
  std::vector<std::string> skip;
  std::string folder;  // where the witnesses are written, one image each
  std::string format = "text";
};
int find_witnesses(const WitnessArguments& arguments);

}  // namespace khover::cli
