// The kernel that will read an image, as far as the user stated it: what it knows, how it lays records out,
// how it was built.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"
#include "pack/library.h"
#include "pack/model.h"
#include "target/config.h"
#include "target/kernel_file.h"
#include "target/strings.h"

namespace khover::target {

// What the command line says of it.
struct Statement {
  std::string kernel;              // a file (vmlinux, bzImage, BTF, ABI snapshot), a shipped snapshot, or a
                                   // release that one is for; may be empty
  std::vector<std::string> known;  // REGISTRY:NAME, that it knows

  bool empty() const { return kernel.empty() && known.empty(); }
};

class Target final : public pack::TargetNames {
 public:
  // `image`: the ABI of the image, which picks the snapshot of a release. Errors name the file and what to
  // name instead.
  static Result<std::shared_ptr<const Target>> open(const Statement& statement, const pack::Model& image,
                                                    const pack::Library& library,
                                                    const std::vector<pack::PackFile>& packs);

  Answer knows(const std::string& registry, const std::string& name) const override;

  bool is_stated() const { return !shown_.empty(); }     // a kernel, not only names that it knows
  bool has_names() const { return names_ || strings_; }  // its words are there, not only its types
  const std::string& shown() const { return shown_; }    // "vmlinuz (bzImage, xz), Linux 7.3.4"
  const std::string& arch() const { return arch_; }      // empty: not said
  const std::optional<Config>& config() const { return config_; }
  const std::optional<abi::Snapshot>& layouts() const { return layouts_; }
  bool is_snapshot() const { return names_.has_value(); }  // its layouts are complete, its numbers known

 private:
  using Names = std::map<std::string, std::set<std::string>>;  // by registry

  Result<void> take_known(const std::vector<std::string>& known);
  Result<void> take_snapshot(abi::Snapshot snapshot, const std::vector<pack::PackFile>& packs);
  Result<void> take_types(std::vector<std::byte> btf, const std::string& where);
  Result<void> take_kernel(const std::string& path);
  Answer by_strings(const std::string& registry, const std::string& name) const;
  Answer by_types(const std::string& registry, const std::string& name) const;
  Answer by_snapshot(const std::string& registry, const std::string& name) const;
  bool may_have_modules() const;

  std::string shown_, arch_;
  Names known_;
  std::optional<Names> names_;   // of a snapshot
  std::set<std::string> texts_;  // all strings of a snapshot
  std::optional<KernelFile> kernel_;
  std::optional<Strings> strings_;  // of `kernel_`
  std::optional<Config> config_;
  std::optional<abi::Snapshot> layouts_;
  // Of each name that a pack serves: the records that the pack reads.
  std::map<std::pair<std::string, std::string>, std::set<std::string>> records_of_;
};

}  // namespace khover::target
