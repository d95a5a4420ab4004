// What the next kernel does where a rule fails.
#pragma once

#include <optional>
#include <string>

namespace khover::pack {

enum class Severity { crash, refuse, silent, hygiene };  // worst first

const char* to_string(Severity severity);
std::optional<Severity> severity_from(const std::string& word);

}  // namespace khover::pack
