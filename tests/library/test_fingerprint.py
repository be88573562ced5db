"""What a fingerprint sees, on small packages and on copies of the library itself."""

import re
import shutil
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest

from denoisekit.study.fingerprint import code_fingerprint, imported_modules, module_path

ROOT = Path(__file__).resolve().parents[2]
LEFT_OUT = {"_job", "_noise_warning", "denoisekit.__version__"}


class Code:
    """A package `kit` and a script, which tests write and change."""

    def __init__(self, folder):
        self.folder = folder
        self.write("kit/__init__.py", "")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")

    def fingerprint(self, *modules, left_out=()):
        return code_fingerprint(
            self.folder / "script.py",
            package=self.folder / "kit",
            modules=modules,
            left_out=set(left_out),
        )

    def changes(self, name, old, new, *modules, left_out=()):
        """Whether the fingerprint differs after one text in a file is replaced by another."""
        path = self.folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} in {name}"
        before = self.fingerprint(*modules, left_out=left_out)
        path.write_text(text.replace(old, new), encoding="utf-8")
        try:
            return self.fingerprint(*modules, left_out=left_out) != before
        finally:
            path.write_text(text, encoding="utf-8")


@pytest.fixture
def code(tmp_path):
    return Code(tmp_path)


BASE = """
    USED = 1
    UNUSED = 2

    def used():
        return USED

    def unused():
        return UNUSED
"""


@pytest.mark.parametrize(
    "script",
    [
        "from kit import base\nbase.used()\n",
        "from kit import base as b\nb.used()\n",
        "from kit.base import used\nused()\n",
        "from kit.base import used as f\nf()\n",
        "import kit.base\nkit.base.used()\n",
        "import kit.base as b\nb.used()\n",
        "def main():\n    from kit import base\n    return [base.used() for base.x in ()]\n",
        "def main():\n    import kit.base\n\n    def inner():\n        kit.base.used()\n",
        "class Main:\n    from kit.base import used\n",
        "try:\n    from kit.base import used\nexcept ImportError:\n    used = None\nused()\n",
        "from kit.face import used\nused()\n",
        "from kit import face\nface.used()\n",
        "from kit.face import again\nagain()\n",
        "from kit import inner\ninner.base.used()\n",
        "import functools\nfrom kit import base\nfunctools.partial(base.used)()\n",
        "from kit import base\nprint(f'{base.used():{base.used()}}')\n",
        "from kit import base\nf = lambda x=base.used: x\n",
        "from kit import base\n@base.used\ndef f(): ...\n",
        "from kit import base\nclass C(base.used()): ...\n",
        "from kit.base import used\nmatch 1:\n    case used.x: pass\n",
        "from kit import base\nif (f := base.used): f()\n",
        "import beside\nbeside.go()\n",
    ],
)
def test_only_definitions_that_are_reached_count(code, script):
    code.write("kit/base.py", BASE)
    code.write("kit/face.py", "from kit.base import used\nagain = used\n")
    code.write("kit/inner/__init__.py", "from .. import base\n")
    code.write("beside.py", "from kit.base import used, unused\ndef go():\n    used()\n")
    code.write("script.py", script)
    if ".x" not in script:
        assert not code.changes("kit/base.py", "UNUSED = 2", "UNUSED = 3")
        assert not code.changes("kit/base.py", "def unused", "def more(): ...\ndef unused")
    assert code.changes("kit/base.py", "\nUSED = 1", "\nUSED = 3")
    assert code.changes("kit/base.py", "return USED", "return -USED")


@pytest.mark.parametrize(
    "script",
    [
        "from kit import base\nprint(base)\n",
        "from kit import base\ngetattr(base, 'un' + 'used')()\n",
        "import kit\nprint(kit)\n",
        "from kit.base import *\n",
        "from kit.base import look\nlook()\n",
        "from kit.base import load\nload()\n",
        "from importlib import import_module\nimport_module('kit.base')\n",
        "import sys\nimport kit.base\nsys.modules['kit.base']\n",
        "from kit import holder\nprint(holder)\n",
        "from kit import base\nprint(base.__dict__)\n",
    ],
)
def test_a_module_that_is_used_as_an_object_counts_as_a_whole(code, script):
    more = """
    def look():
        return globals()

    def load():
        return __import__('sys').modules[__name__]
    """
    code.write("kit/base.py", BASE + more)
    code.write("kit/holder.py", "from kit import base\n")
    code.write("script.py", script)
    assert code.changes("kit/base.py", "UNUSED = 2", "UNUSED = 3")


