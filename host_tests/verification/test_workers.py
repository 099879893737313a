"""The workers of a campaign: the same results on every interpreter, and a plain end."""

import os
import sys
from functools import partial

import pytest

from massager_tools.errors import Failure
from massager_tools.verification import campaign, endurance, motor, workers
from massager_tools.verification.endurance import Outcome, case_of
from massager_tools.verification.report import Options

INTERPRETERS = [one for one in (sys.executable, workers.pypy()) if one]
"""PyPy where it is installed: what it gives has to be the same to the bit."""


@pytest.mark.parametrize("interpreter", INTERPRETERS)
def test_a_worker_finds_what_this_process_finds(interpreter: str) -> None:
    use = case_of(5, 0.02)
    turn = motor.cases(Options(), 1)[0]
    with workers.Workers(interpreter, 1) as pool:
        used = pool.submit(endurance.run_case, use).result()
        turned = pool.submit(motor.run_case, turn).result()
    assert used == endurance.run_case(use)
    assert turned == motor.run_case(turn)


def test_a_run_that_fails_is_one_failure_and_the_worker_goes_on() -> None:
    with workers.Workers(sys.executable, 1) as pool:
        with pytest.raises(Failure, match="ZeroDivisionError"):
            pool.submit(partial(divmod, 1), 0).result()
        assert pool.submit(abs, -2).result() == 2


def test_a_worker_that_dies_is_a_failure() -> None:
    with workers.Workers(sys.executable, 1) as pool, pytest.raises(Failure, match="died"):
        pool.submit(os._exit, 1).result()


def test_without_pypy_the_campaign_runs_and_says_what_would_help(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "pypy", lambda: "")
    cases = [case_of(seed, 0.002) for seed in range(1, 5)]
    outcomes, fresh = campaign.run(cases, endurance.run_case, Outcome, Options(), pypy=True)
    assert fresh == len(cases) and all(one.hours >= 0.002 for one in outcomes)
    assert "pypy3" in workers.note()
