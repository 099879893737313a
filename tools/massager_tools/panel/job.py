"""Something that takes a while, in a thread of its own, and how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable

from massager_tools.errors import Failure, UsageError

Progress = Callable[[float, str], None]


class Job:
    """Run `work(report)`, which returns what to say at its end.

    Windows read `share`, `detail`, `lines` and `error`; they may come and go meanwhile.
    """

    def __init__(self, work: Callable[[Progress], list[str]]) -> None:
        self.share = 0.0
        self.detail = "starting"
        self.lines: list[str] = []
        self.error = ""
        self.done = False
        self._work = work
        threading.Thread(target=self._run, daemon=True, name="job").start()

    def _run(self) -> None:
        try:
            self.lines = self._work(self._progress)
            self.share, self.detail = 1.0, "done"
        except (UsageError, Failure) as error:
            self.error = str(error)
        except Exception as error:  # a thread must not end without a word on the page
            self.error = f"the tools failed: {type(error).__name__}: {error}"
        finally:
            self.done = True

    def _progress(self, share: float, detail: str = "") -> None:
        self.share, self.detail = share, detail
