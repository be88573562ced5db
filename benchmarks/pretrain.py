"""Train the network of the filter `pretrained` on simulated images alone, and write its weights.

    python benchmarks/pretrain.py OUTPUT [--steps N] [--threads N]

writes OUTPUT/pretrained.safetensors and its card OUTPUT/pretrained.json, which belong into
src/denoisekit/filters/. No real image is read. Noiseless fields of all simulated structures, and
leaves that lie on each other, are shrunk, added up, dimmed and curved at random; each patch has
photons and read noise of its own, is stabilised by a fit as unsure as that of one image is, and is
learned in units of the noise. The seed decides all; from one processor, or number of threads, to
another, sums differ in their last digits.
"""

import argparse
import hashlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy import ndimage
from skimage.draw import disk
from skimage.transform import downscale_local_mean

from denoisekit import __version__
from denoisekit.computing import computing, seed_everything
from denoisekit.filters import pretrained
from denoisekit.noise.anscombe import stabilise, unstabilise
from denoisekit.noise.estimate import NoiseFit
from denoisekit.restoring.weights import count_parameters, save_weights
from denoisekit.simulate import structures, synthetic, volumes
from denoisekit.simulate.pairs import simulate_pairs

SEED = 14
FIELDS = 6
# Scale and sharpness differ most between labs: how many pixels there are to a structure.
PIXEL_SIZES_UM = (0.065, 0.1083)
SHRINK = (1, 2, 3, 4)
PATCH, BATCH, STEPS = 64, 16, 20000
LEARNING_RATE = 2e-3
PEAK_PHOTONS = (1.0, 800.0)
READ_NOISE = (0.1, 5.0)
# How far the gain and the variance that are fitted to one image lie off, as their logarithms.
FIT_SPREAD = 0.1
SIDE = 512
NO_CAMERA = {
    **{"gain": 1, "offset": 0, "read_noise": 0, "read_noise_spread": 0, "pixel_offset": 0},
    **{"column_offset": 0, "row_noise": 0, "bits": 16},
}
SIMULATION: dict[str, Any] = {
    "size": SIDE,
    "train_images": FIELDS,
    "test_images": 0,
    "movie_frames": 0,
    "exposures_ms": [1, 1],
    "light": 20000,
    "light_spread": 0,
    "background": 0,
    "optics": {
        "numerical_aperture": 1.3,
        "refractive_index": 1.406,
        "emission_um": 0.55,
        "spherical_waves": 0.08,
    },
    "camera": NO_CAMERA,
    "motion": {
        "flow_um_per_s": 0,
        "wander_um_per_s": 0,
        "frame_interval_s": 0,
        "pair_delay_s": 0,
        "bleaching_per_s": 0,
    },
    "max_shift_px": 0,
}
WIDEFIELD: dict[str, Any] = {
    **{"size": SIDE, "train_images": FIELDS, "test_images": 0, "pixel_size_um": 0.05},
    **{"psf_um": [0.085, 0.2], "truth_um": 0.045, "upsampled": 1, "camera": NO_CAMERA},
    **{"photons": [20000, 20000], "truth_photons": 20000},
    "haze": {"share": [0.0, 0.6], "sigma_um": [0.3, 0.8]},
    "background": {"share": [0.02, 0.2], "smooth_um": 0.8, "contrast": 0.3},
    "tubules": {
        **{"um_per_um2": [1, 8], "length_um": [2, 10], "persistence_um": [2, 15]},
        **{"brightness": [0.5, 1.5], "uneven": 0.5},
    },
    "granules": {"per_um2": [0.2, 4], "radius_um": [0.05, 0.4], "brightness": [0.3, 1.5]},
}
VOLUMES: dict[str, dict[str, Any]] = {
    "nuclei": {
        "pixel_size_um": 0.15,
        "z_spacing_um": 1.0,
        "shape": [6, 384, 384],
        "nuclei": {"per_1000_um3": 4, "radius_um": [1.5, 3.5], "touching": 0.4},
        "optics": {"lateral_sigma_um": 0.16, "axial_sigma_um": 0.45},
    },
    "sheet": {
        "pixel_size_um": 0.2,
        "z_spacing_um": 0.5,
        "shape": [24, 384, 384],
        "sheet": {
            **{"cell_um": 4, "relief_um": 2.5, "smooth_um": 6, "apart_um": 3},
            **{"above": 0.6, "below": 1},
        },
        "optics": {"lateral_sigma_um": 0.2, "axial_sigma_um": 0.5},
    },
}
EXPOSURE = {
    **{"train_images": FIELDS, "test_images": 0, "exposures_ms": [1, 1], "light": 20000},
    **{"light_spread": 0, "background": 0, "camera": NO_CAMERA},
}
# Of leaves: how many fields, how large they are in px, and how blurred.
LEAVES, RADII_PX, BLUR_PX = 60, (3.0, 120.0), (0.6, 2.5)


def clean_images() -> list[np.ndarray]:
    """Return fields of all structures, nearly without noise, at all scales; float32, maximum 1."""
    images = [image for field in fields() for image in shrunk(field)]
    rng = np.random.default_rng(SEED)
    images += [leaves(rng) for _ in range(LEAVES)]
    return [(image / np.percentile(image, 99.9)).astype(np.float32) for image in images]


def fields() -> Iterator[np.ndarray]:
    """Yield fields (Y, X) of every structure that can be simulated, nearly without noise."""
    for structure in structures.names():
        for pixel_size in PIXEL_SIZES_UM:
            settings = {**SIMULATION, "structure": structure, "pixel_size_um": pixel_size}
            for pair in simulate_pairs(settings, seed=SEED):
                yield pair.high
    for structure in ("granules", "tubules"):
        for pair in synthetic.get(structure)({**WIDEFIELD, "structure": structure}, SEED):
            yield pair.low
    for structure, settings in VOLUMES.items():
        for pair in volumes.get(structure)({**EXPOSURE, **settings}, SEED):
            yield from pair.low[1::4]


