"""Fingerprint the code that a script's results depend on.

Snakemake does not follow Python imports, so each rule carries a hash of the definitions that its
script reaches: functions, classes and constants, followed by name through the library and the
modules beside the script. Code that is not reached cannot change a result; nor can comments,
docstrings, annotations and the wording of errors, unless reached code looks at them.
"""

import ast
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

_Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Scope = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_IMPORTS = (ast.Import, ast.ImportFrom)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# Nodes that bind their `name`.
_NAMING = (*_FUNCTIONS, ast.ClassDef, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)

# Names that make a result of what is else left out.
_LOOKS_AT = {
    "docstrings": {"__doc__", "getdoc"},
    "annotations": {
        *("__annotations__", "annotation", "get_annotations", "get_type_hints"),
        *("jit", "singledispatch", "singledispatchmethod"),
    },
    "wording": {"exc_info", "exception", "format_exc", "format_exception", "format_exception_only"},
}
# What these are told of an error goes to a log, or is no wording.
_NO_RESULT = {"report", "_report", "isinstance", "type"}
_MARKS = ("ClassVar", "InitVar", "KW_ONLY")
# By these code gets at all names of its own module; by those at modules whose names it spells out.
_OWN_NAMES = {"globals", "locals", "vars()", "eval", "exec"}
_BY_NAME = {"sys.modules", "__import__", "import_module", "importlib.import_module"}
_MODULE_NAME = re.compile(r"\.*[A-Za-z_][\w.]*")
# A call of these changes nothing.
_READING = {"items", "keys", "values", "get", "index", "count", "copy"}
_BUILDING = {"__new__", "__init__", "__post_init__", "__init_subclass__", "__set_name__"}


