// The facts of one rule on one image. Each is decided by the proved program of its check (checker.h), in
// batches; the solver itself is asked only about facts with unknown values, about checks whose program it
// could not prove, and about the share that an audit picks.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "output/file.h"
#include "prove/certify/check_proofs.h"
#include "prove/certify/ground_facts.h"

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

// A solver of one thread, made when it is first asked: its context takes milliseconds to make.
class Solver {
 public:
  Solver(unsigned steps, std::string smt2);
  ~Solver();
  Smt& get();
  double seconds() const;  // spent in it so far

 private:
  unsigned steps_;
  std::string smt2_;
  std::unique_ptr<Smt> smt_;
};

struct FactsOptions {
  CertificateFile* certificate = nullptr;
  std::optional<std::chrono::steady_clock::time_point> deadline;
  CheckProofs* proofs = nullptr;  // null: the solver decides every fact
  double audit = 0;               // share of the facts that the solver decides, too: 0 to 1
  bool every_check = false;       // add the checks that no fact of this image is about, too
};

class Facts {
 public:
  // `solver` must outlive this.
  Facts(const FactsOptions& options, Solver& solver, std::string rule);
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
  bool every_check() const;

  // What the solver said of the programs of all checks that were added: the worst.
  const Reply& programs() const;

  Reply finish();
  // Whether it is the deadline that leaves facts unproved.
  bool late() const;
  const Tally& tally() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace khover::prove