@pytest.mark.parametrize(
    "binding",
    [
        "X = {1}",
        "X: Final = {1}",
        "X = 0\nX += {1}",
        "X = []\nX[0] = {1}",
        "X = []\nX.append({1})",
        "_, X = 0, {1}",
        "for X in range({1}): pass",
        "with open({1}) as X: pass",
        "try:\n    import numpy as X\nexcept ImportError:\n    X = {1}",
        "if sys.flags:\n    X = {1}\nelse:\n    X = 3",
        "print(X := {1})",
        "Y = {1}\nX = [Y]",
        "def X(a={1}): ...",
        "def X():\n    return {1}",
        "class X:\n    a: int = {1}",
        "class X:\n    @property\n    def a(self):\n        return {1}",
        "class Y:\n    a = {1}\nclass X(Y): ...",
        "Y = {1}\ndef X():\n    def inner():\n        return Y",
        "Y = {1}\ndef X():\n    return [Y for Y in Y]",
        "Y = {1}\ndef X():\n    global Y\n    Y += 1",
        "Y = {1}\ndef X(y):\n    match y:\n        case [z]: return Y",
        "Y = {1}\ndef X(a, *b, c=lambda: Y): ...",
        "Y = {1}\ndef X():\n    import math as Y\ndef Z(): ...\nX = [X, Y]",
        "def __getattr__(name):\n    return {1}",
        "X = 0\ndef change():\n    global X\n    X = {1}\nchange()",
        "X = 0\ndel X\nX = {1}",
    ],
)
def test_all_that_binds_a_name_counts(code, binding):
    code.write("kit/base.py", binding.replace("{1}", "1000"))
    code.write("script.py", "from kit.base import X\nX\n")
    assert code.changes("kit/base.py", "1000", "1001")


@pytest.mark.parametrize(
    "acting",
    [
        "print({1})",
        "import numpy\nnumpy.seterr(all={1})",
        "from kit import state\nstate.VALUES['a'] = {1}",
        "from kit.state import VALUES\nVALUES.a = {1}",
        "from kit import state\nfor name in 'ab':\n    state.VALUES[name] = {1}",
        "from kit.state import add\n@add\ndef f():\n    return {1}",
        "from kit import state\n@state.App.command({1})\ndef f(): ...",
        "from kit.state import add\nhandle = add({1})",
        "from kit.state import VALUES\nhandle = VALUES.setdefault('a', {1})",
        "from kit.state import Registered\nclass Child(Registered):\n    a = {1}",
        "from kit.state import Counted\none = Counted({1})",
        "from kit.state import App\none = App().added({1})",
        "from kit import state\n@state.App().added({1})\ndef f(): ...",
        "from kit.state import add\nall_of_them = list(map(add, [{1}]))",
        "if 1:\n    print({1})",
        "import kit.deeper",
    ],
)
def test_what_acts_when_a_module_is_imported_counts(code, acting):
    code.write("kit/deeper.py", "print(1000)\n")
    code.write(
        "kit/state.py",
        """
        VALUES = {}
        class App: ...
        class Registered:
            def __init_subclass__(cls):
                VALUES[cls] = cls
        class Counted:
            def __init__(self, a):
                VALUES[a] = self
        def add(f):
            VALUES[f] = f
        """,
    )
    code.write("kit/base.py", f"{acting}\ndef used(): ...\n".replace("{1}", "1000"))
    code.write("script.py", "from kit.base import used\nused()\n")
    name = "kit/deeper.py" if "deeper" in acting else "kit/base.py"
    assert code.changes(name, "1000", "1001")


