"""What the README shows works as shown."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_library_example_runs_and_improves_the_image(capsys):
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names = {}
    exec(compile(example, "README.md", "exec"), names)
    conventions, low = names["conventions"], names["low"]
    before = conventions.score(names["truth"], low, low=low, convention="care")["psnr"]
    after = conventions.score(names["truth"], names["restored"], low=low, convention="care")["psnr"]
    assert after > before + 1
    assert f"{after}"[:6] in capsys.readouterr().out


def test_every_file_and_command_it_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\S+)$", README, re.MULTILINE):
        assert f"\n{target}:" in makefile
    for link in re.findall(r"\]\(([^)h][^)]*)\)", README):
        assert (ROOT / link.partition("#")[0]).is_file(), link
    for file in re.findall(r"--configfile (\S+\.yaml)", README):
        assert (ROOT / file).is_file(), file


def test_every_study_is_listed():
    (table,) = re.findall(r"^\| study \|.*?\n\n", README, re.MULTILINE | re.DOTALL)
    listed = re.findall(r"`([\w-]+)`", "".join(re.findall(r"^\|[^|]*", table, re.MULTILINE)))
    assert sorted(listed) == sorted(path.stem for path in (ROOT / "config").glob("*.yaml"))


def test_every_key_of_a_study_is_explained():
    import yaml

    schema = yaml.safe_load((ROOT / "config/schemas/study.schema.yaml").read_text(encoding="utf-8"))
    explained = (ROOT / "config/README.md").read_text(encoding="utf-8")
    for key, part in schema["properties"].items():
        assert f"`{key}" in explained, key
        if part.get("additionalProperties") is False:
            for inner in part["properties"]:
                assert f"`{key}.{inner}`" in explained or f"`.{inner}`" in explained, (key, inner)
