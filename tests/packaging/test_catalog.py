"""What the Snakemake workflow catalog asks of a repository, beside linting and formatting."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def test_the_catalog_finds_the_workflow():
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert "snakemake" in readme
    assert "workflow" in readme
    assert (ROOT / "Snakefile").is_file()
    assert all(path.suffix == ".smk" for path in (ROOT / "workflow" / "rules").iterdir())
    assert (ROOT / "config" / "README.md").is_file()


def test_the_catalog_understands_what_it_is_told():
    told = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text(encoding="utf-8"))
    usage = told["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment", "report"}
    ways = usage["software-stack-deployment"]
    assert set(ways) == {"conda", "apptainer", "apptainer+conda"}
    assert all(isinstance(works, bool) for works in (*ways.values(), usage["report"]))
