"""The rules of the tree, read from the sources: who imports whom, docstrings."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

_SHARED = (
    "array:array",
    "micropython:const",
    "massager.core.limits",
    "massager.core.schedule",
    "massager.core.signals",
    "massager.core.units",
)
_WORDS = (  # the names of faults and states are a vocabulary; their code is not
    "massager.core.safety.fault_table:[A-Z0-9_]+",
    "massager.core.safety.supervisor:[A-Z0-9_]+",
)
_FOLDERS = ("air", "heat", "motor", "hmi", "safety", "session")

LAYERS = (
    # modules, what they may import: "module" or "module:names"; the first match counts
    (r"massager(\.core)?", ()),
    (r"massager\.core\.(limits|schedule|signals|units|pi)", _SHARED),
    (
        r"massager\.core\.(guards|regulators|sensing|hmi\.user_interface)",
        (*_SHARED, *(f"massager.core.{folder}.*" for folder in _FOLDERS)),
    ),
    (
        rf"massager\.core\.(?P<folder>{'|'.join(_FOLDERS)})(\.\w+)?",
        (*_SHARED, *_WORDS, "massager.core.{folder}.*"),
    ),
    (r"massager\.core\.controller", (*_SHARED, "massager.core.*")),
    (
        r"massager\.hal(\.\w+)?",
        (
            *("array", "esp32", "machine", "micropython", "neopixel", "select", "sys", "time"),
            *("massager.core.limits", "massager.core.schedule", "massager.core.signals"),
            "massager.hal.*",
        ),
    ),
    (r"massager\.loop", ("gc", "machine", "micropython", "time", *_SHARED)),
    (r"massager\.telemetry", ("machine", "micropython", "time", *_SHARED, *_WORDS)),
    (r"massager\.(boot|storage)", ()),
    (r"massager\.boot\.integrity", ("binascii", "hashlib", "json")),
    (r"massager\.boot\.board_rules", ()),
    (r"massager\.storage\.blackbox", ("os", *_SHARED, *_WORDS)),
    (r"massager\.storage\.crc_block", ("binascii", "struct", *_SHARED)),
    (
        r"massager\.storage\.(settings_store|session_log)",
        (
            *("binascii", "os", "struct", "massager.storage.crc_block"),
            "massager.core.session.session_record",
            *(*_SHARED, *_WORDS),
        ),
    ),
    (
        r"bringup",
        (
            *("board", "json", "time", *_SHARED, "massager.core.sensing"),
            *("massager.storage.settings_store", "massager.storage.session_log", "massager.hal.*"),
        ),
    ),
    (
        r"massager\.startup",
        (
            *("board", "micropython", "sys", "time", "massager.app", "massager.boot.integrity"),
            *("massager.hal.error_led", "massager.hal.nvs", "massager.hal.chip"),
        ),
    ),
    (r"massager\.app", ("board", "gc", "sys", "massager", "massager.*")),
    (r"boot", ("machine", "time")),
    (r"main", ("massager.startup", "pack")),
    (
        r"pack",
        ("array", "binascii", "io", "machine", "os", "struct", "sys", "time", "vfs"),
    ),
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
    for node in _executed(tree):
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


def _executed(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those under `if TYPE_CHECKING`, which only mypy reads."""
    for node in ast.iter_child_nodes(tree):
        if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node
            yield from _executed(node)


def _absolute(firmware: Path, module: str, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    is_package = firmware.joinpath(*module.split("."), "__init__.py").is_file()
    parts = [*module.split("."), *(["__init__"] if is_package else [])]
    return ".".join([*parts[: -node.level], *filter(None, [node.module])])


def _is_module(firmware: Path, name: str) -> bool:
    path = firmware.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file()
