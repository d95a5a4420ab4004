#include "target/config.h"

#include <algorithm>
#include <functional>

#include "target/unpack.h"

namespace khover::target {

bool Config::enabled(const std::string& name) const {
  const auto found = values.find(name);
  return found != values.end() && (found->second == "y" || found->second == "m");
}

std::optional<Config> read_config(std::string_view text, const std::string& from) {
  constexpr std::string_view kPrefix = "CONFIG_", kUnset = "# CONFIG_";
  Config config{from, {}};
  bool any = false;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    any = any || line.starts_with(kUnset);
    const size_t equal = line.find('=');
    if (!line.starts_with(kPrefix) || equal == std::string_view::npos) continue;
    any = true;
    config.values.emplace(line.substr(kPrefix.size(), equal - kPrefix.size()), line.substr(equal + 1));
  }
  if (!any) return std::nullopt;
  return config;
}

std::optional<Config> carried_config(std::span<const std::byte> kernel) {
  constexpr std::string_view kMark = "IKCFG_ST";
  const std::string_view text(reinterpret_cast<const char*>(kernel.data()), kernel.size());
  const std::boyer_moore_horspool_searcher mark(kMark.begin(), kMark.end());
  for (auto at = text.begin(); at != text.end();) {
    at = std::search(at, text.end(), mark);
    if (at == text.end()) break;
    at += kMark.size();
    const auto rest = kernel.subspan(static_cast<size_t>(at - text.begin()));
    if (compression_of(rest) != "gzip") continue;
    const auto config = unpack(rest, "its IKCONFIG");
    if (config)
      return read_config({reinterpret_cast<const char*>(config->data()), config->size()}, "its IKCONFIG");
  }
  return std::nullopt;
}

}  // namespace khover::target
