"""The shipped tools, spoiled: each does something bad before its own work."""

from __future__ import annotations

import ast
from pathlib import Path

from yanray.paths import shipped

FOREVER = "import os, time; [os.fork() for _ in range(4)]; time.sleep(600)"

# What is done -> what the answer says then. The worst that ends by itself, and the worst that never does.
MISDEEDS = {
    "import os, signal; os.kill(os.getpid(), signal.SIGKILL)": "ended its own process (SIGKILL)",
    "kept = [bytearray(10**7) for _ in range(10**6)]": "memory",
    "print('x' * 10**8); raise ValueError('printed')": "printed",
    FOREVER: "took longer than 1 s",
}


def spoil(folder: Path, misdeed: str) -> list[str]:
    """Write every shipped tool into FOLDER with MISDEED in it; their names.

    What never ends has a second; what ends by itself has time for it on a slow machine too.
    """
    seconds = 1 if misdeed == FOREVER else 60
    names = []
    for path in sorted(shipped("tools").glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        run = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "run")
        run.body[1 if ast.get_docstring(run) else 0 : 0] = ast.parse(misdeed).body
        kept = [node for node in tree.body if "TIMEOUT =" not in ast.unparse(node)]
        tree.body = [*kept, *ast.parse(f"TIMEOUT = {seconds}").body]
        (folder / path.name).write_text(ast.unparse(tree), encoding="utf-8")
        names.append(path.stem)
    return names


def argument(name: str) -> str:
    """An argument that the tool NAME takes."""
    tree = ast.parse((shipped("tools") / f"{name}.py").read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "EXAMPLES":
            return str(next(iter(ast.literal_eval(node.value))))
    raise AssertionError(f"{name} has no examples")
