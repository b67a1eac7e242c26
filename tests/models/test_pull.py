"""`yanray pull` and `yanray models` against a hub on loopback, and the choice of a model without -m."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from models.hostile import Server, Site
from tiny_models import Shape, write_tiny

from yanray.cli import main
from yanray.errors import ModelError, UsageError
from yanray.models.machine import named_machine
from yanray.models.places import Reference, credentials, file_url, files_of, parse
from yanray.models.pull import check_disk, plan
from yanray.models.shelf import pulled

TREE = "/api/models/someone/tiny/tree/main?recursive=true"
SCOPE = "/api/v1/models/someone/tiny/repo/files?Revision=master&Recursive=true"


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    for name in ("HF_TOKEN", "MODELSCOPE_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def hub(tmp_path) -> Site:
    """A hub with one repository of one GGUF file, which lists its size and sum."""
    data = write_tiny(tmp_path / "tiny.gguf", shape=Shape(vocabulary=900)).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    readme = {"type": "file", "path": "README.md", "size": 5}
    entry = {
        "type": "file",
        "path": "tiny.gguf",
        "size": len(data),
        "lfs": {"oid": digest, "size": len(data)},
    }
    scope = {"Data": {"Files": [{"Type": "blob", "Path": "tiny.gguf", "Size": len(data), "Sha256": digest}]}}
    listing = {TREE: json.dumps([readme, entry]).encode(), SCOPE: json.dumps(scope).encode()}
    return Site(data, listing=listing)


@pytest.mark.parametrize(
    "place", ["hf:someone/tiny", "hf:someone/tiny/tiny.gguf", "ms:someone/tiny/tiny.gguf"]
)
def test_a_model_is_pulled_listed_shown_and_removed(hub, place, monkeypatch, capsys):
    with Server(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        monkeypatch.setenv("MODELSCOPE_ENDPOINT", address)
        assert main(["pull", place, "-y"]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert path.read_bytes() == hub.content
    assert [model.path for model in pulled()] == [path]
    assert main(["models"]) == 0
    assert "tiny" in capsys.readouterr().out
    assert main(["models", "show", "tiny"]) == 0
    assert "900 tokens in the vocabulary" in capsys.readouterr().out
    assert main(["models", "rm", "tiny"]) == 0
    assert pulled() == []


def test_an_address_with_a_sum_is_pulled_and_held_to_it(hub, capsys):
    with Server(hub) as address:
        assert main(["pull", f"{address}/x/tiny.gguf#sha256={hub.sha256}", "-y"]) == 0
        assert main(["models", "rm", "tiny"]) == 0
        assert main(["pull", f"{address}/x/tiny.gguf#sha256={'0' * 64}", "-y"]) == 1
    assert "SHA-256" in capsys.readouterr().err
    assert pulled() == []


def test_the_token_goes_to_the_hub_from_the_environment_and_nowhere_else(hub, monkeypatch, capsys):
    monkeypatch.setenv("HF_TOKEN", "secret-of-the-owner")
    with Server(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        main(["pull", "hf:someone/tiny", "-y"])
        assert {request.get("authorization") for request in hub.requests} == {"Bearer secret-of-the-owner"}
        hub.requests.clear()
        main(["pull", f"{address}/x/other.gguf", "-y"])
        assert {request.get("authorization") for request in hub.requests} == {None}
    said = capsys.readouterr()
    assert "secret" not in said.out + said.err


def test_without_a_terminal_what_fits_is_fetched_unasked(hub, capsys):
    with Server(hub) as address:
        assert main(["pull", f"{address}/tiny.gguf"]) == 0
    assert "fits in RAM" in capsys.readouterr().err


def test_a_repository_of_safetensors_is_pulled_whole(monkeypatch, tmp_path, capsys):
    import numpy as np
    from safetensors.numpy import save

    tensors = {"model.embed_tokens.weight": np.ones((300, 64), np.float16)}
    config = {"model_type": "llama", "hidden_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    config |= {"intermediate_size": 128, "vocab_size": 300, "max_position_embeddings": 512}
    data = {"model.safetensors": save(tensors), "config.json": json.dumps(config).encode()}
    entries = [{"type": "file", "path": name, "size": len(content)} for name, content in data.items()]
    entries += [{"type": "file", "path": name, "size": 9} for name in ("README.md", "pytorch_model.bin")]
    listing = {
        TREE: json.dumps(entries).encode(),
        "/someone/tiny/resolve/main/config.json": data["config.json"],
    }
    with Server(Site(data["model.safetensors"], listing=listing)) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert main(["fit", "hf:someone/tiny", "--machine", "pi5-8gb"]) == 0
        assert "int8" in capsys.readouterr().out
        assert main(["pull", "hf:someone/tiny", "-y"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert {path.name for path in folder.iterdir() if not path.name.startswith(".")} == set(data)
    assert [model.path for model in pulled()] == [folder]
    assert main(["models", "rm", "tiny"]) == 0
    assert not folder.exists()


def test_a_file_that_is_not_there_lists_those_that_are(hub, monkeypatch):
    with Server(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelError, match=r"the models there are: tiny\.gguf"):
            plan("hf:someone/tiny/large.gguf", lambda: named_machine("rtx3090"))


def test_a_repository_of_several_ggufs_asks_for_one(hub, monkeypatch):
    entries = [{"type": "file", "path": f"{name}.gguf", "size": 1} for name in ("a", "b")]
    hub.listing[TREE] = json.dumps(entries).encode()
    with Server(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        with pytest.raises(ModelError, match=r"add the file's name: a\.gguf, b\.gguf"):
            plan("hf:someone/tiny", lambda: named_machine("rtx3090"))


def test_a_listing_cannot_write_outside_its_folder(hub, monkeypatch, tmp_path):
    entry = {"type": "file", "path": "../../escaped.gguf", "size": len(hub.content)}
    hub.listing[TREE] = json.dumps([entry]).encode()
    with Server(hub) as address:
        monkeypatch.setenv("HF_ENDPOINT", address)
        assert main(["pull", "hf:someone/tiny/../../escaped.gguf", "-y"]) == 1
    assert not list(tmp_path.rglob("escaped.gguf"))


def test_a_full_disk_is_told_before_anything_is_fetched(hub):
    with Server(hub) as address:
        wanted = plan(f"{address}/tiny.gguf", lambda: named_machine("rtx3090"))
    huge = type(wanted.files[0])("tiny.gguf", "", 1 << 60)
    with pytest.raises(ModelError, match="make room"):
        check_disk(type(wanted)(wanted.reference, (huge,), wanted.folder, wanted.header))


def test_unknown_names_list_the_catalogue():
    with pytest.raises(UsageError, match=r"qwen3-0\.6b"):
        plan("no-such-model", lambda: named_machine("rtx3090"))


def test_the_owner_s_entries_come_over_the_catalogue(hub, tmp_path, capsys):
    with Server(hub) as address:
        folder = tmp_path / "home"
        folder.mkdir()
        entry = f"mine:\n  files:\n    f32: {{from: {address}/mine.gguf, sha256: {hub.sha256}}}\n"
        (folder / "models.yaml").write_text(entry, encoding="utf-8")
        assert main(["pull", "mine", "-y"]) == 0
        assert main(["fit", "mine", "--machine", "pi5-8gb"]) == 0
        assert main(["models", "show", "mine"]) == 0
        assert main(["models"]) == 0
        capsys.readouterr()
        assert main(["pull", "mine", "-y"]) == 0  # there already
    assert Path(capsys.readouterr().out.strip()).parent.name == "mine"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("hf:a/b", Reference("hf", "a/b")),
        ("hf:a/b/c/d.gguf", Reference("hf", "a/b", "c/d.gguf")),
        ("ms:a/b/c.gguf", Reference("ms", "a/b", "c.gguf")),
        ("https://x.org/d/m.gguf?v=1", Reference("url", "https://x.org/d/m.gguf?v=1", "m.gguf")),
        ("https://x.org/m.gguf#sha256=AB", Reference("url", "https://x.org/m.gguf", "m.gguf", "ab")),
        ("a plain name", None),
    ],
)
def test_places(text, expected):
    assert parse(text) == expected


def test_half_a_place_is_an_error():
    with pytest.raises(UsageError, match="hf:owner/repository"):
        parse("hf:owner")


def test_addresses_follow_the_endpoints(monkeypatch):
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    assert (
        file_url(Reference("hf", "a/b"), "c d.gguf") == "https://huggingface.co/a/b/resolve/main/c%20d.gguf"
    )
    monkeypatch.setenv("HF_ENDPOINT", "https://mirror.example/")
    assert file_url(Reference("hf", "a/b"), "c.gguf") == "https://mirror.example/a/b/resolve/main/c.gguf"
    assert credentials("hf") == {}


def test_of_chatglm_without_safetensors_the_pickles_are_fetched(monkeypatch):
    def listed(*names):
        tree = json.dumps([{"type": "file", "path": name, "size": 1} for name in names]).encode()
        with Server(Site(b"", listing={TREE: tree})) as address:
            monkeypatch.setenv("HF_ENDPOINT", address)
            return [file.path for file in files_of(Reference("hf", "someone/tiny"))]

    theirs = ["config.json", "modeling_chatglm.py", "tokenizer.model", "pytorch_model-00001-of-00002.bin"]
    assert listed(*theirs) == ["config.json", "tokenizer.model", "pytorch_model-00001-of-00002.bin"]
    both = [*theirs, "model.safetensors"]
    assert listed(*both) == ["config.json", "tokenizer.model", "model.safetensors"]
    assert listed("config.json", "pytorch_model.bin") == ["config.json"]


def test_a_folder_of_pickles_on_the_shelf_is_a_model(tmp_path):
    folder = tmp_path / "home" / "data" / "models" / "chatglm3"
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    assert pulled() == []
    (folder / "pytorch_model.bin").write_bytes(b"x")
    assert [(model.name, model.path) for model in pulled()] == [("chatglm3", folder)]
    (folder / "pytorch_model-2.bin.part").write_bytes(b"x")
    assert pulled() == []
