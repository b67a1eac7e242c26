"""One file over the network: cut, stalled, changed, killed, shared; it ends whole or not at all."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from models.hostile import Server, Site

from yanray.errors import ModelError
from yanray.models.download import download
from yanray.models.places import RemoteFile
from yanray.models.progress import Patience, Step

QUICK = Patience(attempts=4, pause=0.001, stall=0.3)
SIZE = 3 << 20
FAULTS = ["reset", "stall", "short", "changed", "416", "wrong length", "503"]


def content(seed: int = 0, size: int = SIZE) -> bytes:
    return random.Random(seed).randbytes(size)


def ignore(_: Step | str) -> None:
    """Nobody watches."""


def get(site: Site, folder: Path, *, sha256: str = "", size: int = 0, told: list[str] | None = None) -> Path:
    def tell(step: Step | str) -> None:
        if told is not None and isinstance(step, str):
            told.append(step)

    with Server(site) as address:
        return download(
            RemoteFile("m.bin", f"{address}/m.bin", size, sha256), folder / "m.bin", tell, patience=QUICK
        )


def left(folder: Path) -> set[str]:
    """The files in FOLDER but for locks."""
    return {path.name for path in folder.iterdir() if not path.name.endswith(".lock")}


@pytest.mark.parametrize("point", range(50))
def test_a_pull_cut_at_any_point_ends_whole_or_says_why(point, tmp_path):
    """Two faults of every kind at random bytes; the SHA-256 is known as it is from a hub's listing."""
    rng = random.Random(point)
    kinds = [FAULTS[point % len(FAULTS)], rng.choice(FAULTS)]
    faults = sorted((kind, rng.randrange(SIZE)) for kind in kinds)
    site = Site(content(), faults=faults, later=content(1) if "changed" in kinds else None)
    wanted = site.sha256
    try:
        path = get(site, tmp_path, sha256=wanted, size=SIZE)
    except ModelError as error:
        assert "changed" in kinds, f"{faults}: {error}"
        assert "m.bin" in str(error)
        assert "m.bin" not in left(tmp_path)
    else:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == wanted
        assert left(tmp_path) == {"m.bin"}


@pytest.mark.parametrize("point", range(10))
def test_without_a_known_sum_a_changed_file_is_fetched_anew_and_never_mixed(point, tmp_path):
    rng = random.Random(100 + point)
    old, new = content(), content(1, SIZE - rng.randrange(2) * 1000)
    told: list[str] = []
    path = get(Site(old, faults=[("changed", rng.randrange(1, SIZE))], later=new), tmp_path, told=told)
    assert path.read_bytes() == new


def test_a_cut_is_taken_up_where_it_happened(tmp_path):
    site = Site(content(), faults=[("short", 2_000_001)])
    path = get(site, tmp_path)
    assert path.read_bytes() == site.content
    assert site.requests[1]["range"] == "bytes=2000001-"
    assert site.requests[1]["if-range"]


def test_a_server_that_knows_no_ranges_is_read_from_the_front(tmp_path):
    site = Site(content(), faults=[("short", 1 << 20)], ranges=False)
    assert get(site, tmp_path).read_bytes() == site.content


def test_a_file_without_a_version_or_a_sum_is_never_pieced_together(tmp_path):
    site = Site(content(), faults=[("short", 1 << 20)], tagged=False)
    assert get(site, tmp_path).read_bytes() == site.content
    assert all("range" not in request for request in site.requests)


def test_a_server_that_never_answers_well_is_given_up_and_what_came_is_kept(tmp_path):
    site = Site(content(), faults=[("short", 2 << 20), *[("503", 0)] * 20])
    with pytest.raises(ModelError, match=r"503.*bytes are kept: the same command goes on"):
        get(site, tmp_path)
    assert left(tmp_path) == {"m.bin.part", "m.bin.part.json"}


