import errno

from denoisekit.errors import storage_sentence


def test_only_errors_of_storage_become_a_sentence():
    full = OSError(errno.ENOSPC, "No space left on device", "a.tif")
    assert storage_sentence(full, output="b").startswith("a.tif cannot be written or read (No")
    unnamed = OSError(errno.EROFS, "Read-only file system")
    assert storage_sentence(unnamed, output="results/x").startswith("results/x cannot be written")
    numpys = OSError("9216 requested and 5762 written")
    assert "5762 written); free some space and run" in storage_sentence(numpys, output="a.npy")
    assert storage_sentence(OSError("another"), output="b") is None
    assert storage_sentence(OSError(errno.EPIPE, "Broken pipe"), output="b") is None
