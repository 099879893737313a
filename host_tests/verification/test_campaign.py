"""Many runs side by side: what is remembered over a kill and for which firmware; the cluster."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest
from distributed import LocalCluster

from massager_tools.errors import Failure
from massager_tools.verification import campaign
from massager_tools.verification.report import Options

_KILLED_AFTER = 3


@dataclass(frozen=True)
class Case:
    """`waits`: nothing comes of it, ever."""

    number: int
    waits: bool = False

    @property
    def key(self) -> str:
        """The number says it all."""
        return str(self.number)


@dataclass(frozen=True)
class Outcome:
    """Its process, to see where it was spent."""

    key: str
    process: int
    words: tuple[str, ...] = ("two", "words")


def run_case(case: Case) -> Outcome:
    """At once, or never."""
    if case.waits:
        signal.pause()
    return Outcome(case.key, os.getpid())


CASES = [Case(number) for number in range(8)]


def test_what_is_remembered_is_not_spent_again(tmp_path: Path) -> None:
    options = Options(keep=tmp_path / "kept")
    first, fresh = campaign.run(CASES[:3], run_case, Outcome, options)
    assert fresh == 3
    second, fresh = campaign.run(CASES, run_case, Outcome, options)
    assert fresh == 5 and {one.key for one in second} == {case.key for case in CASES}
    assert set(first) <= set(second)


def test_a_campaign_that_was_killed_goes_on(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    killed = subprocess.Popen(
        [sys.executable, "-c", f"from {__name__} import go; go({str(keep)!r})"],
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert killed.stdout is not None
    for _ in range(_KILLED_AFTER):
        assert killed.stdout.readline()
    os.killpg(killed.pid, signal.SIGKILL)
    assert killed.wait() == -signal.SIGKILL
    killed.stdout.close()
    with keep.open("ab") as file:
        file.write(b'{"digest": "cut sh')  # the kill came in the middle of a line
    outcomes, fresh = campaign.run(CASES, run_case, Outcome, Options(keep=keep))
    assert fresh == len(CASES) - _KILLED_AFTER and len(outcomes) == len(CASES)
    assert len(campaign.known(keep, Outcome)) == len(CASES)  # the line after the cut one is whole


def go(keep: str) -> None:
    """Three outcomes, then a long wait; run in a process that is killed."""
    cases = [Case(case.number, case.number >= _KILLED_AFTER) for case in CASES]
    options = Options(keep=Path(keep), progress=lambda share: print(share, flush=True))
    campaign.run(cases, run_case, Outcome, options)


def test_another_firmware_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    options = Options(keep=tmp_path / "kept")
    campaign.run(CASES, run_case, Outcome, options)
    monkeypatch.setattr(campaign, "digest", lambda: "of other files")
    assert campaign.run(CASES, run_case, Outcome, options)[1] == len(CASES)


def test_the_digest_is_that_of_every_file_below(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = tmp_path / "core" / "part.py"
    part.parent.mkdir()
    part.write_text("a")
    monkeypatch.setattr(campaign, "_PARTS", (tmp_path,))
    before = campaign.digest.__wrapped__()
    part.write_text("b")
    assert campaign.digest.__wrapped__() != before


def test_a_line_that_is_none_is_passed_over(tmp_path: Path) -> None:
    keep = tmp_path / "kept"
    whole = {"digest": campaign.digest(), **asdict(Outcome("1", 7))}
    keep.write_text("\n".join(["{", "7", '{"key": "2"}', json.dumps(whole)]), encoding="utf-8")
    assert campaign.known(keep, Outcome) == {"1": Outcome("1", 7)}


def _press_ctrl_c(share: float) -> None:
    raise KeyboardInterrupt


def test_ctrl_c_leaves_what_there_is() -> None:
    outcomes, fresh = campaign.run(CASES, run_case, Outcome, Options(progress=_press_ctrl_c))
    assert len(outcomes) == fresh == 1


def test_ctrl_c_before_anything_is_done_is_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(jobs: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(campaign, "as_completed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        campaign.run(CASES, run_case, Outcome, Options())


@pytest.mark.filterwarnings("default")
def test_a_cluster_of_two_workers(tmp_path: Path) -> None:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path
    ) as cluster:
        options = Options(dask=cluster.scheduler_address)
        outcomes, fresh = campaign.run(CASES, run_case, Outcome, options)
    assert fresh == len(CASES)
    assert os.getpid() not in {one.process for one in outcomes}


def test_no_scheduler_is_one_line() -> None:
    with pytest.raises(Failure, match="no Dask scheduler at"):
        campaign.run([], run_case, Outcome, Options(dask="tcp://127.0.0.1:1"))
