"""Answers held to a JSON schema: whatever a model wants, what it finishes is JSON of that form."""

from __future__ import annotations

import json

import jsonschema
import pytest

from yanray.cores.base import CommandGrammar, Sampling
from yanray.errors import ModelError
from yanray.messages import Message

SCHEMAS = [
    {"type": "boolean"},
    {"enum": ["red", "green", "深蓝"]},
    {"type": "array", "items": {"type": "integer"}, "minItems": 1, "maxItems": 4},
    {
        "type": "object",
        "properties": {
            "char": {"type": "string", "maxLength": 8},  # also a rule of the converter's own
            "root": {"type": "integer"},
            "space": {"type": ["boolean", "null"]},
            "名": {"enum": ["甲", "乙"]},
        },
        "required": ["char", "root", "space", "名"],
        "additionalProperties": False,
    },
    {"anyOf": [{"type": "null"}, {"type": "string", "maxLength": 5}]},
    {
        "$defs": {"point": {"type": "object", "properties": {"x": {"type": "boolean"}}, "required": ["x"]}},
        "type": "array",
        "items": {"$ref": "#/$defs/point"},
        "maxItems": 2,
    },
]


def say(core, schema, **sampling):
    asked = core.stream(
        [Message("user", "say")],
        Sampling(**{"max_tokens": 200, **sampling}),
        grammar=CommandGrammar({}, json.dumps(schema)),
    )
    return "".join(piece for piece in asked if isinstance(piece, str)), core.finish.reason


@pytest.mark.parametrize("flavour", ["nano", "llama2"])
@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: json.dumps(schema)[:30])
def test_what_a_model_of_random_weights_finishes_validates(open_core, flavour, schema):
    core = open_core(flavour)
    finished = 0
    for seed in range(12):
        text, reason = say(core, schema, temperature=1.0, top_k=0, top_p=1, min_p=0, seed=seed)
        if reason == "stop":
            jsonschema.validate(json.loads(text), schema)
            finished += 1
    text, reason = say(core, schema)
    if reason == "stop":
        jsonschema.validate(json.loads(text), schema)
    assert finished > 6


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/$defs/nowhere"},
        {"type": "object", "properties": {"a": {"$ref": "https://example.org/x.json"}}},
        {"type": "string", "pattern": "(unclosed"},
        {"type": "nonsense"},
    ],
)
def test_a_schema_that_no_grammar_can_be_made_of_is_an_error_and_no_crash(open_core, schema):
    core = open_core()
    with pytest.raises(ModelError, match="schema"):
        say(core, schema)
    assert json.loads(say(core, {"enum": ["fine"]})[0]) == "fine"


def test_the_next_round_is_free_again(open_core):
    core = open_core()
    say(core, {"type": "boolean"})
    text = "".join(
        piece
        for piece in core.stream([Message("user", "say")], Sampling(max_tokens=20))
        if isinstance(piece, str)
    )
    assert text.strip() not in ("true", "false")
