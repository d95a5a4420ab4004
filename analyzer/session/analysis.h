// From a command line to a judged image: opens it, finds its root, chooses the layout
// bundle, walks and evaluates. The commands only differ in what they show of the result.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "evaluate/hypothesis.h"
#include "image/image.h"
#include "pack/library.h"
#include "target/target.h"
#include "walk/walker.h"

namespace khover::session {

struct ImageArguments {
  std::string image;
  std::vector<std::string> parts;  // further files of a split dump
  std::string fdt, ram, scratch, phase, rules, raw_base, host;
  std::vector<std::string> add_rules;  // folders of packs beside those of `rules`, or the built-in ones
  std::vector<std::string> numa;       // RANGES@NODE
  std::vector<std::string> abi;        // names of shipped snapshots, or files
  std::string addition;                // a file that is joined with each of them; not on the command line
  target::Statement target;            // who will read the image
};

struct Analysis {
  image::Image image;
  std::unique_ptr<pack::Model> model;
  walk::World world;
  evaluate::Judgement judgement;
  std::vector<std::string> abi_names;  // snapshots with these layouts, newest first
  std::string root_origin;
  std::vector<std::string> warnings;
  std::shared_ptr<const target::Target> target;  // null: not stated
  std::set<std::string> refused_by_target;       // rules that are violated for it, and not for every kernel
};

// An image, or the word of its kernel that there is none.
struct Opened {
  std::unique_ptr<Analysis> analysis;  // null: see below
  std::string no_handover;             // why: "KHO is off: 'kho_enable' is 0"
};

// `rules`: a folder instead of the built-in packs; empty: those. `add_rules`: folders beside them.
Result<pack::Library> open_library(const std::string& rules, const std::vector<std::string>& add_rules = {});
// What the command line says of an image.
Result<image::OpenOptions> open_options(const ImageArguments& arguments);
Result<Opened> open_and_judge(const ImageArguments& arguments);
// The same, where a kernel without a handover is an error.
Result<std::unique_ptr<Analysis>> analyze(const ImageArguments& arguments);

// What a core that is written of the image has to state, because its bytes may not say it any more.
image::Facts facts_of(const Analysis& analysis);

}  // namespace khover::session
