"""Methods from outside of a study: given images, networks of elsewhere, and commands.

Paths and command lines are looked at as text; no image is read.
"""

import glob
import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from denoisekit import files
from denoisekit.errors import InputError

#: What stands in the path of given images.
IMAGE_PLACES = ("image", "test_set")
#: What stands in a command: of one image, or of a folder of all.
COMMAND_PLACES = ("input", "output", "inputs", "outputs", "train", "seed")

_PLACE = re.compile(r"(?<!\$)\{(\w*)\}")
_OF_SHELLS = {"|", "||", "&", "&&", ";", "<", ">", ">>", "2>", "2>&1"}


def places(text: str) -> list[str]:
    """Return the names in braces in a path or a command, environment variables left out."""
    return list(dict.fromkeys(_PLACE.findall(text)))


def filled(text: str, values: Mapping[str, str]) -> str:
    """Return a path or a word with the names in braces replaced; others stay."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def given_files(pattern: str, *, test_set: str, where: str) -> list[str]:
    """Return the restored images that are there for a test set, by name.

    Raises
    ------
    InputError
        If there is none, or an environment variable in the pattern is not set.
    """
    # Whatever is no name in braces is taken as it is.
    pattern = filled(files.expand_variables(pattern, where=where), {"test_set": test_set})
    found = sorted(glob.glob("*".join(map(glob.escape, pattern.split("{image}")))))
    if not found:
        raise InputError(
            f"{where} finds no restored image of the test set {test_set!r} ({pattern}); put them "
            "there, or leave the method out until they are. They are to be restored from the "
            "images in results/<study>/registered/<data set>/low, which the study makes without it."
        )
    files.check_braces(found, where=where)
    return found


def model_files(model: str, *, where: str, trusted: bool = False) -> list[str]:
    """Return the files of a network: a folder's that denoisekit trained, or the package itself.

    A package of others, which is run as code, is taken only where the study says that it is
    `trusted`.

    Raises
    ------
    InputError
        If there is no such model, or it is one that needs a model of the noise, too.
    """
    path = Path(files.expand_variables(model, where=where))
    packed = path.suffix.lower() == ".zip" and path.is_file()
    if trusted and not packed:
        raise InputError(
            f"{where} is {model!r}, which is no package to trust; name a .zip of the bioimage.io "
            "format that is there, or leave 'trust' out."
        )
    if packed:
        return [str(path)]
    card = path / "card.json"
    if not card.is_file():
        raise InputError(
            f"{where} is {model!r}, which is no model: name a folder with a card.json, such as "
            "results/<study>/models/<train set>/<method>/seed0, or a .zip that 'denoisekit export' "
            "wrote."
        )
    if files.read_json(card).get("network", {}).get("outputs", 1) > 1:
        raise InputError(
            f"{where} is {model!r}, a network of PN2V, which restores with a model of the noise; a "
            "study takes such a network only where it trains it."
        )
    return [
        str(file) for kind in ("json", "safetensors") for file in sorted(path.glob(f"*.{kind}"))
    ]


def words(command: str) -> list[str]:
    """Return the words of a command line, quoted as in a shell, which is not called."""
    return shlex.split(command)


def is_trained(method: Mapping[str, Any]) -> bool:
    """Say whether a method is a command that learns from the images of a train set."""
    return "{train}" in method.get("command", "")


def check(config: Mapping[str, Any], *, file: str) -> None:
    """Raise InputError unless the methods from outside can be planned; `file` is the config's."""
    for name, method in config["methods"].items():
        place = f"{file}: methods.{name}"
        if "images" in method:
            _check_images(method["images"], f"{place}.images", test_sets=config["test_sets"])
        if "command" in method:
            _check_command(method["command"], f"{place}.command", seeds=config["seeds"])


def check_files(config: Mapping[str, Any], *, checkout: Path, file: str) -> None:
    """Raise InputError if a file that a method from outside needs is not there."""
    for name, method in config["methods"].items():
        place = f"{file}: methods.{name}"
        for test_set in config["test_sets"] if "images" in method else ():
            given_files(method["images"], test_set=test_set, where=f"{place}.images")
        if "model" in method:
            trusted = method.get("trust", False)
            model_files(method["model"], where=f"{place}.model", trusted=trusted)
        environment = method.get("conda")
        if environment and not located(environment, checkout=checkout):
            raise InputError(
                f"{place}.conda is {environment!r}, which does not exist; name a conda "
                "environment's YAML file, from the working directory."
            )


def located(path: str, *, checkout: Path) -> Path | None:
    """Return a file by its path from the working directory, or else from denoisekit's checkout."""
    return next((p for p in (Path(path), checkout / path) if p.is_file()), None)


def command_files(command: str, *, checkout: Path) -> dict[str, str]:
    """Return where the files lie that a command line names, by the words that name them."""
    found = {word: located(word, checkout=checkout) for word in words(command)}
    return {word: str(path) for word, path in found.items() if path}


def _check_images(pattern: str, place: str, *, test_sets: Mapping[str, Any]) -> None:
    _known(pattern, IMAGE_PLACES, place)
    if "{image}" not in pattern:
        raise InputError(
            f"{place} is {pattern!r}, but must hold {{image}}, which stands for an image's name."
        )
    if len(test_sets) > 1 and "{test_set}" not in pattern:
        raise InputError(
            f"{place} is {pattern!r}, but the study has the test sets {', '.join(test_sets)}, "
            "whose images may bear the same names; put {test_set} into it."
        )


def _check_command(command: str, place: str, *, seeds: Sequence[int]) -> None:
    _known(command, COMMAND_PLACES, place)
    try:
        found = words(command)
    except ValueError as error:
        raise InputError(f"{place} cannot be split into words ({error}); close it.") from error
    shell = [word for word in found if word in _OF_SHELLS]
    if shell:
        raise InputError(
            f"{place} has the word {shell[0]!r}, but no shell reads it; put what needs one into a "
            "script, and call that."
        )
    named = set(places(command))
    single, whole = {"input", "output"}, {"inputs", "outputs"}
    if named & (single | whole) not in (single, whole):
        raise InputError(
            f"{place} must hold {{input}} and {{output}}, one image and where to write it, or "
            f"{{inputs}} and {{outputs}}, folders of all images, but holds "
            f"{', '.join(f'{{{name}}}' for name in places(command)) or 'neither'}."
        )
    if "train" in named and named & single:
        raise InputError(
            f"{place} holds {{train}} and {{input}}, so that it would be trained for every image; "
            "take {inputs} and {outputs}, the folders of all images."
        )
    if "seed" in named and "train" not in named:
        raise InputError(
            f"{place} holds {{seed}} but not {{train}}; only what is trained is repeated with "
            "every seed, so write a number instead."
        )
    if "train" in named and "seed" not in named and len(seeds) > 1:
        raise InputError(
            f"{place} is trained with {len(seeds)} seeds, but does not hold {{seed}}; all its runs "
            "might be the same one. Put {seed} into it, or take one seed."
        )


def _known(text: str, allowed: Sequence[str], place: str) -> None:
    unknown = [name for name in places(text) if name not in allowed]
    if unknown:
        raise InputError(
            f"{place} holds {{{unknown[0]}}}, which stands for nothing; there are "
            f"{', '.join(f'{{{name}}}' for name in allowed)}."
        )
