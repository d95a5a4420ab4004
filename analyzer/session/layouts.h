// Which layouts an image is read with. Neither bytes nor version strings always say: an image is read
// with several bundles of layouts, and the one that fits it best is taken.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "evaluate/hypothesis.h"
#include "image/image.h"
#include "pack/library.h"
#include "walk/walker.h"

namespace khover::session {

struct Bundle {
  std::unique_ptr<pack::Model> model;
  std::vector<std::string> names;  // snapshots that say the same, newest first
};

// What an image says when it is read with one bundle, from one root.
struct Reading {
  Bundle* bundle = nullptr;
  std::vector<std::string> names;  // the bundle's, and those of bundles that make no difference
  std::vector<std::string> warnings;
  walk::World world;
  evaluate::Judgement judgement;
  evaluate::Misfit misfit;

  size_t unhandled() const { return world.unhandled.size(); }
};

class Layouts {
 public:
  // `stated`: names or files of snapshots; empty: the shipped ones. `addition`: joined with each of them;
  // may be empty. The arguments must outlive this, and this the readings.
  Layouts(const pack::Library& library, const std::vector<pack::PackFile>& packs, const image::Image& image,
          const std::vector<std::string>& stated, const std::string& addition);

  // Errors: a snapshot that cannot be read; none for this machine and page size.
  Result<void> load();
  // Formats of earlier kernels are tried for a root whose versions the current ones do not know.
  Result<Reading> best_reading(const image::RootCandidate& root);
  // If the image names objects that no pack of its bundle serves: with layouts that no released kernel
  // has, as far as they know those names.
  void add_layouts(Reading& chosen, const image::RootCandidate& root);

 private:
  bool may_choose() const { return stated_.empty() && addition_.empty(); }
  Reading read(Bundle& bundle, const image::RootCandidate& root) const;
  Result<void> try_earlier(Reading& chosen, const image::RootCandidate& root);
  Result<std::vector<Bundle*>> bundles(const std::vector<std::string>& names);
  std::vector<std::string> with_additions(const Reading& reading) const;

  const pack::Library& library_;
  const std::vector<pack::PackFile>& packs_;
  const image::Image& image_;
  const std::vector<std::string>& stated_;
  const std::string& addition_;
  std::vector<std::unique_ptr<Bundle>> loaded_;
  std::vector<Bundle*> current_;
};

}  // namespace khover::session
