#include "target/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>

#include "btf/section.h"
#include "btf/snapshot.h"
#include "btf/types.h"
#include "error/try.h"

namespace khover::target {
namespace {

namespace fs = std::filesystem;

// Whose owners register them while a kernel runs: a module may.
constexpr std::array kOfModules = {"file", "flb"};

std::string read_text(const fs::path& path, size_t most) {
  std::ifstream stream(path);
  std::string text(most, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(most));
  text.resize(static_cast<size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  return text;
}

// Distributions install it beside the kernel: vmlinuz-R and config-R, or vmlinuz and config.
std::optional<Config> neighbour_config(const fs::path& kernel) {
  constexpr size_t kMost = size_t{4} << 20;
  const std::string name = kernel.filename();
  const size_t dash = name.find('-');
  const fs::path path =
      kernel.parent_path() / ("config" + (dash == std::string::npos ? "" : name.substr(dash)));
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  return read_config(read_text(path, kMost), path);
}

constexpr std::array<std::byte, 4> kBtfMagic = {std::byte{0x9f}, std::byte{0xeb}, std::byte{1}, std::byte{0}};

// The types that a kernel without section headers carries somewhere: a header of BTF and what it promises.
std::span<const std::byte> carried_btf(std::span<const std::byte> bytes) {
  constexpr size_t kHeader = 24;
  const auto word = [&](size_t at) {
    uint32_t value = 0;
    std::memcpy(&value, bytes.data() + at, sizeof(value));
    return value;
  };
  for (auto at = bytes.begin();; ++at) {
    at = std::search(at, bytes.end(), kBtfMagic.begin(), kBtfMagic.end());
    const auto offset = static_cast<size_t>(at - bytes.begin());
    if (bytes.size() - offset < kHeader) return {};
    const uint64_t types = uint64_t{word(offset + 8)} + word(offset + 12);
    const uint64_t size = kHeader + uint64_t{word(offset + 16)} + word(offset + 20);
    if (word(offset + 4) == kHeader && types <= word(offset + 16) && size <= bytes.size() - offset &&
        word(offset + 20) > 1)
      return bytes.subspan(offset, size);
  }
}

// Without the part that lies in it: names of types are no strings of the kernel.
std::vector<std::span<const std::byte>> without(const std::vector<std::span<const std::byte>>& parts,
                                                std::span<const std::byte> hole) {
  std::vector<std::span<const std::byte>> left;
  for (const auto& part : parts) {
    const bool inside =
        !hole.empty() && hole.data() >= part.data() && hole.data() + hole.size() <= part.data() + part.size();
    if (!inside) {
      left.push_back(part);
      continue;
    }
    const auto at = static_cast<size_t>(hole.data() - part.data());
    left.push_back(part.first(at));
    left.push_back(part.subspan(at + hole.size()));
  }
  return left;
}

bool is_btf_file(const std::string& path) {
  const std::string first = read_text(path, kBtfMagic.size());
  return first.size() == kBtfMagic.size() && std::memcmp(first.data(), kBtfMagic.data(), first.size()) == 0;
}

// An ABI snapshot is text.
bool is_text(const std::string& path) {
  const std::string first = read_text(path, 512);
  return !first.empty() && std::all_of(first.begin(), first.end(), [](char c) {
    return c == '\n' || c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != '\x7f');
  });
}

// The shipped snapshot that the words mean: its name, or a release with the machine of the image.
std::string snapshot_named(const std::string& words, const pack::Model& image, const pack::Library& library) {
  const std::string suffix = fmt::format("-{}-{}k", image.abi.arch, image.page_size / 1024);
  std::vector<std::string> names = library.snapshot_names();
  for (const auto& list : {library.earlier_names(), library.addition_names()})
    names.insert(names.end(), list.begin(), list.end());
  const std::string base = words.substr(0, words.find('+'));
  for (const std::string& wanted : {base, base + suffix, "linux-" + base + suffix}) {
    if (std::find(names.begin(), names.end(), wanted) != names.end())
      return wanted + words.substr(base.size());
  }
  return "";
}

}  // namespace

Result<std::shared_ptr<const Target>> Target::open(const Statement& statement, const pack::Model& image,
                                                   const pack::Library& library,
                                                   const std::vector<pack::PackFile>& packs) {
  auto target = std::make_shared<Target>();
  TRY(target->take_known(statement.known));
  for (const auto& [registry, served] : image.served) {
    for (const pack::Served& one : served) {
      std::set<std::string>& records = target->records_of_[{registry, one.name}];
      for (const pack::SetType& set : image.sets) {
        if (set.pack == one.pack && !set.record.empty()) records.insert(set.record);
      }
    }
  }
  const std::string& path = statement.kernel;
  if (path.empty()) return target;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) {
    const std::string name = snapshot_named(path, image, library);
    if (name.empty() && fs::exists(path, error))
      return fail("--target", "'" + path + "' is not a regular file",
                  "name a kernel image, an ABI snapshot or a BTF file");
    if (name.empty())
      return fail("--target", "'" + path + "' is neither a file nor a release that khover has a snapshot of",
                  "name a kernel image, or a snapshot of `khover rules list --snapshots`");
    abi::Snapshot snapshot = TRY(library.snapshot(name));
    TRY(target->take_snapshot(std::move(snapshot), packs));
    target->shown_ = name + " (ABI snapshot)";
  } else if (is_btf_file(path)) {
    btf::Section section = TRY(btf::read_section(path));
    TRY(target->take_types(std::move(section.bytes), path));
    target->shown_ = path + " (BTF)";
  } else if (is_text(path)) {
    abi::Snapshot snapshot = TRY(library.snapshot(path));
    TRY(target->take_snapshot(std::move(snapshot), packs));
    target->shown_ = path + " (ABI snapshot)";
  } else {
    TRY(target->take_kernel(path));
  }
  const std::string& machine = target->arch_;
  if (!machine.empty() && !image.abi.arch.empty() && machine != image.abi.arch)
    return fail("--target", "'" + path + "' is for " + machine + ", and the image is of " + image.abi.arch,
                "name a kernel for the machine that hands over");
  return target;
}

