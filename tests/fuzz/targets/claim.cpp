// One claim, and one expression, of the rule language.
#include "pack/syntax.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) {
  using namespace khover;
  const std::string text = fuzz::text(input);
  pack::parse_claim(text, {});
  pack::parse_expression(text, {});
}
