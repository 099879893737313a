"""Replace constants by their values at deployment.

On the chip a name costs memory and every use of it a look-up. MicroPython's `const` folds only
private names, inside one file, and no `limits.A // limits.B`. So the integers that the core's
modules define as `NAME = const(…)` (or without, in capitals) are written where modules use them.
Definitions that are then unused are removed, also tables that only the host reads and the words
in the rows of the other tables, for the core works with numbers alone. Lines keep their numbers.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping, Set

from massager_tools import syntax_tree
from massager_tools.build.edits import Edit, apply
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


def fold(modules: Mapping[str, str], root: str) -> dict[str, str]:
    """Return `modules`, path to source, with the constants of those under `root` folded.

    `root` is a folder such as `massager/core`; only modules there give constants, all
    modules receive them. A constant that something still reads at run time, or whose
    module is used as a whole, stays defined. Raise Failure if a module is not Python.
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
        return syntax_tree.parse(source)
    except SyntaxError as error:
        raise Failure(
            f'does not compile: File "{path}", line {error.lineno}: {error.msg}'
        ) from None


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _definitions(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names in capitals that the module assigns once, at its top level."""
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
    """Yield every name that the module reads, imports or reaches as an attribute."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)


def _row_words(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield the strings in the rows of the module's tables: names for people and the host."""
    for table in (node.value for node in tree.body if isinstance(node, ast.Assign)):
        for row in table.elts if isinstance(table, ast.Tuple) else ():
            for cell in row.elts if isinstance(row, ast.Tuple) else ():
                if isinstance(cell, ast.Constant) and isinstance(cell.value, str):
                    yield cell


def _is_literal(value: ast.expr) -> bool:
    """Return whether the value is a table of plain values."""
    parts = (ast.Tuple, ast.Constant, ast.Name, ast.UnaryOp, ast.unaryop, ast.expr_context)
    return all(isinstance(node, parts) for node in ast.walk(value))


class _Scope:
    """The constants behind the names that one module imports."""

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
        """Return the number behind a name or `module.NAME`, None if it is no constant."""
        if isinstance(node, ast.Name):
            return self.names.get(node.id)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module = self.modules.get(node.value.id, "")
            return self._constants.get(module, {}).get(node.attr)
        return None

    def evaluate(self, node: ast.expr, own: Mapping[str, int]) -> int | None:
        """Return the integer of an expression of constants, None if it is none."""
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
    """Return the source of module `name` folded; `read` are the names read anywhere."""
    edits = list(_values(tree, _Scope(tree, constants), constants.get(name, {})))
    if name in constants:
        edits += [Edit(word, "0") for word in _row_words(tree)]
        edits += _needless_definitions(tree, constants[name], read)
    edits += _type_checking(tree)
    edits += _needless_imports(tree, edits)
    return apply(source, edits)


def _type_checking(tree: ast.Module) -> Iterator[Edit]:
    """Yield the removal of what only a type checker reads, imports for it included."""
    for annotation in _annotations(tree):
        yield Edit(annotation, "None")
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            test = statement.targets[0]
        elif isinstance(statement, ast.If):
            test = statement.test
        else:
            continue
        if isinstance(test, ast.Name) and test.id == "TYPE_CHECKING":
            yield Edit(statement, "")


def _annotations(tree: ast.Module) -> Iterator[ast.expr]:
    """Yield every annotation."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.returns:
            yield node.returns
        elif isinstance(node, (ast.arg, ast.AnnAssign)) and node.annotation:
            yield node.annotation


def _values(tree: ast.Module, scope: _Scope, own: Mapping[str, int]) -> Iterator[Edit]:
    """Yield the number for each place where the module reads a constant."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.Name, ast.Attribute)) and isinstance(node.ctx, ast.Load):
            value = scope.value(node)
            if value is None and isinstance(node, ast.Name):
                value = own.get(node.id)
            if value is not None:
                yield Edit(node, str(value) if value >= 0 else f"({value})")


def _needless_definitions(
    tree: ast.Module, own: Mapping[str, int], read: Set[str]
) -> Iterator[Edit]:
    """Yield the removal of folded constants and of tables that only the host reads."""
    needless = set(own)
    needless.update(n for n, v in _definitions(tree) if n not in read and _is_literal(v))
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id in needless:
                yield Edit(statement, "")


def _needless_imports(tree: ast.Module, edits: list[Edit]) -> list[Edit]:
    """Return the shortened imports: without names that only edited places used."""
    inside = {id(part) for edit in edits for part in ast.walk(edit.node)}
    named: dict[bool, set[str]] = {True: set(), False: set()}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            named[id(node) in inside].add(node.id)
    unused = named[True] - named[False]
    shortened = []
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module:
            left = [a for a in statement.names if (a.asname or a.name) not in unused]
            if len(left) < len(statement.names):
                shortened.append(Edit(statement, _import(statement.module, left)))
    return shortened


def _import(module: str, kept: list[ast.alias]) -> str:
    if not kept:
        return ""
    names = [f"{a.name} as {a.asname}" if a.asname else a.name for a in kept]
    return f"from {module} import {', '.join(names)}"
