import errno

import pytest
import torch

from denoisekit.errors import InputError, system_sentence
from denoisekit.images.stacks import told_if_damaged


def test_only_errors_of_a_system_become_a_sentence():
    full = OSError(errno.ENOSPC, "No space left on device", "a.tif")
    assert system_sentence(full, output="b").startswith("a.tif cannot be written or read (No")
    unnamed = OSError(errno.EROFS, "Read-only file system")
    assert system_sentence(unnamed, output="results/x").startswith("results/x cannot be written")
    numpys = OSError("9216 requested and 5762 written")
    assert "5762 written); free some space and run" in system_sentence(numpys, output="a.npy")
    assert system_sentence(OSError("another"), output="b") is None
    assert system_sentence(OSError(errno.EPIPE, "Broken pipe"), output="b") is None


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.EMFILE, "let more files be open at once"),
        (errno.EACCES, "change its permissions"),
        (errno.EIO, "see whether the disk or the network drive"),
        (errno.ESTALE, "see whether the disk or the network drive"),
        (errno.EINVAL, "it may be damaged or cut short"),
    ],
)
def test_a_file_is_not_called_damaged_for_what_its_system_refuses(number, advice):
    error = OSError(number, "Refused", "a.tif")
    told = rf"^a.tif cannot be read as an image .*; {advice}"
    with pytest.raises(InputError, match=told), told_if_damaged("a.tif"):
        raise error
    sentence = system_sentence(error, output="b")
    assert sentence is None if number == errno.EINVAL else advice in sentence


@pytest.mark.parametrize(
    "error",
    [
        MemoryError("Unable to allocate 275. MiB for an array"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes."),
        RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried"),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        OSError(errno.ENOMEM, "Cannot allocate memory"),
    ],
)
def test_too_little_memory_becomes_a_sentence(error):
    sentence = system_sentence(error, output="results/x")
    assert sentence.startswith("There is not enough memory for results/x (")
    assert "smaller parts ('--tile'" in sentence
    assert system_sentence(RuntimeError("Sizes of tensors must match"), output="x") is None
