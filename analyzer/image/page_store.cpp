#include "image/page_store.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "image/image.h"
#include "output/file.h"

namespace khover::image {
namespace {

constexpr size_t kChunk = size_t{4} << 20;

}  // namespace

PageStore::~PageStore() {
  for (const std::span<std::byte> chunk : chunks_) ::munmap(chunk.data(), chunk.size());
}

std::span<std::byte> PageStore::take(size_t size) {
  if (chunks_.empty() || kChunk - used_ < size) {
    if (!file_.valid()) file_ = output::nameless_file();
    const size_t end = (chunks_.size() + 1) * kChunk;
    if (!file_.valid() || end > kMaxDecompressed) return {};
    // Room is taken now: a full disk must be an error here, not a SIGBUS at the first write.
    if (::posix_fallocate(file_.number(), static_cast<off_t>(end - kChunk), kChunk) != 0) return {};
    void* const chunk = ::mmap(nullptr, kChunk, PROT_READ | PROT_WRITE, MAP_SHARED, file_.number(),
                               static_cast<off_t>(end - kChunk));
    if (chunk == MAP_FAILED) return {};
    chunks_.push_back({static_cast<std::byte*>(chunk), kChunk});
    used_ = 0;
  }
  const std::span<std::byte> page = chunks_.back().subspan(used_, size);
  used_ += size;
  return page;
}

}  // namespace khover::image
