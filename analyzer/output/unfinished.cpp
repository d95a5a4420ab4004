#include "output/unfinished.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <initializer_list>

namespace khover::output {
namespace {

struct Slot {
  std::atomic<const char*> name{nullptr};
  std::atomic<int> folder{-1};
};
Slot slots[8];

void remove_and_end(int number) {
  remove_unfinished();
  ::signal(number, SIG_DFL);
  ::raise(number);
}

// A signal that already has a handler, or is ignored, stays so.
void watch_signals() {
  static const bool done = [] {
    for (const int number : {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGXCPU}) {
      struct sigaction now = {};
      if (::sigaction(number, nullptr, &now) != 0 || now.sa_handler != SIG_DFL) continue;
      struct sigaction ours = {};
      ours.sa_handler = remove_and_end;
      ::sigaction(number, &ours, nullptr);
    }
    return true;
  }();
  static_cast<void>(done);
}

}  // namespace

bool remember_unfinished(int folder, const char* name) {
  watch_signals();
  for (Slot& slot : slots) {
    if (slot.name.load() != nullptr) continue;
    slot.folder = folder;
    slot.name = name;
    return true;
  }
  return false;
}

void forget_unfinished(const char* name) {
  for (Slot& slot : slots) {
    if (slot.name.load() == name) slot.name = nullptr;
  }
}

void remove_unfinished() {
  for (Slot& slot : slots) {
    const char* const name = slot.name.exchange(nullptr);
    if (name != nullptr) ::unlinkat(slot.folder, name, 0);
  }
}

}  // namespace khover::output