@pytest.mark.parametrize(
    "unused",
    [
        "other = partial(used, {1})",
        "other = dict(b=3).get({1})",
        "class Plain:\n    a: int\nother = Plain({1})",
        "other = {k: {1} for k in VALUES.items()}",
        "@cache\ndef other():\n    return {1}",
        "@dataclass(frozen=True)\nclass Other:\n    a: int = {1}",
        "if TYPE_CHECKING:\n    from kit.deeper import {1}",
        "__all__ = ['{1}']",
        "__version__ = '{1}'",
        "import other_package_{1}",
        "import numpy as np_{1}",
        "def other(used):\n    return {1}",
    ],
)
def test_what_only_binds_another_name_does_not_count(code, unused):
    code.write("kit/deeper.py", "print(1)\n")
    head = "from dataclasses import dataclass\nVALUES = {}\n"
    code.write("kit/base.py", f"{head}def used(): ...\n{unused}\n".replace("{1}", "a1000"))
    code.write("script.py", "from kit.base import used\nused()\n")
    assert not code.changes("kit/base.py", "a1000", "a1001")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"""Words."""', '"""Other words."""'),
        ('"""More."""', ""),
        ("# why", "# why not"),
        ("a: int", "a: dict[str, kit.Unknown]"),
        ("-> float", "-> Known"),
        ("b: list = 3", "b: tuple = 3"),
        ("is wrong", "is bad"),
        ("f'{told(a)} is", "f'{a} is"),
        ("'in words'", "f'in words: {told(3)}'"),
        ("x: Known", "x: int"),
        ("return 2", "return 3"),
    ],
)
def test_words_and_annotations_do_not_count(code, old, new):
    code.write(
        "kit/base.py",
        '''
        """Words."""
        from kit.types import Known  # why

        def told(a):
            return 2

        class Field:
            """More."""

            x: Known

        def used(a: int) -> float:
            b: list = 3
            if a:
                raise ValueError(f'{told(a)} is wrong')
            raise KeyError('in words', reason=b)
        ''',
    )
    code.write("kit/types.py", "Known = int\n")
    code.write("script.py", "from kit.base import Field, used\nused(Field)\n")
    assert not code.changes("kit/base.py", old, new)
    assert not code.changes("kit/types.py", "int", "float")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a: int\n    b", "b"),
        ("a: int\n    b: int\n", "b: int\n    a: int\n"),
        ("c: int", "c: ClassVar[int]"),
        ("a: int", "a: 'InitVar[int]'"),
        ("b: int", "_: KW_ONLY"),
        ("ValueError", "KeyError"),
        ("(3)", "(4)"),
    ],
)
def test_fields_and_what_an_error_is_count(code, old, new):
    code.write(
        "kit/base.py",
        """
class Used:
    a: int
    b: int
    c: int = 3

def stop():
    if 1:
        raise SystemExit(3)
    raise ValueError('words')
        """,
    )
    code.write("script.py", "from kit.base import Used, stop\nUsed(stop)\n")
    assert code.changes("kit/base.py", old, new)


@pytest.mark.parametrize(
    ("handling", "counts"),
    [
        ("except ValueError as error: rows.append(str(error))", True),
        ("except ValueError as error:\n    rows = error.args", True),
        ("except ValueError as error: print(f'{error}')", True),
        ("except ValueError: rows = traceback.format_exc()", True),
        ("except ValueError: rows = None", False),
        ("except ValueError as error: raise KeyError(f'{error}') from error", False),
        ("except ValueError as error: raise KeyError(str(error)) from None", False),
        ("except ValueError as error: report(f'{error}')", False),
        ("except OSError as error:\n    if error.errno == 3: raise", False),
        ("except OSError as error:\n    if getattr(error, 'errno', None): raise", False),
    ],
)
def test_wording_counts_where_it_is_a_result(code, handling, counts):
    code.write("kit/base.py", "def used(a):\n    raise ValueError(f'{told(a)} is wrong')\n")
    code.write("kit/words.py", "def told(a):\n    return str(a)\n")
    code.write("script.py", f"from kit import base\ntry:\n    base.used(1)\n{handling}\n")
    assert code.changes("kit/base.py", "is wrong", "is bad") == counts
    code.write(
        "kit/base.py", "from kit.words import told\n" + (code.folder / "kit/base.py").read_text()
    )
    assert code.changes("kit/words.py", "str(a)", "repr(a)") == counts


