"""Read YAML files that people write, and say in one sentence, with the line, what is amiss.

YAML 1.1, which Snakemake reads, takes ``no`` for false, ``010`` for eight and ``5e-4`` for text,
and of a key that is given twice the second. Here all of these are errors that say what to write.
"""

import codecs
import itertools
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from denoisekit.errors import InputError
from denoisekit.files import check_is_file

# Values of a file, with what its aliases stand for.
_MOST_VALUES = 1_000_000
_TAG = "tag:yaml.org,2002:"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
_SWITCH = re.compile(r"(?i:yes|no|on|off)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9_]+")
_CLOCK = re.compile(r"[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?")
_NUMBER = re.compile(r"[-+]?(\.\d+|\d+(\.\d*)?)([eE][-+]?\d+)?")
_UNKNOWN = re.compile(r"has the unknown key '([^']+)'")
# What YAML's own words mean to who has written the file.
_PROBLEMS = {
    "found character '\\t'": "a tab indents it; indent by spaces",
    "mapping values are not allowed here": "there is a colon too many, or the line is indented "
    "wrongly; put text that holds ': ' into quotes",
    "found character '%'": "text must not begin with '%'; put it into quotes",
    "found character '@'": "text must not begin with '@'; put it into quotes",
    "found character '`'": "text must not begin with '`'; put it into quotes",
}


def read_yaml(path: str | Path) -> Any:
    """Read a YAML file in UTF-8.

    Parameters
    ----------
    path
        The file.

    Raises
    ------
    InputError
        If the file is missing, is not in UTF-8 or not YAML, gives a key twice, or has a value that
        is something else to YAML than it seems to be.
    """
    text = _read_text(Path(path))
    try:
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
        _check_size(root, path)
        for node in _nodes(root):
            _check_keys(node, path)
            _check_scalar(node, path)
        return None if root is None else loader.construct_document(root)
    except RecursionError as error:
        raise InputError(f"{path} nests its values too deeply to be read.") from error
    except yaml.MarkedYAMLError as error:
        raise InputError(f"{_place(path, error)}: {_in_words(error)}.") from error
    except yaml.reader.ReaderError as error:
        raise InputError(
            f"{path}, line {_line(text[: error.position].encode())}: the character "
            f"{chr(error.character)!r} must not be in YAML; take it out."
        ) from error


def with_line(sentence: str, path: str | Path) -> str:
    """Return what is said of a place in a YAML file, with the line where the place is.

    Parameters
    ----------
    sentence
        Begins with ``<path>: <key>.<key>``; of others nothing is changed.
    path
        The file, which `read_yaml` has read.
    """
    start = f"{path}: "
    if not sentence.startswith(start):
        return sentence
    said = sentence.removeprefix(start)
    place = [] if said.startswith("the file ") else said.split()[0].rstrip(":,").split(".")
    node, line = yaml.compose(_read_text(Path(path)), Loader=yaml.SafeLoader), None
    for key in [*place, *_UNKNOWN.findall(said)]:
        found = _below(node, key)
        if found is None:
            break
        line, node = found
    return sentence if line is None else f"{path}, line {line}: {said}"


def _below(node: yaml.Node | None, key: str) -> tuple[int, yaml.Node] | None:
    """Return the line of a mapping's key or of a list's item, and its value; None without it."""
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            if name.value == key:
                return name.start_mark.line + 1, value
    if isinstance(node, yaml.SequenceNode) and key.isdecimal() and int(key) < len(node.value):
        return node.value[int(key)].start_mark.line + 1, node.value[int(key)]
    return None


def _place(path: str | Path, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    return f"{path}, line {mark.line + 1}" if mark else str(path)


def _line(before: bytes) -> int:
    """Return the number of a line, from 1, by what lies before."""
    return before.count(b"\n") + 1


def _read_text(path: Path) -> str:
    check_is_file(path)
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise InputError(f"The file {path} does not exist; correct its path.") from error
    if content.startswith(_WIDE):
        raise InputError(f"{path}, line 1: the file is in UTF-16 or UTF-32; save it as UTF-8.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path}, line {_line(content[: error.start])}: the byte {content[error.start]:#x} is "
            "not UTF-8; save the file as UTF-8."
        ) from error


def _nodes(root: yaml.Node | None) -> Iterator[yaml.Node]:
    """Yield a node and all below it, each once, though an alias leads to it again."""
    seen: set[int] = set()
    waiting = [] if root is None else [root]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in reversed(node.value) for part in reversed(pair)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)


