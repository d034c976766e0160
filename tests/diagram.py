"""Draws the table of a talk for docs/talk.md: `python -m tests.diagram` prints it."""

from collections.abc import Iterator

from bot.dance.talk import ANYWHERE, TABLE, Rule
from bot.dance.turns import Event, Stage


def diagram() -> str:
    """The talk as a mermaid state diagram, a line for each way from one stage to another."""
    return "\n".join(
        [
            "stateDiagram-v2",
            f"    [*] --> {Stage.OFFERED}: one offers a talk to the other",
            *dict.fromkeys(_lines()),
            f"    {Stage.ENDED} --> [*]",
        ]
    )


def _lines() -> Iterator[str]:
    for (stage, event), rule in TABLE.items():
        yield from _ways(stage, event, rule)
    yield from ("    state anywhere {", "        any_stage", "    }")
    for event, rule in ANYWHERE.items():
        for to in rule.to or ("any_stage",):
            yield f"    any_stage --> {to}: {_said(event)} ({rule.who})"


def _ways(stage: Stage, event: Event, rule: Rule) -> Iterator[str]:
    return (f"    {stage} --> {to}: {_said(event)} ({rule.who})" for to in rule.to)


def _said(event: Event) -> str:
    return event.replace("_", " ")


if __name__ == "__main__":
    print(diagram())  # noqa: T201 -- this is what it is for
