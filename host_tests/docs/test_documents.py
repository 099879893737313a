"""The documents name what is there: links, files, commands, options, and every dependency."""

import re
from pathlib import Path

import click
import pytest

from host_tests.support.interpreter import ROOT
from massager_tools.cli import main

README_LINES = 120
DOCUMENT_BYTES = 20_000
DOCUMENTS = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "*.md",
        *(f"{top}/**/*.md" for top in ("boards", "firmware", "host_tests", "tools")),
    )
    for path in ROOT.glob(pattern)
)
FOLDERS = ("", "firmware", "firmware/massager", "firmware/massager/core", "tools", "host_tests")
"""Where a file that a text names may stand; beside the document, too."""
PRIVATE = re.compile(
    r"\b(br[e]ath\w*|ow(es|ed)|d(ou)bts?|wish(es)?|t(ell|ells|old)|hears?|struck)\b", re.I
)
"""Words that an engineer would not look for: a part detects, reports, checks or requests."""


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def code_in(text: str) -> list[str]:
    """Every `span` and every line of a block in backticks."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text, re.M | re.S)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return [*spans, *(line for block in blocks for line in block.splitlines())]


def calls_in(text: str) -> list[str]:
    """Every call of the command, without what is written behind it."""
    found = re.findall(r"(?<![\w./-])massager [a-z][^#&|;\n]*", "\n".join(code_in(text)))
    return sorted({call.strip() for call in found})


CALLS = sorted({call for document in DOCUMENTS for call in calls_in(text_of(document))})


def anchors_in(text: str) -> set[str]:
    """The anchors that GitHub gives to the headings of `text`."""
    headings = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(text: str, folder: Path) -> list[str]:
    """The links in `text`, which stands in `folder`, that lead nowhere in this tree."""
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = folder / path if path else None
        if target is not None and not target.exists():
            broken.append(link)
        elif anchor:
            linked = text if target is None else target.read_text(encoding="utf-8")
            if anchor not in anchors_in(linked):
                broken.append(link)
    return broken


def missing_files(text: str, folder: Path) -> list[str]:
    """The paths named in `text` that are neither in `folder` nor where code stands."""
    places = [folder, *(ROOT / each for each in FOLDERS)]
    paths = [code for code in code_in(text) if re.fullmatch(r"[\w.]+(/[\w.*]+)+/?", code)]
    return [
        path
        for path in paths
        if not any(next(place.glob(end), None) for place in places for end in (path, f"{path}.py"))
    ]


def test_documents_are_found() -> None:
    assert {"README.md", "firmware/README.md", "boards/BUILDING.md"} <= set(DOCUMENTS)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    assert broken_links(text_of(document), (ROOT / document).parent) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_named_files_are_there(document: str) -> None:
    assert missing_files(text_of(document), (ROOT / document).parent) == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_size(document: str) -> None:
    text = text_of(document)
    assert len(text.encode()) <= DOCUMENT_BYTES
    if document == "README.md":
        assert len(text.splitlines()) < README_LINES


@pytest.mark.parametrize("document", DOCUMENTS)
def test_words_are_the_field_s(document: str) -> None:
    assert [line for line in text_of(document).splitlines() if PRIVATE.search(line)] == []


BROKEN_ROWS = (
    # text, broken link or missing file
    ("see [it](README.md), [this](nowhere.md)", "nowhere.md"),
    ("see [it](README.md#licence), [this](README.md#no-such-part)", "README.md#no-such-part"),
    ("# Here\n[this](#here) and [that](#there)", "#there"),
    ("`core/limits.py`, `core/heat/regulator`, `core/no_such.py`", "core/no_such.py"),
)


def test_broken(row: tuple[str, str]) -> None:
    text, wrong = row
    assert [*broken_links(text, ROOT), *missing_files(text, ROOT)] == [wrong]


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


def test_calls_are_found() -> None:
    block = "```\npip x && massager flash --port P\nmassager log  # all\n```"
    text = f"`massager demo`\n{block}\nmassager is"
    assert calls_in(text) == ["massager demo", "massager flash --port P", "massager log"]


SUBFOLDERS_ROWS = (
    # document, folder, what stands before a name in its table
    ("tools/README.md", "tools/massager_tools", "massager_tools/"),
    ("host_tests/README.md", "host_tests", ""),
)


def test_subfolders(row: tuple[str, str, str]) -> None:
    """Each has its row in the table of its document."""
    document, folder, prefix = row
    named = set(re.findall(rf"^\| `{prefix}(\w+)/` \|", text_of(document), re.M))
    there = {path.parent.name for path in (ROOT / folder).glob("*/*.py")}
    assert there - named == set()


def test_every_command_has_its_row() -> None:
    table = text_of("README.md").partition("| you want to | command |")[2].partition("\n\n")[0]
    rows = re.findall(r"\| `massager ([^`]+)` \|$", table, re.M)
    assert sorted(rows) == sorted(main.COMMANDS)


def test_every_dependency_has_its_line() -> None:
    project = text_of("pyproject.toml")
    lists = re.findall(r"^(?:dependencies|test|panel) = \[\n(.*?)^\]", project, re.M | re.S)
    names = set(re.findall(r'^ +"([A-Za-z0-9-]+)', "".join(lists), re.M))
    table = text_of("tools/README.md").partition("## Dependencies")[2].partition("\n## ")[0]
    assert sorted(names) == sorted(re.findall(r"`([a-z0-9-]+)`(?=[^\n]* \| )", table))
