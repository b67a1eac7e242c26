"""Tools that misbehave in a real child process: each gets a clear answer, and the next call works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")

BAD = {
    "hang": ("while True: pass", "took longer than 0.5 s"),
    "sleep": ("import time; time.sleep(600)", "took longer than 0.5 s"),
    "quit": ("raise SystemExit(3)", "SystemExit"),
    "interrupt": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    "leave": ("import os; os._exit(3)", "ended its own process (exit code 3)"),
    "number": ("return 84", "returned int, not text"),
    "nothing": ("pass", "returned NoneType, not text"),
    "divide": ("return str(1 / 0)", "ZeroDivisionError: division by zero (divide.py line 3)"),
    "refuse": ("raise ValueError('write 2+3 instead')", "write 2+3 instead"),
    "deep": ("return run(text)", "RecursionError"),
    "surrogate": ("raise ValueError(chr(0xd800) + chr(0))", "\ufffd\ufffd"),
}
BAD_POSIX = {
    "kill": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "ended its own process (SIGKILL)"),
    "crash": ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "ended its own process (SIGSEGV)"),
    "descriptors": ("import os; os.closerange(0, 100); return text", "ended its own process"),
    "protocol": ("_write_everywhere(); return text", "wrote over the worker's own pipe"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_tool_gets_a_clear_error(name, write, box):
    _check_bad(name, *BAD[name], write, box)


@posix
@pytest.mark.parametrize("name", BAD_POSIX)
def test_a_bad_tool_gets_a_clear_error_on_posix(name, write, box):
    _check_bad(name, *BAD_POSIX[name], write, box)


HELPER = """
import os
from contextlib import suppress
def _write_everywhere():
    for descriptor in range(3, 20):
        with suppress(OSError):
            os.write(descriptor, b"{}\\n")
"""


def _check_bad(name, line, message, write, box):
    write(name, f"def run(text: str) -> str:\n    {line}\n" + HELPER)
    write("echo", "def run(text: str) -> str:\n    return text\n")
    tools = box(timeout=0.5)
    assert tools.run("echo", "before").text == "before"
    outcome = tools.run(name, "x")
    assert not outcome.ok
    assert message in outcome.text
    assert tools.run("echo", "after").text == "after"


def test_memory_is_limited(write, box):
    write("eat", "def run(text: str) -> str:\n    kept = []\n    while True: kept.append(bytearray(10**7))\n")
    write("echo", "def run(text: str) -> str:\n    return text\n")
    tools = box(memory_mib=256)
    outcome = tools.run("eat", "x")
    assert not outcome.ok
    assert "memory" in outcome.text
    assert tools.run("echo", "after").text == "after"


@pytest.mark.parametrize(
    "line",
    [
        "print('x' * 10**8)",
        "import sys; sys.stderr.write('x' * 10**8)",
        "import sys; sys.stdout.buffer.write(b'x' * 10**8)",
        "import os; [os.write(1, b'x' * 10**6) for _ in range(100)]",
    ],
)
def test_prints_never_reach_the_protocol(line, write, box):
    write("shout", f"def run(text: str) -> str:\n    {line}\n    return 'said'\n")
    tools = box()
    outcome = tools.run("shout", "x")
    assert (outcome.ok, outcome.text) == (True, "said")
    assert len(outcome.printed) < 3000
    assert outcome.printed.startswith("xxx")
    assert "os.write" in line or "[and 99,998,00" in outcome.printed
    assert tools.run("shout", "x").text == "said"


def test_prints_come_along(write, box):
    write("say", "def run(text: str) -> str:\n    print('step', text)\n    return 'done'\n")
    tools = box()
    assert tools.run("say", "one").printed == "step one\n"
    assert tools.run("say", "two").printed == "step two\n"


def test_output_is_cut_with_a_note(write, box):
    write("long", "def run(text: str) -> str:\n    return 'é' * 10**8\n")
    outcome = box(output_chars=200).run("long", "x")
    assert outcome.ok
    assert outcome.text == "é" * 200 + "\n[cut: 200 of 100,000,000 characters are shown]"


def test_any_text_survives_the_way(write, box):
    write("echo", "def run(text: str) -> str:\n    return text\n")
    tools = box()
    for text in ("三 \u202eabc", "\x1b[31m", '"\\n"', "a\u2028b", "😀" * 100, "{}"):
        assert tools.run("echo", text).text == text
    assert tools.run("echo", "a\ud800b\0c").text == "a\ufffdb\ufffdc"
    assert len(box(output_chars=10**6).run("echo", "y" * 10**6).text) == 10**6


@posix
def test_forks_end_with_the_limit(write, box, tmp_path):
    pids = tmp_path / "pids"
    write(
        "forks",
        f"""
        import os, time
        def run(text: str) -> str:
            for number in range(8):
                if os.fork() == 0:
                    if number % 2:
                        os.setsid()
                    with open({str(pids)!r}, "a") as file:
                        file.write(f"{{os.getpid()}}\\n")
                    time.sleep(600)
            time.sleep(600)
        """,
    )
    tools = box(timeout=1)
    assert "took longer" in tools.run("forks", "x").text
    started = [int(line) for line in pids.read_text().split()]
    assert len(started) == 8
    assert not [pid for pid in started if _runs(pid)]


def _runs(pid):
    """Whether it is more than a zombie that nobody has collected."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@posix
