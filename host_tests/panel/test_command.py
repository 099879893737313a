"""`massager panel`: what it says where it cannot start."""

import subprocess
import sys

from massager_tools.panel.server import listen

WITHOUT = "import sys; sys.modules['nicegui'] = None; from massager_tools.cli import main; "


def _run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )


def test_without_nicegui_one_line_says_how_to_get_it() -> None:
    done = _run(WITHOUT + "sys.exit(main.run(['panel', '--no-browser']))")
    assert done.returncode == 1
    assert done.stderr.startswith("massager: the page needs NiceGUI; get it with  pip install")
    assert len(done.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_one_line() -> None:
    with listen(None) as taken:
        port = taken.getsockname()[1]
        arguments = f"['panel', '--no-browser', '--port', '{port}']"
        done = _run(
            f"import sys; from massager_tools.cli import main; sys.exit(main.run({arguments}))"
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith(f"massager: --port {port}: another program has")
