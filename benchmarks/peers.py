"""Run the same work with CSBDeep, CAREamics and denoisekit in turn, and give the ratios.

Usage: python benchmarks/peers.py [--rounds 3]

Installs CSBDeep (TensorFlow) and CAREamics in environments of their own under benchmarks/.peers.
The work: a step of training of the loss-function paper's network (16 patches of 64 x 64), and an
image of 2048 x 2048 restored whole and in 16 tiles; of CSBDeep and denoisekit also a step with 4
patches of 16 x 64 x 64, and a volume of 100 x 1024 x 1024 restored in 16 tiles. In every round each
program has its turn, in a process of its own, so that a machine that slows down slows all of them.
Writes benchmarks/results/<machine>-peers.json and .md.
"""

import argparse
import json
import subprocess
import sys
import venv
from datetime import date
from pathlib import Path
from statistics import median

import machine

HERE = Path(__file__).parent
WORK = {
    **{"train": "one training step", "whole": "2048 x 2048, whole", "tiles": "2048 x 2048, tiled"},
    **{"train-volumes": "one training step of volumes", "volume": "100 x 1024 x 1024, tiled"},
}
TORCH = f"torch=={machine.torch.__version__.partition('+')[0]}"
REQUIREMENTS = {
    "csbdeep": ["csbdeep==0.8.2", "tensorflow==2.21.*"],
    # What CAREamics 0.3.5 asks for, but for torchvision, which it caps below that of this torch.
    "careamics": [
        *(TORCH, "torchvision", "lightning==2.6.1", "bioimageio.core==0.11.0"),
        *("matplotlib", "microssim", "numpy<2.4.7", "pillow", "psutil", "pydantic>=2.11,<2.14.2"),
        *("pyyaml", "scikit-image<0.26.1", "tifffile", "torchmetrics<1.9", "zarr>=3,<4"),
    ],
}
# Installed after these, and without looking at what they ask for.
ALONE = {"csbdeep": [], "careamics": ["careamics==0.3.5"]}
PROGRAMS = ("denoisekit", *REQUIREMENTS)
# What not all programs are given.
GIVEN = dict.fromkeys(("train-volumes", "volume"), ("denoisekit", "csbdeep"))


def python_of(program: str) -> Path:
    """Return the Python that a program runs in, after installing it where that is not done yet."""
    if program == "denoisekit":
        return Path(sys.executable)
    folder = HERE / ".peers" / program
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.is_file():
        asked, alone = REQUIREMENTS[program], ALONE[program]
        print(f"installing {program} ({', '.join(asked + alone)})", flush=True)
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *asked], check=True)
        if alone:
            subprocess.run([*install, "--no-deps", *alone], check=True)
        done.touch()
    return python


def run(program: str, work: str) -> dict[str, float]:
    """Let a program do some work, and return its seconds and its peak memory."""
    command = [python_of(program), HERE / "peers" / f"run_{program}.py", work]
    process = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(process.stdout.splitlines()[-1])


def table(measured: dict[str, dict[str, list[dict[str, float]]]]) -> str:
    """Return the medians, and how many times longer each program takes than denoisekit."""
    facts = machine.describe()
    lines = [
        f"# {facts['name']}, {date.today().isoformat()}",
        "",
        f"Instructions: {facts['instructions']}; denoisekit {facts['mixed']}.",
        "",
        "| work | program | time (lowest to highest) | times denoisekit's | peak memory |",
        "|---|---|---|---|---|",
    ]
    for work, by_program in measured.items():
        seconds = {name: [run["seconds"] for run in runs] for name, runs in by_program.items()}
        ours = median(seconds["denoisekit"])
        for name, values in seconds.items():
            spread = f"{median(values):.3g} s ({min(values):.3g} to {max(values):.3g})"
            memory = max(run["peak_mb"] for run in by_program[name])
            ratio = median(values) / ours
            lines.append(f"| {WORK[work]} | {name} | {spread} | {ratio:.2f} | {memory:.0f} MB |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run all programs in turn."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    for program in PROGRAMS:
        python_of(program)
    measured = {work: {name: [] for name in GIVEN.get(work, PROGRAMS)} for work in WORK}
    for number in range(rounds):
        for work in WORK:
            for program in measured[work]:
                measured[work][program].append(run(program, work))
                seconds = measured[work][program][-1]["seconds"]
                print(f"round {number + 1}, {WORK[work]}, {program}: {seconds:.3g} s", flush=True)
    path = HERE / "results" / f"{machine.describe()['file']}-peers.md"
    path.parent.mkdir(exist_ok=True)
    path.write_text(table(measured))
    path.with_suffix(".json").write_text(json.dumps(measured, indent=1))
    print(path.read_text())


if __name__ == "__main__":
    main()