def code_fingerprint(
    script: Path, *, package: Path, modules: Iterable[str], left_out: Collection[str]
) -> str:
    """Hash the statements of a script and the definitions that they reach.

    Names are followed into the package and into modules that lie beside the script. A class is
    reached as a whole; a module that is used other than by its attributes, too. Of every module
    that is imported on the way, statements count that act when it is imported.

    Parameters
    ----------
    script
        A Python file.
    package
        The folder of the package, whose name is the package's.
    modules
        Modules that are chosen by name at run time, such as ``denoisekit.losses.fft``: all that
        they define counts.
    left_out
        Modules, or definitions such as ``denoisekit.__version__``, that change no result.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    return _walked(script, package, modules, left_out).digest()


def reached_modules(
    script: Path, *, package: Path, modules: Iterable[str], left_out: Collection[str]
) -> set[str]:
    """Return the modules of which a fingerprint covers something; see `code_fingerprint`."""
    return _walked(script, package, modules, left_out).modules


def _walked(
    script: Path, package: Path, modules: Iterable[str], left_out: Collection[str]
) -> "_Walk":
    """Walk from a script until nothing that was reached looks at what was left out."""
    kept: frozenset[str] = frozenset()
    while True:
        walk = _Walk(script, package, frozenset(left_out), kept)
        walk.run(modules)
        if walk.looks_at <= kept:
            return walk
        kept |= walk.looks_at


def module_path(module: str, *, package: Path, beside: Path) -> Path | None:
    """Return the file of a module of the package or beside a script, or None if it is neither."""
    inside = module.partition(".")[0] == package.name
    path = (package.parent if inside else beside).joinpath(*module.split("."))
    files = (path / "__init__.py", path.with_suffix(".py"))
    return next((file for file in files if file.is_file()), None)


def imported_modules(path: Path) -> frozenset[str]:
    """Return the names of all modules that a file imports, parent packages included.

    Of ``from package import name`` the name is among them, since it may be a module.
    """
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    nodes = [node for node in ast.walk(tree) if isinstance(node, _IMPORTS)]
    imported = [found for node in nodes for _, found in _imports(node, "")]
    return frozenset(name for found in imported for name in found.all)


@dataclass(frozen=True)
class _Import:
    """A module, or what a module calls `name`; `inner` is a module that is imported with it."""

    module: str
    name: str | None = None
    inner: str = ""

    @cached_property
    def all(self) -> list[str]:
        """The modules that may be imported, each after its parents."""
        parts = (self.inner or ".".join(filter(None, (self.module, self.name)))).split(".")
        return [".".join(parts[: count + 1]) for count in range(len(parts))]


@dataclass(frozen=True)
class _Use:
    """A name as code uses it, with the attributes that are read of it.

    The name is one of the module's, or what a function imported.
    """

    of: str | _Import
    attributes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Call:
    """What is called while a module is imported, and what it is given.

    An `indirect` one decorates, or is a method of what another call returns.
    """

    callee: _Use | None
    given: tuple[_Use, ...] = ()
    indirect: bool = False


@dataclass(frozen=True)
class _Statement:
    """A statement of a module: what of it counts as text, and what it uses."""

    text: str
    uses: frozenset[_Use]
    imports: tuple[_Import, ...]
    looks_at: frozenset[str]
    whole: bool
    kind: type[ast.stmt]
    builds: bool
    calls: tuple[_Call, ...]


@dataclass
class _Module:
    """The statements of a file by the names that they bind, and those that act when imported."""

    name: str
    is_package: bool
    statements: list[_Statement] = field(default_factory=list)
    bound: dict[str, list[_Statement]] = field(default_factory=dict)
    imports: dict[str, list[_Import]] = field(default_factory=dict)
    everywhere: list[_Import] = field(default_factory=list)
    acting: list[_Statement] = field(default_factory=list)
    calling: list[_Statement] = field(default_factory=list)

    @property
    def defined(self) -> list[str]:
        """The names that are bound other than by an import."""
        return [
            name
            for name, statements in self.bound.items()
            if any(statement.kind not in _IMPORTS for statement in statements)
        ]


# Called with functions, these call none.
_HOLDING = (_Use("partial"), _Use("functools", ("partial",)))


class _Walk:
    """Follow names from a script to all that they reach."""

    def __init__(
        self, script: Path, package: Path, left_out: frozenset[str], kept: frozenset[str]
    ) -> None:
        self._script, self._package = script, package
        self._left_out, self._kept = left_out, kept
        self._modules: dict[str, _Module | None] = {}
        self._imported: set[str] = set()
        self._whole: set[str] = set()
        self._waiting: list[tuple[_Module, _Statement]] = []
        self._followed: set[tuple[str, _Use]] = set()
        self._reached: dict[tuple[str, str], list[_Statement]] = {}
        self.looks_at: set[str] = set()

    def run(self, modules: Iterable[str]) -> None:
        """Reach all that the script and the modules reach."""
        script = _read(self._script, "__main__", self._kept)
        self._modules["__main__"] = script
        self._reach(script, "", script.statements)
        self._import_all(script)
        for name in modules:
            self._import(name)
            if module := self._module(name):
                for defined in module.defined:
                    self._reach(module, defined, module.bound[defined])
        while self._waiting:
            module, statement = self._waiting.pop()
            self.looks_at |= statement.looks_at
            for found in statement.imports:
                for name in found.all:
                    self._import(name)
            if statement.whole:
                self._reach_all(module.name)
            for use in statement.uses:
                self._follow(module, use)

    @property
    def modules(self) -> set[str]:
        """The modules of which something was reached."""
        return {module for module, _ in self._reached}

    def digest(self) -> str:
        """Return the hash of what was reached, whatever the order."""
        digest = hashlib.sha256()
        for place in sorted(self._reached):
            texts = [statement.text for statement in self._reached[place]]
            digest.update("\n".join([":".join(place), *texts, ""]).encode())
        return digest.hexdigest()[:16]

    def _module(self, name: str) -> _Module | None:
        """Return a module that is followed, or None for any other."""
        if name not in self._modules:
            path = None if name in self._left_out else self._path(name)
            self._modules[name] = _read(path, name, self._kept) if path else None
        return self._modules[name]

    def _path(self, name: str) -> Path | None:
        return module_path(name, package=self._package, beside=self._script.parent)

    def _reach(self, module: _Module, name: str, statements: list[_Statement]) -> None:
        known = (module.name, name) in self._reached
        if known or not statements or f"{module.name}.{name}" in self._left_out:
            return
        self._reached[module.name, name] = statements
        self._waiting += [(module, statement) for statement in statements]

    def _import(self, name: str) -> None:
        """Reach what acts when a module is imported."""
        module = self._module(name)
        if module is None or name in self._imported:
            return
        self._imported.add(name)
        acting = [s for s in module.calling if any(self._acts(module, call) for call in s.calls)]
        self._reach(module, "", module.acting + acting)
        self._import_all(module)

    def _import_all(self, module: _Module) -> None:
        for found in [*module.everywhere, *(i for every in module.imports.values() for i in every)]:
            for name in found.all:
                self._import(name)
        for found in module.everywhere:
            self._reach_all(found.module)

    def _acts(self, module: _Module, call: _Call) -> bool:
        """Whether a call may change what the library or another module holds."""
        found = list(self._definitions(module, call.callee)) if call.callee else []
        if call.callee in _HOLDING:
            return False
        if call.indirect:
            return bool(found)
        if found and all(
            statement.kind is ast.ClassDef and not rest and not statement.builds
            for _, statement, rest in found
        ):
            return False
        return any(map(self._runs, found)) or any(
            statement.kind in _FUNCTIONS
            for use in call.given
            for _, statement, _ in self._definitions(module, use)
        )

    @staticmethod
    def _runs(definition: tuple[_Module, _Statement, tuple[str, ...]]) -> bool:
        """Whether to call it, or that attribute of it, runs code that may change something."""
        _, statement, rest = definition
        made = statement.kind in (*_FUNCTIONS, ast.ClassDef)
        return made or not rest or rest[-1] not in _READING

    def _definitions(
        self, module: _Module, use: _Use
    ) -> Iterator[tuple[_Module, _Statement, tuple[str, ...]]]:
        """Yield the statements that define a name, with the attributes that are read of it."""
        for owner, name, rest in self._find(module, use):
            for statement in owner.bound.get(name, ()):
                if statement.kind not in _IMPORTS:
                    yield owner, statement, rest

    def _follow(self, module: _Module, use: _Use) -> None:
        """Reach what a name stands for; the whole module where that is a module itself."""
        if (module.name, use) in self._followed:
            return
        self._followed.add((module.name, use))
        for owner, name, _ in self._find(module, use):
            if name:
                self._import(owner.name)
                self._reach(owner, name, owner.bound[name])
            else:
                self._reach_all(owner.name)

    def _reach_all(self, name: str) -> None:
        """Reach all that may be read of a module as an object; of a package, its modules too."""
        module = self._module(name)
        if module is None or name in self._whole:
            return
        self._whole.add(name)
        self._import(name)
        for bound in module.bound:
            self._follow(module, _Use(bound))
        if module.is_package and (face := self._path(name)):
            for path in sorted(face.parent.iterdir()):
                if path.suffix == ".py" or (path / "__init__.py").is_file():
                    self._reach_all(f"{name}.{path.stem}")

    def _find(
        self, module: _Module, use: _Use, seen: frozenset[tuple[str, _Use]] = frozenset()
    ) -> Iterator[tuple[_Module, str, tuple[str, ...]]]:
        """Yield the bindings that a name leads to, and what is read of them; "" for a module."""
        if (module.name, use) in seen:
            return
        seen |= {(module.name, use)}
        if isinstance(use.of, _Import):
            targets = [use.of]
        else:
            targets = module.imports.get(use.of, [])
            if use.of in module.bound:
                yield module, use.of, use.attributes
            else:
                for found in module.everywhere:
                    if other := self._module(found.module):
                        yield from self._find(other, use, seen)
        for target in targets:
            if owner := self._module(target.module):
                name = (target.name,) if target.name else ()
                yield from self._read_of(owner, (*name, *use.attributes), seen)

    def _read_of(
        self, module: _Module, attributes: tuple[str, ...], seen: frozenset[tuple[str, _Use]]
    ) -> Iterator[tuple[_Module, str, tuple[str, ...]]]:
        """Yield the bindings that attributes of a module lead to."""
        if not attributes:
            yield module, "", ()
            return
        first, *rest = attributes
        found = list(self._find(module, _Use(first, tuple(rest)), seen))
        inner = f"{module.name}.{first}"
        if module.is_package and self._path(inner):
            if other := self._module(inner):
                found += self._read_of(other, tuple(rest), seen)
        elif not found:
            name = "__getattr__" if "__getattr__" in module.bound else ""
            found.append((module, name, ()))
        yield from found


def _read(path: Path, name: str, kept: frozenset[str]) -> _Module:
    state = path.stat()
    return _read_as_it_is(path, name, kept, (state.st_mtime_ns, state.st_size))


@cache
def _read_as_it_is(path: Path, name: str, kept: frozenset[str], _: tuple[int, int]) -> _Module:
    tree = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    is_package = path.name == "__init__.py"
    parent = name if is_package else name.rpartition(".")[0]
    module = _Module(name, is_package)
    for node in _Essence(kept).visit(tree).body:
        for part in _single(node):
            _add(module, part, parent)
    return module


def _single(node: ast.stmt) -> list[ast.stmt]:
    """Split an import of several names, so that each is a statement."""
    if isinstance(node, ast.Import):
        return [ast.Import([alias]) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]
    return [node]


def _add(module: _Module, node: ast.stmt, parent: str) -> None:
    """Add a statement to a module under every name that it binds."""
    statement = _statement(node, parent)
    module.statements.append(statement)
    names: dict[str, None] = {}
    for name, found in _bindings(_own_nodes(node), parent):
        names[name] = None
        if found and name == "*":
            module.everywhere.append(found)
        elif found:
            module.imports.setdefault(name, []).append(found)
    for name in names:
        module.bound.setdefault(name, []).append(statement)
    if not names or "_" in names or _changes_a_part(node):
        module.acting.append(statement)
    elif statement.calls:
        module.calling.append(statement)


def _statement(node: ast.stmt, parent: str) -> _Statement:
    visitor = _Uses(parent)
    visitor.visit(node)
    if visitor.by_name:
        # A relative name is of the package that the module is in.
        named = [_Import(n if n[0] != "." else parent + n) for n in sorted(visitor.module_names)]
        visitor.uses.update(map(_Use, named))
        visitor.imports += named
    methods = {part.name for part in getattr(node, "body", []) if isinstance(part, ast.FunctionDef)}
    return _Statement(
        text=ast.dump(node),
        uses=frozenset(visitor.uses),
        imports=tuple(visitor.imports),
        looks_at=frozenset(visitor.looks_at),
        whole=visitor.own_names or (visitor.by_name and _Use("__name__") in visitor.uses),
        kind=type(node),
        builds=bool(methods & _BUILDING or getattr(node, "keywords", None)),
        calls=tuple(_calls(node)),
    )


def _imports(node: ast.Import | ast.ImportFrom, parent: str) -> Iterator[tuple[str, _Import]]:
    """Yield the names that an import binds, and what they stand for."""
    for alias in node.names:
        if isinstance(node, ast.ImportFrom):
            above = parent.split(".")[: len(parent.split(".")) + 1 - node.level]
            parts = [*(above if node.level else ()), *filter(None, [node.module])]
            name = None if alias.name == "*" else alias.name
            yield alias.asname or alias.name, _Import(".".join(parts), name)
        elif alias.asname:
            yield alias.asname, _Import(alias.name)
        else:
            first = alias.name.partition(".")[0]
            yield first, _Import(first, inner=alias.name)


def _bindings(own: Iterable[ast.AST], parent: str) -> Iterator[tuple[str, _Import | None]]:
    """Yield every name that nodes of a scope bind, and what they import as it."""
    for part in own:
        if isinstance(part, _IMPORTS):
            yield from _imports(part, parent)
        elif isinstance(part, ast.NamedExpr):
            yield part.target.id, None
        elif isinstance(part, ast.Name):
            if not isinstance(part.ctx, ast.Load):
                yield part.id, None
        elif isinstance(part, ast.MatchMapping):
            if part.rest:
                yield part.rest, None
        elif isinstance(part, _NAMING) and part.name:
            yield part.name, None


def _own_nodes(node: ast.AST) -> list[ast.AST]:
    """Return the nodes of a scope: not those in functions, classes and comprehensions in it."""
    return _walk(node, _own_parts)


def _own_parts(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, _Comprehension):
        # Of these, names that are bound stand in the scope around it.
        return [part for part in ast.walk(node) if isinstance(part, ast.NamedExpr)]
    return () if isinstance(node, _Scope) else ast.iter_child_nodes(node)


def _at_import(node: ast.AST) -> list[ast.AST]:
    """Return the nodes of a statement that are evaluated when its module is imported."""
    return _walk(node, _evaluated_parts)


def _evaluated_parts(node: ast.AST) -> Iterable[ast.AST]:
    if isinstance(node, _Function):
        return [*getattr(node, "decorator_list", ()), node.args]
    return ast.iter_child_nodes(node)


def _walk(node: ast.AST, parts: Callable[[ast.AST], Iterable[ast.AST]]) -> list[ast.AST]:
    """Return a node and all below it that are reached by way of these parts."""
    found, waiting = [], [node]
    while waiting:
        part = waiting.pop()
        found.append(part)
        waiting += parts(part)
    return found


def _changes_a_part(node: ast.stmt) -> bool:
    """Whether a statement sets an item or an attribute, perhaps of something else's."""
    return not isinstance(node, ast.ClassDef) and any(
        isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load)
        for part in _at_import(node)
    )


