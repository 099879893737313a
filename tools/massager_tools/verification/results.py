"""`massager measure all`: run every measure in order, resume what was stopped, write the results.

FOLDER holds for each measure and seed its finished runs (`NAME-SEED.jsonl`) and, once it is
whole, its report (`NAME-SEED.json`) with the digest of the firmware it is of. From the reports
of one digest host_tests/RESULTS.md is written, with nothing typed by hand: the last line holds
a checksum of the text.
"""

import datetime
import hashlib
import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from massager_tools.errors import UsageError
from massager_tools.paths import require_checkout
from massager_tools.verification import MEASURES, campaign, measure, workers
from massager_tools.verification.report import Criterion, Options, Report

ALL = "all"
ORDER: tuple[tuple[str, int], ...] = (
    ("thermistor", 0),
    *((name, more) for more in (0, 1) for name in ("motor", "motor-faults", "air", "heat")),
    ("panel", 0),
    ("tick", 0),
    ("longrun", 0),
    *((name, more) for more in (0, 1) for name in ("air-faults", "heat-faults")),
    ("faults", 0),
    ("mutation", 0),
    *(("use", more) for more in (0, 1)),
)
"""Measure → what is added to the seed; the short ones first."""
PICTURES = {"air": "air.png", "heat": "heat.png", "motor": "motor.png", "faults": "faults.png"}
RESULTS = Path("host_tests") / "RESULTS.md"
_PICTURES_DIR = Path("tools") / "pictures"
_FIGURES_SHOWN = 12
_NOTES_SHOWN = 12
_NOTE_LENGTH = 160
_GENERATED = re.compile(r"(<!-- not-run -->\n).*?(?=<!-- /)", re.S)
_CHECKSUM = re.compile(r"<!-- checksum ([0-9a-f]{16}) -->\n$")
_DIGEST = re.compile(r"^firmware: `([0-9a-f]{16})`", re.M)


def measure_all(options: Options) -> Report:
    """Run what `options.keep`, a folder, has not got yet; write RESULTS.md and the pictures."""
    root = require_checkout("measure all")
    if options.keep is None:
        raise UsageError("measure all needs a folder for its runs: --keep FOLDER")
    if options.keep.is_file():
        raise UsageError(f"{options.keep} is a file; measure all keeps its runs in a folder")
    options.keep.mkdir(parents=True, exist_ok=True)
    reports = []
    stopped = ""
    for number, (name, more) in enumerate(ORDER):
        seed = options.seed + more
        part = replace(
            options,
            seed=seed,
            keep=options.keep / f"{name}-{seed}.jsonl",
            progress=_part(options.progress, number),
        )
        report = _stored(part)
        if report is None and not stopped:
            try:
                report = _measured(name, part, root)
            except KeyboardInterrupt:
                stopped = f"stopped in {name}: the same command goes on from there"
        if report is not None:
            reports.append(report)
    text = written(reports, _commit(root), datetime.date.today().isoformat(), options.quick)
    (root / RESULTS).write_text(text, encoding="utf-8")
    from massager_tools.manual import tables

    tables.write_all()
    return Report(
        name=ALL,
        values={"measures": len(reports), "of": len(ORDER)},
        criteria=(
            Criterion("measures run to their end", len(reports), len(ORDER), "at least"),
            *_criteria(reports),
        ),
        notes=(f"written: {RESULTS}", *([stopped] if stopped else [])),
    )


def _part(progress: Callable[[float], None], number: int) -> Callable[[float], None]:
    return lambda share: progress((number + share) / len(ORDER))


def _criteria(reports: Sequence[Mapping[str, Any]]) -> Iterator[Criterion]:
    for one in reports:
        for bar in one["bars"]:
            name = f"{one['measure']}, seed {one['seed']}: {bar['name']}"
            yield Criterion(name, bar["value"], bar["limit"], bar["sense"], bar["unit"])


def _stored(options: Options) -> dict[str, Any] | None:
    """Return the report of a measure from the folder, where it is whole and of this firmware."""
    assert options.keep is not None
    file = options.keep.with_suffix(".json")
    if not file.exists():
        return None
    stored: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    is_current = stored["digest"] == campaign.digest() and stored["quick"] == options.quick
    return stored if is_current else None


