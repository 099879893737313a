"""Break the firmware's guards in small ways: each `Mutant` is one change in one file.

What is broken, in the guards with all that they import, the fault table, the supervisor's
table with what raises its conditions, the gate, the dose, the limits and the hal with its
leases: a comparison says the opposite, a number moves by 20 % (a small one by 1), a row of a
table is gone or stops less, a condition is never raised, a test of a bit says the opposite.

Left out because another mutant is the same program, seen from outside: a word tested by an
`if` that does nothing but raise another word, which is made nothing as well; a constant of
a guard that is worked out from limits, which are moved themselves; numbers that only name
something (states, bits, columns).

The libraries of the field (mutmut, cosmic-ray) have neither tables nor fault words: they
would change arithmetic everywhere and leave out what is asked for here.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

CORE = Path("massager") / "core"
HAL = Path("massager") / "hal" / "esp32.py"
LIMITS = CORE / "limits.py"
_STARTS = (CORE / "guards.py", CORE / "safety" / "supervisor.py", CORE / "heat" / "dose.py")
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
_FAULT_COLUMNS = ("BIT", "CODE", "NAME", "STOPS", "DEBOUNCE_MS", "STAYS")
_WORDS = ("fault_table", "supervisor", "signals")  # modules that name bits; of signals, events
_EVENT = "EVENT_"
_SMALLEST_MOVED = 5  # smaller numbers name something, unless their own name says how many
# last words of the names of quantities
_QUANTITIES = (
    *("BITS", "MA", "MC", "MIN", "MS", "MV", "PA", "PERMILLE", "RPM", "S"),
    *("SHIFT", "STEPS", "TICK", "TICKS", "US"),
)
_COLUMNS = ("freeze_frame", "supervisor")  # their numbers are columns, states and bits
# of the hal: what renews its leases, ends them and drives the outputs
_LEASES = (
    *("feed", "relax_watchdog", "_drive_safe", "_check_lease"),
    *("_pwm", "_switch", "_duty"),
)
_GO_SAFE = ("_drive_safe", "_check_lease")
_SMALLEST_COMPARED = 2  # what is compared with nothing and with one is a comparison's mutant
_WEAKER = ("STOPS_SESSION", "STOPS_HEAT", "STOPS_AIR", "STOPS_MOTOR")
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
    inside: int = 0
    """The first line of the function of `where`, as Python counts it; 0 outside of any."""
    nth: int = 1
    """Of those that read the same."""

    @property
    def name(self) -> str:
        """Return its name in reports; it stays the same while other lines move."""
        change = " ".join(f"{self.before} → {self.after}".split())
        name = f"{self.file.removeprefix('massager/core/')} {self.where}: {change}"
        return name if self.nth == 1 else f"{name} ({self.nth})"

    def apply(self, source: str) -> str:
        """Return the text of the file with this change in it."""
        end = self.start + len(self.before)
        assert source[self.start : end] == self.before
        return source[: self.start] + self.after + source[end:]


def mutants(firmware: Path) -> list[Mutant]:
    """Return every mutant, in the order of files and lines."""
    found: list[Mutant] = []
    for file in (*guard_files(firmware), LIMITS, HAL):
        if (firmware / file).is_file():
            found += _of_file(file, (firmware / file).read_text(encoding="utf-8"))
    met: Counter[str] = Counter()
    for index, mutant in enumerate(found):
        met[mutant.name] += 1
        found[index] = replace(mutant, nth=met[mutant.name])
    return found


def guard_files(firmware: Path) -> list[Path]:
    """Return guards, conditions and dose, what they import of the core, all of `safety/`."""
    waiting = [*_STARTS, *(p.relative_to(firmware) for p in (firmware / _TABLES).glob("*.py"))]
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


def limits_outside(firmware: Path) -> set[str]:
    """Return limits that nothing in the core looks at: of the hal, of bring-up, or of nobody."""
    text = _Text(LIMITS, (firmware / LIMITS).read_text(encoding="utf-8"))
    used: set[str] = set()
    for path in (firmware / CORE).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "limits":
                used.add(node.attr)
            elif isinstance(node, ast.ImportFrom) and node.module == "massager.core.limits":
                used |= {alias.name for alias in node.names}
    return {mutant.where for mutant in text.constants()} - used


def _of_file(file: Path, source: str) -> Iterator[Mutant]:
    text = _Text(file, source)
    found = [*text.comparisons(), *text.compared(), *text.tests()]
    found += [*text.conditions(), *(() if file.stem in _COLUMNS else text.constants())]
    if file == HAL:
        found = [mutant for mutant in found if mutant.where in _LEASES]
        found += text.statements(_GO_SAFE)
    elif file.stem == "supervisor":
        found += text.rows("TRANSITIONS")
    elif file.stem == "gate":
        found += text.permits("PERMITS")
    elif file.stem == "fault_table":
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
        self._is_limits = file == LIMITS
        self._words = self._names_of_words()

    def comparisons(self) -> Iterator[Mutant]:
        """Yield each operator of a comparison, turned round."""
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

    def compared(self) -> Iterator[Mutant]:
        """Yield each plain number that takes part in a comparison, moved."""
        for where, node in self._code():
            if not isinstance(node, ast.Compare):
                continue
            for part in ast.walk(node):
                number = part.value if isinstance(part, ast.Constant) else None
                if type(number) is int and number >= _SMALLEST_COMPARED:
                    assert isinstance(part, ast.expr)
                    for percent in _MOVES:
                        yield self._replace(part, _moved(number, percent), "constant", where)

    def tests(self) -> Iterator[Mutant]:
        """Yield each bit or flag that an `if`, a `while` or a choice looks at, turned round."""
        for where, node in self._code():
            if isinstance(node, ast.If | ast.While | ast.IfExp):
                for part in _parts(node.test):
                    if not isinstance(part, ast.Compare | ast.Constant):
                        yield self._replace(part, f"(not ({self._of(part)}))", "test", where)

    def conditions(self) -> Iterator[Mutant]:
        """Yield each word of a fault, condition or event that is raised or looked at, cleared."""
        left_out = self._in_comparisons() | self._same_as_raised()
        for where, node in self._code():
            if self._is_word(node) and node not in left_out:
                assert isinstance(node, ast.expr)
                yield self._replace(node, "0", "condition", where)

    def constants(self) -> Iterator[Mutant]:
        """Yield each quantity at the top of the module, a fifth more and a fifth less."""
        for node in self._tree.body:
            if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
                continue
            name = node.targets[0].id
            value = node.value
            if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "const":
                value = value.args[0]
            number = _number(value)
            if number is None or not (self._is_limits or _is_quantity(name, number)):
                continue
            for percent in _MOVES:
                yield self._replace(value, _moved(number, percent), "constant", name)

    def statements(self, functions: Sequence[str]) -> Iterator[Mutant]:
        """Yield each call that stands for itself in `functions`, left out."""
        for where, node in self._code():
            call = node.value if isinstance(node, ast.Expr) else None
            if where.name in functions and isinstance(call, ast.Call):
                yield self._replace(call, "pass", "row", where)

    def rows(self, table: str) -> Iterator[Mutant]:
        """Yield each row of a table, removed."""
        for row in self._table(table).elts:
            yield self._replace(row, "*()", "row", table)

    def permits(self, table: str) -> Iterator[Mutant]:
        """Yield each state's permission, withdrawn; and given, where there is none."""
        for row in self._table(table).elts:
            after = _ALL if isinstance(row, ast.Constant) else "0"
            yield self._replace(row, after, "row", table)

    def faults(self, table: str) -> Iterator[Mutant]:
        """Yield each fault: it never comes into force, stops less, latches the other way."""
        for row in self._table(table).elts:
            assert isinstance(row, ast.Tuple)
            where = f"{table} {ast.literal_eval(row.elts[2])}"
            stops, debounce, latches = row.elts[3:6]
            yield self._replace(debounce, str(_NEVER_MS), "row", where)
            weaker = _WEAKER if self._of(stops) == "STOPS_ALL" else ()
            if self._of(stops) != "STOPS_NOTHING":
                weaker = (*weaker, "STOPS_NOTHING")
            for less in weaker:
                yield self._replace(stops, less, "row", where)
            other = "PASSES" if self._of(latches) == "LATCHES" else "LATCHES"
            yield self._replace(latches, other, "row", where)

    def _table(self, name: str) -> ast.Tuple:
        for node in self._tree.body:
            if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
                assert isinstance(node.value, ast.Tuple)
                return node.value
        raise LookupError(f"{self._file} has no table {name}")

    def _code(self) -> Iterator[tuple[ast.FunctionDef, ast.AST]]:
        """Yield everything inside functions, with the outermost function that it is in."""
        waiting: list[ast.AST] = [self._tree]
        while waiting:
            for node in ast.iter_child_nodes(waiting.pop()):
                if not isinstance(node, ast.FunctionDef):
                    waiting.append(node)
                    continue
                for inner in ast.walk(node):
                    yield node, inner

    def _names_of_words(self) -> set[str]:
        return {
            alias.name
            for node in ast.walk(self._tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for alias in node.names
            if _names_word(node.module.rpartition(".")[2], alias.name)
        }

    def _is_word(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute):
            return _names_word(getattr(node.value, "id", ""), node.attr)
        return isinstance(node, ast.Name) and node.id in self._words

    def _same_as_raised(self) -> set[ast.AST]:
        """Return WORD of each `if x & WORD: y |= OTHER`: OTHER is not raised without it."""
        same: set[ast.AST] = set()
        for _, node in self._code():
            if not isinstance(node, ast.If) or node.orelse or len(node.body) > 1:
                continue
            does, test = node.body[0], node.test
            raises = isinstance(does, ast.AugAssign) and self._is_word(does.value)
            if raises and isinstance(test, ast.BinOp) and isinstance(test.op, ast.BitAnd):
                same.add(test.right)
        return same

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

    def _replace(
        self, node: ast.expr, after: str, kind: str, where: "str | ast.FunctionDef"
    ) -> Mutant:
        start, end = self._span(node)
        before = self._source[start:end]
        name, inside = _place(where)
        return Mutant(self._file, kind, name, before, after, start, node.lineno, inside)

    def _between(
        self, left: ast.expr, right: ast.expr, after: str, where: ast.FunctionDef
    ) -> Mutant:
        """Return the same comparison with another operator."""
        start, left_end = self._span(left)
        right_start, end = self._span(right)
        # brackets belong to the operands, not to their nodes
        opening = self._source[left_end:right_start].count("(")
        closing = self._source[left_end:right_start].count(")")
        text = f"{self._source[start:left_end]}{')' * closing} {after} {'(' * opening}"
        return Mutant(
            self._file,
            "comparison",
            where.name,
            self._source[start:end],
            text + self._source[right_start:end],
            start,
            left.lineno,
            _place(where)[1],
        )


def _place(where: "str | ast.FunctionDef") -> tuple[str, int]:
    """Return its name, and the line at which Python says that the function begins."""
    if isinstance(where, str):
        return where, 0
    decorators = [node.lineno for node in where.decorator_list]
    return where.name, min([where.lineno, *decorators])


def _names_word(module: str, name: str) -> bool:
    """Return whether `name` of `module` is a word of bits."""
    if module == "signals":
        return name.startswith(_EVENT)
    return module in _WORDS and name.isupper() and name not in (*_FAULT_TABLES, *_FAULT_COLUMNS)


def _parts(test: ast.expr) -> Iterator[ast.expr]:
    """Yield what `and`, `or` and `not` join."""
    if isinstance(test, ast.BoolOp):
        for value in test.values:
            yield from _parts(value)
    elif isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        yield from _parts(test.operand)
    else:
        yield test


def _number(node: ast.expr) -> int | tuple[int, ...] | None:
    """Return the value of a number or a row of numbers, of sums and shifts too."""
    allowed = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.Tuple, ast.operator, ast.unaryop)
    if not all(isinstance(part, (*allowed, ast.expr_context)) for part in ast.walk(node)):
        return None
    value = eval(compile(ast.Expression(node), "limits", "eval"))
    whole = isinstance(value, int) or (
        isinstance(value, tuple) and value and all(isinstance(one, int) for one in value)
    )
    return value if whole else None


def _is_quantity(name: str, number: int | tuple[int, ...]) -> bool:
    """Return whether it is no bit, state, or number of a column."""
    if not isinstance(number, int):
        return False
    if name.rpartition("_")[2] in _QUANTITIES:
        return True
    return abs(number) >= _SMALLEST_MOVED and number & number - 1 != 0


def _moved(number: int | tuple[int, ...], percent: int) -> str:
    if isinstance(number, tuple):
        return repr(tuple(_moved_one(one, percent) for one in number))
    return str(_moved_one(number, percent))


def _moved_one(number: int, percent: int) -> int:
    moved = number * percent // 100
    if moved == number:
        moved += 1 if percent > 100 else -1
    return moved
