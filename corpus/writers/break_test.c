// Breaks of the kho_test subtree.
#include "breaks.h"

static void folio_without_key(struct image* image) { kho_test_unpreserve_folio(image, 1); }

const struct break_rule test_breaks[] = {
    {"kho-test-folio-preserved", "", "A test folio has no key.", with_kho_test, folio_without_key, false},
    {0},
};