def shrunk(image: np.ndarray) -> Iterator[np.ndarray]:
    """Yield an image as coarser pixels show it, and as it is; none smaller than a patch."""
    for times in SHRINK:
        if min(image.shape) // times >= PATCH:
            yield downscale_local_mean(image, (times, times))


def leaves(rng: np.random.Generator) -> np.ndarray:
    """Return discs that hide each other, of all sizes alike, each of its own brightness and grain.

    Of radii whose density falls with the third power, no size stands out, as in pictures of nature.
    """
    image = np.zeros((SIDE, SIDE))
    smallest, largest = (radius**-2.0 for radius in RADII_PX)
    grain = ndimage.gaussian_filter(rng.standard_normal(image.shape), rng.uniform(1, 4))
    grain /= grain.std()
    for _ in range(rng.integers(500, 3000)):
        radius = (smallest - rng.random() * (smallest - largest)) ** -0.5
        where = disk(rng.uniform(0, SIDE, size=2), radius, shape=image.shape)
        texture = np.exp(rng.uniform(0, 0.4) * grain[where])
        image[where] = rng.random() ** rng.uniform(1, 3) * texture
    return ndimage.gaussian_filter(image, rng.uniform(*BLUR_PX))


def clean_patch(images: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return a patch of one image or of two together, with its contrast changed."""
    patch = _cut(images, rng)
    if rng.random() < 0.3:
        patch = patch + rng.uniform(0.1, 1) * _cut(images, rng)
    return patch ** rng.uniform(0.6, 1.6)


def noisy_pair(clean: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return a stabilised noisy patch and what it should be, in units of the noise.

    The target is what the inverse of the transform takes to the true photons.
    """
    peak, read = (np.exp(rng.uniform(*np.log(ends))) for ends in (PEAK_PHOTONS, READ_NOISE))
    photons = peak * (clean + rng.uniform(0, 1) ** 3)
    noisy = rng.poisson(photons) + read * rng.standard_normal(photons.shape)
    off_gain, off_variance = np.exp(FIT_SPREAD * rng.standard_normal(2))
    fit = NoiseFit(gain=off_gain, intercept=read**2 * off_variance)
    values = np.linspace(np.sqrt(1.5), stabilise(photons.max() * 2 + 9, fit), 4096)
    target = np.interp(photons, unstabilise(values, fit), values)
    noisy = stabilise(noisy, fit)
    middle = noisy.mean() + rng.normal() * noisy.std()
    return noisy - middle, target - middle


def batches(images: list[np.ndarray], steps: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield noisy patches and their targets, (BATCH, 1, PATCH, PATCH) each."""
    rng = np.random.default_rng(SEED)
    for _ in range(steps):
        pairs = [noisy_pair(clean_patch(images, rng), rng) for _ in range(BATCH)]
        noisy, target = (
            np.stack(part)[:, None].astype(np.float32) for part in zip(*pairs, strict=True)
        )
        yield torch.from_numpy(noisy), torch.from_numpy(target)


def train(steps: int) -> torch.nn.Module:
    """Train the network with Adam, its rate rising over a twentieth and falling as a cosine."""
    network = pretrained.build().to(memory_format=torch.channels_last)
    optimizer = torch.optim.Adam(network.parameters(), lr=LEARNING_RATE)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LEARNING_RATE, total_steps=steps, pct_start=0.05
    )
    total = 0.0
    for step, (noisy, target) in enumerate(batches(clean_images(), steps), start=1):
        with computing("mixed", device="cpu", training=True):
            restored = network(noisy.to(memory_format=torch.channels_last))
        loss = torch.nn.functional.mse_loss(restored, target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        rate.step()
        total += loss.item()
        if step % 100 == 0:
            print(f"step {step} of {steps}: {total / 100:.4f} of the noise's variance", flush=True)
            total = 0.0
    return network.eval()


def main() -> None:
    """Train, and write the weights and their card."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("output", type=Path)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    seed_everything(SEED, threads=options.threads)
    start = time.monotonic()
    network = train(options.steps)
    weights = options.output / "pretrained.safetensors"
    save_weights(weights, network.state_dict())
    card = {
        "network": {"architecture": "unet", **pretrained.NETWORK},
        "parameters": count_parameters(network),
        "trained_on": (
            f"simulated {', '.join([*structures.names(), 'granules', 'tubules', *VOLUMES])}, and "
            "leaves; no real image"
        ),
        "seed": SEED,
        "steps": options.steps,
        "batch": BATCH,
        "patch": PATCH,
        "learning_rate": LEARNING_RATE,
        "peak_photons": PEAK_PHOTONS,
        "read_noise": READ_NOISE,
        "fit_spread": FIT_SPREAD,
        "versions": {"denoisekit": __version__, "torch": torch.__version__},
        "seconds": round(time.monotonic() - start),
        "sha256": hashlib.sha256(weights.read_bytes()).hexdigest(),
    }
    text = json.dumps(card, indent=2)
    (options.output / "pretrained.json").write_text(text + "\n", encoding="utf-8")


def _cut(images: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    image = images[rng.integers(len(images))]
    y, x = (rng.integers(side - PATCH + 1) for side in image.shape)
    patch = np.rot90(image[y : y + PATCH, x : x + PATCH], rng.integers(4))
    return patch[:, ::-1] if rng.integers(2) else patch


if __name__ == "__main__":
    main()