def test_docstrings_and_annotations_count_where_they_are_looked_at(code):
    text = "def used(a: int):\n    '''Words.'''\n"
    code.write("kit/base.py", text)
    code.write("script.py", "from kit.base import used\nprint(used.__doc__)\n")
    assert code.changes("kit/base.py", "Words", "Other words")
    assert not code.changes("kit/base.py", ": int", ": float")
    code.write("script.py", "from kit.base import used\nprint(used.__annotations__)\n")
    assert code.changes("kit/base.py", ": int", ": float")
    assert not code.changes("kit/base.py", "Words", "Other words")


def test_what_a_name_is_imported_from_counts(code):
    code.write("kit/base.py", "import numpy as np\ndef used():\n    return np.sqrt(2)\n")
    code.write("script.py", "from kit.base import used\nused()\n")
    assert code.changes("kit/base.py", "import numpy", "import scipy")


def test_a_module_that_is_handed_in_counts_as_a_whole(code):
    code.write("kit/losses/__init__.py", "")
    code.write(
        "kit/losses/fft.py", "from kit import base\nPOWER = 1\ndef build():\n    base.used()\n"
    )
    code.write("kit/base.py", BASE)
    code.write("script.py", "import kit.losses\n")
    assert not code.changes("kit/losses/fft.py", "POWER = 1", "POWER = 2")
    assert code.changes("kit/losses/fft.py", "POWER = 1", "POWER = 2", "kit.losses.fft")
    assert code.changes("kit/base.py", "\nUSED = 1", "\nUSED = 2", "kit.losses.fft")
    assert not code.changes("kit/base.py", "UNUSED = 2", "UNUSED = 3", "kit.losses.fft")


def test_modules_and_definitions_may_be_left_out(code):
    code.write("kit/__init__.py", "__version__ = '1'\n")
    code.write("kit/base.py", BASE)
    code.write("beside.py", "from kit.base import used\nused()\n")
    code.write("script.py", "import beside, kit\nprint(beside, kit.__version__)\n")
    assert code.changes("kit/base.py", "\nUSED = 1", "\nUSED = 2")
    assert not code.changes("kit/base.py", "\nUSED = 1", "\nUSED = 2", left_out=["beside"])
    assert code.changes("kit/__init__.py", "'1'", "'2'")
    assert not code.changes("kit/__init__.py", "'1'", "'2'", left_out=["kit.__version__"])


def test_every_statement_of_the_script_counts_but_no_comment(code):
    code.write("script.py", "X = 1  # why\n\ndef unused():\n    return 2\n")
    assert code.changes("script.py", "return 2", "return 3")
    assert code.changes("script.py", "X = 1", "X = 2")
    assert not code.changes("script.py", "# why\n", "\n")


def test_circles_end_and_the_order_of_definitions_does_not_count(code):
    code.write(
        "kit/base.py", "from kit import other\ndef used():\n    return other.back()\nX = 1\n"
    )
    code.write("kit/other.py", "from kit import base\ndef back():\n    return base.used, base.X\n")
    code.write("script.py", "from kit.base import used\nused()\n")
    first = code.fingerprint()
    code.write(
        "kit/base.py", "X = 1\nfrom kit import other\ndef used():\n    return other.back()\n"
    )
    assert code.fingerprint() == first


def test_modules_are_found_in_the_package_and_beside_the_script(code):
    code.write("kit/inner/__init__.py", "")
    code.write("kit/base.py", "")
    code.write("beside.py", "import numpy.fft\nfrom kit.inner import thing\n")
    where = {"package": code.folder / "kit", "beside": code.folder}
    assert module_path("kit.base", **where) == code.folder / "kit/base.py"
    assert module_path("kit.inner", **where) == code.folder / "kit/inner/__init__.py"
    assert module_path("beside", **where) == code.folder / "beside.py"
    assert module_path("numpy", **where) is None
    assert module_path("base", **where) is None
    assert imported_modules(code.folder / "beside.py") == {
        *("numpy", "numpy.fft", "kit", "kit.inner", "kit.inner.thing"),
    }


