"""Proof that the core computes with small integers only.

On the ESP32 an int outside -2**30 … 2**30-1 and every float is a heap object, and a float
is a different answer than on the bench. `load_checked_core()` loads a second copy of the
core in which the result of every operator and of every numeric built-in is looked at, so
that running the core runs the proof. A value that is too large is found even where a mask
would make it small again one operator later.

What runs at construction, module level and `__init__` with all it calls, may use floats
and large ints: it happens once, and what it leaves behind is looked at when a tick uses it.
"""

import ast
import builtins
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, TypeVar

from host_tests.support.interpreter import FIRMWARE, ROOT

_Node = TypeVar("_Node", bound=ast.AST)

SMALL_MIN = -(1 << 30)
SMALL_MAX = (1 << 30) - 1

_CHECK = "__small__"
_CONSTRUCTION = "__construction__"
_NUMERIC_BUILTINS = {"abs", "int", "len", "max", "min", "pow", "round", "sum"}
_LITERAL_NODES = (ast.Constant, ast.BinOp, ast.UnaryOp, ast.operator, ast.unaryop)


class SmallIntError(ArithmeticError):
    """A tick computed something that the ESP32 has to put on the heap."""


def is_small(value: object) -> bool:
    """Whether `value` is no number, or an int that MicroPython keeps off the heap."""
    if isinstance(value, int):
        return SMALL_MIN <= value <= SMALL_MAX
    return not isinstance(value, (float, complex))


class _Construction:
    """Counts the constructions under way; a context manager that may be re-entered."""

    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> None:
        self.depth += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.depth -= 1


class _Instrument(ast.NodeTransformer):
    """Wraps what computes a number in a call of the check, with the place as a constant."""

    def __init__(self, file: str) -> None:
        self._file = file

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        return self._operator(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.expr:
        return self._operator(node)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        return node if is_small(node.value) else self._checked(node, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        original = ast.unparse(node)
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in _NUMERIC_BUILTINS:
            return self._checked(node, node, original)
        return node

    def visit_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        place = ast.unparse(node)
        if any(isinstance(part, ast.Call) for part in ast.walk(node.target)):
            where = f"{self._file}:{node.lineno}"
            raise SyntaxError(f"{where}: {place}: a target with a call cannot be read back")
        read_back = ast.parse(ast.unparse(node.target), mode="eval").body
        self.generic_visit(node)
        return [node, _at(node, ast.Expr(self._checked(node, read_back, place)))]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        self.generic_visit(node)
        if node.name == "__init__":
            phase = ast.withitem(ast.Name(_CONSTRUCTION, ast.Load()))
            node.body = [_at(node, ast.With([phase], node.body))]
        return node

    def _operator(self, node: ast.BinOp | ast.UnaryOp) -> ast.expr:
        original = ast.unparse(node)
        # MicroPython folds literals when it compiles: only what comes out exists on the chip
        if not all(isinstance(part, _LITERAL_NODES) for part in ast.walk(node)):
            self.generic_visit(node)
        return self._checked(node, node, original)

    def _checked(self, at: ast.AST, value: ast.expr, text: str = "") -> ast.expr:
        line = getattr(at, "lineno", 0)
        place = ast.Constant(f"{self._file}:{line}: {text or ast.unparse(value)}")
        call = ast.Call(ast.Name(_CHECK, ast.Load()), [value, place], [])
        return _at(at, call)


def _at(source: ast.AST, node: _Node) -> _Node:
    """`node` with the line of `source`, throughout."""
    return ast.fix_missing_locations(ast.copy_location(node, source))


class CheckedPackage:
    """A private copy of a package whose arithmetic is looked at; `sys.modules` stays as it is.

    `root` is the folder that holds the top package, `package` the dotted name that
    `module()` counts from.
    """

    def __init__(self, root: Path, package: str) -> None:
        self._root = root
        self._package = package
        self._top = package.partition(".")[0]
        self._modules: dict[str, ModuleType] = {}
        self._construction = _Construction()
        self._builtins = {
            **vars(builtins),
            "__import__": self._import,
            _CHECK: self._check,
            _CONSTRUCTION: self._construction,
        }

    def module(self, name: str) -> ModuleType:
        """The checked module `name`, dotted, relative to the package; loaded once."""
        return self._load(f"{self._package}.{name}")

    def _check(self, value: object, place: str) -> object:
        if value.__class__ is int and SMALL_MIN <= value <= SMALL_MAX:
            return value
        if not is_small(value) and not self._construction.depth:
            raise SmallIntError(f"{place} = {value!r}")
        return value

    def _load(self, name: str) -> ModuleType:
        if name in self._modules:
            return self._modules[name]
        parent, _, stem = name.rpartition(".")
        package = self._load(parent) if parent else None
        source = self._root.joinpath(*name.split("."))
        module = ModuleType(name)
        if source.is_dir():
            module.__path__ = [str(source)]
            module.__package__ = name
            source /= "__init__.py"
        else:
            module.__package__ = parent
            source = source.with_suffix(".py")
            if not source.is_file():
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        module.__file__ = str(source)
        vars(module)["__builtins__"] = self._builtins
        self._modules[name] = module
        if source.is_file():
            try:
                with self._construction:
                    exec(_instrumented(source), vars(module))
            except BaseException:
                del self._modules[name]
                raise
        if package is not None:
            setattr(package, stem, module)
        return module

    def _import(
        self,
        name: str,
        globals: Mapping[str, Any] | None = None,
        locals: Mapping[str, object] | None = None,
        fromlist: Sequence[str] | None = (),
        level: int = 0,
    ) -> ModuleType:
        if level and globals:
            base = globals["__package__"].split(".")
            name = ".".join([*base[: len(base) - level + 1], *filter(None, [name])])
        if name.partition(".")[0] != self._top:
            return builtins.__import__(name, globals, locals, fromlist or (), 0)
        module = self._load(name)
        if not fromlist:
            return self._modules[self._top]
        for item in fromlist:
            if not hasattr(module, item):
                self._load(f"{name}.{item}")
        return module


def _instrumented(source: Path) -> Any:
    """The code object of a file with every number looked at."""
    shown = source.relative_to(ROOT) if source.is_relative_to(ROOT) else source.name
    tree = _Instrument(str(shown)).visit(ast.parse(source.read_text(encoding="utf-8")))
    return compile(tree, str(source), "exec")


def load_checked_core() -> CheckedPackage:
    """A fresh checked copy of `massager.core`: `load_checked_core().module("controller")`."""
    return CheckedPackage(FIRMWARE, "massager.core")
