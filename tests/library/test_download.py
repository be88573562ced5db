import hashlib
import io
import threading

import numpy as np
import pytest
import tifffile

from denoisekit.datasets import download
from denoisekit.errors import InputError
from denoisekit.images.reading import read_image
from servers import serving

CONTENT = np.random.default_rng(0).bytes(1_000_000)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = download.Patience(timeout_s=0.5, attempts=3, pause_s=0.01)
LOST_AT_MOST = 16_384  # bytes, when a connection breaks off
ADVICE = "Fetch it by hand."


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with serving({"/file.bin": CONTENT}) as running:
        yield running


@pytest.fixture
def fetch(tmp_path, server):
    """Download from the server, at its file's path unless told otherwise."""

    def run(*addresses, sha256=SHA256, name="file.bin", lines=None):
        return download.download(
            addresses or [f"{server.address}/file.bin"],
            tmp_path / "got" / name,
            sha256=sha256,
            advice=ADVICE,
            report=[].append if lines is None else lines.append,
            patience=QUICK,
        )

    run.target, run.part = tmp_path / "got/file.bin", tmp_path / "got/.file.part.bin"
    return run


def test_a_file_arrives_whole_and_nothing_else_stays(fetch, server):
    lines = []
    assert fetch(lines=lines) == f"{server.address}/file.bin"
    assert fetch.target.read_bytes() == CONTENT
    assert list(fetch.target.parent.iterdir()) == [fetch.target]
    assert server.asked == [("/file.bin", None)]
    assert lines == [f"receiving 1.0 MB from {server.address}/file.bin, 0.0 MB are here"]


def test_a_file_that_is_there_is_not_asked_for(fetch, server):
    fetch()
    fetch()
    assert len(server.asked) == 1


def test_cut_connections_are_gone_on_with(fetch, server):
    server.cut_after, server.broken_answers = 300_000, 3
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert len(server.asked) == 4
    assert len({wanted for _, wanted in server.asked}) == 4
    assert server.sent < len(CONTENT) + 4 * LOST_AT_MOST


def test_a_later_run_asks_for_the_rest_only(fetch, server):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT[:700_000])
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent == 300_000


def test_what_was_received_stays_when_a_server_gives_up(fetch, server):
    server.cut_after, server.broken_answers = 400_000, 1
    server.status = [200, *[503] * QUICK.attempts]
    with pytest.raises(InputError, match=r"answered 503 \(Service Unavailable\)\. Fetch"):
        fetch()
    assert 0 <= 400_000 - fetch.part.stat().st_size < LOST_AT_MOST
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent < len(CONTENT) + LOST_AT_MOST


def test_a_server_that_ignores_ranges_sends_all(fetch, server):
    server.cut_after, server.broken_answers, server.ranges = 300_000, 1, False
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent == 300_000 + len(CONTENT)


def test_a_server_that_always_starts_anew_and_breaks_off_is_given_up(fetch, server):
    server.cut_after, server.broken_answers, server.ranges = 300_000, 99, False
    with pytest.raises(InputError, match=r"file\.bin broke off\. Fetch"):
        fetch()
    assert len(server.asked) == 1 + QUICK.attempts


@pytest.mark.parametrize(
    "left", [b"of another file" * 10, CONTENT + b"more", CONTENT[:-1] + b"?"], ids=len
)
def test_what_does_not_belong_to_the_file_is_thrown_away(fetch, left):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(left)
    fetch()
    assert fetch.target.read_bytes() == CONTENT


def test_a_whole_part_is_not_sent_again(fetch, server):
    fetch.part.parent.mkdir()
    fetch.part.write_bytes(CONTENT)
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent == 0


def test_a_wrong_checksum_leads_to_the_next_address(fetch, server):
    server.files["/wrong.bin"] = CONTENT[::-1]
    right = f"{server.address}/file.bin"
    assert fetch(f"{server.address}/wrong.bin", right) == right
    assert fetch.target.read_bytes() == CONTENT


def test_a_wrong_checksum_is_told_with_both(fetch, server):
    server.files["/file.bin"] = b"short"
    found = hashlib.sha256(b"short").hexdigest()
    with pytest.raises(InputError, match=f"the sha256 {found}, but should have {SHA256}"):
        fetch()
    assert not fetch.target.exists()
    assert not fetch.part.exists()
    assert len(server.asked) == 1


def test_a_file_in_use_by_another_run_is_waited_for_with_a_word(fetch, server):
    lines, at_it = [], threading.Event()
    server.silent = True
    first = threading.Thread(target=fetch)
    first.start()
    while not server.asked:
        at_it.wait(0.01)
    second = threading.Thread(target=fetch, kwargs={"lines": lines})
    second.start()
    while second.is_alive() and not lines:
        at_it.wait(0.01)
    server.silent = False
    server.wake.set()
    for thread in (first, second):
        thread.join()
    assert lines == ["another run fetches file.bin; waiting for it"]
    assert server.sent == len(CONTENT)


def test_the_first_address_that_has_the_file_gives_it(fetch, server):
    right = f"{server.address}/file.bin"
    assert fetch(f"{server.address}/nowhere.bin", right, f"{server.address}/never.bin") == right
    assert [path for path, _ in server.asked] == ["/nowhere.bin", "/file.bin"]


