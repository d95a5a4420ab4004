#include "error/error.h"

namespace khover {

std::string sentence(const Error& error) {
  std::string text;
  if (!error.where.empty()) text += error.where + ": ";
  text += error.what;
  if (!error.remedy.empty()) text += "; " + error.remedy;
  return text;
}

}  // namespace khover
