"""What each rule's result may depend on: a wall in the wrong place fails here, not in a GPU night.

The lists are literal. A longer one means that an edit there runs the rule again: is that so?
"""

from pathlib import Path

import pytest

from denoisekit.study.fingerprint import reached_modules

ROOT = Path(__file__).resolve().parents[2]
BY_NAME = {
    "simulate": ["denoisekit.simulate.structures.actin"],
    "train": ["denoisekit.losses.laplace", "denoisekit.networks.unet"],
    "train_noise2void": ["denoisekit.networks.pn2v_unet"],
    "train_isotropic": ["denoisekit.losses.mae", "denoisekit.networks.unet"],
    "predict": ["denoisekit.networks.unet"],
    "predict_isotropic": ["denoisekit.networks.unet"],
    "predict_projection": ["denoisekit.networks.projection_unet"],
    "predict_channels": ["denoisekit.networks.unet"],
    "project": ["denoisekit.filters.projection"],
    "filter": ["denoisekit.filters.gaussian"],
    "draw_labels": ["denoisekit.simulate.volumes.nuclei"],
    "simulate_sharp": ["denoisekit.simulate.synthetic.tubules"],
    "restore_kept": ["denoisekit.networks.unet"],
}
GROUND = "plugins errors _checks files provenance machine _registry streaming"
IMAGES = "images.chunks images.image images.metadata images.reading images.formats images.stacks"
IMAGES += " images.windows datasets.pairs datasets.registered"
IMAGES += " noise.usable"
STATISTICS = "evaluation.metrics statistics.scores statistics.tables statistics.typeset"
STATISTICS += " statistics.wording"
TRAINING = "computing networks images.normalization images.windows restoring.weights"
TRAINING += " training.adam training.batches training.checkpoints training.graphs training.loop"
TRAINING += " training.schedules training.settings"
MAY_REACH = {
    "simulate": "simulate",
    "register": f"{IMAGES} datasets.pair_images datasets.pair_table datasets.registration"
    " datasets.kinship datasets.registering noise.saturation study.contents",
    "extract_patches": f"{IMAGES} images.normalization training.patches datasets.common_units"
    " noise.units",
    "extract_frames": f"{IMAGES} images.normalization training.patches datasets.common_units"
    " noise.units noise.estimate training.frames",
    "train": f"{TRAINING} losses training.supervised",
    "train_noise2void": f"{TRAINING} training.noise2void training.masking training.masked_losses"
    " noise.models noise.photons restoring.likelihoods",
    "predict": f"{IMAGES} computing networks images.normalization restoring.inference"
    " restoring.model restoring.restored restoring.weights datasets.common_units noise.units"
    " noise.estimate",
    "measure_calibration": f"{IMAGES} evaluation.calibration evaluation.uncertainty"
    " evaluation.scaling",
    "restore_kept": f"{IMAGES} computing networks images.normalization restoring.inference"
    " restoring.model restoring.restored restoring.weights datasets.common_units noise.units"
    " noise.estimate training.patches",
    "examine_residuals": f"{IMAGES} evaluation.residuals evaluation.scaling noise.card"
    " noise.estimate noise.saturation noise.models noise.photons noise.units",
    "gather_residuals": f"{STATISTICS} statistics.residuals evaluation.residuals",
    "predict_ensemble": f"{IMAGES} evaluation.uncertainty",
    "filter": f"{IMAGES} filters noise.anscombe noise.estimate images.sparse datasets.sparse",
    "leave_planes_out": f"{IMAGES} images.sparse images.own_psf images.psf images.voxels"
    " datasets.sparse",
    "extract_isotropic": f"{IMAGES} images.normalization images.sparse datasets.sparse"
    " datasets.common_units noise.units noise.estimate training.isotropic training.patches"
    " images.voxels",
    "train_isotropic": f"{TRAINING} losses training.supervised",
    "predict_isotropic": f"{IMAGES} computing networks images.normalization images.sparse"
    " datasets.common_units noise.estimate datasets.sparse restoring.isotropic"
    " restoring.inference restoring.model restoring.weights",
    "simulate_sheets": "simulate",
    "simulate_sharp": "simulate",
    "lay_sheets_out": f"{IMAGES} images.surface datasets.sheets datasets.registering"
    " datasets.pair_images datasets.pair_table datasets.registration datasets.kinship"
    " noise.saturation",
    "extract_stacks": f"{IMAGES} images.normalization datasets.sheets datasets.common_units"
    " noise.units training.patches",
    "extract_channels": f"{IMAGES} images.normalization datasets.channels datasets.common_units"
    " noise.units training.patches",
    "predict_channels": f"{IMAGES} computing networks images.normalization datasets.channels"
    " restoring.channels restoring.inference restoring.model restoring.restored"
    " restoring.weights datasets.common_units noise.units noise.estimate",
    "predict_projection": f"{IMAGES} computing networks images.normalization"
    " datasets.common_units noise.estimate restoring.projection restoring.inference"
    " restoring.model restoring.weights",
    "project": f"{IMAGES} filters images.surface noise.anscombe noise.estimate datasets.sheets",
    "measure_isotropy": f"{IMAGES} evaluation.isotropy evaluation.scaling",
    "measure_depth": f"{IMAGES} evaluation.depth datasets.sheets datasets.registering"
    " datasets.pair_images datasets.registration datasets.kinship noise.saturation images.surface",
    "measure_resolution": f"{IMAGES} evaluation.resolution evaluation.scaling simulate",
    "measure_frames": f"{IMAGES} evaluation.looks noise.estimate noise.saturation",
    "score": f"{IMAGES} evaluation.metrics evaluation.scaling evaluation.conventions",
    "summarise": STATISTICS,
    "draw_labels": f"{IMAGES} simulate datasets.labels",
    "cut_labels": f"{IMAGES} datasets.labels",
    "choose_segmentation": f"{IMAGES} datasets.labels evaluation.objects evaluation.segmentation",
    "segment": f"{IMAGES} datasets.labels evaluation.objects evaluation.segmentation",
    "gather_segmentation": f"{STATISTICS} statistics.comparisons statistics.crossed"
    " statistics.paired_tests statistics.best_filter statistics.segmentation study.runs"
    " evaluation.objects",
    "compare": f"{STATISTICS} statistics.comparisons statistics.crossed statistics.paired_tests"
    " statistics.best_filter study.runs evaluation.objects",
    "draw_montage": f"{IMAGES} {STATISTICS} datasets.verdicts evaluation.display evaluation.scaling"
    " figures._parts figures.images",
}


@pytest.mark.parametrize("rule", MAY_REACH)
def test_a_rule_reaches_nothing_but_what_its_result_depends_on(rule):
    reached = reached_modules(
        ROOT / f"workflow/scripts/{rule}.py",
        package=ROOT / "src/denoisekit",
        modules=BY_NAME.get(rule, []),
        left_out=["_job", "_noise_warning", "_pair_verdicts"],
    )
    may = {f"denoisekit.{name}" for name in f"{GROUND} {MAY_REACH[rule]}".split()}
    inside = {name for name in reached if name.startswith("denoisekit.")}
    beyond = {
        name
        for name in inside
        if name not in may and not any(name.startswith(f"{package}.") for package in may)
    }
    assert not beyond
