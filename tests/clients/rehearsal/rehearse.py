"""Rehearses a worker in a test, and returns the JSON report."""

import json
import os
import subprocess
import tempfile

PROGRAM = os.environ.get("SUPPLIER_SANDBOX_PROGRAM", "supplier-sandbox")


def rehearse(command, *options):
    with tempfile.TemporaryDirectory() as directory:
        file = os.path.join(directory, "report.json")
        words = [PROGRAM, "rehearse", *options, "--report", f"json={file}", "--", *command]
        code = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL).returncode
        # 0: nothing found, 1: something found. All else is told on stderr.
        if code not in (0, 1):
            raise RuntimeError(f"supplier-sandbox rehearse ended with exit code {code}")
        with open(file, encoding="utf-8") as report:
            return json.load(report)
