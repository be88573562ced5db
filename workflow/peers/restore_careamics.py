"""Train CAREamics on images of a folder, and restore those of another: a command of a study.

Usage: restore_careamics.py {care,n2v} TRAIN INPUTS OUTPUTS --seed SEED [--epochs 40] [--steps 50]

TRAIN holds low/<image>.tif and, for care, high/<image>.tif; patches of 64 px, batches of 8, and
otherwise what CAREamics does unless asked: its U-Net, rate, augmentation and normalisation.
"""

import argparse
import tempfile
from pathlib import Path

import numpy as np
import tifffile
from careamics import CAREamist
from careamics.config import create_advanced_care_config, create_advanced_n2v_config

CONFIGS = {"care": create_advanced_care_config, "n2v": create_advanced_n2v_config}
PATCH, BATCH = 64, 8


def read(folder: Path) -> list[np.ndarray]:
    """Read the images of a folder in the order of their names."""
    return [tifffile.imread(path).astype(np.float32) for path in sorted(folder.glob("*.tif"))]


def trained(args: argparse.Namespace) -> CAREamist:
    """Return a network that is trained on the images of a folder."""
    config = CONFIGS[args.kind](
        experiment_name=args.kind,
        data_type="array",
        axes="YX",
        patch_size=(PATCH, PATCH),
        batch_size=BATCH,
        num_epochs=args.epochs,
        num_steps=args.steps,
        num_workers=0,
        seed=args.seed + 1,  # Zero is refused.
    )
    careamist = CAREamist(config, work_dir=tempfile.mkdtemp(), enable_progress_bar=False)
    truths = {"train_data_target": read(args.train / "high")} if args.kind == "care" else {}
    careamist.train(train_data=read(args.train / "low"), **truths)
    return careamist


def main() -> None:
    """Train, and restore every image."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("kind", choices=CONFIGS)
    for name in ("train", "inputs", "outputs"):
        parser.add_argument(name, type=Path)
    for name, default in (("seed", 0), ("epochs", 40), ("steps", 50)):
        parser.add_argument(f"--{name}", type=int, default=default)
    args = parser.parse_args()
    careamist = trained(args)
    for path in sorted(args.inputs.glob("*.tif")):
        image = tifffile.imread(path).astype(np.float32)
        (restored, *_), _ = careamist.predict([image], num_workers=0)
        tifffile.imwrite(args.outputs / path.name, np.squeeze(restored).astype(np.float32))
        print(f"restored {path.name}", flush=True)


if __name__ == "__main__":
    main()
