"""Say which line of the firmware's source a traceback from the chip means."""

from __future__ import annotations

import re
from functools import cache

from massager_tools.build import deploy
from massager_tools.build.link import Joined

_PLACE = re.compile(r'File "(massager/\w+|bringup)", line (\d+)')


def with_source_lines(text: str) -> str:
    """Return `text` with the places in joined files replaced by those in the source.

    They are right where the chip has the firmware of this installation.
    """
    return _PLACE.sub(_source_line, text)


def _source_line(place: re.Match[str]) -> str:
    joined = _joined().get(f"{place[1]}.py")
    if joined is None:
        return place[0]
    path, line = joined.origin(int(place[2]))
    return f'File "{path}", line {line}'


@cache
def _joined() -> dict[str, Joined]:
    return deploy.source_lines()
