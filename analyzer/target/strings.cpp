#include "target/strings.h"

#include <algorithm>
#include <functional>

namespace khover::target {
namespace {

std::string_view text_of(std::span<const std::byte> part) {
  return {reinterpret_cast<const char*>(part.data()), part.size()};
}

}  // namespace

Strings::Found Strings::find(std::string_view text) const {
  const std::string wanted = std::string(text) + '\0';
  const std::boyer_moore_horspool_searcher searcher(wanted.begin(), wanted.end());
  Found best = Found::no;
  for (const auto& part : parts_) {
    const std::string_view bytes = text_of(part);
    for (auto at = bytes.begin(); at != bytes.end(); ++at) {
      at = std::search(at, bytes.end(), searcher);
      if (at == bytes.end()) break;
      if (at == bytes.begin() || *std::prev(at) == '\0') return Found::whole;
      if (*std::prev(at) >= ' ' && *std::prev(at) <= '~') best = Found::inside;
    }
  }
  return best;
}

std::string Strings::release() const {
  constexpr std::string_view kBanner = "Linux version ";
  constexpr size_t kLongest = 64;  // __NEW_UTS_LEN
  const std::boyer_moore_horspool_searcher searcher(kBanner.begin(), kBanner.end());
  for (const auto& part : parts_) {
    const std::string_view bytes = text_of(part);
    for (auto at = bytes.begin(); at != bytes.end();) {
      at = std::search(at, bytes.end(), searcher);
      if (at == bytes.end()) break;
      at += kBanner.size();
      const std::string_view rest = bytes.substr(static_cast<size_t>(at - bytes.begin()), kLongest + 1);
      const size_t end = rest.find(' ');
      // The same words are a format in other places: "Linux version %s".
      if (end != std::string_view::npos && end > 0 && rest[0] >= '0' && rest[0] <= '9' &&
          std::all_of(rest.begin(), rest.begin() + static_cast<std::ptrdiff_t>(end),
                      [](char c) { return c > ' ' && c <= '~'; }))
        return std::string(rest.substr(0, end));
    }
  }
  return "";
}

}  // namespace khover::target
