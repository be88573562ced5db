"""JSON schemas: check what a YAML file holds, and say in one sentence what is wrong."""

import difflib
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match
from referencing import Registry, Resource

from denoisekit.errors import InputError

_KINDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}


# Characters of a value that are shown of it.
_LONGEST = 200
_COMMA = re.compile(r"-?\d+,\d+")


def check_schema(
    content: Any, *, schema: str, schemas: Mapping[str, Mapping[str, Any]], file: str
) -> None:
    """Raise InputError unless what a YAML file holds is as a schema, named by its file, says."""
    registry = Registry().with_resources(
        (name, Resource.from_contents(contents)) for name, contents in schemas.items()
    )
    validator = jsonschema.Draft202012Validator(schemas[schema], registry=registry)
    error = best_match(validator.iter_errors(content))
    if error is not None:
        raise InputError(f"{file}: {_sentence(error)}")


def _shown(value: Any) -> str:
    # As it is written in YAML.
    written = str(value).lower() if isinstance(value, bool) else repr(value)
    return textwrap.shorten(written, _LONGEST)


def _found(error: jsonschema.ValidationError) -> str:
    """Show what was found in place of another kind, and what may have been meant by it."""
    found = error.instance
    if found is None:
        return "empty"
    if "number" in error.validator_value and _COMMA.fullmatch(str(found)):
        return f"{_shown(found)}; write {found.replace(',', '.')}, with a point"
    return _shown(found)


def meant(found: object, allowed: Iterable[object]) -> str:
    """Return ``" (did you mean 'x'?)"`` of the name nearest to what was found, or nothing."""
    near = difflib.get_close_matches(str(found), map(str, allowed), n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _sentence(error: jsonschema.ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path))
    at = place or "the file"
    found = error.instance
    match error.validator:
        case "additionalProperties":
            unknown = sorted(set(found) - set(error.schema["properties"]), key=str)
            known = sorted(error.schema["properties"])
            return (
                f"{at} has the unknown key {unknown[0]!r}; allowed are "
                f"{', '.join(known) or 'none'}{meant(unknown[0], known)}."
            )
        case "required":
            missing = [key for key in error.validator_value if key not in found]
            return f"{at} lacks the key {missing[0]!r}."
        case "enum":
            allowed = ", ".join(map(str, error.validator_value))
            near = meant(found, error.validator_value)
            return f"{at} must be one of {allowed}, but is {_shown(found)}{near}."
        case "type":
            kinds = error.validator_value
            named = [_KINDS[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds)]
            return f"{at} must be {' or '.join(named)}, but is {_found(error)}."
        case "const":
            return f"{at} must be {_shown(error.validator_value)}, but is {_shown(found)}."
        case "pattern":
            made_of = error.schema["description"].split(". ")[0]
            made_of = f"{made_of[0].lower()}{made_of[1:]}"
            return f"{at} is {_shown(found)}, but must be made of {made_of}."
        case _:
            return f"{at}: {textwrap.shorten(error.message, _LONGEST)}."
