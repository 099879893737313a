"""The virtual massager behind the page: the shipped firmware in a process of its own."""

from __future__ import annotations

import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from massager_tools.build import deploy
from massager_tools.device_data import blackbox
from massager_tools.device_data.blackbox import FlashFolder, Reader
from massager_tools.device_data.transport import NAMESPACE, Nvs, Transport
from massager_tools.errors import Failure, UsageError
from massager_tools.panel.device import Status
from massager_tools.sim.factory_nvs import brought_up
from massager_tools.sim.host import Result, VirtualMassager

STOPS_WITHIN_S = 20.0
_NORMAL_ENDS = ("stop", "until")


class NvsBlocks:
    """A flash store at hand, as a transport."""

    def __init__(self, nvs: Nvs) -> None:
        self._blocks = nvs.get(NAMESPACE, {})

    def read(self, key: str) -> bytes:
        """Return the bytes under `key`, empty where nothing is kept."""
        value = self._blocks.get(key)
        return bytes(value) if isinstance(value, list) else b""


@dataclass
class KeptHere:
    """Stored data of a virtual massager: its flash store and its files."""

    store: Transport
    files: Reader


class VirtualDevice:
    """A virtual massager that runs until `close`, started anew by `restart`.

    `board` has to be free of errors. `nvs` is what it keeps from earlier; as delivered
    unless given. Its files and its store outlive a restart.
    """

    def __init__(
        self,
        board: Mapping[str, Any],
        *,
        nvs: Nvs | None = None,
        speed: float = 1.0,
        on_cpython: bool = False,
        seed: int = 1,
    ) -> None:
        self.status = Status()
        self.speed = speed
        """Virtual over real time, as chosen."""
        self.held: set[str] = set()
        self.faults: set[str] = set()
        """Names of the faults in force."""
        self._board = dict(board)
        self._nvs = dict(brought_up(board) if nvs is None else nvs)
        self._on_cpython = on_cpython
        self._seed = seed
        self._massager: VirtualMassager | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="massager-panel-")
        self._flash = Path(self._folder.name) / "flash-0"
        self._built: Mapping[str, Any] = {}
        self._builds = 0
        self._lock = threading.RLock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._events: tuple[Mapping[str, Any], ...] = ()
        self._start()

    @property
    def title(self) -> str:
        """Return a name for people."""
        return f"virtual massager, {self._board['title']}"

    @property
    def can_press(self) -> bool:
        """Return True: it is virtual."""
        return True

    @property
    def board(self) -> Mapping[str, Any]:
        """Return the board that is flashed."""
        return self._board

    @property
    def nvs(self) -> Nvs:
        """Return what it kept when it was switched off last."""
        return self._nvs

    def send(self, *events: Mapping[str, Any]) -> None:
        """Let `events` happen; UsageError when one makes no sense."""
        massager = self._massager
        if massager is not None:
            massager.send(*events)

    def press(self, button: str) -> None:
        """Hold a button from now on; meanwhile time runs no faster than real."""
        with self._lock:
            if button in self.held:
                return
            self.held.add(button)
            slow = [{"do": "speed", "times": min(1.0, self.speed)}]
            self.send(*slow, {"do": "press", "button": button})

    def release(self, button: str) -> None:
        """Release a button that is held."""
        with self._lock:
            if button not in self.held:
                return
            self.held.discard(button)
            events: list[dict[str, Any]] = [{"do": "release", "button": button}]
            if not self.held:
                events.append({"do": "speed", "times": self.speed})
            self.send(*events)

    def set_speed(self, times: float) -> None:
        """Let time run `times` as fast as real time."""
        self.speed = times
        self.send({"do": "speed", "times": times})

    def set_fault(self, name: str, on: bool) -> None:
        """Break something, or mend it; UsageError where this board has no such part."""
        with self._lock:
            self.send({"do": "fault", "name": name, "on": on})
            (self.faults.add if on else self.faults.discard)(name)

    def restart(
        self,
        board: Mapping[str, Any] | None = None,
        events: tuple[Mapping[str, Any], ...] = (),
        nvs: Nvs | None = None,
    ) -> None:
        """Pull the plug and put it in again; what it keeps stays, a new `board` is flashed.

        `events` happen after its start, `nvs` takes the place of what it keeps.
        """
        self._stop()
        if board is not None:
            self._board = dict(board)
        if nvs is not None:
            self._nvs = dict(nvs)
        self._events = events
        self._start()

    @contextmanager
    def at_rest(self) -> Iterator[KeptHere]:
        """Stop the firmware, which then keeps what it has not kept yet; start it again."""
        self._stop("ctrl_c")
        try:
            yield KeptHere(NvsBlocks(self._nvs), FlashFolder(self._flash))
        finally:
            self._start()

    def close(self) -> None:
        """End it."""
        self._stop()
        self._folder.cleanup()

    def _start(self) -> None:
        self.status.crash = ""
        self.status.condition = "the virtual massager is starting"
        self.held.clear()
        self.faults.clear()
        self._stopping.clear()
        self._thread = threading.Thread(target=self._run, daemon=True, name="virtual massager")
        self._thread.start()

    def _flashed(self) -> Path:
        """Return the folder with the firmware for the board; the black box moves with it."""
        if self._built != self._board:
            self._builds += 1
            flash = Path(self._folder.name) / f"flash-{self._builds}"
            deploy.build(self._board, flash, python=self._on_cpython, linked=not self._on_cpython)
            recording = self._flash / blackbox.box().NAME
            if recording.exists():
                shutil.copy(recording, flash)
            self._flash, self._built = flash, dict(self._board)
        return self._flash

    def _stop(self, how: str = "stop") -> None:
        thread = self._thread
        if thread is not None:
            self._stopping.set()
            self.send({"do": how})
            thread.join(STOPS_WITHIN_S)
        self._thread = None

    def _run(self) -> None:
        """Run the massager once, from power-on to its end: the body of the thread."""
        massager = None
        try:
            massager = VirtualMassager(
                self._board,
                speed=self.speed,
                flash_dir=self._flashed(),
                nvs=self._nvs,
                on_cpython=self._on_cpython,
                seed=self._seed,
                events=self._events,
            )
            with massager:
                self._massager = massager
                if self._stopping.is_set():  # before it was connected
                    massager.send({"do": "stop"})
                passed_on = 0
                for row in massager.rows():
                    self.status.add(row)
                    for message in massager.serial[passed_on:]:
                        self.status.say(message)
                    passed_on = len(massager.serial)
        except (Failure, UsageError) as error:
            self.status.condition = str(error)
        finally:
            self._massager = None
        if massager is not None and massager.result is not None:
            self._ended(massager.result)

    def _ended(self, result: Result) -> None:
        if result.nvs:
            self._nvs = result.nvs
        if result.reason == "died":  # a fault of the tools, which the condition names
            return
        self.status.condition = "the virtual massager is off"
        if result.reason not in _NORMAL_ENDS and not self._stopping.is_set():
            outputs = "every output is off" if result.outputs_safe else "NOT EVERY OUTPUT IS OFF"
            words = f"The firmware ended ({result.reason}); {outputs}."
            self.status.condition = words
            self.status.crash = f"{words}\n{result.traceback}".rstrip()
