"""Gives the firmware's names short ones, so that the chip does not keep long ones in memory.

Each file carries the names it uses, and memory keeps each once. Replaced, by the same short
one in all modules, are private names, and attributes and parameters that belong to the
firmware alone. Names of functions and classes stay: with the file they are what a traceback
from the chip shows. So do names that a string spells, for somebody may look them up by it,
and those that others `know`: tools that run beside the firmware, and the interpreter.
"""

from __future__ import annotations

import array
import ast
import builtins
import gc
import hashlib
import io
import itertools
import json
import keyword
import os
import re
import string
import struct
import sys
import time
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Set

_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_FIRST = string.ascii_letters
_REST = string.ascii_letters + string.digits
_LIBRARIES = (
    *(builtins, gc, hashlib, io, json, os, struct, sys, time),
    *(array.array, bytearray, bytes, dict, int, list, memoryview, set, str, tuple),
    *(io.FileIO, io.TextIOWrapper, hashlib.sha256()),
)
_LANGUAGE = frozenset(itertools.chain(keyword.kwlist, *map(dir, _LIBRARIES), ("self", "const")))


def shorten(modules: Mapping[str, str], known: Set[str] = frozenset()) -> dict[str, str]:
    """`modules`, path to source, with short names; lines keep their numbers.

    `known` are the names by which others ask.
    """
    trees = [ast.parse(source) for source in modules.values()]
    ours = set().union(*map(_ours, trees))
    kept = _LANGUAGE.union(known, *map(_theirs, trees))
    kept |= {part for path in modules for part in _IDENTIFIER.findall(path)}
    tokens = {path: _tokens(source) for path, source in modules.items()}
    used = Counter(token.string for found in tokens.values() for token in _names(found))
    wanted = [
        name
        for name in sorted(used, key=lambda name: (-used[name], name))  # the most used first
        if name in ours and name not in kept and not name.startswith("__") and name != "_"
    ]
    taken = used.keys() - set(wanted) | kept
    short = dict(zip(wanted, (name for name in _short() if name not in taken), strict=False))
    return {path: _renamed(modules[path], tokens[path], short) for path in modules}


def identifiers(source: str) -> set[str]:
    """Every name by which a program asks others: attributes, imports, words in strings."""
    return set(_asked(ast.parse(source)))


def offered(source: str) -> set[str]:
    """Every name by which others call a program: functions, classes and their parameters."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            found.add(node.name)
    return found


def _asked(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                yield from _IDENTIFIER.findall(alias.name)
        elif isinstance(node, ast.keyword):
            yield node.arg or ""
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from _IDENTIFIER.findall(node.value)


def _ours(tree: ast.Module) -> set[str]:
    """Names that a module of ours makes: what it assigns, and its functions' parameters."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
    return found


def _theirs(tree: ast.Module) -> Iterator[str]:
    """Names that have to stay: functions, classes, libraries, and what strings spell."""
    said = {id(text) for text in _docstrings(tree)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in said:
                yield from _IDENTIFIER.findall(node.value)
        elif isinstance(node, ast.Import):
            yield from (part for alias in node.names for part in alias.name.split("."))
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from node.module.split(".")
            if not node.module.startswith("massager"):
                yield from (alias.name for alias in node.names)


def _docstrings(tree: ast.Module) -> Iterable[ast.expr]:
    return (node.value for node in ast.walk(tree) if isinstance(node, ast.Expr))


def _tokens(source: str) -> list[tokenize.TokenInfo]:
    return list(tokenize.generate_tokens(io.StringIO(source).readline))


def _names(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tokenize.TokenInfo]:
    return (token for token in tokens if token.type == tokenize.NAME)


def _short() -> Iterator[str]:
    """a, b, … Z, aa, …"""
    for length in itertools.count():
        for first, *rest in itertools.product(_FIRST, *[_REST] * length):
            yield first + "".join(rest)


def _renamed(source: str, tokens: list[tokenize.TokenInfo], names: Mapping[str, str]) -> str:
    lines = source.splitlines(keepends=True)
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string in names:
            row, start = token.start
            line = lines[row - 1]
            lines[row - 1] = line[:start] + names[token.string] + line[token.end[1] :]
    return "".join(lines)
