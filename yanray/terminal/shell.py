"""`yanray completion bash|zsh|fish`: what the shell needs to complete our commands, made from the parsers."""

from __future__ import annotations

import argparse
from dataclasses import dataclass

SHELLS = ("bash", "zsh", "fish")


@dataclass(frozen=True, slots=True)
class Level:
    """What may stand after `yanray` and PATH (one or two commands). words: option or command -> its help."""

    path: tuple[str, ...]
    words: dict[str, str]


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `yanray completion` takes."""
    parser.add_argument("shell", choices=SHELLS, help='e.g. eval "$(yanray completion bash)" in ~/.bashrc')


def run(options: argparse.Namespace) -> int:
    """Print the script."""
    make = {"bash": _bash, "zsh": _zsh, "fish": _fish}[options.shell]
    print(make(levels(options.whole_parser())), end="")
    return 0


def levels(parser: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> list[Level]:
    """Every level of PARSER, the commands' own commands too."""
    words: dict[str, str] = {}
    below: list[Level] = []
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for name, command in action.choices.items():
                words[name] = helps.get(name, "")
                below += levels(command, (*path, name))
        elif action.option_strings:
            words[action.option_strings[-1]] = action.help or ""
        elif action.choices:
            words |= {str(choice): "" for choice in action.choices}
    return [Level(path, words), *below]


def _bash(every: list[Level]) -> str:
    cases = "".join(f"    '{' '.join(level.path)}') words='{' '.join(level.words)}' ;;\n" for level in every)
    return f"""_yanray() {{
  local current="${{COMP_WORDS[COMP_CWORD]}}" words='' path='' word
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path $word" in {"|".join(_known(every))}) path="${{path:+$path }}$word" ;; esac
  done
  case "$path" in
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _yanray yanray
"""


def _known(every: list[Level]) -> list[str]:
    """Patterns of `path word` where the word leads to another level."""
    return [f"'{' '.join(level.path[:-1])} {level.path[-1]}'" for level in every if level.path]


def _zsh(every: list[Level]) -> str:
    cases = "".join(
        f"    '{' '.join(level.path)}') words=({' '.join(_described(level))}) ;;\n" for level in every
    )
    return f"""#compdef yanray
_yanray() {{
  local -a words_typed=("${{words[@]:1:$((CURRENT-2))}}") words=()
  local level='' word
  for word in "${{words_typed[@]}}"; do
    case "$level $word" in {"|".join(_known(every))}) level="${{level:+$level }}$word" ;; esac
  done
  case "$level" in
{cases}  esac
  _describe 'yanray' words
  _files
}}
compdef _yanray yanray
"""


def _described(level: Level) -> list[str]:
    return [f"'{word}:{_plain(help_)}'" for word, help_ in level.words.items()]


def _fish(every: list[Level]) -> str:
    lines = ["complete -c yanray -f"]
    for level in every:
        seen = " and ".join(f"__fish_seen_subcommand_from {name}" for name in level.path)
        condition = seen.replace(" and ", "; and ") or "not __fish_seen_subcommand_from " + " ".join(
            every[0].words
        )
        for word, help_ in level.words.items():
            form = f"-l {word[2:]}" if word.startswith("--") else f"-a {word}"
            lines.append(f"complete -c yanray -n '{condition}' {form} -d '{_plain(help_)}'")
    lines.append("complete -c yanray -n '__fish_seen_subcommand_from ask chat' -F")
    return "\n".join(lines) + "\n"


def _plain(text: str) -> str:
    return text.replace("'", "").replace(":", ",").replace("%%", "%")
