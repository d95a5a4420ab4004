// Finds the certificate of a claim that holds on an image, and states its local checks as facts.
// What the local checks of each claim form imply is shown once, in lemmas.cpp.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <vector>

#include "prove/certify/obligations.h"
#include "prove/formula/record_reader.h"

namespace khover::prove {

class Certifier {
 public:
  Certifier(const walk::World& world, const pack::Claim& claim, Facts& facts)
      : world_(world), claim_(claim), facts_(facts), reader_(world) {}

  // All facts of the claim. Claims of every form, whatever evaluate says of them.
  void run();

 private:
  using Sets = std::array<uint32_t, kSides>;
  using Rows = Reader::Rows;

  // A check under construction, and the sets of its sides.
  struct Plan {
    Check check;
    Sets sets{pack::kNone, pack::kNone, pack::kNone};
    uint32_t number = 0;
    std::vector<uint32_t> stated;  // variables that the certificate fills in, in their order
    std::vector<Value> values;
  };
  Plan& plan(const std::string& name, Sets sets);
  void ready(Plan& plan);
  // The check holds for these records. `stated`: the certificate's own numbers.
  void state(Plan& plan, const Rows& rows, const std::vector<Value>& stated = {});
  Subject subject(uint32_t set, uint32_t row) const;

  // Checks that differ by which records are neighbours: each is made when the first fact needs it, as most
  // images need few of them; or all at once, where every check is to be proved (FactsOptions::every_check).
  template <size_t N>
  class ByCase {
   public:
    using Case = std::array<uint32_t, N>;
    // `limits`: how many values each part of a case has.
    ByCase(Certifier& owner, Case limits, std::function<Plan&(const Case&)> make)
        : owner_(owner), make_(std::move(make)) {
      if (!owner.facts_.every_check()) return;
      size_t cases = 1;
      for (const uint32_t limit : limits) cases *= limit;
      for (size_t i = 0; i < cases; ++i) {
        Case one;
        size_t rest = i;
        for (size_t part = 0; part < N; ++part) {
          one[part] = static_cast<uint32_t>(rest % limits[part]);
          rest /= limits[part];
        }
        (*this)[one];
      }
    }
    Plan& operator[](const Case& of) {
      Plan*& made = plans_[of];
      if (!made) {
        made = &make_(of);
        owner_.ready(*made);
      }
      return *made;
    }

   private:
    Certifier& owner_;
    std::function<Plan&(const Case&)> make_;
    std::map<Case, Plan*> plans_;
  };

  // A value of a record that the certificate is ordered by.
  class Probe {
   public:
    Probe(Certifier& owner, uint32_t set, const std::vector<pack::ExprPtr>& exprs);
    const std::vector<Value>& at(uint32_t row);

   private:
    Certifier& owner_;
    uint32_t set_;
    Check check_;
    std::vector<FormulaPtr> formulas_;
    std::vector<Value> values_, results_;
  };

  struct Place {  // of a record in an order
    std::vector<Integer> key;
    uint32_t source = 0;
    uint32_t row = 0;
  };

  void row();
  void unique(bool determines);
  void disjoint();
  void apart();
  void within();
  void tiles();
  void acyclic();
  void preserved();

  // Places of all records that count, sorted by key; records that do not count are shown not to.
  std::vector<Place> ordered(const std::vector<pack::TupleOver>& sources, const std::string& name);
  std::vector<Place> ordered_ranges(const std::vector<pack::RangeOver>& sources, const std::string& name);

  // Terms: the value of each for every record of the claim's set, shown by facts.
  void certify_terms(std::vector<std::vector<Value>>& values);
  void certify_membership(const pack::Term& term, std::vector<Value>& values);
  Plan& between(const char* name, const pack::Term& term, bool has_before, bool has_after);
  void certify_aggregate(const pack::Term& term, std::vector<Value>& values);

  const walk::World& world_;
  const pack::Claim& claim_;
  Facts& facts_;
  Reader reader_;
  std::deque<Plan> plans_;  // facts_ points into it
};

}  // namespace khover::prove