def test_numbers_in_an_address_are_tried_in_turn(fetch, server):
    server.files["/04-a/file.bin"] = CONTENT
    found = fetch(f"{server.address}/[01-10]-a/file.bin")
    assert found == f"{server.address}/04-a/file.bin"
    assert [path for path, _ in server.asked] == [f"/0{n}-a/file.bin" for n in (1, 2, 3, 4)]


def test_numbers_go_on_after_a_page_in_place_of_the_file(fetch, server):
    server.files |= {"/1/file.bin": b"<html>Not here</html>", "/3/file.bin": CONTENT}
    found = fetch(f"{server.address}/[1-4]/file.bin")
    assert found == f"{server.address}/3/file.bin"
    del server.files["/3/file.bin"]
    fetch.target.unlink()
    with pytest.raises(InputError, match=r"sent a damaged file \(it has .*\) or answered 404 \("):
        fetch(f"{server.address}/[1-4]/file.bin")


def test_a_passing_trouble_is_waited_for(fetch, server):
    server.status = [503, 429]
    fetch()
    assert fetch.target.read_bytes() == CONTENT
    assert len(server.asked) == 3


def test_one_sentence_says_why_each_address_failed(fetch, server):
    with serving({}) as silent:
        silent.silent = True
        absent = f"{server.address}/[1-3]/file.bin"
        hanging = f"{silent.address}/file.bin"
        closed = "http://127.0.0.1:9/file.bin"
        with pytest.raises(InputError) as caught:
            fetch(absent, hanging, closed)
        assert len(silent.asked) == QUICK.attempts
    assert str(caught.value) == (
        f"file.bin could not be downloaded: {absent} answered 404 (Not Found); {hanging} was "
        f"silent for 0.5 s; {closed} could not be reached. Fetch it by hand."
    )


def test_a_connection_that_hangs_midway_is_gone_on_with(fetch, server):
    server.cut_after, server.broken_answers = 250_000, 1
    handler = server.RequestHandlerClass

    class Hanging(handler):
        def do_GET(self):
            super().do_GET()
            if server.broken_answers == 0 and len(server.asked) == 1:
                self.wfile.flush()
                server.wake.wait(3)

    server.RequestHandlerClass = Hanging
    lines = []
    fetch(lines=lines)
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent < len(CONTENT) + LOST_AT_MOST
    assert any("was silent for 0.5 s; trying again" in line for line in lines)


def test_two_calls_for_one_file_download_it_once(fetch, server):
    threads = [threading.Thread(target=fetch) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert fetch.target.read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def tiff(pages, value=0):
    file, side = io.BytesIO(), 8 if value == 0 else 64
    pixels = np.full((pages, side, side), value, np.uint16)
    tifffile.imwrite(file, pixels, photometric="minisblack")
    return file.getvalue()


def test_without_a_checksum_a_stack_must_be_readable(fetch, server, tmp_path):
    server.files |= {"/page.tif": b"<html>Please log in</html>", "/stack.tif": tiff(3)}
    addresses = [f"{server.address}/page.tif", f"{server.address}/stack.tif"]
    assert fetch(*addresses, sha256=None, name="stack.tif") == addresses[1]
    assert read_image(tmp_path / "got/stack.tif", page=2).pixels.shape == (8, 8)
    with pytest.raises(InputError, match=r"sent a damaged file \(it cannot be read as a TIFF"):
        fetch(addresses[0], sha256=None, name="other.tif")


@pytest.fixture
def cut_stack(fetch, server, tmp_path):
    """Versions of a stack of one size, the first of which is served and half received."""
    old, new = tiff(20, value=1), tiff(20, value=2)
    server.files, server.tags = {"/stack.tif": old}, {"/stack.tif": '"1"'}
    server.cut_after, server.broken_answers = len(old) // 2, 1
    server.status = [200, *[503] * QUICK.attempts]
    address = f"{server.address}/stack.tif"
    with pytest.raises(InputError, match="503"):
        fetch(address, sha256=None, name="stack.tif")
    assert len(old) == len(new)
    return address, old, new


def test_without_a_checksum_a_part_of_the_same_version_is_gone_on_with(fetch, server, cut_stack):
    address, old, _ = cut_stack
    fetch(address, sha256=None, name="stack.tif")
    assert (fetch.target.parent / "stack.tif").read_bytes() == old
    assert server.sent < len(old) + LOST_AT_MOST
    assert [path.name for path in fetch.target.parent.iterdir()] == ["stack.tif"]


@pytest.mark.parametrize("elsewhere", [True, False])
def test_without_a_checksum_two_versions_are_never_mixed(fetch, server, cut_stack, elsewhere):
    address, _, new = cut_stack
    path = "/mirror/stack.tif" if elsewhere else "/stack.tif"
    server.files, server.tags = {path: new}, {path: '"1"' if elsewhere else '"2"'}
    fetch(address, f"{server.address}/mirror/stack.tif", sha256=None, name="stack.tif")
    assert (fetch.target.parent / "stack.tif").read_bytes() == new


def test_a_part_that_nothing_is_known_of_is_not_gone_on_with(fetch, server):
    old, new = tiff(20, value=1), tiff(20, value=2)
    server.files["/stack.tif"] = new
    fetch.part.parent.mkdir()
    fetch.part.with_name(".stack.part.tif").write_bytes(old[: len(old) // 2])
    fetch(f"{server.address}/stack.tif", sha256=None, name="stack.tif")
    assert (fetch.target.parent / "stack.tif").read_bytes() == new
