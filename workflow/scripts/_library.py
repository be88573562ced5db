"""Take the library that the scripts were written with, in any environment and on any node."""

import importlib.util
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
if (_ROOT / "src").is_dir():
    # Snakemake puts it last, where an installed denoisekit hides the one that fingerprints are of.
    sys.path.insert(0, str(_ROOT / "src"))
elif "denoisekit" not in sys.modules:
    # An installed library has the workflow in it. It is taken without the packages beside it, which
    # are of another environment.
    _spec = importlib.util.spec_from_file_location("denoisekit", _ROOT.parent / "__init__.py")
    sys.modules["denoisekit"] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules["denoisekit"])
