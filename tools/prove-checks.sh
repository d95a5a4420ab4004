#!/bin/bash
# Writes analyzer/prove/formula/proved_obligations.txt anew: what the solver proves of the programs of all local
# checks. Needed when a rule, a snapshot, the compiler or the formulas of the proof have changed; the test
# prove/checks says so. Takes a minute; build khover before and after.
#
#   tools/prove-checks.sh [KHOVER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
exec "${1-build/bin/khover}" rules prove --checks --proved analyzer/prove/formula/proved_obligations.txt
