"""The Bot API as somebody else describes it: aiogram's models, by which every call, answer and update is read.

The stand-in and the bot could share a mistake; a third description, kept by other people, would not. Keys that it does
not know are refused.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from aiogram import methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import Update
from pydantic import BaseModel, TypeAdapter, ValidationError

from bot.demo.calls import Upload
from bot.demo.standin import Reply, StandIn
from bot.demo.updates import UpdateQueue

METHODS: Mapping[str, type[TelegramMethod[Any]]] = {
    found.__api_method__.lower(): found
    for found in vars(methods).values()
    if isinstance(found, type) and issubclass(found, TelegramMethod) and found is not TelegramMethod
}
"""By the lower-case name, as Telegram takes it."""


def objections_to_call(method: str, params: Mapping[str, object]) -> list[str]:
    """What is wrong with a call, in words; nothing if it is as described."""
    model = METHODS.get(method.lower())
    if model is None:
        return [f"{method}: no such method"]
    # What another parameter refers to as attached is a part of the form, and no parameter itself.
    attached = {name for name in params if name not in model.model_fields and f"attach://{name}" in str(params)}
    given = {name: value for name, value in params.items() if name not in attached}
    return _objections(method, TypeAdapter(model), _read(model, given))


def objections_to_answer(method: str, body: Mapping[str, Any]) -> list[str]:
    """What is wrong with an answer: the envelope, and the result of a call that succeeded."""
    if not body.get("ok"):
        wrong = {*body} - {"ok", "error_code", "description", "parameters"}
        parameters = {*body.get("parameters", {})} - {"retry_after", "migrate_to_chat_id"}
        sound = isinstance(body.get("error_code"), int) and isinstance(body.get("description"), str)
        return [] if sound and not wrong and not parameters else [f"{method}: a refusal of another shape: {body}"]
    if {*body} - {"ok", "result", "description"}:
        return [f"{method}: unknown keys around the result: {sorted(body)}"]
    return _objections(f"the result of {method}", TypeAdapter(METHODS[method.lower()].__returning__), body["result"])


def objections_to_update(update: Mapping[str, Any]) -> list[str]:
    """What is wrong with an update."""
    return _objections(f"update {update.get('update_id')}", TypeAdapter(Update), update)


@contextmanager
def everything_read() -> Iterator[list[str]]:
    """Read every call to any stand-in, its answer, and every update that it makes, however that reaches the bot.

    Yields:
        What was wrong, growing.
    """
    wrong: list[str] = []
    call = StandIn.call

    async def read(
        self: StandIn, method: str, params: Mapping[str, object], files: Mapping[str, Upload] | None = None
    ) -> Reply:
        reply = await call(self, method, params, files)
        # What a fault garbles is meant to be unreadable, and a call that was refused may be wrong itself.
        if method.lower() in METHODS and reply.garbled is None:
            uploads = {name: f"attach://{name}" for name in files or {}}
            wrong.extend(objections_to_call(method, {**uploads, **params}) if reply.body.get("ok") else [])
            wrong.extend(objections_to_answer(method, reply.body))
        return reply

    put = UpdateQueue.put

    def read_update(self: UpdateQueue, kind: str, body: dict[str, Any]) -> None:
        wrong.extend(objections_to_update({"update_id": 1, kind: body}))
        put(self, kind, body)

    with patch.object(StandIn, "call", read), patch.object(UpdateQueue, "put", read_update):
        yield wrong


def _read(model: type[BaseModel], params: Mapping[str, object]) -> dict[str, object]:
    """Parameters as a form carries them: whatever is not meant as text is JSON."""
    return {name: _unpacked(model, name, value) for name, value in params.items()}


def _unpacked(model: type[BaseModel], name: str, value: object) -> object:
    field = model.model_fields.get(name)
    if not isinstance(value, str) or field is None or value[:1] not in "[{":
        return value
    return value if name in {"text", "caption"} else json.loads(value)


def _objections(what: str, adapter: TypeAdapter[Any], content: object) -> list[str]:
    try:
        found = adapter.validate_python(content)
    except ValidationError as error:
        return [f"{what}: {at['loc']}: {at['msg']}" for at in error.errors()]
    return [f"{what}: unknown key {path}" for path in _unknown(found, "")]


def _unknown(value: object, path: str) -> Iterator[str]:
    if isinstance(value, BaseModel):
        for name in value.model_extra or {}:
            yield f"{path}.{name}"
        for name in value.model_fields_set:
            yield from _unknown(getattr(value, name, None), f"{path}.{name}")
    elif isinstance(value, list | tuple):
        for number, each in enumerate(value):
            yield from _unknown(each, f"{path}[{number}]")
