"""A JSON schema as GBNF, by llama-cpp-python's converter, for answers that are JSON and nothing else.

What a grammar cannot say (minimum, format, uniqueItems ...) is not held here; whoever asked for the schema
validates the answer.
"""

from __future__ import annotations

import json

from yanray.errors import ModelError

# The converter lets a line's end stand inside a string, which JSON does not.
CHAR = r'char ::= [^"\\\x00-\x1F] | "\\" (["\\/bfnrt] | "u" [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F] [0-9a-fA-F])'


def answer_gbnf(schema: str) -> str:
    """GBNF of a round that is one JSON value by SCHEMA, which is JSON itself. Raises ModelError."""
    from llama_cpp.llama_grammar import SchemaConverter

    converter = SchemaConverter(prop_order={}, allow_fetch=False, dotall=False, raw_pattern=False)
    try:
        top = converter.visit(converter.resolve_refs(json.loads(schema), ""), "answer")
    except (AssertionError, NotImplementedError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ModelError(
            f"this schema cannot be made a grammar: {error or type(error).__name__}; write it with type, "
            "properties, required, items, enum, anyOf and $ref alone"
        ) from None
    rules = converter.format_grammar().splitlines()
    kept = [CHAR if rule.startswith("char ::=") else rule for rule in rules if rule]
    return "\n".join([f'root ::= " "? {top}', *kept])
