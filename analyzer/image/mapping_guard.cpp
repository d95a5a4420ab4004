#include "image/mapping_guard.h"

#include <signal.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>

#include "output/printable.h"
#include "output/standard.h"

namespace khover::image {
namespace {

// Read by a signal handler: no lock, nothing that moves. Dumps are split into few files; of those beyond, the
// sentence has no name.
struct Guarded {
  std::atomic<uintptr_t> start{0};
  std::atomic<size_t> size{0};
  char path[512] = {};
};
std::array<Guarded, 64> guarded;

void end_with_a_sentence(int, siginfo_t* info, void*) {
  const auto at = reinterpret_cast<uintptr_t>(info->si_addr);
  for (const Guarded& one : guarded) {
    if (at - one.start.load() >= one.size.load()) continue;
    output::die(one.path,
                ": cannot be read to its end: it was shortened meanwhile, or its disk fails; copy it to "
                "where no other "
                "program writes to it");
  }
  // Not ours.
  ::signal(SIGBUS, SIG_DFL);
  ::raise(SIGBUS);
}

}  // namespace

void guard_mapping(std::span<const std::byte> bytes, const std::string& path) {
  static const bool installed = [] {
    struct sigaction action = {};
    action.sa_sigaction = end_with_a_sentence;
    action.sa_flags = SA_SIGINFO;
    return ::sigaction(SIGBUS, &action, nullptr) == 0;
  }();
  static_cast<void>(installed);
  for (Guarded& one : guarded) {
    if (one.size.load() != 0) continue;
    const std::string shown = output::printable(path);
    const size_t length = std::min(shown.size(), sizeof one.path - 1);
    std::memcpy(one.path, shown.data(), length);
    one.path[length] = '\0';
    one.start = reinterpret_cast<uintptr_t>(bytes.data());
    one.size = bytes.size();
    return;
  }
}

void forget_mapping(std::span<const std::byte> bytes) {
  for (Guarded& one : guarded) {
    if (one.size.load() != 0 && one.start.load() == reinterpret_cast<uintptr_t>(bytes.data())) one.size = 0;
  }
}

}  // namespace khover::image
