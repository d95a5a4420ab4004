#include "cli/khover-abi/btf.h"

#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "btf/section.h"
#include "btf/snapshot.h"
#include "pack/library.h"

namespace khover::cli {
namespace {

constexpr std::string_view kRunningKernel = "/sys/kernel/btf/";

// "x86_64" or "arm64"; uname calls the latter aarch64.
std::string machine_of(const utsname& host) {
  const std::string machine = host.machine;
  return machine == "aarch64" ? "arm64" : machine;
}

Result<abi::Source> source_of(const BtfRequest& request, const std::string& elf_arch,
                              const std::optional<abi::Snapshot>& other) {
  utsname host{};
  const bool running = request.file.starts_with(kRunningKernel) && uname(&host) == 0;
  abi::Source source;
  source.release = !request.release.empty() ? request.release
                   : running                ? host.release
                                            : std::filesystem::path(request.file).filename().string();
  source.arch = request.arch;
  if (source.arch.empty()) source.arch = elf_arch;
  if (source.arch.empty() && running) source.arch = machine_of(host);
  if (source.arch.empty() && other) source.arch = other->source.arch;
  if (source.arch != "x86_64" && source.arch != "arm64") {
    return fail(request.file, "does not say which machine it is for", "give --arch x86_64 or --arch arm64");
  }
  if (other && other->source.arch != source.arch) {
    return fail("--constants-from",
                fmt::format("'{}' is for {}, the BTF for {}", request.constants_from, other->source.arch,
                            source.arch),
                "name a snapshot of the same machine");
  }
  source.page_size = request.page_size != 0 ? request.page_size : other ? other->source.page_size : 0;
  if (other && other->source.page_size != source.page_size) {
    return fail("--constants-from",
                fmt::format("'{}' is for pages of {} bytes: its constants are wrong for others",
                            request.constants_from, other->source.page_size),
                "name a snapshot with the same page size");
  }
  source.pointer_size = 8;
  source.layouts_from = "BTF";
  source.constants_from = request.constants_from;
  return source;
}

std::vector<std::string> names_of(const abi::Snapshot& snapshot) {
  std::vector<std::string> names;
  for (const auto& [name, record] : snapshot.records) {
    // "outer.member" has no name of its own, it comes with its outer record.
    if (name.find('.') == std::string::npos) names.push_back(name);
  }
  for (const auto& [name, enumeration] : snapshot.enumerations) {
    const bool unnamed = name.starts_with("enum@") && !enumeration.enumerators.empty();
    names.push_back(unnamed ? "enum@" + enumeration.enumerators.front().name : name);
  }
  return names;
}

std::string list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

// Constants have no other source than headers. Enumerations that the kernel has no type of are constants.
void take_constants(const abi::Snapshot& other, std::vector<std::string>& missing, abi::Snapshot& snapshot) {
  snapshot.constants = other.constants;
  for (const auto& [name, enumeration] : other.enumerations) {
    const std::string as_missing = name.starts_with("enum@") && !enumeration.enumerators.empty()
                                       ? "enum@" + enumeration.enumerators.front().name
                                       : name;
    const auto found = std::find(missing.begin(), missing.end(), as_missing);
    if (found == missing.end()) continue;
    missing.erase(found);
    snapshot.enumerations[name] = enumeration;
  }
}

}  // namespace

Result<BtfSnapshot> snapshot_of_btf(const BtfRequest& request) {
  std::optional<abi::Snapshot> other;
  if (!request.constants_from.empty()) {
    auto read = pack::Library::built_in().snapshot(request.constants_from);
    if (!read) return tl::unexpected(read.error());
    other = std::move(*read);
  }
  auto section = btf::read_section(request.file);
  if (!section) return tl::unexpected(section.error());
  auto source = source_of(request, section->arch, other);
  if (!source) return tl::unexpected(source.error());
  auto types = btf::Types::read(std::move(section->bytes), request.file);
  if (!types) return tl::unexpected(types.error());
  const std::vector<std::string> names = !request.names.empty() ? request.names
                                         : other                ? names_of(*other)
                                                                : std::vector<std::string>{};
  auto layouts = btf::extract(*types, names);
  if (!layouts) return tl::unexpected(layouts.error());

  BtfSnapshot result{std::move(layouts->snapshot), {}};
  result.snapshot.source = std::move(*source);
  if (other) take_constants(*other, layouts->missing, result.snapshot);
  if (result.snapshot.records.empty()) {
    return fail(request.file, "has none of the requested records",
                "a kernel without CONFIG_KEXEC_HANDOVER has no such types; a module's BTF is incomplete");
  }
  result.notes.push_back(
      "BTF has layouts and enumerations, but no macros, version strings, kernel-doc, alignments and page "
      "size");
  if (other) {
    result.notes.push_back("constants are those of " + request.constants_from +
                           ": nothing shows that this kernel has the same");
  } else {
    result.notes.push_back(
        "no rule pack applies without constants; take those of a snapshot with --constants-from");
  }
  if (!layouts->missing.empty()) result.notes.push_back("not in this BTF: " + list(layouts->missing));
  // The reader of snapshots is strict; what it refuses must not be written.
  const std::string text = abi::write_snapshot(result.snapshot);
  auto again = abi::read_snapshot(text, request.file);
  if (!again && again.error().what.starts_with("larger than")) {
    return fail(request.file,
                fmt::format("has {} records, more than a snapshot may hold", result.snapshot.records.size()),
                "name the ones you need, or give a snapshot that has them with --constants-from");
  }
  if (!again) {
    return fail(request.file, "describes impossible records: " + again.error().what,
                "the BTF is damaged or of another machine");
  }
  return result;
}

}  // namespace khover::cli