def _measured(name: str, options: Options, root: Path) -> dict[str, Any]:
    """Run a measure, and store its report in the folder."""
    assert options.keep is not None
    started_s = time.monotonic()
    report = measure(name, options)
    if name in PICTURES and report.draw is not None:
        report.draw(root / _PICTURES_DIR / PICTURES[name])
    found = {
        **report.as_dict(),
        "digest": campaign.digest(),
        "quick": options.quick,
        "seed": options.seed,
        "minutes": round((time.monotonic() - started_s) / 60, 1),
        "runner": workers.note(),
    }
    file = options.keep.with_suffix(".json")
    file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    return found


def _commit(root: Path) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=10"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def written(reports: Sequence[Mapping[str, Any]], commit: str, date: str, quick: bool) -> str:
    """Return the text of RESULTS.md, its checksum at the end."""
    names = {one["measure"] for one in reports}
    missing = [name for name in MEASURES if name not in names]
    lines = [
        "# Results",
        "",
        "Written by `massager measure all`; nothing here is typed by hand. Plants, noise and legs",
        "are modelled; no figure comes from a built massager.",
        "",
        f"commit `{commit}`, {date}" + (", a quick run: a small part of the work" * quick),
        f"firmware: `{campaign.digest()[:16]}`",
        "",
    ]
    if missing:
        lines += [f"Not run to their end: {', '.join(missing)}.", ""]
    for one in reports:
        lines += _section(one)
    rows: list[Any] = []
    for one in reports:
        rows = one.get("rows", []) if one["measure"] == "faults" else rows
    lines += ["## Every kind of fault", "", "<!-- campaign -->", *_table(_faults_head(), rows)]
    lines += ["<!-- /campaign -->", "", "Not run yet:", "", "<!-- not-run -->"]
    lines += ["<!-- /not-run -->", ""]
    text = "\n".join(lines)
    return f"{text}<!-- checksum {checksum(text)} -->\n"


def _section(one: Mapping[str, Any]) -> Iterator[str]:
    yield f"## `massager measure {one['measure']} --seed {one['seed']}`"
    yield ""
    if one["measure"] in PICTURES:
        picture = PICTURES[one["measure"]]
        yield f"![{one['measure']}](../{(_PICTURES_DIR / picture).as_posix()})"
        yield ""
    numbers = {
        name: value
        for name, value in one.items()
        if isinstance(value, int | float) and name not in ("ok", "quick", "seed")
    }
    yield "; ".join(f"{name} {_number(value)}" for name, value in numbers.items())
    yield ""
    bars = [
        (
            bar["name"],
            _number(bar["value"]),
            f"{bar['sense']} {_number(bar['limit'])} {bar['unit']}".rstrip(),
            "ok" if bar["ok"] else "**short**",
        )
        for bar in one["bars"]
    ]
    yield from _lines(("bar", "value", "limit", ""), bars)
    yield ""
    figures = [
        (name, of, *(_number(figure[part]) for part in ("p50", "p95", "worst")), figure["unit"])
        for name in list(one["figures"])[:_FIGURES_SHOWN]
        for of, figure in _owners(one, name)
    ]
    if figures:
        yield from _lines(("figure", "of", "p50", "p95", "worst", "unit"), figures)
        yield ""
    for note in one["notes"][:_NOTES_SHOWN]:
        yield f"- {note[:_NOTE_LENGTH]}"
    if len(one["notes"]) > _NOTES_SHOWN:
        yield f"- and {len(one['notes']) - _NOTES_SHOWN} more"
    yield ""


def _owners(one: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for of, figures in {"this": one["figures"], **one["peers"]}.items():
        if name in figures:
            yield of, figures[name]


def _faults_head() -> tuple[str, ...]:
    from massager_tools.verification.faults import COLUMNS

    return COLUMNS


def _table(head: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    cells = [[f"`{row['fault']}`", *map(str, list(row.values())[1:])] for row in rows]
    return list(_lines(head, cells))


def _lines(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def checksum(text: str) -> str:
    """Return the checksum of a text of RESULTS.md, generated tables left out."""
    return hashlib.sha256(_GENERATED.sub(r"\1", text).encode()).hexdigest()[:16]


def age(text: str) -> str:
    """Return of which firmware the results are; ValueError where they were typed by hand."""
    said, digest = _CHECKSUM.search(text), _DIGEST.search(text)
    if said is None or digest is None or checksum(text[: said.start()]) != said[1]:
        raise ValueError(f"{RESULTS} is written by `massager measure all` only")
    if digest[1] == campaign.digest()[:16]:
        return "of this firmware"
    return "of another firmware: massager measure all --keep FOLDER"
