// What a claim says of one record, or of one pair, in terms of the cells around it: false where the
// claim fails there. Of a whole set it says nothing; that is for the form's certificate.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "evaluate/outcome.h"
#include "prove/search/neighbourhood.h"

namespace khover::prove {

class InstanceClaim {
 public:
  // `other`: the second record of a pair, where the claim is about pairs.
  InstanceClaim(const walk::World& world, Neighbourhood& around, const pack::Claim& claim,
                evaluate::RecordRef record, std::optional<evaluate::RecordRef> other)
      : world_(world), around_(around), claim_(claim), record_(record), other_(other) {}

  // nullopt: there is no second record, or the claim is about more records than can be changed here.
  std::optional<z3::expr> says();

 private:
  using Sets = Neighbourhood::Sets;
  z3::expr row();
  std::optional<z3::expr> pair(const pack::TupleOver& left, const pack::TupleOver& right, bool determines);
  std::optional<z3::expr> apart(const std::vector<pack::RangeOver>& left,
                                const std::vector<pack::RangeOver>& right);
  z3::expr within();
  std::optional<z3::expr> preserved();
  std::optional<z3::expr> tiles();
  z3::expr acyclic();

  const walk::World& world_;
  Neighbourhood& around_;
  const pack::Claim& claim_;
  evaluate::RecordRef record_;
  std::optional<evaluate::RecordRef> other_;
};

// Row claims which these records satisfy now, said of their cells. Claims that ask memory are left
// out: what it would answer for other arguments nobody knows, and to leave that open costs seconds.
std::vector<z3::expr> row_claims_that_hold(const walk::World& world, Neighbourhood& around,
                                           const std::function<bool(const pack::Rule&)>& counts);

}  // namespace khover::prove
