// A name that was mistyped, and the one that was meant.
#pragma once

#include <string>
#include <vector>

namespace khover::pack {

// "did you mean 'x'": the known name that is nearest to the word, if one is near; else the other remedy.
std::string did_you_mean(const std::string& word, const std::vector<std::string>& known,
                         std::string otherwise = {});

}  // namespace khover::pack
