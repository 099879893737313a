"""A report as tables, for people."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from massager_tools.verification.report import Criterion, Distribution, Number, Report

_DIGITS = 4  # significant digits; the noise of a machine is above that


def show(report: Report, console: Console) -> None:
    """Print the single values, the figures beside those of the baselines, bars and notes."""
    if report.values:
        console.print(_values_table(report.values))
    if report.figures:
        console.print(_figures_table(report.figures, report.baselines))
    if report.rows:
        console.print(_rows_table(report.rows))
    if report.criteria:
        console.print(_bars_table(report.criteria))
    for note in report.notes:
        console.print(f"[dim]{note}[/dim]", highlight=False)


def _values_table(values: Mapping[str, Number]) -> Table:
    table = Table(box=None, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    for name, value in values.items():
        table.add_row(name, _text(value))
    return table


def _figures_table(
    figures: Mapping[str, Distribution], baselines: Mapping[str, Mapping[str, Distribution]]
) -> Table:
    table = Table()
    for heading in ("figure", "of", "p50", "p95", "worst", "unit"):
        table.add_column(heading, justify="left" if heading in ("figure", "of") else "right")
    everyone = {"this": figures, **baselines}
    for figure_name in figures:
        for owner, theirs in everyone.items():
            if figure_name in theirs:
                figure = theirs[figure_name]
                numbers = map(_text, (figure.p50, figure.p95, figure.worst))
                table.add_row(figure_name, owner, *numbers, figure.unit)
    return table


def _rows_table(rows: Sequence[Mapping[str, Any]]) -> Table:
    table = Table(box=None)
    for heading in rows[0]:
        table.add_column(heading)
    for row in rows:
        table.add_row(*map(str, row.values()))
    return table


def _bars_table(bars: Iterable[Criterion]) -> Table:
    table = Table()
    for heading in ("bar", "value", "limit", ""):
        table.add_column(heading, justify="left" if heading in ("bar", "") else "right")
    for bar in bars:
        verdict = "[green]ok[/green]" if bar.ok else "[red]short[/red]"
        limit = f"{bar.sense} {_text(bar.limit)} {bar.unit}".rstrip()
        table.add_row(bar.name, _text(bar.value), limit, verdict)
    return table


def _text(value: Number) -> str:
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ")
    return f"{value:.{_DIGITS}g}"