def _calls(node: ast.stmt) -> Iterator[_Call]:
    """Yield what is called when a statement's module is imported."""
    for part in _at_import(node):
        if isinstance(part, ast.Call):
            given = [*part.args, *(keyword.value for keyword in part.keywords)]
            callee = _named(part.func)
            yield _Call(
                callee or _root(part.func), tuple(filter(None, map(_named, given))), not callee
            )
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in part.decorator_list:
                yield _Call(_root(decorator), indirect=True)
            for base in getattr(part, "bases", ()):
                yield _Call(_named(base))


def _root(node: ast.expr) -> _Use | None:
    """Return the name that an expression of calls, items and attributes begins with."""
    while isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
        if (found := _named(node)) is not None:
            return found
        node = node.func if isinstance(node, ast.Call) else node.value
    return _named(node)


def _named(node: ast.expr) -> _Use | None:
    """Return the name, with its attributes, that an expression is, if it is one."""
    words = _words(node)
    return _Use(words[0], tuple(words[1:])) if words else None


def _words(node: ast.expr) -> list[str]:
    """Return a name and the attributes after it, if an expression is nothing else."""
    attributes: list[str] = []
    while isinstance(node, ast.Attribute):
        attributes.insert(0, node.attr)
        node = node.value
    return [node.id, *attributes] if isinstance(node, ast.Name) else []