def test_the_same_command_goes_on_after_giving_up(tmp_path):
    site = Site(content(), faults=[("short", 2 << 20), *[("503", 0)] * 20])
    with Server(site) as address:
        file, target = RemoteFile("m.bin", f"{address}/m.bin"), tmp_path / "m.bin"
        with pytest.raises(ModelError):
            download(file, target, ignore, patience=QUICK)
        site.faults.clear()
        site.requests.clear()
        download(file, target, ignore, patience=QUICK)
    assert target.read_bytes() == site.content
    assert [request["range"] for request in site.requests] == [f"bytes={2 << 20}-"]


def test_a_wrong_sum_is_an_error_and_leaves_nothing(tmp_path):
    told: list[str] = []
    with pytest.raises(ModelError, match="SHA-256"):
        get(Site(content()), tmp_path, sha256="0" * 64, told=told)
    assert left(tmp_path) == set()
    assert "fetching it again" in told[0]


def test_a_size_other_than_the_listing_s_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="listing says"):
        get(Site(content()), tmp_path, size=SIZE + 1)
    assert "m.bin" not in left(tmp_path)


def test_the_hub_s_linked_etag_is_the_sum(tmp_path):
    """A part that was spoiled on the disk is found out, though the server's answers are all well."""
    site = Site(content(), faults=[("short", 2 << 20), *[("503", 0)] * 4], linked=True)
    with Server(site) as address:
        file, target = RemoteFile("m.bin", f"{address}/m.bin"), tmp_path / "m.bin"
        with pytest.raises(ModelError):
            download(file, target, ignore, patience=QUICK)
        part = tmp_path / "m.bin.part"
        part.write_bytes(bytes(1000) + part.read_bytes()[1000:])
        download(file, target, ignore, patience=QUICK)
    assert target.read_bytes() == site.content


def test_a_model_file_that_is_not_whole_is_refused_without_any_sum(tmp_path):
    site = Site(b"GGUF" + content(size=100_000))
    with Server(site) as address, pytest.raises(ModelError, match="twice; nothing was kept"):
        download(RemoteFile("m.gguf", f"{address}/m.gguf"), tmp_path / "m.gguf", ignore, patience=QUICK)
    assert left(tmp_path) == set()


def test_another_file_of_that_name_is_not_overwritten(tmp_path):
    (tmp_path / "m.bin").write_bytes(b"the owner's")
    with pytest.raises(ModelError, match="is there already"):
        get(Site(content()), tmp_path, size=SIZE)
    assert (tmp_path / "m.bin").read_bytes() == b"the owner's"


def test_what_is_there_is_not_fetched_again(tmp_path):
    site = Site(content())
    (tmp_path / "m.bin").write_bytes(site.content)
    get(site, tmp_path, size=SIZE, sha256=site.sha256)
    assert site.requests == []


def test_two_pulls_of_one_file_share_it(tmp_path):
    site = Site(content())
    with Server(site) as address:
        file, target = RemoteFile("m.bin", f"{address}/m.bin", SIZE, site.sha256), tmp_path / "m.bin"
        pulls = [threading.Thread(target=download, args=(file, target, ignore)) for _ in range(4)]
        for pull in pulls:
            pull.start()
        for pull in pulls:
            pull.join()
    assert target.read_bytes() == site.content
    assert len(site.requests) == 1


CHILD = """
import sys
from pathlib import Path
from yanray.models.download import download
from yanray.models.progress import Step
from yanray.models.places import RemoteFile
from yanray.models.progress import Patience, Step
def tell(step):
    print(step if isinstance(step, str) else step.done, flush=True)
download(RemoteFile("m.bin", sys.argv[1]), Path(sys.argv[2]), tell)
"""


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_pull_leaves_no_lock_and_no_half_file(tmp_path):
    site = Site(content(), faults=[("stall", 2 << 20)])
    target = tmp_path / "m.bin"
    with Server(site) as address:
        command = [sys.executable, "-c", CHILD, f"{address}/m.bin", str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if line.strip().isdigit() and int(line) >= 1 << 20:
                    break
            child.send_signal(signal.SIGKILL)
        assert not target.exists()
        download(RemoteFile("m.bin", f"{address}/m.bin"), target, ignore, patience=QUICK)
    assert target.read_bytes() == site.content
    assert "range" in site.requests[-1]
