// A dump that is read again and again, each time with some bytes exchanged.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "session/analysis.h"

namespace khover::sweep {

// What one reading says that the unchanged dump did not.
enum class Effect { nothing, hygiene, silent, refuse, crash, undetermined };
const char* to_string(Effect effect);

struct Reading {
  walk::World world;
  evaluate::Judgement judgement;
};

// The memory of a dump, and pages of zeroes where it has none.
class GrownMemory : public image::Memory {
 public:
  GrownMemory(const image::Memory& base, const std::vector<uint64_t>& pages);
  std::span<const std::byte> run(uint64_t phys) const override;
  const std::vector<image::Range>& present() const override { return present_; }

 private:
  const image::Memory& base_;
  std::map<uint64_t, std::vector<std::byte>> pages_;
  std::vector<image::Range> present_;
};

class Ground {
 public:
  static Result<std::unique_ptr<Ground>> open(const std::string& path, const std::string& rules);

  const session::Analysis& analysis() const { return *analysis_; }
  const pack::Model& model() const { return *analysis_->model; }
  const image::Memory& memory() const { return *analysis_->image.memory; }
  // With the layouts and the root of the unchanged dump. `model` in place of its own; null: its own.
  Reading read(const image::Memory& memory, const pack::Model* model = nullptr) const;
  // The mildest that a reader must be told of counts last: a violation outranks what is undetermined, that
  // outranks hygiene. `rule`: the one that decides; may be null. `reader_known`: what the packs do not know,
  // the next kernel does not know either.
  Effect effect(const Reading& reading, bool reader_known, std::string* rule) const;

 private:
  std::unique_ptr<session::Analysis> analysis_;
  size_t broken_ = 0;  // openings by bytes that mislead
};

// Lines of a table; fields are separated by tabs, a # begins a comment. Empty if there is no such file.
std::vector<std::vector<std::string>> read_table(const std::string& path);

// Each compares with what is committed and returns the exit status of the program.
// Arguments: [--every N] IMAGE...
int causes(const std::string& rules, const std::vector<std::string>& arguments);
int jury(const std::string& rules, const std::vector<std::string>& arguments);
int fields(const std::string& rules, const std::vector<std::string>& arguments);
int mutants(const std::string& rules, const std::vector<std::string>& arguments);

}  // namespace khover::sweep
