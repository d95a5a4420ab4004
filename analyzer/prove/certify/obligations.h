// The facts of one rule on one image on their way to the solver: in batches, each a single
// query "is one of these false?", so that memory stays flat however many there are.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "output/file.h"
#include "prove/formula/local_check.h"
#include "prove/solver/answer.h"

namespace khover::prove {

// Where the certificate goes, as JSON lines: each check once, then its facts. Shared by threads.
class CertificateFile {
 public:
  explicit CertificateFile(output::File file) : file_(std::move(file)) {}
  void line(const std::string& text);
  // All of it is there under its name, or an error says why not.
  Result<void> commit() { return file_.commit(); }

 private:
  std::mutex mutex_;
  output::File file_;
};

class Smt;
// A solver's context takes milliseconds to make: a thread keeps one for all its rules.
std::shared_ptr<Smt> make_solver(unsigned steps, const std::string& smt2);

struct FactsOptions {
  CertificateFile* certificate = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

// One record a fact speaks of, for the certificate: set and row, and where its bytes are.
struct Subject {
  uint32_t set = pack::kNone;
  uint32_t row = 0;
  uint64_t address = 0;
  std::vector<uint64_t> above;  // addresses of its parents, nearest first; only for a certificate
};

class Facts {
 public:
  Facts(const FactsOptions& options, std::shared_ptr<Smt> solver, std::string rule);
  ~Facts();
  Facts(const Facts&) = delete;
  Facts& operator=(const Facts&) = delete;

  // `check` must outlive this object. Returns its number.
  uint32_t add(const Check& check);
  // The check holds for these values of its variables. An unknown value may be anything.
  void state(uint32_t check, const std::vector<Value>& values, const std::vector<Subject>& subjects);
  // What the structure of the records shows to be wrong with the certificate, without a solver.
  void reject(std::string why);
  // There is no certificate for this, and why not.
  void give_up(std::string why);
  // Whether there is any use in going on.
  bool stopped() const;
  bool writes_certificate() const;

  Reply finish();
  const Tally& tally() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace khover::prove
