#include "pack/did_you_mean.h"

#include <algorithm>
#include <numeric>

namespace khover::pack {
namespace {

constexpr size_t kLongest = 128;  // names beyond this are compared no further: the work is quadratic in it

// Insertions, deletions, substitutions and swaps of neighbours that make one word of the other.
size_t distance(const std::string& a, const std::string& b) {
  std::vector<size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), size_t{0});
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

}  // namespace

std::string did_you_mean(const std::string& word, const std::vector<std::string>& known,
                         std::string otherwise) {
  size_t least = word.size() / 3 + 1;  // more than this is another word
  const std::string* nearest = nullptr;
  for (const std::string& name : known) {
    const size_t difference =
        name.size() < word.size() ? word.size() - name.size() : name.size() - word.size();
    if (word.size() > kLongest || difference >= least + (nearest ? 0 : 1)) continue;
    const size_t here = distance(word, name);
    if (here > least || (nearest && here == least)) continue;
    least = here;
    nearest = &name;
  }
  return nearest ? "did you mean '" + *nearest + "'" : std::move(otherwise);
}

}  // namespace khover::pack
