"""`yanray ask --schema FILE`: answers that are one JSON value, held to a schema and validated against it."""

from __future__ import annotations

import json
from pathlib import Path

from yanray.errors import DataError
from yanray.terminal.words import Words


class AnswerSchema:
    """The JSON schema in the file at PATH. Raises DataError when it is none."""

    def __init__(self, path: Path, words: Words) -> None:
        from jsonschema.exceptions import SchemaError
        from jsonschema.validators import validator_for

        try:
            schema = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise DataError(f"{path}: not JSON: {error}") from None
        if not isinstance(schema, dict):
            raise DataError(f'{path}: not a JSON schema; write an object, e.g. {{"type": "object"}}')
        kind = validator_for(schema)
        try:
            kind.check_schema(schema)
        except SchemaError as error:
            raise DataError(f"{path}: not a JSON schema: {error.json_path}: {error.message}") from None
        self.text = json.dumps(schema, ensure_ascii=False)
        self._validator = kind(schema)
        self._words = words

    def asked(self, question: str) -> str:
        """QUESTION with the form of its answer."""
        return f"{question}\n\n{self._words('schema')}\n{self.text}"

    def problem(self, answer: str) -> str:
        """Why ANSWER does not validate; "" when it does."""
        from jsonschema.exceptions import best_match

        try:
            value = json.loads(answer)
        except ValueError as error:
            return self._words("schema-broken", error=error)
        found = best_match(self._validator.iter_errors(value))
        return (
            "" if found is None else self._words("schema-unmet", where=found.json_path, error=found.message)
        )