# The scripts of a study, with what it hands in by name.
BY_NAME = {
    "train": ("denoisekit.losses.laplace", "denoisekit.networks.unet"),
    "train_noise2void": ("denoisekit.networks.n2v_unet",),
    "predict": ("denoisekit.networks.unet",),
    "filter": ("denoisekit.filters.gaussian",),
    "simulate": ("denoisekit.simulate.structures.actin",),
}


@pytest.fixture
def checkout(tmp_path):
    """A copy of the library and the scripts, to be changed."""
    shutil.copytree(ROOT / "src/denoisekit", tmp_path / "denoisekit")
    shutil.copytree(ROOT / "workflow/scripts", tmp_path / "scripts")
    return tmp_path


def fingerprints(package, scripts):
    return {
        path.stem: code_fingerprint(
            path, package=package, modules=BY_NAME.get(path.stem, ()), left_out=LEFT_OUT
        )
        for path in scripts.glob("[!_]*.py")
    }


@cache
def unchanged():
    """The fingerprints of the scripts as they are, wherever they lie."""
    return fingerprints(ROOT / "src/denoisekit", ROOT / "workflow/scripts")


def changed(checkout, pattern, replacement, *names):
    """The scripts whose fingerprints change when files, all if none is named, are edited."""
    before = unchanged()
    paths = [checkout / "denoisekit" / name for name in names] or [
        *(checkout / "denoisekit").rglob("*.py"),
        *(checkout / "scripts").glob("_*.py"),
    ]
    edits = 0
    for path in paths:
        text, count = re.subn(pattern, replacement, path.read_text(encoding="utf-8"))
        path.write_text(text, encoding="utf-8")
        edits += count
    assert edits
    after = fingerprints(checkout / "denoisekit", checkout / "scripts")
    return {name for name in before if before[name] != after[name]}


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r'__version__ = "', '__version__ = "9.'),
        (r"\A", "# A comment.\n"),
        (r'"""(?=\w)', '"""And '),
        (r" -> [\w.]+:\n", ":\n"),
        (r"\Z", "\n\ndef not_used(x: int):\n    return x + 1\n"),
    ],
    ids=["version", "comment", "docstring", "annotation", "unused function"],
)
def test_what_changes_no_result_changes_no_fingerprint(checkout, pattern, replacement):
    by_name = set(BY_NAME)
    handed_in = by_name if "not_used" in replacement else set()
    assert changed(checkout, pattern, replacement) == handed_in


def test_a_reworded_error_changes_only_what_writes_it_down(checkout):
    pattern = r'(raise InputError\(\s*f?")'
    assert changed(checkout, pattern, r"\1Oh: ") == {
        *("measure_noise", "download", "thin"),
        *("examine_residuals", "make_controls", "draw_residuals"),
    }


@pytest.mark.parametrize(
    ("name", "pattern", "replacement", "scripts"),
    [
        ("losses/laplace.py", r"\.mean\(\)", ".sum()", {"train"}),
        ("filters/gaussian.py", r"\Z", "\nX = 1\n", {"filter"}),
        ("figures/sharpness.py", r"_LINE_PX = 5", "_LINE_PX = 6", {"draw_sharpness"}),
        (
            *("noise/models.py", r"GAUSSIANS = 3", "GAUSSIANS = 4"),
            {"fit_noise_model", "bootstrap_noise_model"},
        ),
        ("networks/unet.py", r"\Z", "\nX = 1\n", {"train", "predict"}),
    ],
)
def test_an_edit_changes_what_uses_it(checkout, name, pattern, replacement, scripts):
    assert changed(checkout, pattern, replacement, name) == scripts


def test_reading_tables_otherwise_changes_all_that_read_some(checkout):
    found = changed(checkout, r"(csv\.reader\(file), ", r"\1, quotechar='q', ", "files.py")
    assert {"score", "register", "extract_patches", "train", "predict"} <= found
    assert not {"simulate", "audit", "note_prediction"} & found