class _Essence(ast.NodeTransformer):
    """Take out of a syntax tree what changes no result, unless it is kept."""

    def __init__(self, kept: frozenset[str]) -> None:
        self._kept = kept

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        """Drop a docstring."""
        told = isinstance(node.value, ast.Constant) and "docstrings" not in self._kept
        return None if told else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        """Drop the annotation of an argument."""
        return node if "annotations" in self._kept else ast.arg(node.arg)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        """Drop the annotation of what is returned."""
        if "annotations" not in self._kept:
            node.returns = None
        return self.generic_visit(node)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Of an annotation keep what makes another field of it."""
        if "annotations" not in self._kept:
            told = ast.unparse(node.annotation)
            # No constant that Python could compile, but nobody does.
            marks = [mark for mark in _MARKS if mark in told]
            node.annotation = ast.Constant(marks)  # type: ignore[arg-type]
        return self.generic_visit(node)

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.AST]:
        """Drop what only a type checker imports."""
        named = _named(node.test)
        if named and "TYPE_CHECKING" in (named.of, *named.attributes):
            return [part for each in node.orelse for part in _listed(self.visit(each))]
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        """Drop the wording of an error."""
        if isinstance(node.exc, ast.Call) and "wording" not in self._kept:
            node.exc.args = [_Unworded().visit(part) for part in node.exc.args]
            for keyword in node.exc.keywords:
                keyword.value = _Unworded().visit(keyword.value)
        return self.generic_visit(node)


def _listed(found: ast.AST | list[ast.AST] | None) -> list[ast.AST]:
    return found if isinstance(found, list) else [found] if found else []


class _Unworded(ast.NodeTransformer):
    """Empty every string."""

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.Constant:
        """Empty a string with values in it."""
        return ast.Constant("")

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        """Empty a plain string."""
        return ast.Constant("") if isinstance(node.value, str) else node


class _Uses(ast.NodeVisitor):
    """Collect the names that a statement uses and does not bind itself, and what it imports."""

    def __init__(self, parent: str) -> None:
        self._parent = parent
        self._scopes: list[dict[str, list[_Import]]] = []
        self.uses: set[_Use] = set()
        self.imports: list[_Import] = []
        self.looks_at: set[str] = set()
        self.own_names = self.by_name = False
        self.module_names: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        """Collect a name that is used as it is; what a class binds in its body is no use."""
        if self._scopes or isinstance(node.ctx, ast.Load):
            self._use(node.id, ())

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """Collect what is added to."""
        if isinstance(node.target, ast.Name):
            self._use(node.target.id, ())
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Collect a name with the attributes that are read of it."""
        self._look(node.attr)
        if words := _words(node):
            name, *attributes = words
            for attribute in attributes:
                self._look(attribute)
            self._use(name, tuple(attributes))
        else:
            self.visit(node.value)

    def visit_Constant(self, node: ast.Constant) -> None:
        """Collect what may be the name of a module."""
        if isinstance(node.value, str) and _MODULE_NAME.fullmatch(node.value):
            self.module_names.add(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        """See whether a function looks at the names around it."""
        if isinstance(node.func, ast.Name) and not node.args:
            self.own_names |= f"{node.func.id}()" in _OWN_NAMES
        self.generic_visit(node)

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Collect what a function imports."""
        self.imports += [found for _, found in _imports(node, self._parent)]
        for alias in node.names:
            self._look(alias.name)

    visit_ImportFrom = visit_Import

    def visit_FunctionDef(self, node: _Function) -> None:
        """Visit a function's body with the names that are its own."""
        outer = [node.args, *getattr(node, "decorator_list", ()), getattr(node, "returns", None)]
        for part in filter(None, outer):
            self.visit(part)
        arguments = [part.arg for part in ast.walk(node.args) if isinstance(part, ast.arg)]
        body = node.body if isinstance(node.body, list) else [node.body]
        if getattr(node, "name", "") in ("__exit__", "__aexit__") and any(
            _tells(part, name) for part in body for name in arguments[1:]
        ):
            self.looks_at.add("wording")
        scope: dict[str, list[_Import]] = {name: [] for name in arguments}
        elsewhere: set[str] = set()
        for own in map(_own_nodes, body):
            for name, found in _bindings(own, self._parent):
                scope.setdefault(name, []).extend([found] if found else [])
            for part in own:
                if isinstance(part, ast.Global | ast.Nonlocal):
                    elsewhere.update(part.names)
        for name in elsewhere:
            scope.pop(name, None)
        self._visit_within(scope, body)

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_ListComp(self, node: _Comprehension) -> None:
        """Visit a comprehension with the names that are its own."""
        first = node.generators[0]
        self.visit(first.iter)
        bound: dict[str, list[_Import]] = {
            part.id: []
            for each in node.generators
            for part in ast.walk(each.target)
            if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load)
        }
        made = [getattr(node, name) for name in ("elt", "key", "value") if hasattr(node, name)]
        self._visit_within(bound, [*made, first.target, *first.ifs, *node.generators[1:]])

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Collect what a class imports in its body, which may be read of it."""
        for part in node.body:
            for _, found in _bindings(_own_nodes(part), self._parent):
                if found:
                    self.uses.add(_Use(found))
        self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """See whether the wording of an error goes anywhere."""
        if node.name and any(_tells(part, node.name) for part in node.body):
            self.looks_at.add("wording")
        self.generic_visit(node)

    def _visit_within(self, scope: dict[str, list[_Import]], parts: Iterable[ast.AST]) -> None:
        self._scopes.append(scope)
        for part in parts:
            self.visit(part)
        self._scopes.pop()

    def _use(self, name: str, attributes: tuple[str, ...]) -> None:
        self._look(name)
        self.own_names |= name in _OWN_NAMES
        self.by_name |= not _BY_NAME.isdisjoint([name, ".".join([name, *attributes[:1]])])
        for scope in reversed(self._scopes):
            if name in scope:
                self.uses.update(_Use(found, attributes) for found in scope[name])
                return
        self.uses.add(_Use(name, attributes))

    def _look(self, name: str) -> None:
        self.looks_at.update(what for what, names in _LOOKS_AT.items() if name in names)


def _tells(node: ast.AST, name: str) -> bool:
    """Whether code does more with an error than to raise another, or to tell a log of it."""
    if isinstance(node, ast.Raise):
        return False
    if isinstance(node, ast.Call):
        called = _named(node.func)
        if called and [called.of, *called.attributes][-1] in _NO_RESULT:
            return False
        if ast.unparse(node).startswith(f"getattr({name}, 'errno'"):
            return False
    if isinstance(node, ast.Attribute) and node.attr == "errno":
        return False
    if isinstance(node, ast.Name):
        return node.id == name and isinstance(node.ctx, ast.Load)
    return any(_tells(child, name) for child in ast.iter_child_nodes(node))
