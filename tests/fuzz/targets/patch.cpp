// Patches and mails.
#include "series/series.h"
#include "targets/target.h"

KHOVER_FUZZ_TARGET(input) { khover::series::read_series(khover::fuzz::text(input), "input"); }
