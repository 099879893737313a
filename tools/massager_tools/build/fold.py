"""Puts constants in the place of their names, so that the chip carries neither.

On the chip a name costs memory and every use of it a look-up; MicroPython's `const` folds
private names inside a file only, and of those no `limits.A // limits.B`. At deployment the
integers that the core's modules define as `NAME = const(…)` (or without, in capitals) are
written where modules use them, and the definitions nobody needs any more are left out: also
those of tables that only the host reads, and the words in the rows of the others, for the core
works with numbers alone. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass

from massager_tools.errors import Failure

_OPERATORS: Mapping[type[ast.AST], Callable[..., int]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.USub: operator.neg,
    ast.Invert: operator.invert,
}


@dataclass
class _Edit:
    """Text to put in the place of a node."""

    node: ast.expr | ast.stmt
    text: str


def fold(modules: Mapping[str, str], root: str) -> dict[str, str]:
    """`modules`, path to source, with the constants of those under `root` folded.

    `root` is a folder such as `massager/core`; only modules there give constants, all
    modules receive them. A constant that something still reads at run time, or whose
    module is used as a whole, stays defined. Raises Failure where a module is no Python.
    """
    trees = {_dotted(path): _parse(path, source) for path, source in modules.items()}
    constants: dict[str, dict[str, int]] = {}
    for path in modules:
        if path.startswith(root + "/"):
            constants[_dotted(path)] = {}
    for _ in range(len(constants)):  # constants of constants, until nothing new is found
        before = sum(map(len, constants.values()))
        for name, known in constants.items():
            scope = _Scope(trees[name], constants)
            for target, value in _definitions(trees[name]):
                number = scope.evaluate(value, known)
                if number is not None:
                    known[target] = number
        if sum(map(len, constants.values())) == before:
            break
    read = set().union(*map(_names_read, trees.values()))
    return {
        path: _folded(source, trees[_dotted(path)], _dotted(path), constants, read)
        for path, source in modules.items()
    }


def _parse(path: str, source: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise Failure(
            f'does not compile: File "{path}", line {error.lineno}: {error.msg}'
        ) from None


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Names in capitals that the module assigns once, at its top level."""
    seen: dict[str, list[ast.expr]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and target.id.isupper():
                seen.setdefault(target.id, []).append(node.value)
    for name, values in seen.items():
        if len(values) == 1:
            yield name, values[0]


def _names_read(tree: ast.Module) -> Iterator[str]:
    """Every name that the module reads, imports or reaches as an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _row_words(tree: ast.Module) -> Iterator[ast.expr]:
    """The strings in the rows of the module's tables: names, for people and for the host."""
    for table in (node.value for node in tree.body if isinstance(node, ast.Assign)):
        for row in table.elts if isinstance(table, ast.Tuple) else ():
            for cell in row.elts if isinstance(row, ast.Tuple) else ():
                if isinstance(cell, ast.Constant) and isinstance(cell.value, str):
                    yield cell


def _is_literal(value: ast.expr) -> bool:
    """Whether nothing but a table can come of it."""
    parts = (ast.Tuple, ast.Constant, ast.Name, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(node, parts) for node in ast.walk(value))


class _Scope:
    """What the names of one module's imports stand for."""

    def __init__(self, tree: ast.Module, constants: Mapping[str, Mapping[str, int]]) -> None:
        self._constants = constants
        self.names: dict[str, int] = {}
        self.modules: dict[str, str] = {}
        for node in tree.body:
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for alias in node.names:
                    bound = alias.asname or alias.name
                    whole = f"{node.module}.{alias.name}"
                    if whole in constants:
                        self.modules[bound] = whole
                    elif alias.name in constants.get(node.module, {}):
                        self.names[bound] = constants[node.module][alias.name]

    def value(self, node: ast.expr) -> int | None:
        """The number that a name or `module.NAME` stands for, if it is a constant."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.modules.get(node.value.id, "")
            return self._constants.get(module, {}).get(node.attr)
        return None

    def evaluate(self, node: ast.expr, own: Mapping[str, int]) -> int | None:
        """The integer an expression of constants comes to, None where it is none."""
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id == "const":
                return self.evaluate(node.args[0], own)
            return None
        if isinstance(node, ast.Constant):
            return node.value if type(node.value) is int else None
        if isinstance(node, ast.Name) and node.id in own:
            return own[node.id]
        parts = []
        if isinstance(node, ast.BinOp):
            parts = [node.left, node.right]
        elif isinstance(node, ast.UnaryOp):
            parts = [node.operand]
        if not parts or type(node.op) not in _OPERATORS:  # type: ignore[attr-defined]
            return self.value(node)
        numbers = [self.evaluate(part, own) for part in parts]
        if None in numbers:
            return None
        return _OPERATORS[type(node.op)](*numbers)  # type: ignore[attr-defined]


def _folded(
    source: str,
    tree: ast.Module,
    name: str,
    constants: Mapping[str, Mapping[str, int]],
    read: Set[str],
) -> str:
    scope = _Scope(tree, constants)
    own = constants.get(name, {})
    needless = set(own)
    if name in constants:
        needless.update(n for n, v in _definitions(tree) if n not in read and _is_literal(v))
    edits: list[_Edit] = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            value = scope.value(node)
            if value is None and isinstance(node, ast.Name):
                value = own.get(node.id)
            if value is not None:
                edits.append(_Edit(node, str(value) if value >= 0 else f"({value})"))
    if name in constants:
        edits += [_Edit(word, "0") for word in _row_words(tree)]
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id in needless:
                edits.append(_Edit(statement, ""))
    inside = {id(part) for edit in edits for part in ast.walk(edit.node)}
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            named[id(node) in inside].add(node.id)
    spent = named[True] - named[False]  # names that only folded places used
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            kept = [a for a in statement.names if (a.asname or a.name) not in spent]
            if len(kept) < len(statement.names):
                edits.append(_Edit(statement, _import(statement.module, kept)))
    return _apply(source, edits)


def _import(module: str, kept: list[ast.alias]) -> str:
    if not kept:
        return ""
    names = [f"{a.name} as {a.asname}" if a.asname else a.name for a in kept]
    return f"from {module} import {', '.join(names)}"


def _apply(source: str, edits: list[_Edit]) -> str:
    """`source` with the edits made; an edit inside another one goes with it."""
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
