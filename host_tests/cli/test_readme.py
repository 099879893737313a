"""The README names what is there: commands, options, files, and every dependency."""

import re
from pathlib import Path

import click
import pytest

from massager_tools.cli import main
from massager_tools.verification import MEASURES

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CODE = re.findall(r"`([^`\n]+)`", README) + re.findall(r"```\n(.*?)```", README, re.S)
CALLS = sorted(
    {match for code in CODE for match in re.findall(r"massager (?!tools)[a-z].*", code)}
)


def test_every_dependency_has_its_line() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lists = re.findall(r"^(?:dependencies|test) = \[\n(.*?)^\]", project, re.M | re.S)
    names = re.findall(r'^ +"([A-Za-z0-9-]+)', "".join(lists), re.M)
    table = README.partition("## Dependencies")[2].partition("\n## ")[0]
    assert sorted(names) == sorted(re.findall(r"`([a-z0-9-]+)`(?=[^\n]* \| )", table))


def test_every_command_and_measure_has_its_row() -> None:
    table = README.partition("| command | what it does |")[2].partition("\n\n")[0]
    rows = set(re.findall(r"^\| `massager ([^`]+)` \|", table, re.M))
    commands = set(main.COMMANDS) - {"measure"}
    assert rows == commands | {f"measure {name}" for name in MEASURES}


@pytest.mark.parametrize("call", CALLS)
def test_every_call_is_understood(call: str) -> None:
    """Each is parsed by click as far as its command and options go."""
    words = call.split()[1:]
    command: click.Command = main.massager
    while isinstance(command, click.Group) and words:
        found = command.get_command(click.Context(command), words.pop(0))
        assert found is not None, call
        command = found
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options


def test_files_are_there() -> None:
    paths = re.findall(r"\]\(([^)]+)\)", README)
    paths += [code for code in CODE if re.fullmatch(r"[a-z_.]+(/[a-zA-Z_.]+)+/?", code)]
    places = (ROOT, ROOT / "firmware", ROOT / "firmware/massager", ROOT / "tools")
    known = [*places, ROOT / "firmware/massager/core"]
    missing = [
        path
        for path in paths
        if not any((place / path).exists() or (place / f"{path}.py").exists() for place in known)
    ]
    assert missing == []
