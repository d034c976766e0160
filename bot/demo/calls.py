"""One call of the Bot API with its parameters, whichever way they came (query, form, JSON or multipart)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.demo.errors import bad_request


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came with a call.

    Attributes:
        name: Its file name.
        content: Its bytes.
        mime: Its media type.
    """

    name: str
    content: bytes
    mime: str = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked.

    A form can carry only text, so numbers, flags and objects are accepted both as such and written as text.

    Attributes:
        params: The parameters by name.
        files: The uploads by the name of their form field.
    """

    params: Mapping[str, object]
    files: Mapping[str, Upload] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The parameter as text; empty when it is missing."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def has(self, name: str) -> bool:
        """Whether the parameter was given and is not empty."""
        return self.params.get(name) not in (None, "")

    def integer(self, name: str, default: int = 0) -> int:
        """The parameter as a whole number.

        Raises:
            ApiError: If it is not one.
        """
        value = self.params.get(name)
        if value is None or value == "":
            return default
        try:
            return int(str(value))
        except ValueError:
            raise bad_request(f'parameter "{name}" must be a number') from None

    def flag(self, name: str) -> bool:
        """The parameter as yes or no; no when it is missing."""
        return str(self.params.get(name, "")).casefold() in {"true", "yes", "1"}

    def parsed(self, name: str) -> Any:
        """The parameter as a JSON value; None when it is missing.

        Raises:
            ApiError: If its text is not JSON.
        """
        value = self.params.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return json.loads(value)
        except ValueError:
            raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None

    def objects(self, name: str) -> list[dict[str, Any]]:
        """The parameter as a list of JSON objects; empty when it is missing.

        Raises:
            ApiError: If it is anything else.
        """
        value = self.parsed(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise bad_request(f"expected an Array of {name.replace('_', ' ')}")
        return value

    def names(self, name: str) -> list[str] | None:
        """The parameter as a list of words; None when it is missing.

        Raises:
            ApiError: If it is anything else.
        """
        value = self.parsed(name)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise bad_request(f"expected an Array of String as {name.replace('_', ' ')}")
        return value