def _check_size(root: yaml.Node | None, path: str | Path) -> None:
    """Raise InputError if aliases lead in a circle, or stand for more than they could be read for.

    Ten aliases to ten aliases to ten, and so on, are a short file that unfolds without end.
    """
    sizes: dict[int, int] = {}
    within: set[int] = set()

    def size(node: yaml.Node) -> int:
        """Return how many values a node is, with all that its aliases stand for."""
        if id(node) in within:
            line = node.start_mark.line + 1
            raise InputError(f"{path}, line {line}: what begins here holds itself by an alias.")
        if id(node) not in sizes:
            within.add(id(node))
            pairs = node.value if isinstance(node, yaml.MappingNode) else ()
            inside = node.value if isinstance(node, yaml.SequenceNode) else ()
            sizes[id(node)] = 1 + sum(map(size, (*inside, *itertools.chain.from_iterable(pairs))))
            within.remove(id(node))
        return sizes[id(node)]

    if root is not None and size(root) > _MOST_VALUES:
        raise InputError(
            f"{path} stands for more than {_MOST_VALUES} values, with its aliases written out; "
            "name fewer."
        )


def _check_keys(node: yaml.Node, path: str | Path) -> None:
    lines: dict[tuple[str, str], int] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        line, known = key.start_mark.line + 1, (key.tag, str(key.value))
        if known in lines:
            raise InputError(
                f"{path}: the key {key.value!r} is given twice, in lines {lines[known]} and {line};"
                " keep one of them."
            )
        lines[known] = line


def _check_scalar(node: yaml.Node, path: str | Path) -> None:
    if not isinstance(node, yaml.ScalarNode) or node.style is not None:
        return
    meant = _meant(node.tag.removeprefix(_TAG), node.value)
    if meant is not None:
        raise InputError(f"{path}, line {node.start_mark.line + 1}: {meant}.")


def _meant(kind: str, text: str) -> str | None:
    """Say what to write in place of a plain value that is another one to YAML, if it is."""
    quoted = f'"{text}" in quotes'
    match kind:
        case "bool" if _SWITCH.fullmatch(text):
            truth = "true" if text.lower() in ("yes", "on") else "false"
            return f"{text} means {truth} to YAML; write {truth}, or {quoted} for the word"
        case "int" if _LEADING_ZERO.fullmatch(text):
            number = text.lstrip("+-0_") or "0"
            return f"{text} is an octal number to YAML; write {number}, or {quoted} for a name"
        case "int" | "float" if _CLOCK.fullmatch(text):
            return f"{text} is a number in base 60 to YAML; write {quoted}"
        case "int" | "float" if "_" in text:
            return (
                f"{text} is a number to YAML; write {text.replace('_', '')}, or {quoted} for text"
            )
        case "timestamp":
            return f"{text} is a date to YAML; write {quoted}"
        case "str" | "float" if _NUMBER.fullmatch(text) and math.isinf(float(text)):
            return f"{text} is more than a number can be; write a smaller one"
        case "str" if _NUMBER.fullmatch(text):
            number = f"{float(text):.15g}" if 1e-4 <= abs(float(text)) < 1e15 else _exponent(text)
            return f"{text} is text to YAML, not a number; write {number}, or {quoted} for text"
    return None


def _exponent(text: str) -> str:
    """Write a number as YAML 1.1 wants it: with a point and the sign of its exponent."""
    mantissa, exponent = f"{float(text):.15e}".split("e")
    digits = mantissa.rstrip("0")
    return f"{digits}{'0' if digits.endswith('.') else ''}e{exponent}"


def _in_words(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context)
    for start, words in _PROBLEMS.items():
        if problem.startswith(start):
            return words
    context = f"{error.context}, " if error.context else ""
    return f"it cannot be read as YAML ({context}{problem}); look at this line and the one above"
