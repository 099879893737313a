"""Speed of the page of `massager panel`, and its growth while it stays open.

The command is started, every page is loaded in a Chromium without a window, and then the home
page shows a virtual massager in session for an hour. Each row of telemetry is timed from when
the tools have it until the browser has drawn the picture that it makes.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from massager_tools.boards import load_board
from massager_tools.errors import Failure
from massager_tools.verification.report import Criterion, Distribution, Options, Report

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

STARTS, LOADS, WATCHED_S = 5, 5, 3_600.0
_QUICK_STARTS, _QUICK_LOADS, _QUICK_WATCHED_S = 1, 1, 60.0
_SAMPLE_S = 15.0
READY_MAX_S, LOAD_MAX_S, PICTURE_MAX_MS, RATE_MIN_HZ = 3.0, 1.0, 200.0, 9.5
SERVER_GROWTH_MAX_MB, HEAP_GROWTH_MAX_MB, BROWSER_GROWTH_MAX_MB, NODES_GROWTH_MAX = 5, 5, 20, 50
_FILLED = 0.25
"""The share of the time in which the history of ten minutes fills."""
_ON_THEIR_WAY = 600
"""Rows that are kept to be found again: a minute of them."""
_PROPERTIES = ("--manifold", "--c1", "--c2", "--c3")
_BOARD = "esp32_devkitc"
_START_PATIENCE_S = 120.0
_KB, _MB = 1024, 1024 * 1024

_WATCH = """
const names = arguments[0], home = document.querySelector(".home");
const drawn = (window.__drawn = []);
let before = "";
new MutationObserver(() => {
  const key = names.map((name) => home.style.getPropertyValue(name)).join(" ");
  if (key === before) return;
  before = key;
  requestAnimationFrame(() => setTimeout(() => drawn.push([key, Date.now()])));
}).observe(home, {attributes: true, attributeFilter: ["style"]});
"""
_LOADED = """
const done = arguments[0];
const look = () =>
  window.did_handshake && document.querySelector("main .card")
    ? requestAnimationFrame(() => done(performance.now()))
    : setTimeout(look, 2);
look();
"""


@dataclass(frozen=True)
class Sample:
    """Use of the page at one moment; memory in megabytes."""

    t_s: float
    rows: int
    server_mb: float
    heap_mb: float
    browser_mb: float
    nodes: int


@dataclass
class Found:
    """Measurements of one run."""

    ready_s: list[float] = field(default_factory=list)
    load_s: dict[str, list[float]] = field(default_factory=dict)
    picture_ms: list[float] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)


def measure(options: Options) -> Report:
    """Run `massager measure page`. Failure where there is no Chromium."""
    from massager_tools.panel.chromium import chromium

    found = Found()
    with (
        tempfile.TemporaryDirectory(prefix="massager-") as profile,
        chromium(Path(profile)) as driver,
    ):
        starts = _QUICK_STARTS if options.quick else STARTS
        found.ready_s = [_ready_s() for _ in range(starts)]
        with _served() as (panel, address):
            _load(driver, address, _QUICK_LOADS if options.quick else LOADS, found)
            watched_s = _QUICK_WATCHED_S if options.quick else WATCHED_S
            _watch(driver, panel, address, watched_s, found, options.progress)
    return report(found)


def _ready_s() -> float:
    """Return how long `massager panel` takes until the page answers."""
    command = [sys.executable, "-m", "massager_tools.cli.main", "panel", "--no-browser"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    began_s = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        ready_s = time.monotonic() - began_s
        process.terminate()
    if "http://" not in line:
        raise Failure("massager panel did not start")
    return ready_s


@contextmanager
def _served() -> Iterator[tuple[Any, str]]:
    from massager_tools.panel.panel import Panel
    from massager_tools.panel.server import PanelServer
    from massager_tools.panel.virtual_device import VirtualDevice

    panel = Panel(VirtualDevice(load_board(_BOARD)))
    addresses: list[str] = []
    started = threading.Event()

    def ready(address: str) -> None:
        addresses.append(address)
        started.set()

    server = PanelServer(panel)
    thread = threading.Thread(target=server.run, args=(ready,))
    thread.start()
    try:
        if not started.wait(_START_PATIENCE_S):
            raise Failure("the page did not start")
        yield panel, addresses[0]
    finally:
        server.stop()
        thread.join()
        panel.close()


def _load(driver: Chrome, address: str, times: int, found: Found) -> None:
    from massager_tools.panel.frame import PAGES

    for _ in range(times):
        for path, (name, _, _) in PAGES.items():
            driver.get(address + path.lstrip("/"))
            milliseconds = driver.execute_async_script(_LOADED)
            found.load_s.setdefault(name, []).append(milliseconds / 1000)


def _watch(
    driver: Chrome,
    panel: Any,
    address: str,
    watched_s: float,
    found: Found,
    progress: Callable[[float], None],
) -> None:
    """Watch the home page with a session under way, and sample what it takes."""
    from massager_tools.panel import leg_picture

    sent: list[tuple[float, str]] = []
    status = panel.virtual.status
    add = status.add

    def timed(values: dict[str, Any]) -> None:
        properties = leg_picture.properties(values)
        key = " ".join(properties[name] for name in _PROPERTIES)
        if not sent or sent[-1][1] != key:
            sent.append((time.time() * 1000, key))
        add(values)

    status.add = timed
    driver.get(address)
    driver.execute_async_script(_LOADED)
    driver.execute_script(_WATCH, list(_PROPERTIES))
    began_s = time.monotonic()
    while (now_s := time.monotonic() - began_s) < watched_s:
        if status.values.get("fw_state") == 0:
            panel.virtual.send({"do": "press", "button": "power", "for_ms": 600})
        time.sleep(_SAMPLE_S)
        drawn = driver.execute_script("return window.__drawn.splice(0)")
        found.picture_ms += delays(sent, [(key, at_ms) for key, at_ms in drawn])
        del sent[:-_ON_THEIR_WAY]
        found.samples.append(_sample(driver, now_s, status.count))
        progress(now_s / watched_s)


def delays(
    sent: Sequence[tuple[float, str]], drawn: Sequence[tuple[str, float]]
) -> Iterator[float]:
    """Yield for each drawn picture the milliseconds since the newest row that makes it."""
    times_of: dict[str, list[float]] = {}
    for at_ms, key in sent:
        times_of.setdefault(key, []).append(at_ms)
    for key, at_ms in drawn:
        times = times_of.get(key, [])
        before = bisect_right(times, at_ms + 1)  # the browser counts whole milliseconds
        if before:
            yield at_ms - times[before - 1]


def _sample(driver: Chrome, t_s: float, rows: int) -> Sample:
    driver.execute_cdp_cmd("HeapProfiler.collectGarbage", {})
    driver.execute_cdp_cmd("Performance.enable", {})
    metrics = {
        one["name"]: one["value"]
        for one in driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    }
    pid = driver.service.process.pid
    return Sample(
        t_s,
        rows,
        _memory_mb(os.getpid()),
        metrics["JSHeapUsedSize"] / _MB,
        sum(_memory_mb(one) for one in _family(pid)),
        int(metrics["Nodes"]),
    )


def _memory_mb(pid: int) -> float:
    """Return the memory that a process alone has; 0 where it has gone."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError:
        return 0.0
    return (
        sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))
        / _KB
    )


