"""Runs khover and parses what it prints."""

import json
import subprocess
import sys


def run_json(khover, *arguments, statuses=(0,)):
    """The JSON that `khover ARGUMENTS` prints; another exit status than the expected ones ends the test."""
    result = subprocess.run([khover, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode not in statuses:
        sys.exit(
            f"khover {' '.join(arguments)}: exit status {result.returncode}, expected one of {statuses}\n"
            f"{result.stderr}\n{result.stdout[-4000:]}"
        )
    return json.loads(result.stdout)
