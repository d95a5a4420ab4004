// Which version covers which record. A kernel refuses an image whose version string (or number) it
// does not know; so a record may change only if a version that covers it changes, too.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"

namespace khover::abi {

// A macro that names a version: "luo-v5", "luo-v5;block-v1", "pci" (a compatible string that leaves
// the version to a number), or a number such as KHO_KEXEC_METADATA_VERSION.
bool is_version(const Constant& constant);
std::string version_text(const Constant& constant);  // "luo-v5", "2"

// How one version value became another.
enum class VersionStep { same, raised, lowered, other };
VersionStep compare_versions(const std::string& before, const std::string& after);

// "VERSION covers NAME…", as a person states it in YAML, see docs/abi-diff.md.
struct StatedCover {
  std::string version;              // macro
  std::vector<std::string> covers;  // globs: names of records, enumerations or macros
};
Result<std::vector<StatedCover>> read_stated_covers(const std::string& yaml, const std::string& name);

// Version macros that the comments of headers name: of one record, or in a DOC block for a whole header.
struct DocumentedCovers {
  std::map<std::string, std::set<std::string>> of_record;
  std::map<std::string, std::set<std::string>> of_header;
};
// Adds what the text of one header says.
void read_documented_covers(std::string_view text, const std::string& header, const Snapshot& snapshot,
                            DocumentedCovers& covers);

struct Cover {
  std::string macro;
  std::string origin;  // "stated", "kernel-doc", "DOC block", "name", "header"
};

// Versions that cover what `name` declares in `header`; empty: none was found. Every origin that is
// stronger (in the order above) ends the search, what is stated is added to whatever is found.
std::vector<Cover> covers_of(const Snapshot& snapshot, const std::string& name, const std::string& header,
                             const std::vector<StatedCover>& stated, const DocumentedCovers& documented);

// * and ?, nothing else.
bool matches_glob(std::string_view glob, std::string_view text);

}  // namespace khover::abi
