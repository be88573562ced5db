"""Code fingerprints: all that a script's results can depend on, as one hash.

Snakemake does not follow Python imports, so each rule carries a fingerprint of all the code that
its script reaches. A fingerprint sees statements, not comments, docstrings or layout.
"""

import ast
import hashlib
from collections.abc import Collection, Iterable
from functools import cache
from pathlib import Path


def code_fingerprint(
    script: Path, *, package: Path, modules: Iterable[str], left_out: Collection[str]
) -> str:
    """Hash the statements of a script and of every module that it reaches.

    Modules of the package are followed, and modules that lie beside the script.

    Parameters
    ----------
    script
        A Python file; the imports in it (anywhere, also inside functions) are followed.
    package
        The folder of the package, whose name is the package's.
    modules
        Further modules that are chosen by name at run time, such as ``denoisekit.losses.fft``.
    left_out
        Modules whose changes never change a result.

    Returns
    -------
    str
        Sixteen hexadecimal digits.
    """
    reached: dict[str, Path] = {}
    waiting = [*_imports(script), *modules]
    while waiting:
        module = waiting.pop()
        path = _module_path(module, package, script.parent)
        if path is None or module in reached or module in left_out:
            continue
        reached[module] = path
        waiting += _imports(path)
    digest = hashlib.sha256(_statements(script).encode())
    for module, path in sorted(reached.items()):
        digest.update(f"\n{module}\n{_statements(path)}".encode())
    return digest.hexdigest()[:16]


def _module_path(module: str, package: Path, beside: Path) -> Path | None:
    """Return the file of a module of the package or beside the script, or None if it is neither."""
    inside = module.split(".")[0] == package.name
    path = (package.parent if inside else beside).joinpath(*module.split("."))
    if inside and path.is_dir():
        return path / "__init__.py"
    file = path.with_suffix(".py")
    return file if file.is_file() else None


@cache
def _imports(path: Path) -> frozenset[str]:
    """Return the names that a file imports, parent packages included."""
    names: set[str] = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Import):
            found = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        names.update(found)
    parents = {".".join(n.split(".")[:i]) for n in names for i in range(1, n.count(".") + 1)}
    return frozenset(names | parents)


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


@cache
def _statements(path: Path) -> str:
    """Return a file's syntax tree as text, without comments and docstrings."""
    tree = _tree(path)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and _is_docstring(body[0]):
            node.body = body[1:] or [ast.Pass()]
    return ast.dump(tree)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
