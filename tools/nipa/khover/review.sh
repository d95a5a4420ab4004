#!/bin/sh
# A test of NIPA, the CI of netdev's patchwork: one call for each patch, in the tree with the patch as HEAD.
# 0: fine, 250: warning, else: failed. One line about the result goes to the descriptor that DESC_FD names.
set -u

khover=${KHOVER:-khover}
result=${RESULTS_DIR:-${TMPDIR:-/tmp}}
report=$(mktemp)
trap 'rm -f "$report"' EXIT

describe() { printf '%s\n' "$1" >&"${DESC_FD:-1}"; }

# Nothing to say about a patch that touches no C.
if ! git diff --name-only HEAD~..HEAD -- | grep -qE '\.[ch]$'; then
  describe "no C file is touched"
  exit 0
fi

# The second call decides only whether there is an error among the findings.
"$khover" review --tree . ${KHOVER_GENERATED:+--generated "$KHOVER_GENERATED"} --range HEAD~..HEAD \
  --fail-on warning >"$report" 2>&1
status=$?
cat "$report"
[ -w "$result" ] && cp "$report" "$result/khover.txt"
case $status in
  0) describe "nothing to object"; exit 0 ;;
  1) ;;
  3) describe "no findings; $(grep -E '^[0-9]+ of [0-9]+ functions? of ' "$report")"; exit 250 ;;
  *) describe "cannot be reviewed: $(head -n 1 "$report")"; exit 250 ;;
esac
describe "$(grep -E ' suppressed; [0-9]+ checks? ran on ' "$report")"
"$khover" review --tree . ${KHOVER_GENERATED:+--generated "$KHOVER_GENERATED"} --range HEAD~..HEAD \
  --fail-on error >/dev/null 2>&1
[ $? -eq 1 ] && exit 1
exit 250
