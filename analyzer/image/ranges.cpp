#include "image/ranges.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>

#include "error/try.h"
#include "image/image.h"

namespace khover::image {
namespace {

std::optional<uint64_t> parse_number(std::string_view text) {
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  uint64_t value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// `where` names the option and the offending part, so that a long list needs no counting.
Result<Range> parse_range(std::string_view text, const std::string& where) {
  constexpr const char* kForm = "write START,LENGTH or START-END, decimal or 0x…, several joined by '+'";
  const size_t separator = text.find_first_of(",-");
  if (separator == std::string_view::npos) return fail(where, "not a range", kForm);
  const std::optional<uint64_t> first = parse_number(text.substr(0, separator));
  const std::optional<uint64_t> second = parse_number(text.substr(separator + 1));
  if (!first || !second) return fail(where, "not a range of 64-bit numbers", kForm);

  if (text[separator] == ',') {
    if (*second == 0) return fail(where, "the range is empty", "give a length of at least one byte");
    if (*second > std::numeric_limits<uint64_t>::max() - *first) {
      return fail(where, "the range ends past the 64-bit address space", "give a smaller length");
    }
    return Range{*first, *second};
  }
  // /proc/iomem and the kernel's log print the last byte instead; a silent guess would lose a page.
  if ((*second & 0xfff) == 0xfff) {
    return fail(where, "END is the first byte after the range, but this looks like its last byte",
                *second == std::numeric_limits<uint64_t>::max()
                    ? "write START,LENGTH"
                    : fmt::format("write {}-{:#x}", text.substr(0, separator), *second + 1));
  }
  if (*second <= *first)
    return fail(where, "the range ends before it starts", "END must be greater than START");
  return Range{*first, *second - *first};
}

}  // namespace

std::vector<Range> join(std::vector<Range> ranges) {
  std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.start < b.start; });
  std::vector<Range> joined;
  for (const Range& range : ranges) {
    if (range.length == 0) continue;
    if (!joined.empty() && range.start <= joined.back().end()) {
      joined.back().length = std::max(joined.back().end(), range.end()) - joined.back().start;
    } else {
      joined.push_back(range);
    }
  }
  return joined;
}

bool sort_disjoint(std::vector<NumaRange>& nodes) {
  std::sort(nodes.begin(), nodes.end(),
            [](const NumaRange& a, const NumaRange& b) { return a.range.start < b.range.start; });
  return std::adjacent_find(nodes.begin(), nodes.end(), [](const NumaRange& a, const NumaRange& b) {
           return b.range.start < a.range.end();
         }) == nodes.end();
}

std::optional<uint32_t> node_at(const std::vector<NumaRange>& nodes, uint64_t address) {
  const auto after =
      std::upper_bound(nodes.begin(), nodes.end(), address,
                       [](uint64_t value, const NumaRange& one) { return value < one.range.start; });
  if (after == nodes.begin() || address - std::prev(after)->range.start >= std::prev(after)->range.length)
    return std::nullopt;
  return std::prev(after)->node;
}

Range clip(uint64_t start, uint64_t length) {
  return {start, std::min(length, std::numeric_limits<uint64_t>::max() - start)};
}

Result<std::vector<Range>> parse_ranges(const std::string& text, const std::string& option) {
  std::vector<Range> ranges;
  std::string_view rest = text;
  while (true) {
    const size_t plus = rest.find('+');
    const std::string_view part = rest.substr(0, plus);
    ranges.push_back(TRY(parse_range(part, fmt::format("{} \"{}\"", option, part))));
    if (plus == std::string_view::npos) return ranges;
    rest.remove_prefix(plus + 1);
  }
}

}  // namespace khover::image
