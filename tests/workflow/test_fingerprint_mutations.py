"""Code that no fingerprint of a rule covers cannot change what the rule's jobs write.

Constants and operators of a copy of the code are changed one at a time, at random places; jobs
whose fingerprint stays are run again on the inputs of the finished tiny study, with that change.
"""

import ast
import json
import random
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from replay import load_job

from denoisekit.study.fingerprint import code_fingerprint, imported_modules, module_path

ROOT = Path(__file__).resolve().parents[2]
MUTATIONS = 90
# They change no result, as workflow/rules/common.smk has it.
LEFT_OUT = {"_job", "_noise_warning", "_pair_verdicts", "denoisekit.__version__"}
# It tells when it ran.
DATED = {"describe_run"}
# Their jobs take seconds: of these few are run again.
SLOW = {
    *("compare", "draw_conventions", "draw_exposures", "draw_learning_curves", "draw_montage"),
    *("draw_restoration", "draw_scores", "draw_sharpness", "paper_tables", "simulate"),
    *("write_report",),
}
OTHERWISE = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult},
    **{ast.Pow: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.FloorDiv, ast.BitOr: ast.BitAnd},
    **{ast.BitAnd: ast.BitOr, ast.And: ast.Or, ast.Or: ast.And, ast.Eq: ast.NotEq},
    **{ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In},
}


def by_name(job):
    """The modules that a job chooses by name."""
    settings = job.params.get("settings", {})
    if job.rule == "train":
        loss, network = settings["method"]["loss"], settings["network"]["architecture"]
        return [f"denoisekit.losses.{loss}", f"denoisekit.networks.{network}"]
    if job.rule == "filter":
        return [f"denoisekit.filters.{settings['filter']}"]
    if job.rule == "simulate":
        return [f"denoisekit.simulate.structures.{settings['structure']}"]
    if job.rule == "validate_filters":
        return [f"denoisekit.filters.{entry['filter']}" for entry in job.params.filters.values()]
    restoring = ("predict", "validate", "restore_kept", "check_apart")
    return ["denoisekit.networks.unet"] if job.rule in restoring else []


def fingerprint(code, job):
    return code_fingerprint(
        code / f"workflow/scripts/{job.rule}.py",
        package=code / "src/denoisekit",
        modules=by_name(job),
        left_out=LEFT_OUT,
    )


def imported_files(code, job):
    """All files of the code that a job's script may import, but through what is left out.

    What that imports, too, can stop a job, which then writes nothing; it changes no result.
    """
    package, beside = code / "src/denoisekit", code / "workflow/scripts"
    found, waiting = set(), [beside / f"{job.rule}.py"]
    names = by_name(job)
    while waiting or names:
        if waiting:
            names += imported_modules(waiting.pop())
        path = module_path(names.pop(), package=package, beside=beside) if names else None
        if path and path not in found:
            found.add(path)
            if path.stem not in LEFT_OUT:
                waiting.append(path)
    return found


def places(node):
    """Yield the nodes that can be changed: none in docstrings, annotations and errors' wording."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if changed(node) is not None:
        yield node
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and name not in ("annotation", "returns"):
                yield from places(child)


def changed(node):
    """Return source text that means something else than a node, or None."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            return repr(not value)
        if isinstance(value, int | float):
            return repr(value + 1 if isinstance(value, int) else 1.5 * value + 0.1)
        return repr(f"{value}-") if isinstance(value, str) else None
    operators = node.ops if isinstance(node, ast.Compare) else [getattr(node, "op", None)]
    other = OTHERWISE.get(type(operators[0]))
    if other is None or isinstance(node, ast.AugAssign):
        return None
    copy = ast.parse(ast.unparse(node), mode="eval").body
    if isinstance(copy, ast.Compare):
        copy.ops[0] = other()
    else:
        copy.op = other()
    return f"({ast.unparse(copy)})"


def replaced(text, node, by):
    """Return a file's text with a node replaced; its places are given in bytes."""
    lines = [line.encode() for line in text.splitlines(keepends=True)]
    first, last = node.lineno - 1, node.end_lineno - 1
    before, after = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
    whole = [*lines[:first], before + by.encode() + after, *lines[last + 1 :]]
    return b"".join(whole).decode()


