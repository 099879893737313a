"""Join modules into one file for each entry, at deployment.

On the chip each module costs a look-up in the flash, a table of its names and a dictionary. So
an entry such as massager/app.py becomes one file, with all the modules that it imports and that
no earlier entry has. They share one space of global names then: their imports of each other go,
`units.clamp` becomes `clamp`, and where two modules mean different things by a name, one of them
is renamed. Every module keeps its lines, so that a line of the joined file is found again in
the source: see `Joined.origin`.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from massager_tools import syntax_tree
from massager_tools.build.edits import Edit, apply
from massager_tools.errors import Failure

_Key = tuple[str, str]
"""A module in dotted form and a name in it; "" for the module itself."""


@dataclass(frozen=True)
class Joined:
    """The source of one file, and where its modules begin in it."""

    source: str
    starts: tuple[tuple[int, str], ...]
    """The first line of each module, from 1, and its path; in the order of lines."""

    def origin(self, line: int) -> tuple[str, int]:
        """Return path and line of the source that stands in `line` of the joined file."""
        begin, path = [start for start in self.starts if start[0] <= line][-1]
        return path, line - begin + 1


def link(modules: Mapping[str, str], entries: Sequence[str]) -> dict[str, Joined]:
    """Return a file for each of `entries`, paths among those of `modules` (path → source).

    Names that an entry defines stay as they are. Raise Failure where modules cannot be joined:
    imports in a circle, `global`, a module that is used as a value.
    """
    heads = [dotted(entry) for entry in entries]
    known = {dotted(path) for path in modules}
    parsed = {dotted(path): _Module(path, modules[path], known, heads) for path in modules}
    names = _Names(parsed, heads)
    home: dict[str, str] = {}
    made = {}
    for entry, head in zip(entries, heads, strict=True):
        unit = _closure(head, parsed, home)
        home |= dict.fromkeys(unit, head)
        made[entry] = _join([parsed[name] for name in unit], names, home)
    return made


def dotted(path: str) -> str:
    """Return the name under which the file at `path` is imported."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


class _Module:
    """One module: the names that it defines, imports and uses."""

    def __init__(self, path: str, source: str, known: set[str], heads: Sequence[str]) -> None:
        self.path = path
        self.name = dotted(path)
        self.source = source
        self.tree = syntax_tree.parse(source)
        self.inside: dict[str, _Key] = {}  # what it calls things of our modules
        self.outside: dict[str, _Key] = {}  # … of others
        self.late: set[str] = set()  # names of ours that functions import
        self.imports: list[ast.stmt] = []  # statements that go
        for node in ast.walk(self.tree):
            if isinstance(node, (ast.Global, ast.Nonlocal, ast.AsyncFunctionDef)):
                raise Failure(f"{path}, line {node.lineno}: cannot be joined with other modules")
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._take_import(node, known, heads)
        self.defined = _bound(self.tree.body) - self.inside.keys() - self.outside.keys()
        self.uses = list(_Uses(self).found)

    def _take_import(
        self, node: ast.Import | ast.ImportFrom, known: set[str], heads: Sequence[str]
    ) -> None:
        at_top = node in self.tree.body
        ours = False
        for alias in node.names:
            source = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            whole = f"{source}.{alias.name}".removeprefix(".")
            bound = alias.asname or alias.name
            if not at_top and whole in heads:
                continue  # imported in a function: when it is needed, not before
            if whole in known:
                self.inside[bound] = (whole, "")
            elif source in known:
                self.inside[bound] = (source, alias.name)
            elif at_top:
                self.outside[bound] = (source, alias.name) if source else (alias.name, "")
            if not at_top and bound in self.inside:
                self.late.add(bound)
                ours = True
        if at_top or ours:
            self.imports.append(node)


@dataclass(frozen=True)
class _Use:
    """One use of a global name: `name`, or `module.name` where that is a module of ours."""

    node: ast.expr
    key: _Key
    bound: frozenset[str]
    """The local names around it."""


class _Uses(ast.NodeVisitor):
    """Find the uses of global names in a module."""

    def __init__(self, module: _Module) -> None:
        self.found: list[_Use] = []
        self._module = module
        self._bound: frozenset[str] = frozenset()
        self.visit(module.tree)

    def _visit_within(self, bound: Iterable[str], nodes: Iterable[ast.AST]) -> None:
        around = self._bound
        self._bound = around | (set(bound) - self._module.late)
        for node in nodes:
            self.visit(node)
        self._bound = around

    def _visit_function(self, arguments: ast.arguments, body: Sequence[ast.AST]) -> None:
        for default in (*arguments.defaults, *arguments.kw_defaults):
            if default:
                self.visit(default)
        own = {node.arg for node in ast.walk(arguments) if isinstance(node, ast.arg)}
        self._visit_within(own | _bound(body), body)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            self.visit(decorator)
        self._visit_function(node.args, node.body)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        self._visit_function(node.args, [node.body])

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        for statement in node.body:  # its functions do not see the names of a class
            is_function = isinstance(statement, ast.FunctionDef)
            self._visit_within(() if is_function else _bound(node.body), [statement])

    def _visit_comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    ) -> None:
        self.visit(node.generators[0].iter)
        targets = [part.target for part in node.generators]
        self._visit_within(_bound(targets), ast.iter_child_nodes(node))

    visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = _visit_comprehension

    def visit_Name(self, node: ast.Name) -> None:
        if node.id not in self._bound:
            self.found.append(_Use(node, (self._module.name, node.id), self._bound))

    def visit_Attribute(self, node: ast.Attribute) -> None:
        alias = node.value.id if isinstance(node.value, ast.Name) else ""
        target, name = self._module.inside.get(alias, ("", ""))
        if target and not name and alias not in self._bound:
            self.found.append(_Use(node, (target, node.attr), self._bound))
        else:
            self.generic_visit(node)