Result<void> Target::take_known(const std::vector<std::string>& known) {
  for (const std::string& one : known) {
    const size_t colon = one.find(':');
    const std::string registry = one.substr(0, colon);
    const bool names_registry = registry == "file" || registry == "flb" || registry == "subtree";
    if (colon == std::string::npos || !names_registry || colon + 1 == one.size())
      return fail("--known", "'" + one + "' does not say what is known",
                  "give it as file:NAME, flb:NAME or subtree:NAME");
    known_[registry].insert(one.substr(colon + 1));
  }
  return {};
}

Result<void> Target::take_snapshot(abi::Snapshot snapshot, const std::vector<pack::PackFile>& packs) {
  const pack::Model model = TRY(pack::link(snapshot, "--target", packs));
  names_.emplace();
  for (const auto& [registry, served] : model.served) {
    for (const pack::Served& one : served) (*names_)[registry].insert(one.name);
  }
  for (const auto& [name, constant] : snapshot.constants) {
    if (constant.text) texts_.insert(*constant.text);
  }
  arch_ = snapshot.source.arch;
  layouts_ = std::move(snapshot);
  return {};
}

Result<void> Target::take_types(std::vector<std::byte> btf, const std::string& where) {
  const btf::Types types = TRY(btf::Types::read(std::move(btf), where));
  std::vector<std::string> names;
  for (const auto& [name, records] : records_of_) names.insert(names.end(), records.begin(), records.end());
  names.emplace_back("module");
  // Asked for one by one: a name that two records have says nothing, and must not hide the others.
  abi::Snapshot found;
  for (const std::string& name : names) {
    auto one = btf::extract(types, {name});
    if (!one) continue;
    found.records.insert(one->snapshot.records.begin(), one->snapshot.records.end());
  }
  layouts_ = std::move(found);
  return {};
}

Result<void> Target::take_kernel(const std::string& path) {
  kernel_ = TRY(read_kernel(path));
  arch_ = kernel_->arch;
  const auto btf = carried_btf(kernel_->all);
  Strings strings(without(kernel_->loaded, btf));
  if (!btf.empty()) TRY(take_types({btf.begin(), btf.end()}, path));
  if (strings.empty() && !layouts_)
    return fail(path, "has neither the code of a kernel nor its types", "name a vmlinux or a bzImage");
  const std::string release = strings.release();
  shown_ = fmt::format("{} ({}){}{}", path, kernel_->format, release.empty() ? "" : ", Linux ", release);
  config_ = carried_config(kernel_->all);
  if (!config_) config_ = neighbour_config(path);
  if (!strings.empty()) strings_.emplace(std::move(strings));
  return {};
}

// Unless its configuration or its types say that it loads none.
bool Target::may_have_modules() const {
  if (config_) return config_->enabled("MODULES");
  if (!kernel_ || !layouts_) return true;
  return layouts_->records.count("module") != 0;
}

Target::Answer Target::by_strings(const std::string& registry, const std::string& name) const {
  const bool of_module =
      std::find(kOfModules.begin(), kOfModules.end(), registry) != kOfModules.end() && may_have_modules();
  const Answer absent = of_module ? Answer::open : Answer::no;
  switch (strings_->find(name)) {
    case Strings::Found::no:
      return absent;
    case Strings::Found::inside:
      return Answer::open;
    case Strings::Found::whole:
      break;
  }
  // "memfd-v2" is there for one reason, "pci" for many: then the records that go with it decide. Subtrees
  // hold versions of their own.
  if (pack::version_of(name) || registry == "subtree") return Answer::yes;
  const Answer types = by_types(registry, name);
  return types == Answer::no ? absent : types;
}

Target::Answer Target::by_types(const std::string& registry, const std::string& name) const {
  const auto records = records_of_.find({registry, name});
  if (!layouts_ || records == records_of_.end() || records->second.empty()) return Answer::open;
  const bool any =
      std::any_of(records->second.begin(), records->second.end(),
                  [&](const std::string& record) { return layouts_->records.count(record) != 0; });
  return any ? Answer::yes : Answer::no;
}

Target::Answer Target::by_snapshot(const std::string& registry, const std::string& name) const {
  const auto found = names_->find(registry);
  if (found != names_->end() && found->second.count(name) != 0) return Answer::yes;
  if (texts_.count(name) != 0) return Answer::yes;
  // What no pack serves may be named in a .c file, which a snapshot does not have.
  const auto version = pack::version_of(name);
  const bool other_version =
      found != names_->end() && version &&
      std::any_of(found->second.begin(), found->second.end(), [&](const std::string& one) {
        const auto of = pack::version_of(one);
        return of && of->stem == version->stem;
      });
  return other_version || records_of_.count({registry, name}) != 0 ? Answer::no : Answer::open;
}

Target::Answer Target::knows(const std::string& registry, const std::string& name) const {
  const auto stated = known_.find(registry);
  if (stated != known_.end() && stated->second.count(name) != 0) return Answer::yes;
  if (names_) return by_snapshot(registry, name);
  if (strings_) return by_strings(registry, name);
  return is_stated() ? Answer::open : Answer::packs;
}

}  // namespace khover::target
