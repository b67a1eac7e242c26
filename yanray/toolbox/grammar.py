"""GBNF for what may follow a command's name, so that a model's command can be read by `toolbox.arguments`.

Format: https://github.com/ggml-org/llama.cpp/blob/master/grammars/README.md
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from yanray.toolbox.spec import Parameter, ToolSpec

_LINE = r"[^ \n] [^\n]*"
_QUOTED = r'"\"" ( [^"\\\n] | "\\" [^\n] )* "\""'
_VALUES = {
    "integer": '"-"? [0-9]+',
    "number": '"-"? [0-9]+ ( "." [0-9]+ )?',
    "text": rf'( {_QUOTED} | [^ "\n] [^ \n]* )',
}


def argument_grammar(spec: ToolSpec) -> str:
    """What may follow `/name` up to the line's end, as one GBNF expression."""
    parameters = spec.parameters
    if not parameters:
        return '""'
    if len(parameters) == 1 and parameters[0].kind == "text":
        return _optional(f'" " {_LINE}', parameters[0])
    if any(parameter.name == "text" for parameter in parameters):
        parameters = tuple(_may_follow(parameter) for parameter in parameters)
    return " ".join(_parts(parameters))


def _may_follow(parameter: Parameter) -> Parameter:
    """`text` may stand in the lines below the command, so the command's own line need not hold it."""
    return (
        Parameter(parameter.name, parameter.kind, required=False) if parameter.name == "text" else parameter
    )


def _parts(parameters: Sequence[Parameter]) -> list[str]:
    parts = []
    for parameter in parameters:
        if parameter is parameters[-1] and parameter.kind == "text":
            value = _LINE  # the last one takes the words that are left
        elif parameter.choices:
            value = (
                "( "
                + " | ".join(json.dumps(choice, ensure_ascii=False) for choice in parameter.choices)
                + " )"
            )
        else:
            value = _VALUES[parameter.kind]
        parts.append(_optional(f'" " ( "{parameter.name}=" )? {value}', parameter))
    return parts


def _optional(rule: str, parameter: Parameter) -> str:
    return rule if parameter.required else f"( {rule} )?"
