#include "image/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>

namespace khover::image {
namespace {

namespace fs = std::filesystem;

constexpr uint32_t kBridge = 0x0604;  // base class and sub-class of PCI-to-PCI bridges (PCI Code and ID)

std::optional<uint32_t> number(std::string_view text, int base, size_t digits_at_most) {
  uint32_t value = 0;
  if (text.empty() || text.size() > digits_at_most) return std::nullopt;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (failure != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "0x060400\n": class, sub-class, programming interface.
bool is_bridge(const fs::path& device) {
  std::ifstream file(device / "class");
  std::string text(10, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.starts_with("0x")) return false;
  const auto value = number(std::string_view(text).substr(2), 16, 6);
  return value && *value >> 8 == kBridge;
}

}  // namespace

std::optional<PciAddress> parse_pci_address(const std::string& text) {
  const size_t last = text.rfind(':'), point = text.rfind('.');
  const size_t first = last == std::string::npos || last == 0 ? last : text.rfind(':', last - 1);
  if (first == std::string::npos || last == first || point == std::string::npos || point < last)
    return std::nullopt;
  const std::string_view view(text);
  const auto domain = number(view.substr(0, first), 16, 8);
  const auto bus = number(view.substr(first + 1, last - first - 1), 16, 2);
  const auto device = number(view.substr(last + 1, point - last - 1), 16, 2);
  const auto function = number(view.substr(point + 1), 16, 1);
  if (!domain || !bus || !device || *device > 31 || !function || *function > 7) return std::nullopt;
  return PciAddress{*domain, static_cast<uint16_t>(*bus << 8 | *device << 3 | *function)};
}

std::string to_string(const PciAddress& address) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", address.domain, address.bdf >> 8, address.bdf >> 3 & 31,
                     address.bdf & 7);
}

bool sort_functions(std::vector<PciFunction>& functions) {
  const auto by_address = [](const PciFunction& a, const PciFunction& b) { return a.address < b.address; };
  std::sort(functions.begin(), functions.end(), by_address);
  return std::adjacent_find(functions.begin(), functions.end(), [](const auto& a, const auto& b) {
           return a.address == b.address;
         }) == functions.end();
}

Result<std::vector<PciFunction>> read_topology(const std::string& sysfs) {
  const fs::path devices = fs::path(sysfs) / "bus/pci/devices";
  std::error_code error;
  fs::directory_iterator entries(devices, error);
  if (error) {
    return fail(devices.string(), error.message(),
                "give --host the /sys of the host that wrote the image, or a copy of it that kept its links");
  }
  std::vector<PciFunction> functions;
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (error) return fail(devices.string(), error.message(), "give --host a readable folder");
    const fs::path& entry = entries->path();
    const auto address = parse_pci_address(entry.filename().string());
    if (!address) continue;
    PciFunction function;
    function.address = *address;
    // ../../../devices/pci0000:00/0000:00:05.0/0000:01:00.0: each part that is an address is a bridge above.
    const fs::path target = fs::read_symlink(entry, error);
    if (error)
      return fail(entry.string(), "is not a link into devices/", "copy /sys with its links, as `tar` does");
    for (const fs::path& part : target.parent_path()) {
      if (const auto above = parse_pci_address(part.string())) function.upstream = above;
    }
    function.is_bridge = is_bridge(entry);
    const fs::path group = fs::read_symlink(entry / "iommu_group", error);
    if (!error) function.group = number(group.filename().string(), 10, 9);
    error.clear();
    functions.push_back(function);
  }
  if (functions.empty())
    return fail(devices.string(), "has no PCI functions",
                "give --host the /sys of the host that wrote the image");
  sort_functions(functions);
  return functions;
}

}  // namespace khover::image
