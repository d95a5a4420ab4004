#!/usr/bin/env python3
"""Every verdict on every real image has a proof, and proving changes none; nor does an audit.

real_images_test.py KHOVER CORPUS
"""
import glob
import json
import subprocess
import sys


def check(khover, *arguments):
    done = subprocess.run([khover, "check", "--format", "json", *arguments], capture_output=True, text=True)
    return json.loads(done.stdout)


def verdicts(report):
    """Proving changes one word only: what holds is proved."""
    return {
        rule["rule"]: "proved" if rule["verdict"] == "holds" else rule["verdict"] for rule in report["rules"]
    }


def main():
    khover, corpus = sys.argv[1:]
    failures = facts = queries = audited = 0
    for image in sorted(glob.glob(corpus + "/*/*.zst")):
        proved, evaluated = check(khover, "--prove", image), check(khover, "--no-prove", image)
        audit = check(khover, "--audit", image)
        problems = [
            "%s: %s" % (rule["rule"], rule.get("why", rule.get("backed_by")))
            for rule in proved["rules"]
            if rule["verdict"] == "holds" or (rule["verdict"] == "proved" and rule["backed_by"] != "proof")
        ]
        problems += [
            "%s: proved without a proof" % rule["rule"]
            for rule in evaluated["rules"]
            if rule["verdict"] == "proved" or rule.get("backed_by", "evaluation") != "evaluation"
        ]
        before, after = verdicts(evaluated), verdicts(proved)
        if after != verdicts(audit):
            problems.append("the solver finds otherwise, fact by fact")
        # What is shipped as proved is all that runs on these images, and no value of them is unknown.
        if proved["proof"]["queries"]:
            problems.append("%d queries" % proved["proof"]["queries"])
        audited += audit["proof"]["queries"] > 0
        problems += [
            "%s: %s, proved: %s (%s)"
            % (
                rule,
                before[rule],
                after[rule],
                next(r.get("why") for r in proved["rules"] if r["rule"] == rule),
            )
            for rule in before
            if before[rule] != after[rule]
        ]
        facts += proved["proof"]["facts"]
        queries += proved["proof"]["queries"]
        for problem in problems:
            print("%s: %s" % (image, problem))
        failures += bool(problems)
        print(
            "%s: %d facts, %d queries, %.2f s"
            % (
                image.split("/real/")[1],
                proved["proof"]["facts"],
                proved["proof"]["queries"],
                proved["proof"]["seconds"],
            )
        )
    print("%d facts in %d queries; %d images with problems" % (facts, queries, failures))
    return 1 if failures or not audited else 0


if __name__ == "__main__":
    sys.exit(main())