def _family(pid: int) -> list[int]:
    """Return a process and all that came from it."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(folder.name))
    family = [pid]
    for one in family:
        family += children.get(one, [])
    return family


def growth(samples: Sequence[Sample], name: str) -> float:
    """Return by how much the median grew from the second quarter of the time to the last."""
    end_s = samples[-1].t_s
    early = [getattr(one, name) for one in samples if _FILLED <= one.t_s / end_s < 2 * _FILLED]
    late = [getattr(one, name) for one in samples if one.t_s / end_s >= 1 - _FILLED]
    rise: float = statistics.median(late) - statistics.median(early)
    return round(rise, 2)


def report(found: Found) -> Report:
    """Return the figures and whether they suffice."""
    samples = found.samples
    first, last = samples[0], samples[-1]
    loads = {name: Distribution.of(seconds, "s") for name, seconds in found.load_s.items()}
    slowest = max(loads.values(), key=lambda one: one.p50)
    pictures = Distribution.of(found.picture_ms, "ms")
    ready = Distribution.of(found.ready_s, "s")
    rate_hz = (last.rows - first.rows) / (last.t_s - first.t_s)
    return Report(
        "page",
        figures={
            "ready": ready,
            "telemetry to picture": pictures,
            **{f"load {name}": one for name, one in loads.items()},
        },
        values={
            "minutes": round(last.t_s / 60, 1),
            "pictures": len(found.picture_ms),
            "server_mb": round(last.server_mb, 1),
            "heap_mb": round(last.heap_mb, 1),
            "browser_mb": round(last.browser_mb, 1),
            "nodes": last.nodes,
        },
        criteria=(
            Criterion("ready, median", round(ready.p50, 2), READY_MAX_S, "at most", "s"),
            Criterion("slowest page, median", round(slowest.p50, 2), LOAD_MAX_S, "at most", "s"),
            Criterion("telemetry to picture, p95", pictures.p95, PICTURE_MAX_MS, "at most", "ms"),
            Criterion("rows of telemetry", round(rate_hz, 2), RATE_MIN_HZ, "at least", "Hz"),
            *_growths(samples),
        ),
        notes=(
            "a page is loaded once its socket answers and its first frame is drawn",
            "memory is what a process has alone; the heap is that of the page after a collection; "
            "growth is from the median of the second quarter to that of the last",
            "load of the computer: " + ", ".join(f"{one:.1f}" for one in os.getloadavg()),
        ),
    )


def _growths(samples: Sequence[Sample]) -> Iterator[Criterion]:
    for name, words, limit, unit in (
        ("server_mb", "server grows", SERVER_GROWTH_MAX_MB, "MB"),
        ("heap_mb", "heap of the page grows", HEAP_GROWTH_MAX_MB, "MB"),
        ("browser_mb", "browser grows", BROWSER_GROWTH_MAX_MB, "MB"),
        ("nodes", "nodes of the page grow", NODES_GROWTH_MAX, ""),
    ):
        yield Criterion(words, growth(samples, name), limit, "at most", unit)
