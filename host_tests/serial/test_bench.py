"""`massager bench` as a program: it leaves nothing behind, however it is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.micropython


@pytest.mark.parametrize("ended_by", [signal.SIGTERM, signal.SIGINT])
def test_no_temporary_folder_stays(ended_by: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "massager_tools.cli.main", "bench"],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
        # a shell that runs the tests in the background has them ignore SIGINT
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as process:
        assert process.stdout is not None
        assert " is on " in process.stdout.readline()
        assert list(tmp_path.iterdir())
        process.send_signal(ended_by)
        said = process.communicate(timeout=20)[0]
    assert said.endswith("off\n")
    assert process.returncode == 0
    assert list(tmp_path.iterdir()) == []
