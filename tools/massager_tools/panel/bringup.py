"""The first power-up in a thread of its own: questions to the page, answers from it, Stop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Protocol

from massager_tools.bringup.bench import Bench, Device
from massager_tools.bringup.operator import NOTICED, Noticed, Operator
from massager_tools.bringup.runner import Outcome
from massager_tools.bringup.steps import bring_up
from massager_tools.bringup.virtual import VirtualBench
from massager_tools.device.mpremote import Device as RemoteDevice
from massager_tools.errors import Failure, UsageError
from massager_tools.panel.device import Status

PRACTICE_SPEED = 4.0
"""Times real time on a virtual bench, where somebody watches."""

STOPPED = "Stopped: every output is off, and the heat stays locked."


class Stopped(Exception):
    """The builder pressed Stop."""


@dataclass(frozen=True)
class Question:
    """Question of the page: its text, and the answers; none where a number is typed."""

    text: str
    answers: tuple[str, ...] = ()


class _Interruptible(Device, Protocol):
    def interrupt(self) -> None: ...


class BringUp:
    """One first power-up. Windows read the fields; `answer` and `stop` come from them.

    `port` is that of a real device. Without one a virtual device of `board` is brought up,
    soldered as `wiring` says and broken by `faults`; with `helped` nothing is asked there.
    """

    def __init__(
        self,
        board: Mapping[str, Any],
        port: str = "",
        *,
        wiring: Mapping[str, Any] | None = None,
        faults: Sequence[str] = (),
        helped: bool = False,
        speed: float = PRACTICE_SPEED,
    ) -> None:
        self.status = Status()
        """The rows of a virtual device, for the picture."""
        self.virtual = not port
        self.step = -1
        """The step under way, an index of STEPS."""
        self.outcomes: list[Outcome] = []
        self.question: Question | None = None
        self.said: list[str] = []
        self.kept: dict[str, Any] = {}
        """The calibration, once all steps have passed."""
        self.error = ""
        self.done = False
        self._board, self._port = board, port
        self._wiring, self._faults = wiring, faults
        self._helped, self._speed = helped, speed
        self.calling = False
        """Whether the device is at work; at its prompt there is nothing to interrupt."""
        self._answers: queue.Queue[str | None] = queue.Queue()
        self._stopping = threading.Event()
        self._device: _Interruptible | None = None
        threading.Thread(target=self._run, daemon=True, name="bring-up").start()

    def answer(self, text: str) -> None:
        """Answer the question that is asked."""
        self.question = None
        self._answers.put(text)

    def stop(self) -> None:
        """End it at once, from any thread: every output goes off, the heat stays locked."""
        if self.done:
            return
        self._stopping.set()
        self._answers.put(None)
        device = self._device
        if device is not None and self.calling:
            with suppress(Failure):  # a device that has gone has lost its power with its cable
                device.interrupt()

    def ask(self, text: str, answers: tuple[str, ...] = ()) -> str:
        """Put a question to the page and wait for its answer; Stopped where that is Stop."""
        self.check()
        self.question = Question(text, answers)
        answer = self._answers.get()
        self.question = None
        if answer is None:
            raise Stopped
        return answer

    def check(self) -> None:
        """Raise Stopped once Stop was pressed."""
        if self._stopping.is_set():
            raise Stopped

    def say(self, text: str) -> None:
        """Show on the page what happens."""
        self.said.append(text)

    def _run(self) -> None:
        try:
            with self._bench() as (device, operator), Bench(_Watched(device, self)) as bench:
                for result in bring_up(bench, operator, begin=self._begin):
                    if isinstance(result, Outcome):
                        self.outcomes.append(result)
                    else:
                        self.kept = result
        except Stopped:
            self.error = STOPPED
        except (Failure, UsageError) as error:
            self.error = STOPPED if self._stopping.is_set() else str(error)
        except Exception as error:  # a thread must not end without a word on the page
            self.error = f"the tools failed: {type(error).__name__}: {error}"
        finally:
            self.question = None
            self.done = True

    def _begin(self, title: str) -> None:
        self.check()
        self.step += 1
        self.say(title)

    @contextmanager
    def _bench(self) -> Iterator[tuple[_Interruptible, Operator]]:
        if self._port:
            remote = RemoteDevice(self._port)
            self._device = remote
            remote.enter_service()
            yield remote, _Builder(self, None)
            remote.restart()
            return
        with VirtualBench(
            self._board,
            self._wiring,
            self._faults,
            say=self.say,
            speed=None if self._helped else self._speed,
            on_row=self.status.add,
        ) as virtual:
            self._device = virtual
            yield virtual, virtual if self._helped else _Builder(self, virtual)


class _Watched:
    """A device that nothing more is asked of once Stop was pressed, but to clean up."""

    def __init__(self, device: Device, owner: BringUp) -> None:
        self._device = device
        self._owner = owner

    def execute(self, code: str) -> str:
        if "bringup.drive" in code:
            self._owner.check()
        self._owner.calling = True
        try:
            return self._device.execute(code)
        finally:
            self._owner.calling = False


class _Builder:
    """The builder at the page; on a virtual bench `hands` do what a page cannot."""

    def __init__(self, owner: BringUp, hands: VirtualBench | None) -> None:
        self._owner = owner
        self._hands = hands

    def prepare(self, text: str) -> None:
        self._owner.ask(text, ("Done",))

    def about_to(self, text: str) -> None:
        self._owner.ask(text, ("Go",))
        if self._hands is not None:
            self._hands.about_to(text)

    def noticed(self, expected: Noticed) -> Noticed:
        others = tuple(answer for answer in NOTICED if answer != expected)
        answer = self._owner.ask("What moved, clicked or shone just now?", (expected, *others))
        return next(word for word in NOTICED if word == answer)

    def chamber(self, count: int) -> int:
        numbers = tuple(str(number) for number in range(1, count + 1))
        question = "Which chamber filled, counted from the ankle?"
        answer = self._owner.ask(question, (*numbers, "none"))
        return int(answer) if answer in numbers else 0

    def press(self, button: str) -> None:
        if self._hands is not None:
            self._hands.press(button)
        else:
            self._owner.say(f"Press and hold the button on the case: {button}")

    def thermometer(self) -> float | None:
        if self._hands is not None:
            return self._hands.thermometer()
        answer = self._owner.ask("What does a thermometer beside the pad say, in °C?")
        return float(answer) if answer else None


def swapped(board: Mapping[str, Any], one: str, other: str) -> dict[str, Any]:
    """Return how a board is soldered whose wires to two roles are exchanged."""
    roles = {role: dict(spec) for role, spec in board["roles"].items()}
    roles[one]["pin"], roles[other]["pin"] = roles[other]["pin"], roles[one]["pin"]
    return {**board, "roles": roles}
