"""The rules of the tree, read from the sources: who imports whom, size, docstrings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

MAX_CODE_LINES = 150  # of a core file without its docstrings: read in five minutes
MAX_LINES = 180  # with them
# A file of constants is looked up, not read through: its length costs nobody anything, and a
# second file would be a second place to look. One statement that is none, and it is measured.
_TABLE = (ast.Assign, ast.ImportFrom)

_SHARED = (
    "array:array",
    "micropython:const",
    "massager.core.limits",
    "massager.core.signals",
    "massager.core.units",
)
_WORDS = (  # the names of faults and states are a vocabulary; their code is not
    "massager.core.safety.faults:[A-Z0-9_]+",
    "massager.core.safety.supervisor:[A-Z0-9_]+",
)
_FOLDERS = ("air", "heat", "motor", "panel", "safety", "session")

LAYERS = (
    # modules, what they may import: "module" or "module:names"; the first match counts
    (r"massager(\.core)?", ()),
    (r"massager\.core\.(limits|signals|units|pi)", _SHARED),
    (
        rf"massager\.core\.(?P<folder>{'|'.join(_FOLDERS)})(\.\w+)?",
        (*_SHARED, *_WORDS, "massager.core.{folder}.*"),
    ),
    (
        r"massager\.core\.(guards|regulators|measure|conditions|dialogue)",
        (
            *_SHARED,
            "massager.core.conditions",
            *(f"massager.core.{folder}.*" for folder in _FOLDERS),
        ),
    ),
    (r"massager\.core\.controller", (*_SHARED, "massager.core.*")),
    (
        r"massager\.hal(\.\w+)?",
        (
            *("array", "esp32", "machine", "micropython", "neopixel", "sys", "time"),
            *("massager.core.limits", "massager.core.signals", "massager.hal.*"),
        ),
    ),
    (r"massager\.loop", ("gc", "machine", "micropython", "time", *_SHARED)),
    (r"massager\.telemetry", ("machine", "micropython", "time", *_SHARED, *_WORDS)),
    (r"massager\.manifest", ("binascii", "hashlib", "json")),
    (r"massager\.board_rules", ()),
    (r"massager\.blackbox", ("os", *_SHARED, *_WORDS)),
    (r"massager\.record", ("binascii", "struct", *_SHARED)),
    (
        r"massager\.(memory|journal)",
        (
            *("binascii", "struct", "massager.record", "massager.core.session.tally"),
            *(*_SHARED, *_WORDS),
        ),
    ),
    (r"massager\.calibration", ()),
    (
        r"bringup",
        (
            *("board", "json", "time", *_SHARED, "massager.core.measure"),
            *("massager.calibration", "massager.memory", "massager.hal.*"),
        ),
    ),
    (
        r"massager\.startup",
        (
            *("board", "micropython", "sys", "massager.app", "massager.manifest"),
            *("massager.hal.beacon", "massager.hal.notes", "massager.hal.reset"),
        ),
    ),
    (r"massager\.app", ("board", "gc", "sys", "massager", "massager.*")),
    (r"boot", ("machine", "time")),
    (r"main", ("massager.startup",)),
)


@dataclass
class _Import:
    """A module that another one imports, and the names it uses of it."""

    target: str
    line: int
    names: set[str] = field(default_factory=set)


def violations(firmware: Path) -> list[str]:
    """What is wrong under `firmware`, one line each: file, line and the rule."""
    found: list[str] = []
    for path in sorted(firmware.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        shown = path.relative_to(firmware).as_posix()
        module = _module_name(path.relative_to(firmware))
        found += [f"{shown}:{text}" for text in _import_violations(firmware, module, tree)]
        if not ast.get_docstring(tree):
            found.append(f"{shown}:1: no module docstring")
        if module.startswith("massager.core."):
            found += [f"{shown}:1: {text}" for text in _size_violations(path, tree)]
    return found


def _module_name(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _import_violations(firmware: Path, module: str, tree: ast.Module) -> Iterator[str]:
    allowed = _allowed(module)
    if allowed is None:
        yield f"1: {module} belongs to no layer of host_tests/support/architecture.py"
        return
    for item in _imports(firmware, module, tree):
        rules = [rule.partition(":")[::2] for rule in allowed]
        names = [names for target, names in rules if fnmatchcase(item.target, target)]
        if not names:
            yield f"{item.line}: {module} must not import {item.target}"
        for name in sorted(item.names):
            if names and not any(not rule or re.fullmatch(rule, name) for rule in names):
                yield f"{item.line}: {module} must not use {item.target}.{name}"
            if item.target.startswith("massager") and name.startswith("_"):
                # a const() with an underscore does not exist at run time on MicroPython
                yield f"{item.line}: {item.target}.{name} is private"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("__import__", "eval", "exec"):
            yield f"{node.lineno}: {node.id} hides what is imported"


def _allowed(module: str) -> tuple[str, ...] | None:
    for pattern, allowed in LAYERS:
        match = re.fullmatch(pattern, module)
        if match:
            return tuple(rule.format(**match.groupdict()) for rule in allowed)
    return None


def _imports(firmware: Path, module: str, tree: ast.Module) -> list[_Import]:
    """Every import with the names used of its target, `limits.X` after an import included."""
    imports: list[_Import] = []
    aliases: dict[str, _Import] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                item = _Import(name.name, node.lineno)
                imports.append(item)
                aliases[name.asname or name.name] = item
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(firmware, module, node)
            direct = _Import(base, node.lineno)
            for name in node.names:
                if _is_module(firmware, f"{base}.{name.name}"):
                    item = _Import(f"{base}.{name.name}", node.lineno)
                    imports.append(item)
                    aliases[name.asname or name.name] = item
                else:
                    direct.names.add(name.name)
            if direct.names:
                imports.append(direct)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            used = aliases.get(ast.unparse(node.value))
            if used is not None:
                used.names.add(node.attr)
    return imports


def _absolute(firmware: Path, module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = firmware.joinpath(*module.split("."), "__init__.py").is_file()
    parts = [*module.split("."), *(["__init__"] if is_package else [])]
    return ".".join([*parts[: -node.level], *filter(None, [node.module])])


def _is_module(firmware: Path, name: str) -> bool:
    path = firmware.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()


def _size_violations(path: Path, tree: ast.Module) -> Iterator[str]:
    if all(isinstance(node, _TABLE) for node in tree.body[1:]):
        return
    lines = len(path.read_text(encoding="utf-8").splitlines())
    code = lines - sum(_docstring_lines(node) for node in ast.walk(tree))
    if code > MAX_CODE_LINES:
        yield f"{code} lines without docstrings, {MAX_CODE_LINES} at most"
    if lines > MAX_LINES:
        yield f"{lines} lines, {MAX_LINES} at most"


def _docstring_lines(node: ast.AST) -> int:
    if not isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
        return 0
    if ast.get_docstring(node) is None:
        return 0
    text = node.body[0]
    return (text.end_lineno or text.lineno) - text.lineno + 1
