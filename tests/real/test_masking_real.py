"""Hidden pixels and the posterior on real frames of which the mean of 50 is known."""

from pathlib import Path

import numpy as np
import pytest
import torch

from denoisekit.images.reading import read_image
from denoisekit.restoring import likelihoods, posterior
from denoisekit.training import masking


def frame(sample_data: Path, kind: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Return a raw frame and the mean of 50, (1, 1, 512, 512)."""
    folder = sample_data / "fmd_test_mix"
    raw = read_image(folder / "raw" / f"{kind}_1.png").pixels
    truth = read_image(folder / "gt" / f"{kind}.png").pixels
    return tuple(torch.from_numpy(np.float32(image))[None, None] for image in (raw, truth))


def hide(images: torch.Tensor, replacement: str) -> masking.Masked:
    return masking.mask(
        images,
        percent=1.5,
        neighbourhood=11,
        replacement=replacement,
        line=None,
        generator=torch.Generator().manual_seed(0),
    )


@pytest.mark.parametrize("replacement", ["neighbour", "median"])
@pytest.mark.parametrize("kind", ["Confocal_FISH", "Confocal_MICE", "TwoPhoton_MICE"])
def test_what_stands_in_does_not_tell_a_pixels_noise(
    sample_data: Path, kind: str, replacement: str
) -> None:
    raw, truth = frame(sample_data, kind)
    masked = hide(raw, replacement)
    noise = (raw - truth)[masked.mask].numpy()
    stand_in = (masked.inputs - truth)[masked.mask].numpy()
    kept = (raw - truth)[~masked.mask].numpy()
    assert masked.mask.sum() == 64 * 64
    assert noise.std() == pytest.approx(kept.std(), rel=0.1)
    assert abs(np.corrcoef(noise, stand_in)[0, 1]) < 0.15


@pytest.mark.parametrize("kind", ["Confocal_FISH", "Confocal_MICE", "TwoPhoton_MICE"])
def test_weighing_samples_by_the_noise_is_better_than_the_noise_and_than_the_samples(
    sample_data: Path, kind: str
) -> None:
    raw, truth = frame(sample_data, kind)
    raw, truth = raw[..., :128, :128], truth[..., :128, :128]
    # A prior without a network: the truth's own values nearby, of which none is the pixel's.
    steps = torch.arange(-3, 4)
    samples = torch.cat(
        [
            truth.roll((int(y), int(x)), (2, 3))
            for y in steps
            for x in steps
            if (int(y), int(x)) != (0, 0)
        ],
        dim=1,
    )
    line = np.polynomial.Polynomial.fit(
        truth.numpy().ravel(),
        ((raw - truth) ** 2).numpy().ravel(),
        1,
        domain=[0, 255],
        window=[0, 1],
    )
    model = likelihoods.gaussian_mixture(
        means=np.zeros((1, 2)),
        variances=line.coef[None],
        weights=np.zeros((1, 2)),
        least_variance=1.0,
        low=0.0,
        high=255.0,
        device="cpu",
    )
    mmse, prior = posterior.summarise(samples, raw, log_likelihood=model, levels=()).split(1, dim=1)
    errors = [((image - truth) ** 2).mean().item() for image in (mmse, prior, raw)]
    assert errors[0] < min(errors[1:])
