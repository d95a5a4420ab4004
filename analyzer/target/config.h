// The configuration that a kernel was built with.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace khover::target {

struct Config {
  std::string from;                           // "its IKCONFIG", "/boot/config-7.3.4"
  std::map<std::string, std::string> values;  // names without CONFIG_; those that are not set are absent

  bool enabled(const std::string& name) const;  // y or m
};

// Nothing: the text has no line of a configuration.
std::optional<Config> read_config(std::string_view text, const std::string& from);
// IKCONFIG (kernel/configs.c). Nothing: the kernel carries none.
std::optional<Config> carried_config(std::span<const std::byte> kernel);

}  // namespace khover::target
