// The rule packs and ABI snapshots that khover was built with. They are in the binary,
// so that it runs on a host where nothing is installed; `--rules DIR` replaces them, `--add-rules DIR` adds
// to them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "abi/snapshot.h"
#include "error/error.h"
#include "pack/kernel_symbols.h"
#include "pack/pack_file.h"
#include "pack/requirements.h"

namespace khover::pack {

class Library {
 public:
  static Library built_in();
  // A folder laid out as rules/ is: SUBSYSTEM/*.yaml and abi/*.yaml. Without snapshots of its own it has
  // those that khover was built with.
  static Result<Library> from_folder(const std::string& folder);
  // The files of one more such folder. One that is here under the same name is replaced.
  Result<void> add(const std::string& folder);

  // The error is the first one; `all`, if given, gets every error of every file.
  Result<std::vector<PackFile>> packs(std::vector<Error>* all = nullptr) const;
  // The first NAME.symbols.yaml; without one nothing is looked for by symbols.
  Result<KernelSymbols> kernel_symbols() const;
  // Of every NAME.target.yaml.
  Result<std::vector<Requirement>> requirements() const;
  // Names without ".yaml", newest kernel first. The name says arch and page size:
  // linux-RELEASE-ARCH-PAGES, e.g. linux-7.3-arm64-16k.
  std::vector<std::string> snapshot_names() const;
  // Whole formats of earlier kernels, abi/earlier/NAME.yaml: names earlier/NAME-ARCH-PAGES, newest first.
  std::vector<std::string> earlier_names() const;
  // Layouts that no released kernel has, in other folders, abi/FOLDER/NAME.yaml: names FOLDER/NAME, newest
  // first.
  std::vector<std::string> addition_names() const;
  // Whether the text of a snapshot has this string in it; costs no parsing.
  bool mentions(const std::string& snapshot, const std::string& text) const;
  // A file or a name, or several joined by "+" whose records make up one ABI.
  Result<abi::Snapshot> snapshot(const std::string& names) const;

 private:
  struct File {
    std::string path;   // relative to rules/
    std::string shown;  // what people are told
    std::string bytes;  // YAML text, or a packed tree
    bool packed = false;
  };
  static Result<yaml::Node> tree(const File& file);
  void sort();
  const File* find(const std::string& path) const;
  const File* find_snapshot(const std::string& name) const;
  std::vector<std::string> names_under_abi(bool (*wanted)(const std::string& name)) const;
  Result<abi::Snapshot> one_snapshot(const std::string& name) const;
  std::vector<File> files_;  // by path
};

}  // namespace khover::pack
