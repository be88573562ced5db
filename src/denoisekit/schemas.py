"""JSON schemas: check what a YAML file holds, and say in one sentence what is wrong."""

from collections.abc import Mapping
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
}


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


def _sentence(error: jsonschema.ValidationError) -> str:
    place = ".".join(map(str, error.absolute_path))
    at = place or "the file"
    found = error.instance
    match error.validator:
        case "additionalProperties":
            unknown = sorted(set(found) - set(error.schema["properties"]))
            allowed = ", ".join(sorted(error.schema["properties"]))
            return f"{at} has the unknown key {unknown[0]!r}; allowed are {allowed}."
        case "required":
            missing = [key for key in error.validator_value if key not in found]
            return f"{at} lacks the key {missing[0]!r}."
        case "enum":
            allowed = ", ".join(map(str, error.validator_value))
            return f"{at} must be one of {allowed}, but is {found!r}."
        case "type":
            return f"{at} must be {_KINDS[error.validator_value]}, but is {found!r}."
        case "const":
            return f"{at} must be {error.validator_value!r}, but is {found!r}."
        case "pattern":
            made_of = error.schema["description"].split(". ")[0]
            return f"{at} is {found!r}, but must be made of {made_of[0].lower()}{made_of[1:]}."
        case _:
            return f"{at}: {error.message}."
