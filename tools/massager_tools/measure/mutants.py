"""Breaks the firmware's guards in small ways: each `Mutant` is one change in one file.

What is broken, in the guards with all that they import, the fault table, the supervisor's
table, the gate and the limits: a comparison says the opposite, a number moves by 20 %, a row
of a table is gone, a condition is never raised, a test of a bit says the opposite.

The libraries of the field (mutmut, cosmic-ray) know neither tables nor fault words: they
would change arithmetic everywhere and leave out what is asked for here.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CORE = Path("massager") / "core"
_START = CORE / "guards.py"
_TABLES = CORE / "safety"
_NOT_GUARDS = ("limits", "signals", "units", "pi")
_MOVES = (120, 80)  # percent
_OPPOSITES: dict[type[ast.cmpop], str] = {
    ast.Lt: ">=",
    ast.LtE: ">",
    ast.Gt: "<=",
    ast.GtE: "<",
    ast.Eq: "!=",
    ast.NotEq: "==",
    ast.Is: "is not",
    ast.IsNot: "is",
    ast.In: "not in",
    ast.NotIn: "in",
}
_FAULT_TABLES = ("HEAT", "AIR", "MOTOR", "SYSTEM")
_SMALLEST_MOVED = 5  # smaller numbers are shifts, counts and indices
_NEVER_MS = 1 << 29
_ALL = "15"  # every permission of the gate


@dataclass(frozen=True)
class Mutant:
    """`after` in place of `before`, at `start` of the text of `file` (below `firmware/`)."""

    file: str
    kind: str
    """comparison, constant, row, condition or test."""
    where: str
    """Function or name that it is in."""
    before: str
    after: str
    start: int
    line: int

    @property
    def name(self) -> str:
        """What it is called in reports; stays the same while other lines move."""
        change = " ".join(f"{self.before} → {self.after}".split())
        return f"{self.file.removeprefix('massager/core/')} {self.where}: {change}"

    def apply(self, source: str) -> str:
        """The text of the file with this change in it."""
        end = self.start + len(self.before)
        assert source[self.start : end] == self.before
        return source[: self.start] + self.after + source[end:]


def mutants(firmware: Path) -> list[Mutant]:
    """Every one, in the order of files and lines."""
    found: list[Mutant] = []
    for file in guard_files(firmware):
        found += _of_file(file, (firmware / file).read_text(encoding="utf-8"))
    limits = CORE / "limits.py"
    used = _limits_used(firmware)
    text = _Text(limits, (firmware / limits).read_text(encoding="utf-8"))
    found += [mutant for mutant in text.constants(public=True) if mutant.where in used]
    return found


def guard_files(firmware: Path) -> list[Path]:
    """The guards, all modules of the core that they import, and all of `safety/`."""
    waiting = [_START, *(p.relative_to(firmware) for p in (firmware / _TABLES).glob("*.py"))]
    found: set[Path] = set()
    while waiting:
        file = waiting.pop()
        if file in found or file.stem in _NOT_GUARDS or not (firmware / file).is_file():
            continue
        found.add(file)
        tree = ast.parse((firmware / file).read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                base = Path(*node.module.split("."))
                waiting += [base.with_suffix(".py"), *(base / f"{a.name}.py" for a in node.names)]
    return sorted(file for file in found if file.name != "__init__.py")


def unused_limits(firmware: Path) -> list[str]:
    """Limits that nothing in the core looks at: of the hal, or of nobody."""
    limits = CORE / "limits.py"
    text = _Text(limits, (firmware / limits).read_text(encoding="utf-8"))
    names = dict.fromkeys(mutant.where for mutant in text.constants(public=True))
    used = _limits_used(firmware)
    return [name for name in names if name not in used]


def _limits_used(firmware: Path) -> set[str]:
    used: set[str] = set()
    for path in (firmware / CORE).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "limits":
                used.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and node.module == "massager.core.limits":
                used |= {alias.name for alias in node.names}
    return used


def _of_file(file: Path, source: str) -> Iterator[Mutant]:
    text = _Text(file, source)
    found = [*text.comparisons(), *text.tests(), *text.conditions(), *text.constants()]
    if file.stem == "supervisor":
        found += text.rows("TRANSITIONS")
    elif file.stem == "gate":
        found += text.permits("PERMITS")
    elif file.stem == "faults":
        found = [mutant for name in _FAULT_TABLES for mutant in text.faults(name)]
    yield from sorted(found, key=lambda mutant: mutant.start)


class _Text:
    """One source file, and the changes that can be made to it."""

    def __init__(self, file: Path, source: str) -> None:
        self._file = file.as_posix()
        self._source = source
        self._tree = ast.parse(source)
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line.encode()))
        self._bytes = source.encode()
        self._faults = self._names_of_faults()

    def comparisons(self) -> Iterator[Mutant]:
        """Each operator of a comparison, turned round."""
        for where, node in self._code():
            if not isinstance(node, ast.Compare):
                continue
            left = node.left
            for operator, right in zip(node.ops, node.comparators, strict=True):
                opposite = _OPPOSITES[type(operator)]
                before = f"{self._of(left)} ? {self._of(right)}"
                mutant = self._between(left, right, opposite, where)
                assert mutant is not None, before
                yield mutant
                left = right

    def tests(self) -> Iterator[Mutant]:
        """Each bit or flag that an `if`, a `while` or a choice looks at, turned round."""
        for where, node in self._code():
            if isinstance(node, ast.If | ast.While | ast.IfExp):
                for part in _parts(node.test):
                    if not isinstance(part, ast.Compare | ast.Constant):
                        yield self._replace(part, f"(not ({self._of(part)}))", "test", where)

    def conditions(self) -> Iterator[Mutant]:
        """Each word of the fault table that is raised or withheld, made nothing."""
        for where, node in self._code():
            is_word = (
                isinstance(node, ast.Attribute)
                and getattr(node.value, "id", "") == "faults"
                and node.attr.isupper()
            ) or (isinstance(node, ast.Name) and node.id in self._faults)
            if is_word and node not in self._in_comparisons():
                assert isinstance(node, ast.expr)
                yield self._replace(node, "0", "condition", where)

    def constants(self, public: bool = False) -> Iterator[Mutant]:
        """Each number at the top of the module, a fifth more and a fifth less."""
        for node in self._tree.body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            name = node.targets[0].id
            if name.startswith("_") == public:
                continue
            value = node.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const":
                value = value.args[0]
            number = _number(value)
            if number is None or (not public and not _is_moved(number)):
                continue
            for percent in _MOVES:
                yield self._replace(value, _moved(number, percent), "constant", name)

    def rows(self, table: str) -> Iterator[Mutant]:
        """Each row of a table, gone."""
        for row in self._table(table).elts:
            yield self._replace(row, "*()", "row", table)

    def permits(self, table: str) -> Iterator[Mutant]:
        """Each state's permission, withdrawn; and given, where there is none."""
        for row in self._table(table).elts:
            after = _ALL if isinstance(row, ast.Constant) else "0"
            yield self._replace(row, after, "row", table)

    def faults(self, table: str) -> Iterator[Mutant]:
        """Each fault: it never comes into force, stops nothing, latches the other way."""
        for row in self._table(table).elts:
            assert isinstance(row, ast.Tuple)
            where = f"{table} {ast.literal_eval(row.elts[1])}"
            stops, debounce, latches = row.elts[2:5]
            yield self._replace(debounce, str(_NEVER_MS), "row", where)
            if self._of(stops) != "STOPS_NOTHING":
                yield self._replace(stops, "STOPS_NOTHING", "row", where)
            other = "PASSES" if self._of(latches) == "LATCHES" else "LATCHES"
            yield self._replace(latches, other, "row", where)

    def _table(self, name: str) -> ast.Tuple:
        for node in self._tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                assert isinstance(node.value, ast.Tuple)
                return node.value
        raise LookupError(f"{self._file} has no table {name}")

    def _code(self) -> Iterator[tuple[str, ast.AST]]:
        """Everything inside functions, with the name of the function."""
        for node in ast.walk(self._tree):
            if isinstance(node, ast.FunctionDef):
                for inner in ast.walk(node):
                    yield node.name, inner

    def _names_of_faults(self) -> set[str]:
        return {
            alias.name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.ImportFrom) and node.module == "massager.core.safety.faults"
            for alias in node.names
            if alias.name.isupper()
        }

    def _in_comparisons(self) -> set[ast.AST]:
        return {
            inner
            for node in ast.walk(self._tree)
            if isinstance(node, ast.Compare)
            for inner in ast.walk(node)
        }

    def _at(self, line: int, column: int) -> int:
        return len(self._bytes[: self._starts[line - 1] + column].decode())

    def _span(self, node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, ast.expr)
        assert node.end_lineno is not None and node.end_col_offset is not None
        start = self._at(node.lineno, node.col_offset)
        return start, self._at(node.end_lineno, node.end_col_offset)

    def _of(self, node: ast.AST) -> str:
        start, end = self._span(node)
        return self._source[start:end]

    def _replace(self, node: ast.expr, after: str, kind: str, where: str) -> Mutant:
        start, end = self._span(node)
        return Mutant(self._file, kind, where, self._source[start:end], after, start, node.lineno)

    def _between(self, left: ast.expr, right: ast.expr, after: str, where: str) -> Mutant:
        """The same comparison with another operator."""
        start, left_end = self._span(left)
        right_start, end = self._span(right)
        # brackets belong to the operands, not to their nodes
        opening = self._source[left_end:right_start].count("(")
        closing = self._source[left_end:right_start].count(")")
        text = f"{self._source[start:left_end]}{')' * closing} {after} {'(' * opening}"
        return Mutant(
            self._file,
            "comparison",
            where,
            self._source[start:end],
            text + self._source[right_start:end],
            start,
            left.lineno,
        )


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    """What `and`, `or` and `not` join."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts(value)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _parts(test.operand)
    else:
        yield test


def _number(node: ast.expr) -> int | tuple[int, ...] | None:
    """The value of a number or a row of numbers, of sums and shifts too."""
    allowed = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Tuple, ast.operator, ast.unaryop)
    if not all(isinstance(part, (*allowed, ast.expr_context)) for part in ast.walk(node)):
        return None
    value = eval(compile(ast.Expression(node), "limits", "eval"))
    whole = isinstance(value, int) or (
        isinstance(value, tuple) and value and all(isinstance(one, int) for one in value)
    )
    return value if whole else None


def _is_moved(number: int | tuple[int, ...]) -> bool:
    """A quantity, not a bit or an index."""
    return isinstance(number, int) and abs(number) >= _SMALLEST_MOVED and number & number - 1 != 0


def _moved(number: int | tuple[int, ...], percent: int) -> str:
    if isinstance(number, tuple):
        return repr(tuple(_moved_one(one, percent) for one in number))
    return str(_moved_one(number, percent))


def _moved_one(number: int, percent: int) -> int:
    moved = number * percent // 100
    if moved == number:
        moved += 1 if percent > 100 else -1
    return moved
