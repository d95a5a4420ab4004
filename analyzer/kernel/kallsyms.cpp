#include "kernel/kallsyms.h"

#include <algorithm>
#include <array>
#include <optional>

#include "error/try.h"
#include "image/bytes.h"
#include "image/vmcoreinfo.h"

namespace khover::kernel {
namespace {

constexpr uint32_t kMaxSymbols = 1 << 24;           // the kernel numbers them with three bytes
constexpr uint64_t kMaxNames = uint64_t{64} << 20;  // bytes; 200 000 symbols take 2 MiB
constexpr size_t kTokens = 256;
constexpr size_t kMaxToken = 512;  // KSYM_NAME_LEN
constexpr size_t kMaxWanted = 16;  // of one name

// Bytes one after the other, a page at a time.
class Stream {
 public:
  Stream(const AddressSpace& space, uint64_t at) : space_(space), at_(at) {}

  std::optional<uint8_t> next() {
    if (used_ == have_ && !refill()) return std::nullopt;
    return std::to_integer<uint8_t>(page_[used_++]);
  }

 private:
  bool refill() {
    const size_t count = page_.size() - at_ % page_.size();
    if (read_ > kMaxNames || !space_.read(at_, std::span(page_).first(count))) return false;
    at_ += count;
    read_ += count;
    have_ = count;
    used_ = 0;
    return true;
  }

  const AddressSpace& space_;
  uint64_t at_;
  uint64_t read_ = 0;
  std::array<std::byte, 4096> page_{};
  size_t have_ = 0, used_ = 0;
};

class Tables {
 public:
  static Result<Tables> open(const AddressSpace& space, std::string_view vmcoreinfo) {
    Tables tables(space);
    const auto symbol = [&](const char* name) {
      return image::vmcoreinfo_number(vmcoreinfo, std::string("SYMBOL(") + name + ")", 16);
    };
    const auto count_at = symbol("kallsyms_num_syms"), names = symbol("kallsyms_names"),
               token_table = symbol("kallsyms_token_table"), token_index = symbol("kallsyms_token_index"),
               offsets = symbol("kallsyms_offsets");
    if (!count_at || !names || !token_table || !token_index || !offsets) {
      return fail("VMCOREINFO", "does not say where the kernel's symbols are",
                  "give the root's physical address with --fdt");
    }
    const auto count = space.value<uint32_t>(*count_at);
    if (!count || *count > kMaxSymbols) return damaged();
    tables.count_ = *count;
    tables.names_ = *names;
    tables.offsets_ = *offsets;
    // Offsets are relative to themselves; in older kernels to a base that VMCOREINFO names.
    if (const auto base_at = symbol("kallsyms_relative_base")) {
      tables.base_ = space.value<uint64_t>(*base_at);
      if (!tables.base_) return damaged();
    }
    if (!tables.read_tokens(*token_table, *token_index)) return damaged();
    return tables;
  }

  static tl::unexpected<Error> damaged() {
    return fail("kallsyms", "the kernel's symbol table is damaged, or the dump lacks a part of it",
                "give the root's physical address with --fdt");
  }

  // Calls each(index, name) for every symbol; names longer than `longest` are cut after it. False: the
  // table ends early.
  template <typename Each>
  bool for_each_name(size_t longest, Each each) const {
    Stream stream(space_, names_);
    std::string name;
    for (uint32_t index = 0; index < count_; ++index) {
      std::optional<uint8_t> byte = stream.next();
      if (!byte) return false;
      uint32_t length = *byte;
      if ((length & 0x80) != 0) {
        byte = stream.next();
        if (!byte) return false;
        length = (length & 0x7f) | uint32_t{*byte} << 7;
      }
      name.clear();
      for (; length > 0; --length) {
        byte = stream.next();
        if (!byte) return false;
        if (name.size() <= longest + 1) name += tokens_[*byte];
      }
      // The first character is the symbol's type.
      if (!name.empty()) each(index, std::string_view(name).substr(1));
    }
    return true;
  }

  std::optional<uint64_t> address(uint32_t index) const {
    const uint64_t at = offsets_ + uint64_t{index} * 4;
    const auto offset = space_.value<uint32_t>(at);
    if (!offset) return std::nullopt;
    if (base_) return *base_ + *offset;
    return at + static_cast<uint64_t>(int64_t{static_cast<int32_t>(*offset)});
  }

 private:
  explicit Tables(const AddressSpace& space) : space_(space) {}

  bool read_tokens(uint64_t table, uint64_t index) {
    std::array<std::byte, kTokens * 2> places;
    if (!space_.read(index, places)) return false;
    for (size_t i = 0; i < kTokens; ++i) {
      Stream stream(space_, table + image::little_endian<uint16_t>(places, i * 2));
      for (std::optional<uint8_t> byte = stream.next(); byte && *byte != 0; byte = stream.next()) {
        if (tokens_[i].size() == kMaxToken) return false;
        tokens_[i] += static_cast<char>(*byte);
      }
    }
    return true;
  }

  const AddressSpace& space_;
  uint32_t count_ = 0;
  uint64_t names_ = 0, offsets_ = 0;
  std::optional<uint64_t> base_;
  std::array<std::string, kTokens> tokens_;
};

}  // namespace

Result<Symbols> find_symbols(const AddressSpace& space, std::string_view vmcoreinfo,
                             const std::vector<std::string>& wanted) {
  Tables tables = TRY(Tables::open(space, vmcoreinfo));
  size_t longest = 0;
  Symbols symbols;
  for (const std::string& name : wanted) {
    longest = std::max(longest, name.size());
    symbols[name];
  }
  const bool whole = tables.for_each_name(longest, [&](uint32_t index, std::string_view name) {
    const auto found = symbols.find(name);
    if (found == symbols.end() || found->second.size() == kMaxWanted) return;
    if (const auto address = tables.address(index)) found->second.push_back(*address);
  });
  if (!whole) return Tables::damaged();
  return symbols;
}

}  // namespace khover::kernel
