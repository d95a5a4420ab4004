#include "walk/fdt.h"

#include <libfdt.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace khover::walk {
namespace {

void read_cells(const FdtBlob& blob, const pack::SetType& type, FdtRow& row) {
  row.cells.resize(type.properties.size());
  for (size_t i = 0; i < type.properties.size(); ++i) {
    int length = 0;
    const void* data = fdt_getprop(blob.bytes.data(), row.node, type.properties[i].name.c_str(), &length);
    if (!data) continue;
    const auto offset = static_cast<const char*>(data) - blob.bytes.data();
    row.cells[i] = {blob.address + static_cast<uint64_t>(offset), length};
  }
}

// The bytes that its header says are used. A reader that checks the header only needs no others.
uint64_t used_bytes(const char* header) {
  const uint64_t structure = uint64_t{fdt_off_dt_struct(header)} + fdt_size_dt_struct(header);
  const uint64_t strings = uint64_t{fdt_off_dt_strings(header)} + fdt_size_dt_strings(header);
  const uint64_t reserved = uint64_t{fdt_off_mem_rsvmap(header)} + sizeof(fdt_reserve_entry);
  return std::max({structure, strings, reserved});
}

}  // namespace

std::optional<uint64_t> read_fdt(World& world, RecordSet& set, uint64_t address, uint64_t most) {
  std::array<char, sizeof(fdt_header)> header;
  if (const auto hole = world.memory->read(address, std::as_writable_bytes(std::span(header)))) return hole;
  FdtBlob blob;
  blob.address = address;
  FdtRow row;
  row.totalsize = fdt_totalsize(header.data());
  const bool header_sound = fdt_check_header(header.data()) == 0;
  blob.bytes.assign(header.begin(), header.end());
  if (header_sound && row.totalsize <= most) {
    blob.bytes.resize(row.totalsize);
    row.complete = !world.memory->read(address, std::as_writable_bytes(std::span(blob.bytes)));
    if (const uint64_t used = used_bytes(header.data()); !row.complete && used < row.totalsize) {
      blob.bytes.resize(used);
      row.complete = !world.memory->read(address, std::as_writable_bytes(std::span(blob.bytes)));
      fdt_set_totalsize(blob.bytes.data(), static_cast<uint32_t>(used));
    }
    row.sound = row.complete && fdt_check_full(blob.bytes.data(), blob.bytes.size()) == 0;
  }
  row.blob = static_cast<uint32_t>(world.blobs.size());
  row.cells.resize(set.type->properties.size());
  if (row.sound) read_cells(blob, *set.type, row);
  world.blobs.push_back(std::move(blob));
  set.fdt.push_back(std::move(row));
  return std::nullopt;
}

void read_fdt_children(const World& world, const FdtRow& parent, RecordSet& set) {
  if (!parent.sound) return;
  const FdtBlob& blob = world.blobs[parent.blob];
  int node = 0;
  fdt_for_each_subnode(node, blob.bytes.data(), parent.node) {
    FdtRow row;
    row.blob = parent.blob;
    row.node = node;
    row.sound = true;
    int length = 0;
    const char* name = fdt_get_name(blob.bytes.data(), node, &length);
    if (name && length >= 0) {
      row.name_address = blob.address + static_cast<uint64_t>(name - blob.bytes.data());
      row.name_length = static_cast<uint32_t>(length);
    }
    read_cells(blob, *set.type, row);
    set.fdt.push_back(std::move(row));
  }
}

uint64_t node_address(const World& world, const FdtRow& row) {
  const FdtBlob& blob = world.blobs[row.blob];
  return blob.address + (row.node == 0 ? 0
                                       : static_cast<uint64_t>(fdt_off_dt_struct(blob.bytes.data())) +
                                             static_cast<uint64_t>(row.node));
}

}  // namespace khover::walk
