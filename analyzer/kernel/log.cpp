#include "kernel/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "error/try.h"
#include "image/vmcoreinfo.h"
#include "kernel/address_space.h"

namespace khover::kernel {
namespace {

constexpr uint32_t kMaxBits = 40;  // log2 of records, and of bytes of text

// kernel/printk/printk_ringbuffer.h: the two topmost bits of a descriptor are its state, the rest its number.
constexpr int kStateShift = 62;
constexpr uint64_t kNumber = (uint64_t{1} << kStateShift) - 1;
constexpr uint64_t kCommitted = 1, kFinalized = 2;
// An odd position says that the record has no text.
constexpr uint64_t kNoText = 1;

constexpr const char* kRemedy = "give the log with --log";

class Ring {
 public:
  Ring(const AddressSpace& space, std::string_view vmcoreinfo) : space_(space), vmcoreinfo_(vmcoreinfo) {}

  Result<void> find() {
    const uint64_t ring = at<uint64_t>(stated("SYMBOL(prb)", 16));
    const uint64_t counter = offset("atomic_long_t.counter");
    const uint64_t records = ring + offset("printk_ringbuffer.desc_ring");
    const uint64_t texts = ring + offset("printk_ringbuffer.text_data_ring");
    record_bits_ = at<uint32_t>(records + offset("prb_desc_ring.count_bits"));
    descriptors_ = at<uint64_t>(records + offset("prb_desc_ring.descs"));
    infos_ = at<uint64_t>(records + offset("prb_desc_ring.infos"));
    head_ = at<uint64_t>(records + offset("prb_desc_ring.head_id") + counter) & kNumber;
    tail_ = at<uint64_t>(records + offset("prb_desc_ring.tail_id") + counter) & kNumber;
    text_bits_ = at<uint32_t>(texts + offset("prb_data_ring.size_bits"));
    text_ = at<uint64_t>(texts + offset("prb_data_ring.data"));
    descriptor_size_ = stated("SIZE(prb_desc)", 10);
    state_ = offset("prb_desc.state_var") + counter;
    begin_ = offset("prb_desc.text_blk_lpos") + offset("prb_data_blk_lpos.begin");
    info_size_ = stated("SIZE(printk_info)", 10);
    time_ = offset("printk_info.ts_nsec");
    length_ = offset("printk_info.text_len");
    if (missing_) return tl::unexpected(*missing_);
    if (record_bits_ > kMaxBits || text_bits_ > kMaxBits)
      return fail("the kernel log", "has a size that cannot be", kRemedy);
    return {};
  }

  std::vector<LogLine> lines() const {
    std::vector<LogLine> found;
    const uint64_t present = ((head_ - tail_) & kNumber) + 1;
    const uint64_t count = std::min({present, uint64_t{1} << record_bits_, uint64_t{kLogLines}});
    // The newest first: texts may overlap, so that their bytes are bounded, too.
    size_t bytes = 0;
    for (uint64_t i = 0; i < count && bytes < kLogBytes; ++i) {
      auto line = record((head_ - i) & kNumber);
      if (!line) continue;
      bytes += line->text.size();
      found.push_back(std::move(*line));
    }
    std::reverse(found.begin(), found.end());
    return found;
  }

 private:
  // 0 where it is missing; the first one that is goes to missing_.
  uint64_t stated(const std::string& key, int base) {
    const auto value = image::vmcoreinfo_number(vmcoreinfo_, key, base);
    if (!value) miss({"VMCOREINFO", "does not say '" + key + "', by which the kernel log is found", kRemedy});
    return value.value_or(0);
  }
  uint64_t offset(const std::string& field) { return stated("OFFSET(" + field + ")", 10); }
  template <typename T>
  T at(uint64_t address) {
    const auto value = space_.value<T>(address);
    if (!value)
      miss({"the kernel log", fmt::format("is not in the dump: no byte at {:#x}", address), kRemedy});
    return value.value_or(0);
  }
  void miss(Error error) {
    if (!missing_) missing_ = std::move(error);
  }

  // Nothing: the record is overwritten, not finished, or not in the dump.
  std::optional<LogLine> record(uint64_t number) const {
    const uint64_t place = number & ((uint64_t{1} << record_bits_) - 1);
    const uint64_t descriptor = descriptors_ + place * descriptor_size_, info = infos_ + place * info_size_;
    const auto state = space_.value<uint64_t>(descriptor + state_);
    const auto begin = space_.value<uint64_t>(descriptor + begin_);
    const auto length = space_.value<uint16_t>(info + length_);
    if (!state || !begin || !length || (*state & kNumber) != number) return std::nullopt;
    if (*state >> kStateShift != kCommitted && *state >> kStateShift != kFinalized) return std::nullopt;
    LogLine line{space_.value<uint64_t>(info + time_).value_or(0), ""};
    if ((*begin & kNoText) != 0 || *length == 0) return line;
    // A block begins with the number of its record. One that would reach past the end is at the beginning.
    const uint64_t size = uint64_t{1} << text_bits_;
    for (uint64_t block : {*begin & (size - 1), uint64_t{0}}) {
      const auto owner = space_.value<uint64_t>(text_ + block);
      if (!owner || *owner != number) continue;
      block += sizeof(uint64_t);
      line.text.resize(std::min<uint64_t>(*length, block < size ? size - block : 0));
      if (!space_.read(text_ + block, std::as_writable_bytes(std::span(line.text)))) return std::nullopt;
      return line;
    }
    return std::nullopt;
  }

  const AddressSpace& space_;
  std::string_view vmcoreinfo_;
  uint32_t record_bits_ = 0, text_bits_ = 0;
  std::optional<Error> missing_;
  uint64_t head_ = 0, tail_ = 0;                            // numbers of records
  uint64_t descriptors_ = 0, infos_ = 0, text_ = 0;         // virtual addresses
  uint64_t descriptor_size_ = 0, info_size_ = 0;            // bytes
  uint64_t state_ = 0, begin_ = 0, time_ = 0, length_ = 0;  // offsets into them
};

}  // namespace

Result<std::vector<LogLine>> read_log(const image::Memory& memory, std::string_view vmcoreinfo) {
  const auto space = TRY(open_address_space(memory, vmcoreinfo));
  Ring ring(*space, vmcoreinfo);
  TRY(ring.find());
  return ring.lines();
}

}  // namespace khover::kernel
