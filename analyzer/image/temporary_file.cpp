#include "image/temporary_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace khover::image {

int unlinked_file() {
  const char* const folder = std::getenv("TMPDIR");
  for (const char* place : {folder, "/tmp"}) {
    if (!place || !*place) continue;
    const int file = ::open(place, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0) return file;
    // Some file systems (overlay and network ones) know no O_TMPFILE.
    std::string name = std::string(place) + "/khover-XXXXXX";
    const int named = ::mkostemp(name.data(), O_CLOEXEC);
    if (named >= 0) {
      ::unlink(name.c_str());
      return named;
    }
  }
  return ::memfd_create("khover", MFD_CLOEXEC);
}

}  // namespace khover::image
