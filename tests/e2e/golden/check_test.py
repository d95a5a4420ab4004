#!/usr/bin/env python3
"""`khover check` proves what a correct kernel wrote, and finds the one rule that a kernel bug broke."""

import argparse
import sys

import khover_output
import truth

EXIT_NOTHING_TO_OBJECT, EXIT_VIOLATED = 0, 1

# Images that a bug of Linux 7.3.4 wrote: the rule that it breaks, and it alone.
VIOLATED = {
    ("bug-dup51", "finalized"): "luo-session-block-count",
    ("bug-resmem", "finalized"): "memblock-region-preserved",
}


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--khover", required=True)
    arguments.add_argument("image")
    options = arguments.parse_args()
    variant, phase, _ = truth.locate(options.image)
    expected_rule = VIOLATED.get((variant, phase))
    status = EXIT_VIOLATED if expected_rule else EXIT_NOTHING_TO_OBJECT
    report = khover_output.run_json(
        options.khover, "check", "--format", "json", options.image, statuses=(status,)
    )

    violated = sorted({finding["rule"] for finding in report["findings"] if finding["verdict"] == "violated"})
    print("summary:", report["summary"])
    print("violated:", violated)
    not_judged = [rule["rule"] for rule in report["rules"] if rule["verdict"] == "not judged"]
    print("not judged:", not_judged)
    errors = []
    if violated != ([expected_rule] if expected_rule else []):
        errors.append(f"expected {expected_rule or 'no rule'} to be violated")
    if (report["summary"]["violated"] == 0) != (not violated):
        errors.append("the summary disagrees with the findings")
    if report["summary"]["undetermined"] != 0:
        errors.append("nothing may be undetermined: these images hold all structure pages")
    if report["summary"]["not_judged"] != len(not_judged):
        errors.append("the rules that were not judged are not all listed")
    if report["summary"]["proved"] == 0:
        errors.append("nothing was proved, so nothing was checked")
    print("\n".join(errors) or "as expected")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
