#include "kernel/roots.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "error/try.h"
#include "image/vmcoreinfo.h"
#include "kernel/address_space.h"
#include "kernel/kallsyms.h"
#include "kernel/layouts.h"

namespace khover::kernel {
namespace {

using pack::KernelVariable;

constexpr uint64_t kPage = 4096;  // the smallest of any kernel

constexpr const char* kFirstText = "_stext";

// The variables of one dumped kernel.
class Variables {
 public:
  static Result<Variables> open(const image::Memory& memory, std::string_view vmcoreinfo,
                                const pack::KernelSymbols& wanted) {
    auto space = TRY(open_address_space(memory, vmcoreinfo));
    std::vector<std::string> names = {kBtfStart, kBtfEnd, wanted.scratch_count};
    names.insert(names.end(), wanted.code.begin(), wanted.code.end());
    if (!wanted.enabled.empty()) names.push_back(wanted.enabled);
    names.emplace_back(kFirstText);
    for (const auto* list : {&wanted.roots, &wanted.scratch_tables}) {
      for (const KernelVariable& variable : *list) names.push_back(variable.symbol);
    }
    auto symbols = TRY(find_symbols(*space, vmcoreinfo, names));
    auto types = read_btf(*space, symbols);
    return Variables(memory, vmcoreinfo, wanted, std::move(space), std::move(symbols), std::move(types));
  }

  // What the kernel calls its root, best first. Where its layouts are declared and not its own, only an
  // address with a tree is used; others go to `unreadable`.
  std::vector<image::RootCandidate> roots(std::vector<image::RootCandidate>& unreadable) const {
    const Layouts layouts(types_, wanted_.layouts);
    std::vector<image::RootCandidate> found;
    for (const KernelVariable& variable : wanted_.roots) {
      for (const uint64_t phys : addresses(variable, layouts)) {
        const std::optional<std::string> compatible = image::root_compatible(memory_, phys);
        const std::string reason = fmt::format("kallsyms ({}{}{})", variable.symbol,
                                               variable.field.empty() ? "" : ".", variable.field);
        const image::Role role = variable.received ? image::Role::received : image::Role::outgoing;
        if (!compatible && !layouts.exact()) {
          if (phys % kPage == 0 && !memory_.run(phys).empty())
            unreadable.push_back({phys, "", {reason}, std::nullopt, false, role});
          continue;
        }
        const auto known = std::find_if(found.begin(), found.end(),
                                        [phys](const image::RootCandidate& one) { return one.phys == phys; });
        if (known != found.end())
          known->reasons.push_back(reason);
        else
          found.push_back({phys, compatible.value_or(""), {reason}, scratch(layouts), false, role});
      }
    }
    return found;
  }

  // Why this kernel hands over nothing; empty: its symbols do not say so.
  std::string no_handover() const {
    if (!tables_are_right()) return "";
    const auto there = [&](const std::string& name) { return !symbol(name).empty(); };
    const bool has_code = std::any_of(wanted_.code.begin(), wanted_.code.end(), there);
    const bool has_variables =
        std::any_of(wanted_.roots.begin(), wanted_.roots.end(),
                    [&](const KernelVariable& variable) { return there(variable.symbol); });
    if (!has_code && !has_variables && !wanted_.code.empty())
      return "the kernel has no KHO: '" + wanted_.code.front() + "' is not among its symbols";
    if (wanted_.enabled.empty() || symbol(wanted_.enabled).size() != 1) return "";
    const auto enabled = space_->value<uint8_t>(symbol(wanted_.enabled).front());
    return enabled && *enabled == 0 ? "KHO is off: '" + wanted_.enabled + "' is 0" : "";
  }
  // Its symbols have the functions and not the variables.
  bool hides_variables() const {
    return std::none_of(wanted_.roots.begin(), wanted_.roots.end(),
                        [&](const KernelVariable& variable) { return !symbol(variable.symbol).empty(); });
  }

 private:
  // A name that is absent means something only where the tables are what the kernel wrote: one that
  // VMCOREINFO has, too, must be there with the same address.
  bool tables_are_right() const {
    const auto stated = image::vmcoreinfo_number(vmcoreinfo_, std::string("SYMBOL(") + kFirstText + ")", 16);
    return stated && symbol(kFirstText) == std::vector<uint64_t>{*stated};
  }

  Variables(const image::Memory& memory, std::string_view vmcoreinfo, const pack::KernelSymbols& wanted,
            std::unique_ptr<AddressSpace> space, Symbols symbols, std::optional<btf::Types> types)
      : memory_(memory),
        vmcoreinfo_(vmcoreinfo),
        wanted_(wanted),
        space_(std::move(space)),
        symbols_(std::move(symbols)),
        types_(std::move(types)) {}

  const std::vector<uint64_t>& symbol(const std::string& name) const { return symbols_.find(name)->second; }

