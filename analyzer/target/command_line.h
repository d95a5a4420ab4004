// Parameters of a kernel, as its early_param()s read them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace khover::target {

class CommandLine {
 public:
  // Words are separated by blanks; quotes hold them together; what follows "--" is init's.
  explicit CommandLine(std::string_view text);

  // Every value that `name` has, in order; '-' and '_' are the same in names. Without "=": an empty value.
  std::vector<std::string> values(std::string_view name) const;
  // As kstrtobool() reads the last value that it can read; nothing: there is none.
  std::optional<bool> boolean(std::string_view name) const;

 private:
  struct Word {
    std::string name, value;
  };
  std::vector<Word> words_;
};

}  // namespace khover::target