def mutations(files, rng):
    """Choose places in files, each as likely, and change them."""
    found = []
    for path in sorted(files):
        text = path.read_text(encoding="utf-8")
        found += [(path, text, node) for node in places(ast.parse(text))]
    assert len(found) > 10 * MUTATIONS
    for path, text, node in rng.sample(found, MUTATIONS):
        yield path, replaced(text, node, changed(node)), node.lineno


@pytest.fixture(scope="module")
def jobs(finished):
    """One job of every rule, as it ran, and the script that Snakemake kept of it."""
    found = {}
    for script in sorted(finished[1].glob(".snakemake/scripts/*.py")):
        job = load_job(script)
        if job.rule not in DATED:
            found.setdefault(job.rule, (job, str(script)))
    assert len(found) >= 30
    return found


def test_the_rules_carry_these_fingerprints(finished, jobs):
    for rule, (job, _) in jobs.items():
        assert job.params.code == fingerprint(finished[0], job), rule


def test_what_no_fingerprint_covers_changes_no_output(finished, jobs, tmp_path):
    code, rng = tmp_path / "code", random.Random(1)
    for part in ("src", "workflow/scripts"):
        shutil.copytree(finished[0] / part, code / part)
    before = {rule: fingerprint(code, job) for rule, (job, _) in jobs.items()}
    imported = {rule: imported_files(code, job) for rule, (job, _) in jobs.items()}
    # Where a file is not even imported, nothing of it can matter.
    files = {path for paths in imported.values() for path in paths if path.stem not in LEFT_OUT}
    runs = []
    for path, text, line in mutations(files, rng):
        as_it_was = path.read_text(encoding="utf-8")
        path.write_text(text, encoding="utf-8")
        covered = {
            rule
            for rule, (job, _) in jobs.items()
            if path in imported[rule] and fingerprint(code, job) != before[rule]
        }
        path.write_text(as_it_was, encoding="utf-8")
        others = sorted(rule for rule in jobs if rule not in covered and path in imported[rule])
        for chosen, is_covered in ((others, False), (sorted(covered), True)):
            quick = [rule for rule in chosen if rule not in SLOW or rng.random() < 0.03]
            for rule in rng.sample(quick, min(len(quick), 1 if is_covered else 4)):
                runs.append(
                    {
                        **{"job": jobs[rule][1], "rule": rule, "covered": is_covered, "line": line},
                        **{"file": str(path.relative_to(code)), "text": text},
                    }
                )
    told = {
        **{"jobs": [script for _, script in jobs.values()], "runs": runs, "seconds": 60},
        **{"processes": 2, "code": str(code), "folder": str(finished[1])},
        "scratch": str(tmp_path / "scratch"),
    }
    (tmp_path / "runs.json").write_text(json.dumps(told), encoding="utf-8")
    replay = Path(__file__).with_name("replay.py")
    subprocess.run([sys.executable, str(replay), str(tmp_path / "runs.json")], check=True)
    found = json.loads((tmp_path / "found.json").read_text(encoding="utf-8"))
    for rule, each in zip(jobs, found["unchanged"], strict=True):
        assert each["outcome"] == "same", f"{rule}, with nothing changed: {each}"
    outcomes = {True: Counter(), False: Counter()}
    for run, each in zip(runs, found["changed"], strict=True):
        outcomes[run["covered"]][each["outcome"]] += 1
        # What cannot be imported gives no results at all, and does not reach a study.
        if not run["covered"] and each["outcome"] not in ("same", "not importable"):
            place = f"{run['file']}:{run['line']}"
            pytest.fail(f"{place} is not covered by {run['rule']}: {each}")
    assert outcomes[False]["same"] > MUTATIONS / 2, "few runs of what is not covered"
    # The test can fail: what is covered often changes what is written.
    assert outcomes[True]["different"] + outcomes[True]["failed"] > MUTATIONS / 10, outcomes
