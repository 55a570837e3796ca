"""Tests of workers by rehearsals: pytest test_rehearse.py"""

import sys

import pytest
from rehearse import rehearse

SHORT = ["--env", "TIMEOUT_MS=1000", "--env", "RETRY_MS=20"]


def test_the_worker_loses_and_doubles_nothing():
    report = rehearse([sys.executable, "careful.py"], *SHORT, "--budget", "10")
    assert [(finding["label"], finding["what"], finding["advice"]) for finding in report["findings"]] == []


def test_accounts_of_a_delivery_whose_answer_is_lost_go_to_no_other_order():
    options = [*SHORT, "--replay", "close-after@update:1:1/1,2"]
    report = rehearse([sys.executable, "naive.py"], *options)
    assert report["findings"][0]["rule"] == "rehearsal.nothing-doubled"


def test_a_worker_that_cannot_be_run_fails_the_test():
    with pytest.raises(RuntimeError, match="exit code 3"):
        rehearse([sys.executable, "no_such_worker.py"])