def test_a_fork_that_comes_back_is_not_an_answer(write, box):
    write("twice", "import os\ndef run(text: str) -> str:\n    return text if os.fork() else 'copy'\n")
    tools = box()
    assert [tools.run("twice", str(number)).text for number in range(5)] == list("01234")


def test_cancel_is_seen_while_a_tool_runs(write, box, tmp_path):
    begun = tmp_path / "begun"
    write(
        "slow",
        f"""
        import pathlib, time
        def run(text: str) -> str:
            pathlib.Path({str(begun)!r}).touch()
            time.sleep(600)
        """,
    )
    tools = box(timeout=60)
    used = time.process_time()
    outcome = tools.run("slow", "x", cancelled=begun.exists)
    assert (outcome.ok, outcome.text) == (False, "slow was stopped")
    assert outcome.seconds < 10
    assert time.process_time() - used < outcome.seconds
    begun.unlink()
    assert tools.run("slow", "x", cancelled=lambda: True).text == "slow was stopped"


def test_waiting_burns_no_processor_time(write, box):
    write("nap", "import time\ndef run(text: str) -> str:\n    time.sleep(1)\n    return 'up'\n")
    tools = box()
    tools.run("nap", "x")
    used = time.process_time()
    assert tools.run("nap", "x", cancelled=lambda: False).text == "up"
    assert time.process_time() - used < 0.2


def test_an_interrupt_in_the_parent_ends_the_call(write, box):
    write("slow", "import time\ndef run(text: str) -> str:\n    time.sleep(float(text))\n    return text\n")
    tools = box()

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tools.run("slow", "60", cancelled=interrupt)
    assert tools.run("slow", "0").text == "0"


@posix
def test_ctrl_c_does_not_reach_the_child(write, box):
    write("pid", "import os\ndef run(text: str = '') -> str:\n    return str(os.getpid())\n")
    tools = box()
    pid = tools.run("pid", "").text
    os.kill(int(pid), signal.SIGINT)
    assert tools.run("pid", "").text == pid
    assert os.getsid(int(pid)) != os.getsid(0)


def test_no_secret_is_inherited(write, box, monkeypatch, tmp_path):
    monkeypatch.setenv("API_TOKEN", "s3cret")
    monkeypatch.setenv("YANRAY_HOME", str(tmp_path / "home"))
    write(
        "look",
        """
        import os
        from yanray.toolbox.api import data_folder
        def run(text: str = "") -> str:
            return repr(dict(os.environ)) + os.getcwd() + "|" + str(data_folder())
        """,
    )
    seen = box().run("look", "").text
    assert "s3cret" not in seen and "API_TOKEN" not in seen
    assert "'YANRAY_TOOL': '1'" in seen
    assert str(Path.cwd()) not in seen.partition("}")[2].partition("|")[0]
    assert seen.endswith(str(tmp_path / "home" / "data" / "tools"))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts in /proc")
def test_nothing_leaks(write, box):
    write("echo", "def run(text: str) -> str:\n    return text\n")
    write("leave", "import os\ndef run(text: str) -> str:\n    os._exit(0)\n")
    tools = box()

    def count():
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    tools.run("leave", "x")
    tools.run("echo", "x")
    before = count()
    for _ in range(10):
        tools.run("leave", "x")
        tools.run("echo", "x")
    assert count() == before

    child = psutil.Process(tools._worker.pid)
    for _ in range(200):
        tools.run("echo", "x" * 1000)
    memory, descriptors = child.memory_info().rss, child.num_fds()
    for _ in range(1000):
        tools.run("echo", "x" * 1000)
    assert child.num_fds() == descriptors
    assert child.memory_info().rss - memory < 2 << 20


def test_a_call_costs_little(write, box):
    write("echo", "def run(text: str) -> str:\n    return text\n")
    tools = box()
    start = tools.run("echo", "x").seconds
    times = sorted(tools.run("echo", "x").seconds for _ in range(1000))
    assert times[500] * 10 < start  # warm is what saves; benchmarks/tool_call.py has the figure in ms


def test_the_child_ends_with_its_parent(write, tmp_path):
    pid_file = tmp_path / "pid"
    path = write(
        "slow",
        f"""
        import os, pathlib, time
        def run(text: str) -> str:
            pathlib.Path({str(tmp_path / "new")!r}).write_text(str(os.getpid()))
            pathlib.Path({str(tmp_path / "new")!r}).rename({str(pid_file)!r})
            time.sleep(600)
        """,
    )
    script = (
        "import sys; from pathlib import Path; from yanray.toolbox.box import Toolbox\n"
        f"box = Toolbox([Path({str(path.parent)!r})], timeout=600)\n"
        f"begun = Path({str(pid_file)!r})\n"
        "box.run('slow', 'x', cancelled=lambda: begun.exists() and print('on', flush=True))\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"on\n"
        child = psutil.Process(int(pid_file.read_text()))
        parent.kill()
    _, alive = psutil.wait_procs([child], timeout=20)
    assert not alive


def test_close_removes_the_folder(write, box):
    write("where", "import os\ndef run(text: str = '') -> str:\n    return os.getcwd()\n")
    tools = box()
    folder = Path(tools.run("where", "").text)
    assert folder.is_dir()
    pid = tools._worker.pid
    tools.close()
    assert not folder.exists()
    assert not psutil.pid_exists(pid)
    assert tools.run("where", "").text == "where cannot run: the toolbox is closed"
    assert not folder.exists()
