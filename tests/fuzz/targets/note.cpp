// khover's own note, ranges and PCI addresses as people give them.
#include <cstdlib>

#include "image/image.h"
#include "image/topology.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const std::string text = fuzz::text(input);
  if (const auto facts = image::read_note(text)) {
    // What is written is read back as the same.
    const std::string note = image::write_note(*facts);
    const auto again = image::read_note(note);
    if (!again || image::write_note(*again) != note) std::abort();
  }
  image::parse_ranges(text, "--ram");
  image::parse_pci_address(text);
}
