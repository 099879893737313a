"""Gives private names short ones, so that the chip does not keep long ones in memory.

Every identifier that starts with a single underscore is replaced, by the same short one
in all modules. Names of functions stay: with the file they are what a traceback from the
chip shows. So do names that a string spells, for somebody may look them up by it.
"""

from __future__ import annotations

import io
import itertools
import re
import string
import tokenize
from collections import Counter
from collections.abc import Iterator, Mapping

_PRIVATE = re.compile(r"\b_[A-Za-z]\w*")
_FIRST = string.ascii_letters
_REST = string.ascii_letters + string.digits


def shorten(modules: Mapping[str, str]) -> dict[str, str]:
    """`modules`, path to source, with short private names; lines keep their numbers."""
    tokens = {path: _tokens(source) for path, source in modules.items()}
    used: Counter[str] = Counter()
    kept: set[str] = set()
    for found in tokens.values():
        before = ""
        for token in found:
            if token.type == tokenize.NAME and _PRIVATE.fullmatch(token.string):
                used[token.string] += 1
                if before == "def":
                    kept.add(token.string)
            elif token.type == tokenize.STRING:
                kept.update(_PRIVATE.findall(token.string))
            before = token.string
    # the most used first; in the order of the alphabet where that is the same
    wanted = sorted(used.keys() - kept, key=lambda name: (-used[name], name))
    free = (name for name in _short() if name not in kept)
    names = dict(zip(wanted, free, strict=False))
    return {path: _renamed(modules[path], tokens[path], names) for path in modules}


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(source).readline))


def _short() -> Iterator[str]:
    """_a, _b, … _Z, _aa, …"""
    for length in itertools.count():
        for first, *rest in itertools.product(_FIRST, *[_REST] * length):
            yield "_" + first + "".join(rest)


def _renamed(source: str, tokens: list[tokenize.TokenInfo], names: Mapping[str, str]) -> str:
    lines = source.splitlines(keepends=True)
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in names:
            row, start = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:start] + names[token.string] + line[token.end[1] :]
    return "".join(lines)
