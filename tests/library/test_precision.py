import pytest
import torch

from denoisekit.computing import computing, number_type


@pytest.mark.parametrize(
    ("chosen", "training", "has_bfloat16", "has_float16", "expected"),
    [
        ("full", True, True, True, "float32"),
        ("full", False, True, True, "float32"),
        ("mixed", True, True, True, "bfloat16"),
        ("mixed", False, True, True, "float16"),
        # Gradients need the range; restored images have more digits in the one, if there is one.
        ("mixed", True, False, True, "float32"),
        ("mixed", False, True, False, "bfloat16"),
        ("mixed", False, False, False, "float32"),
    ],
)
def test_training_and_restoring_take_what_suits_them_and_the_processor_has(
    monkeypatch, chosen, training, has_bfloat16, has_float16, expected
):
    for name, has in (
        ("_is_amx_tile_supported", has_bfloat16),
        ("_is_avx512_bf16_supported", has_bfloat16),
        ("_is_amx_fp16_supported", has_float16),
    ):
        monkeypatch.setattr(torch.cpu, name, lambda has=has: has)
    monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda: True)
    options = {"device": "cpu", "training": training}
    assert number_type(chosen, **options) == expected
    with computing(chosen, **options):
        multiplied = torch.nn.functional.linear(torch.ones(2, 2), torch.ones(2, 2))
    assert str(multiplied.dtype) == f"torch.{expected}"
