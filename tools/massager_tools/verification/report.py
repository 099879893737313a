"""The one shape of every measurement: its options, its figures, and whether they suffice.

A measure is a module of this package with `measure(options: Options) -> Report`; the
table in `__init__.py` names it. Nothing here knows what is measured.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Union

Number = Union[int, float]  # noqa: UP007 - PyPy may be a Python 3.9

DEFAULT_SEED = 1


@dataclass(frozen=True)
class Options:
    """Options of any measure.

    `quick` does a tenth of the work, for tests. `plants` is a file of plant parameters in
    place of the shipped one. `keep` is a file in which finished runs are stored, `dask` the
    address of a cluster's scheduler. `progress(share)` is called with 0…1.
    """

    quick: bool = False
    seed: int = DEFAULT_SEED
    plants: Path | None = None
    keep: Path | None = None
    dask: str | None = None
    progress: Callable[[float], None] = lambda share: None


@dataclass(frozen=True)
class Distribution:
    """The distribution of one quantity; `worst` is its extreme on the bad side."""

    p50: Number
    p95: Number
    worst: Number
    unit: str

    @classmethod
    def of(
        cls, samples: Iterable[Number], unit: str, bad: Literal["high", "low"] = "high"
    ) -> Distribution:
        """Return the distribution of `samples`; p95 leaves the worse 5 % beyond it."""
        ordered = sorted(samples, reverse=bad == "low")
        if not ordered:
            raise ValueError("no samples")
        at_95 = min(len(ordered) - 1, len(ordered) * 95 // 100)
        return cls(statistics.median(ordered), ordered[at_95], ordered[-1], unit)


@dataclass(frozen=True)
class Criterion:
    """One demand on the figures: `value` compared with `limit`."""

    name: str
    value: Number
    limit: Number
    sense: Literal["at most", "at least"]
    unit: str = ""

    @property
    def ok(self) -> bool:
        """Return whether the demand is met; a value that is not a number meets none."""
        if self.sense == "at most":
            return self.value <= self.limit
        return self.value >= self.limit


@dataclass(frozen=True)
class Report:
    """Results of one measure.

    `values` are single numbers under names of their own, `figures` distributions, `baselines`
    the same figures of other people's solutions on the same plants in the same run,
    `notes` what a reader needs to judge them. `draw(path)` plots it, where there is
    something to plot. `rows` is a table of its own, one mapping a line with the same keys.
    """

    name: str
    figures: Mapping[str, Distribution] = field(default_factory=dict)
    criteria: tuple[Criterion, ...] = ()
    values: Mapping[str, Number] = field(default_factory=dict)
    baselines: Mapping[str, Mapping[str, Distribution]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    draw: Callable[[Path], None] | None = None
    rows: tuple[Mapping[str, Any], ...] = ()

    @property
    def ok(self) -> bool:
        """Return whether every criterion is met."""
        return all(bar.ok for bar in self.criteria)

    def as_dict(self) -> dict[str, Any]:
        """Return it for programs: single values at the top, then figures, baselines and bars."""
        return {
            "measure": self.name,
            "ok": self.ok,
            **self.values,
            "figures": {name: asdict(figure) for name, figure in self.figures.items()},
            "peers": {
                of: {name: asdict(figure) for name, figure in figures.items()}
                for of, figures in self.baselines.items()
            },
            "bars": [asdict(bar) | {"ok": bar.ok} for bar in self.criteria],
            "notes": list(self.notes),
            **({"rows": [dict(row) for row in self.rows]} if self.rows else {}),
        }

    def as_json(self) -> str:
        """Return `as_dict` as JSON; ValueError for what is not a number."""
        return json.dumps(self.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
