"""A conversation of three turns with two tool calls, on the same GGUF: Yanray, llama-cpp-python, llm.

    python benchmarks/peers.py [--shape llama-1b:q8_0] [--runs 5] [--prefix 600] [--llm PATH/TO/llm]

Each takes part as a process of its own, from its start to its end, in turn; the order changes with every run.
The model is made up (`yanray.measure.random_weights`): it calls `/double 21` in the second and the third turn
and answers in as many words each time, whoever runs it, so that all generate the same.

- `yanray first` finds nothing on disk, `yanray` the prefix that an earlier start left there. Drafts are off:
  the answers repeat each other, which real ones do not.
- `llama-cpp-python` is `create_chat_completion(stream=True)` in a loop that runs the tool, with as many
  threads as Yanray takes; `with cache` has its LlamaRAMCache.
- `llm` is `llm chat` with the plugin llm-gguf in one process, its defaults throughout. It knows no tools with
  such models, so a result comes as the user's next line, and it speaks its own template: five answers instead
  of three answers and two calls. --llm names the command of an environment that has both.

Prints one JSON object: medians and quartiles in seconds, and Yanray's median over the best peer's.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

from yanray.agent.prompt import system_prompt
from yanray.measure.bench_core import filler
from yanray.measure.random_weights import write_random
from yanray.measure.shapes import parse
from yanray.measure.spread import spread
from yanray.measure.this_machine import this_machine
from yanray.toolbox.box import Toolbox

ANSWER = 16  # words
CONTEXT = 4096  # tokens
TURNS = ("Tell me of the harbour.", "How much is twice 21?", "And once more, please?")
TOOL = '"""Double a number."""\n\ndef run(number: float) -> str:\n    return format(number * 2, "g")\n'
RESULT = "42"


def yanray(model: str, system: str) -> list[str]:
    """The conversation through the session that `yanray chat` has; it puts the tools behind SYSTEM itself."""
    from yanray.agent.session import Session
    from yanray.events import Call, Text
    from yanray.settings import load

    own = os.environ["YANRAY_HOME"]
    machine = {"drafts": False}
    settings = load(overrides={"model": model, "system": system, "context": CONTEXT, "machine": machine})
    said: list[str] = []
    with Session(settings, folders=[Path(own, "tools")]) as session:
        for turn in TURNS:
            events = list(session.ask(turn))
            said += [f"/{event.name} {event.argument}" for event in events if isinstance(event, Call)]
            said.append("".join(event.text for event in events if isinstance(event, Text)))
    return said


def llama_cpp_python(model: str, system: str, *, cache: bool) -> list[str]:
    """The conversation with the high-level API."""
    import llama_cpp

    llama = llama_cpp.Llama(
        model, n_ctx=CONTEXT, n_threads=os.cpu_count(), n_threads_batch=os.cpu_count(), verbose=False
    )
    if cache:
        llama.set_cache(llama_cpp.LlamaRAMCache())
    messages: list[Any] = [{"role": "system", "content": system}]
    said: list[str] = []
    for turn in TURNS:
        messages.append({"role": "user", "content": turn})
        while True:
            stream: Any = llama.create_chat_completion(messages, stream=True, temperature=0.0)
            text = "".join(chunk["choices"][0]["delta"].get("content") or "" for chunk in stream)
            messages.append({"role": "assistant", "content": text})
            said.append(text)
            if not text.startswith("/double "):
                break
            messages.append({"role": "tool", "content": f"{float(text.split()[1]) * 2:g}"})
    return said


def llm(command: Path, folder: Path, model: str, system: str) -> list[str]:
    """The conversation through `llm chat`, the tool's results as lines of the user."""
    environment = {**os.environ, "LLM_USER_PATH": str(folder)}
    if not folder.exists():
        folder.mkdir()
        register = [str(command), "gguf", "register-model", "shape", model, "--n-ctx", str(CONTEXT)]
        subprocess.run(register, check=True, env=environment)
    lines = "".join(f"{line}\n" for line in (TURNS[0], TURNS[1], RESULT, TURNS[2], RESULT, "exit"))
    done = subprocess.run(
        [command, "chat", "-m", "gguf/shape", "-s", system],
        input=lines,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    return [line.removeprefix("> ") for line in done.stdout.splitlines() if line.startswith(">  ")]


def main() -> None:
    """Run all of them in turn."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--shape", default="llama-1b:q8_0")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--prefix", type=int, default=600, help="tokens of the system prompt")
    parser.add_argument("--llm", type=Path, help="the llm command, with llm-gguf beside it")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "MODEL", "SYSTEM"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        name, model, system = given.one
        text = Path(system).read_text(encoding="utf-8")
        said = (
            yanray(model, text) if name == "yanray" else llama_cpp_python(model, text, cache=name == "cached")
        )
        print(json.dumps(said))
        return
    with tempfile.TemporaryDirectory(prefix="yanray-peers-") as folder:
        print(json.dumps(compare(given, Path(folder)), indent=1))


def compare(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The figures."""
    name, shape, kind = parse(given.shape)
    model = write_random(folder / "model.gguf", name, shape, kind, answer=ANSWER)
    ways = _ways(given, folder, model, _system(model, given.prefix))
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    said: dict[str, list[str]] = {}
    for number in range(given.runs + 1):
        for way in random.Random(number).sample(sorted(ways), len(ways)):
            begun = perf_counter()
            said[way] = ways[way]()
            if number:
                seconds[way].append(perf_counter() - begun)
    figures = {way: spread(values) for way, values in seconds.items()}
    best = min(value.median for way, value in figures.items() if not way.startswith("yanray"))
    return {
        "machine": this_machine(),
        "shape": given.shape,
        "prefix_tokens": given.prefix,
        "runs": given.runs,
        "seconds": {way: [round(v, 3) for v in (s.low, s.median, s.high)] for way, s in figures.items()},
        "over_best_peer": {
            way: round(figures[way].median / best, 3) for way in figures if way.startswith("yanray")
        },
        "said": said,
    }


def _system(model: Path, tokens: int) -> str:
    from yanray.cores.gguf import GgufCore

    core = GgufCore(model, context=512)
    text = filler(core.count, tokens, 1)
    core.close()
    return text


def _ways(
    given: argparse.Namespace, folder: Path, model: Path, own: str
) -> dict[str, Callable[[], list[str]]]:
    kept = _home(folder / "kept")
    with closing(Toolbox([kept / "tools"])) as box:
        whole = system_prompt(box.specs, language="en", own=own)
    texts = {"yanray": folder / "own.txt", "others": folder / "whole.txt"}
    texts["yanray"].write_text(own, encoding="utf-8")
    texts["others"].write_text(whole, encoding="utf-8")

    def child(name: str, home: Path) -> list[str]:
        text = texts.get(name, texts["others"])
        command = [sys.executable, __file__, "--one", name, str(model), str(text)]
        environment = {**os.environ, "YANRAY_HOME": str(home), "LANG": "C.UTF-8"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment)
        found: list[str] = json.loads(done.stdout)
        return found

    def first() -> list[str]:
        with tempfile.TemporaryDirectory(dir=folder) as home:
            return child("yanray", _home(Path(home)))

    ways: dict[str, Callable[[], list[str]]] = {
        "yanray": lambda: child("yanray", kept),
        "yanray first": first,
        "llama-cpp-python": lambda: child("plain", kept),
        "llama-cpp-python with cache": lambda: child("cached", kept),
    }
    if given.llm:
        ways["llm"] = lambda: llm(given.llm, folder / "llm", str(model), whole)
    return ways


def _home(folder: Path) -> Path:
    (folder / "tools").mkdir(parents=True, exist_ok=True)
    (folder / "tools" / "double.py").write_text(TOOL, encoding="utf-8")
    return folder


if __name__ == "__main__":
    main()
