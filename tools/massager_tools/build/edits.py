"""Change places of a source text, and keep its lines."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Edit:
    """The text that replaces a node."""

    node: ast.expr | ast.stmt
    text: str


def apply(source: str, edits: Iterable[Edit]) -> str:
    """Return `source` with the edits made; an edit inside another one is dropped."""
    lines = source.encode().splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    whole = b"".join(lines)
    spans = sorted(
        (
            starts[edit.node.lineno - 1] + edit.node.col_offset,
            starts[(edit.node.end_lineno or 0) - 1] + (edit.node.end_col_offset or 0),
            edit.text.encode(),
        )
        for edit in edits
    )
    out = bytearray()
    at = 0
    for start, end, text in spans:
        if start < at:
            continue
        out += whole[at:start] + text + b"\n" * whole[start:end].count(b"\n")
        at = end
    return (out + whole[at:]).decode()
