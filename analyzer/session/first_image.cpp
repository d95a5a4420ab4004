#include "session/first_image.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "error/try.h"
#include "image/core_writer.h"
#include "image/patched_memory.h"
#include "output/file.h"
#include "walk/content/read.h"
#include "walk/vm/columns.h"

namespace khover::session {
namespace {

struct Place {
  uint64_t address = 0;  // physical
  uint64_t length = 0;   // bytes
  bool in_fdt = false;   // the name of a node of a device tree
};

Place name_place(const walk::World& world, const walk::Unhandled& spare) {
  const walk::RecordSet& set = world.sets[spare.set];
  const pack::Column& column = set.type->columns[set.type->handled_column];
  const walk::Place place = walk::place_of(world, set, column, spare.row);
  return {place.address, place.size, set.nodes() != nullptr};
}

// A shorter name of a node is followed by words that say nothing: FDT_NOP.
std::optional<std::vector<std::byte>> name_bytes(const std::string& name, const Place& place) {
  constexpr std::byte kNop[] = {std::byte{0}, std::byte{0}, std::byte{0}, std::byte{4}};
  const uint64_t room = place.in_fdt ? (place.length / 4 + 1) * 4 : place.length;
  if (name.size() >= room) return std::nullopt;
  std::vector<std::byte> bytes(room);
  std::transform(name.begin(), name.end(), bytes.begin(), [](char c) { return std::byte(c); });
  if (place.in_fdt) {
    for (uint64_t i = (name.size() / 4 + 1) * 4; i < room; ++i) bytes[i] = kNop[i % 4];
  }
  return bytes;
}

}  // namespace

Result<void> write_first_image(const Analysis& spare, const std::string& name,
                               const std::vector<std::byte>& record, const std::string& path) {
  const walk::World& world = spare.world;
  const auto found = std::find_if(world.unhandled.begin(), world.unhandled.end(),
                                  [](const walk::Unhandled& one) { return one.name == kSpareName; });
  if (found == world.unhandled.end()) return fail(path, "the image to begin with has no object to spare");
  if (record.size() > spare.model->page_size)
    return fail(path, fmt::format("a record of {} bytes is larger than a page", record.size()),
                "write the first image with your own kernel");
  const Place place = name_place(world, *found);
  const auto text = name_bytes(name, place);
  if (!text) return fail(path, "'" + name + "' is too long for a name", "see the ABI's records");
  walk::Columns columns(world);
  const auto data = columns.column(found->set, world.sets[found->set].type->handled_data, found->row);
  image::PatchedMemory memory(*spare.image.memory);
  if (!data.known || !memory.write(place.address, *text) ||
      !memory.write(static_cast<uint64_t>(data.value), record))
    return fail(path, "the image to begin with lacks bytes");
  output::File file = TRY(output::File::create(path, image::kCoreMode));
  TRY(image::write_core(file, spare.image.machine, memory, memory.present(), facts_of(spare)));
  return file.commit();
}

}  // namespace khover::session