def _bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that the nodes bind in their own scope."""
    names: set[str] = set()
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(alias.asname or alias.name for alias in node.names)
        elif not isinstance(
            node, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
        ):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                names.add(node.id)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                names.add(node.name)
            waiting += ast.iter_child_nodes(node)
    return names


def _closure(
    name: str, parsed: Mapping[str, _Module], home: Mapping[str, str], path: tuple[str, ...] = ()
) -> list[str]:
    """Return `name` and the modules that it needs and nobody has, in the order of import."""
    if name in path:
        raise Failure(f"imports in a circle: {' → '.join((*path, name))}")
    order: list[str] = []
    for target, _ in parsed[name].inside.values():
        if target not in home:
            needed = _closure(target, parsed, home, (*path, name))
            order += [one for one in needed if one not in order]
    return [*order, name]


class _Names:
    """New name of each global once the modules share one space."""

    def __init__(self, parsed: Mapping[str, _Module], heads: Sequence[str]) -> None:
        self._parsed = parsed
        self._final: dict[_Key, str] = {}
        self._taken = set(dir(builtins))
        local: set[str] = set()  # a global name must not stand where a function has it, too
        for module in parsed.values():
            local.update(*(use.bound for use in module.uses))
        for head in heads:
            for name in sorted(parsed[head].defined):
                self._choose((head, name), name, set())
        for module in parsed.values():
            for source, name in module.outside.values():
                self._choose((source, name), name or source, set())
            for name in sorted(module.defined):
                self._choose((module.name, name), name, local)

    def _choose(self, key: _Key, name: str, local: set[str]) -> None:
        if key in self._final:
            return
        final = name
        for part in reversed(key[0].split(".")):
            if final not in self._taken and final not in local:
                break
            final = f"{final}_{part}"
        if final in self._taken:
            raise Failure(f"{key[0]}: no name is left for {name}")
        self._taken.add(final)
        self._final[key] = final

    def owner(self, key: _Key) -> _Key:
        """Return the module that defines what `key` names, and its name there."""
        module, name = key
        while name in self._parsed[module].inside:
            module, name = self._parsed[module].inside[name]
        return self._parsed[module].outside.get(name, (module, name))

    def final(self, key: _Key) -> str:
        """Return what the owner's name is called, itself where that is a builtin."""
        return self._final.get(key, key[1])


def _join(unit: Sequence[_Module], names: _Names, home: Mapping[str, str]) -> Joined:
    own = home[unit[-1].name]
    imported: set[_Key] = set()
    starts = []
    bodies = []
    line = 2  # the first has the imports
    for module in unit:
        edits = [Edit(node, "" if node in module.tree.body else "pass") for node in module.imports]
        edits += _renamed(module, names)
        imported.update(module.outside.values())
        for use in module.uses:
            owner = names.owner(use.key)
            if home.get(owner[0], own) != own:
                imported.add(owner)
            edits += _edit(module, use, owner, names)
        starts.append((line, module.path))
        bodies.append(apply(module.source, edits))
        line += bodies[-1].count("\n")
    head = "; ".join(sorted(_import(key, names.final(key), home) for key in imported))
    return Joined(head + "\n" + "".join(bodies), ((1, unit[-1].path), *starts))


def _renamed(module: _Module, names: _Names) -> Iterator[Edit]:
    """Yield the new names of functions and classes."""
    for statement in module.tree.body:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            final = names.final((module.name, statement.name))
            word = "def " if isinstance(statement, ast.FunctionDef) else "class "
            start = statement.col_offset + len(word)
            place = ast.Name(
                statement.name,
                lineno=statement.lineno,
                end_lineno=statement.lineno,
                col_offset=start,
                end_col_offset=start + len(statement.name),
            )
            yield Edit(place, final)


def _edit(module: _Module, use: _Use, owner: _Key, names: _Names) -> Iterator[Edit]:
    final = names.final(owner)
    if not final:
        raise Failure(f"{module.path}, line {use.node.lineno}: a module is used as a value")
    if final in use.bound:
        raise Failure(f"{module.path}, line {use.node.lineno}: {final} is a local name, too")
    yield Edit(use.node, final)


def _import(key: _Key, final: str, home: Mapping[str, str]) -> str:
    source, name = key
    if source in home:
        return f"from {home[source]} import {final}"
    renamed = "" if final == (name or source) else f" as {final}"
    return f"from {source} import {name}{renamed}" if name else f"import {source}{renamed}"
