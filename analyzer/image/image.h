// A dump, opened: its memory, and the facts that are beside the bytes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "error/error.h"
#include "image/memory.h"
#include "image/topology.h"

namespace khover::image {

enum class Origin {
  given,
  note,
  dump
};  // command line; khover's ELF note; deduced from the file's own headers

template <typename T>
struct Fact {
  T value{};
  Origin origin = Origin::given;
};

struct NumaRange {
  Range range;
  uint32_t node = 0;
};

// Each is absent until it is given; rules that need an absent one are not judged.
struct Facts {
  std::optional<Fact<std::vector<Range>>> ram;             // sorted, disjoint
  std::optional<Fact<std::vector<NumaRange>>> numa;        // sorted by start, disjoint
  std::optional<Fact<std::vector<PciFunction>>> topology;  // by address, each once
  std::optional<Fact<Range>> scratch;  // where the scratch *table* is ({u64 addr, u64 size}[]), not the areas
  std::optional<Fact<uint64_t>> root;  // physical address of the root FDT
  std::optional<Fact<std::string>> phase;   // "outgoing", "finalized", "early"
  std::optional<Fact<uint64_t>> page_size;  // bytes, of the kernel that wrote the image
};

enum class Machine { unknown, x86_64, aarch64 };

struct Image {
  std::string path;
  std::string format;  // "ELF core", "kdump-compressed, flattened", "running kernel", "raw, base 0x…"
  Machine machine = Machine::unknown;
  bool little_endian = true;
  bool running = false;  // this machine's own kernel: its memory changes while it is read
  std::unique_ptr<Memory> memory;
  Facts facts;
  std::string vmcoreinfo;             // what the dumped kernel wrote about itself; empty when absent
  std::vector<std::string> warnings;  // e.g. a truncated file: what is missing became holes
};

struct OpenOptions {
  std::optional<uint64_t> raw_base;  // the file is a flat copy of memory from this physical address on
  Facts given;                       // command line; wins over the note
};

// A compressed image may grow to this much in a temporary file; a larger one must be decompressed first.
inline constexpr uint64_t kMaxDecompressed = uint64_t{64} << 30;

// Errors: unreadable, empty, no format that khover knows, wrong ELF class or type, zstd damage.
// Never allocates more than the file's bytes (decompressed: see kMaxDecompressed) ask for.
Result<Image> open(const std::string& path, const OpenOptions& options);

// The files of one split kdump, in any order; one path is as above.
Result<Image> open(const std::vector<std::string>& paths, const OpenOptions& options);

// Whose tree it is, as far as the dump says: of the kernel that was dumped, or handed to it.
enum class Role { unknown, outgoing, received };

// A place that may be the root FDT. Used when no root was given.
struct RootCandidate {
  uint64_t phys = 0;
  std::string compatible;            // empty: no device tree of KHO's is there, it was only named
  std::vector<std::string> reasons;  // what points to it, best first: "setup_data of the boot_params at 0x…"
  std::optional<Range> scratch;      // the scratch table that the same source names
  bool decisive = false;             // the dumped kernel's own variables name it
  Role role = Role::unknown;
};

// The `compatible` of the FDT at `phys` if it is a root of KHO's: its root node says "kho-v" and a
// version (the test subtree is "kho-test-v1").
std::optional<std::string> root_compatible(const Memory& memory, uint64_t phys);

// Page-aligned root FDTs, by address. Several are normal after a first kexec.
std::vector<RootCandidate> scan_roots(const Memory& memory);

// What one pass over all memory finds.
struct Traces {
  // Root FDTs and what the dumped kernel itself was told (setup_data of its boot_params, x86): best
  // supported first, then by address.
  std::vector<RootCandidate> roots;
  // Notes VMCOREINFO as kernels keep them ready, where the dump itself carries none. At most 16.
  std::vector<std::string> vmcoreinfo;
};
Traces find_traces(const Image& image);

// "START,LENGTH" or "START-END" (END is the first byte after the range), hex or decimal, several joined
// by '+'; in the order given. Used for --ram, --scratch, --numa. `option` names the option in errors.
Result<std::vector<Range>> parse_ranges(const std::string& text, const std::string& option);

// The ELF note that khover's own slim cores carry: name "KHOVER", type 1, JSON text
// (docs/image-note.md). Both directions, so that writer and reader cannot drift apart.
std::string write_note(const Facts& facts);
Result<Facts> read_note(const std::string& json);

}  // namespace khover::image
