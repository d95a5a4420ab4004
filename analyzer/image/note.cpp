// The note's format is described in docs/image-note.md.
#include <fmt/format.h>

#include <array>
#include <bit>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "error/try.h"
#include "image/image.h"
#include "image/ranges.h"

namespace khover::image {
namespace {

using nlohmann::json;

constexpr const char* kWhere = "note KHOVER";
constexpr const char* kRemedy = "write the note again; docs/image-note.md has its format";

std::string hex(uint64_t value) { return fmt::format("{:#x}", value); }

tl::unexpected<Error> malformed(const std::string& member, const std::string& what) {
  return fail(fmt::format("{}: \"{}\"", kWhere, member), what, kRemedy);
}

// Hex string or number: JSON numbers are exact only up to 2^53 in most languages that write them.
std::optional<uint64_t> integer(const json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>();
  if (!value.is_string()) return std::nullopt;
  const std::string& text = value.get_ref<const std::string&>();
  if (!text.starts_with("0x")) return std::nullopt;
  uint64_t number = 0;
  const char* const last = text.data() + text.size();
  const auto [end, failure] = std::from_chars(text.data() + 2, last, number, 16);
  if (failure != std::errc() || end != last) return std::nullopt;
  return number;
}

std::optional<Range> range(const json& value, size_t members) {
  if (!value.is_array() || value.size() != members) return std::nullopt;
  const std::optional<uint64_t> start = integer(value[0]);
  const std::optional<uint64_t> length = integer(value[1]);
  if (!start || !length || *length == 0) return std::nullopt;
  if (*length > std::numeric_limits<uint64_t>::max() - *start) return std::nullopt;
  return Range{*start, *length};
}

Result<std::vector<Range>> read_ram(const json& value) {
  if (!value.is_array() || value.empty()) return malformed("ram", "not a list of ranges");
  std::vector<Range> ranges;
  for (const json& item : value) {
    const std::optional<Range> one = range(item, 2);
    if (!one) return malformed("ram", "has a member that is not a range [start, length]");
    ranges.push_back(*one);
  }
  return join(std::move(ranges));
}

Result<std::vector<NumaRange>> read_numa(const json& value) {
  if (!value.is_array() || value.empty()) return malformed("numa", "not a list of ranges");
  std::vector<NumaRange> nodes;
  for (const json& item : value) {
    const std::optional<Range> one = range(item, 3);
    const std::optional<uint64_t> node = one ? integer(item[2]) : std::nullopt;
    if (!node || *node > std::numeric_limits<uint32_t>::max()) {
      return malformed("numa", "has a member that is not [start, length, node]");
    }
    nodes.push_back({*one, static_cast<uint32_t>(*node)});
  }
  if (!sort_disjoint(nodes)) return malformed("numa", "has one address in two nodes");
  return nodes;
}

std::optional<PciFunction> pci_function(const json& value) {
  if (!value.is_array() || value.size() != 4 || !value[0].is_string()) return std::nullopt;
  const auto address = parse_pci_address(value[0].get<std::string>());
  const bool is_bridge = value[1] == "bridge";
  if (!address || (!is_bridge && value[1] != "endpoint")) return std::nullopt;
  PciFunction function{*address, is_bridge, std::nullopt, std::nullopt};
  if (!value[2].is_null()) {
    function.upstream = value[2].is_string() ? parse_pci_address(value[2].get<std::string>()) : std::nullopt;
    if (!function.upstream) return std::nullopt;
  }
  if (!value[3].is_null()) {
    const auto group = integer(value[3]);
    if (!group || *group > std::numeric_limits<uint32_t>::max()) return std::nullopt;
    function.group = static_cast<uint32_t>(*group);
  }
  return function;
}

Result<std::vector<PciFunction>> read_pci(const json& value) {
  if (!value.is_array() || value.empty()) return malformed("pci", "not a list of functions");
  std::vector<PciFunction> functions;
  for (const json& item : value) {
    const std::optional<PciFunction> one = pci_function(item);
    if (!one) return malformed("pci", "has a member that is not [address, kind, bridge above, group]");
    functions.push_back(*one);
  }
  if (!sort_functions(functions)) return malformed("pci", "has a duplicate function");
  return functions;
}

Result<std::string> read_phase(const json& value) {
  constexpr std::array kPhases = {"outgoing", "finalized", "early"};
  for (const char* phase : kPhases) {
    if (value == phase) return std::string(phase);
  }
  return malformed("phase", "not one of \"outgoing\", \"finalized\", \"early\"");
}

Result<uint64_t> read_page_size(const json& value) {
  const std::optional<uint64_t> size = integer(value);
  if (!size || !std::has_single_bit(*size) || *size < 4096 || *size > 65536) {
    return malformed("page_size", "not 4096, 8192, 16384, 32768 or 65536");
  }
  return *size;
}

Result<Range> read_scratch(const json& value) {
  const std::optional<Range> table = range(value, 2);
  if (!table) return malformed("scratch", "not [address of the scratch table, its size in bytes]");
  return *table;
}

Result<uint64_t> read_root(const json& value) {
  const std::optional<uint64_t> root = integer(value);
  if (!root) return malformed("root", "not an address");
  return *root;
}

template <typename T>
Result<void> store(Result<T> result, std::optional<Fact<T>>& fact) {
  fact = Fact<T>{TRY(std::move(result)), Origin::note};
  return {};
}

}  // namespace

std::string write_note(const Facts& facts) {
  nlohmann::ordered_json note = nlohmann::ordered_json::object();
  if (facts.ram) {
    note["ram"] = json::array();
    for (const Range& one : facts.ram->value) note["ram"].push_back({hex(one.start), hex(one.length)});
  }
  if (facts.numa) {
    note["numa"] = json::array();
    for (const NumaRange& one : facts.numa->value) {
      note["numa"].push_back({hex(one.range.start), hex(one.range.length), one.node});
    }
  }
  if (facts.scratch) note["scratch"] = {hex(facts.scratch->value.start), facts.scratch->value.length};
  if (facts.topology) {
    note["pci"] = json::array();
    for (const PciFunction& one : facts.topology->value) {
      note["pci"].push_back({to_string(one.address), one.is_bridge ? "bridge" : "endpoint",
                             one.upstream ? json(to_string(*one.upstream)) : json(nullptr),
                             one.group ? json(*one.group) : json(nullptr)});
    }
  }
  if (facts.root) note["root"] = hex(facts.root->value);
  if (facts.phase) note["phase"] = facts.phase->value;
  if (facts.page_size) note["page_size"] = facts.page_size->value;
  return note.dump();
}

Result<Facts> read_note(const std::string& text) {
  const json note = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (note.is_discarded()) return fail(kWhere, "not JSON", kRemedy);
  if (!note.is_object()) return fail(kWhere, "not a JSON object", kRemedy);
  Facts facts;
  for (const auto& [member, value] : note.items()) {
    if (member == "ram") {
      TRY(store(read_ram(value), facts.ram));
    } else if (member == "numa") {
      TRY(store(read_numa(value), facts.numa));
    } else if (member == "pci") {
      TRY(store(read_pci(value), facts.topology));
    } else if (member == "scratch") {
      TRY(store(read_scratch(value), facts.scratch));
    } else if (member == "root") {
      TRY(store(read_root(value), facts.root));
    } else if (member == "phase") {
      TRY(store(read_phase(value), facts.phase));
    } else if (member == "page_size") {
      TRY(store(read_page_size(value), facts.page_size));
    } else {
      return fail(kWhere, fmt::format("unknown member \"{}\"", member),
                  "read it with the khover that wrote it, or a newer one");
    }
  }
  return facts;
}

}  // namespace khover::image
