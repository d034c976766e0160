"""Files of words as they lie on disk: read strictly, and wrong with one clear sentence."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, cast

import yaml


class CatalogueError(Exception):
    """The words of a language cannot be used; one sentence says which file, what and how to mend it."""


if TYPE_CHECKING:
    _Fast = yaml.SafeLoader
else:
    _Fast = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


class _UniqueKeys(_Fast):
    """YAML that refuses a key given twice, of which only the last would count."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"the key {key!r} stands twice", problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


@dataclass(frozen=True, slots=True)
class ContentFile:
    """One file of a language: where it lies, and the name that errors give it."""

    folder: Traversable
    language: str
    name: str

    def fail(self, what: str, fix: str) -> NoReturn:
        """Raise the one clear sentence about this file.

        Args:
            what: What is wrong, without a full stop.
            fix: What to do about it, without a full stop.

        Raises:
            CatalogueError: Always.
        """
        raise CatalogueError(f"prompts/{self.language}/{self.name}: {what}; {fix}.")

    def text(self) -> str:
        """Everything in it.

        Raises:
            CatalogueError: If there is no such file, or it is not UTF-8.
        """
        try:
            return self.folder.joinpath(self.name).read_text(encoding="utf-8")
        except OSError:
            self.fail("the file cannot be read", "add it or make it readable")
        except UnicodeDecodeError:
            self.fail("the file is not UTF-8", "save it as UTF-8")

    def top(self) -> Mapping[str, object]:
        """Its top level.

        Raises:
            CatalogueError: If it is not YAML, a key stands twice, or the top level has no keys.
        """
        try:
            # A SafeLoader that is only stricter; nothing but plain values can come out of it.
            content: object = yaml.load(self.text(), Loader=_UniqueKeys)  # noqa: S506
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            self.fail(f"line {line} is not valid YAML, {error.problem}", "correct that line")
        except yaml.YAMLError:
            self.fail("the file is not valid YAML", "correct it")
        return self.keys(content, "the file")

    def keys(self, value: object, where: str) -> Mapping[str, object]:
        """A value that has keys, each of them a text.

        Raises:
            CatalogueError: If it has none, or YAML read one of them as something else (a bare yes, no or 112).
        """
        if not isinstance(value, dict) or not value:
            self.fail(f"{where} has no keys with values", "write them as key: value")
        for key in value:
            if not isinstance(key, str):
                self.fail(f"the key {key!r} in {where} is not text", "put it in quotes")
        return cast("Mapping[str, object]", value)

    def entries(self, value: object, where: str) -> Sequence[object]:
        """A list that is not empty.

        Raises:
            CatalogueError: If it is none.
        """
        if not isinstance(value, list) or not value:
            self.fail(f"{where} is not a list with entries", "write one entry a line, each after a dash")
        return value

    def words(self, value: object, where: str) -> str:
        """A text that is not blank, without spaces around it.

        Raises:
            CatalogueError: If it is none.
        """
        if not isinstance(value, str) or not value.strip():
            self.fail(f"{where} is not a text", "write words there, in quotes")
        return value.strip()

    def exactly(
        self, value: object, where: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, object]:
        """A value with just the keys that it needs, in the order of `required`.

        Raises:
            CatalogueError: If a required key is missing or there is one that means nothing here.
        """
        given = self.keys(value, where)
        for key in required:
            if key not in given:
                self.fail(f"{where} has no {key}", f"add a line {key}: …")
        for key in given:
            if key not in required and key not in optional:
                self.fail(f"{where} has the key {key}, which means nothing there", "rename it or take it out")
        return {key: given[key] for key in (*required, *optional) if key in given}

    def texts(
        self, value: object, where: str, required: Sequence[str], optional: Sequence[str] = ()
    ) -> Mapping[str, str]:
        """Like `exactly`, with a text at every key."""
        given = self.exactly(value, where, required, optional)
        return MappingProxyType({key: self.words(text, f"{key} in {where}") for key, text in given.items()})