  // Physical addresses that the variable may hold; a null one is none.
  std::vector<uint64_t> addresses(const KernelVariable& variable, const Layouts& layouts) const {
    std::vector<btf::Place> places = {{0, sizeof(uint64_t)}};
    if (!variable.field.empty()) places = layouts.places(variable.symbol, variable.field);
    std::vector<uint64_t> found;
    for (const uint64_t at : symbol(variable.symbol)) {
      for (const btf::Place& place : places) {
        if (place.size != sizeof(uint64_t)) continue;
        const auto value = space_->value<uint64_t>(at + place.offset);
        if (!value || *value == 0) continue;
        if (const std::optional<uint64_t> phys = physical(*value, variable.as)) found.push_back(*phys);
      }
    }
    return found;
  }

  std::optional<uint64_t> physical(uint64_t value, pack::Reference as) const {
    if (as == pack::Reference::physical) return value;
    if (as == pack::Reference::pointer) return space_->physical(value);
    const auto first = image::vmcoreinfo_number(vmcoreinfo_, "SYMBOL(vmemmap)", 16);
    const auto bytes = image::vmcoreinfo_number(vmcoreinfo_, "SIZE(page)");
    const auto page_size = image::vmcoreinfo_number(vmcoreinfo_, "PAGESIZE");
    if (!first || !bytes || *bytes == 0 || !page_size || value < *first) return std::nullopt;
    return (value - *first) / *bytes * *page_size;
  }

  std::optional<image::Range> scratch(const Layouts& layouts) const {
    for (const uint64_t count_at : symbol(wanted_.scratch_count)) {
      const uint64_t size = uint64_t{space_->value<uint32_t>(count_at).value_or(0)} * wanted_.scratch_entry;
      if (size == 0) continue;
      for (const KernelVariable& table : wanted_.scratch_tables) {
        for (const uint64_t phys : addresses(table, layouts)) {
          if (size <= std::numeric_limits<uint64_t>::max() - phys) return image::Range{phys, size};
        }
      }
    }
    return std::nullopt;
  }

  const image::Memory& memory_;
  std::string_view vmcoreinfo_;
  const pack::KernelSymbols& wanted_;
  std::unique_ptr<AddressSpace> space_;
  Symbols symbols_;
  std::optional<btf::Types> types_;
};

// Every root that the kernel's own variables name.
std::vector<image::RootCandidate> told(const image::Memory& memory, std::string_view vmcoreinfo,
                                       const pack::KernelSymbols& symbols, FoundRoots& found) {
  auto variables = Variables::open(memory, vmcoreinfo, symbols);
  if (variables) return variables->roots(found.unreadable);
  found.why_no_symbols = variables.error().where + " " + variables.error().what;
  return {};
}

// The kernel's own word on its root, if the dump has one. False: a scan has to look for it.
bool ask(const image::Memory& memory, std::string_view vmcoreinfo, const pack::KernelSymbols& symbols,
         FoundRoots& found) {
  auto variables = Variables::open(memory, vmcoreinfo, symbols);
  if (!variables) {
    found.why_no_symbols = variables.error().where + " " + variables.error().what;
    return false;
  }
  std::vector<image::RootCandidate> told = variables->roots(found.unreadable);
  if (told.empty()) {
    if (found.unreadable.empty()) found.no_handover = variables->no_handover();
    if (found.no_handover.empty() && variables->hides_variables())
      found.why_no_symbols = "kallsyms lists no variables (the kernel lacks CONFIG_KALLSYMS_ALL)";
    return !found.no_handover.empty();
  }
  told.front().decisive = true;
  found.roots = {told.front()};
  found.aside.assign(std::next(told.begin()), told.end());
  return true;
}

}  // namespace

FoundRoots find_roots(const image::Image& image, const pack::KernelSymbols& symbols) {
  FoundRoots found;
  if (!image.vmcoreinfo.empty()) {
    // A kernel that knows its root spares a look at all of its memory.
    if (ask(*image.memory, image.vmcoreinfo, symbols, found)) return found;
  }
  image::Traces traces = image::find_traces(image);
  // A note in memory may be an earlier kernel's: its word counts alone if there is no other.
  if (traces.vmcoreinfo.size() == 1 && ask(*image.memory, traces.vmcoreinfo.front(), symbols, found)) {
    // It may be the note of an earlier kernel: what that one lacked says nothing of the others.
    if (found.no_handover.empty() || traces.roots.empty()) return found;
    found.no_handover.clear();
  }
  found.roots = std::move(traces.roots);
  return found;
}

FoundRoots find_all_roots(const image::Image& image, const pack::KernelSymbols& symbols) {
  FoundRoots found;
  image::Traces traces = image::find_traces(image);
  std::string note = image.vmcoreinfo;
  if (note.empty() && traces.vmcoreinfo.size() == 1) note = traces.vmcoreinfo.front();
  if (!note.empty()) found.roots = told(*image.memory, note, symbols, found);
  found.vmcoreinfo = std::move(note);
  for (image::RootCandidate& one : traces.roots) {
    const auto known =
        std::find_if(found.roots.begin(), found.roots.end(),
                     [&](const image::RootCandidate& other) { return other.phys == one.phys; });
    if (known == found.roots.end())
      found.roots.push_back(std::move(one));
    else
      known->reasons.insert(known->reasons.end(), one.reasons.begin(), one.reasons.end());
  }
  return found;
}

}  // namespace khover::kernel
