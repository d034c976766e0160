"""Looking around in a chat: every button that can be tapped lightly, and every command."""

from collections import Counter

from tests.driver import Person, buttons_of

COMMANDS = (
    *("/checkin", "/picture", "/invite", "/compare", "/starter", "/history", "/settings"),
    *("/leave", "/privacy", "/export", "/delete", "/safety", "/help", "/about", "/nonsense"),
)
NOT_LIGHTLY = {
    "Yes, delete everything",
    "Leave",
    "Hide this chat",
    "Take it back",
    "Pause",
    "Everything as a file",
    "Back",
}
"""What ends the story that it is in, or what it is about."""

ANSWERED = {"Not true", "A little true", "Half true", "Mostly true", "Very true", "Skip"}
STEPS = 25
"""Taps that a look around takes at most."""

OF_A_KIND = 4
"""Buttons of one kind that are tapped in it: of hours and cities a few are enough, of the idea all pages."""


async def look_around(person: Person, avoided: set[str]) -> None:
    """Tap every button that was not tapped yet, until the newest message has none left; of many of a kind some."""
    tapped: list[str] = []
    for _ in range(STEPS):
        new = [(label, data) for label, data in _taps(person) if label not in avoided | NOT_LIGHTLY | ANSWERED]
        kinds = Counter(data.split(":")[1] for data in tapped)
        fresh = [each for each in new if each[1] not in tapped and kinds[each[1].split(":")[1]] < OF_A_KIND]
        if not fresh:
            return
        label, data = fresh[0]
        tapped.append(data)
        await person.tap(label, message=person.last)


def _taps(person: Person) -> list[tuple[str, str]]:
    return [
        (button["text"], button["callback_data"]) for button in buttons_of(person.last) if "callback_data" in button
    ]


async def every_command(person: Person, avoided: set[str]) -> None:
    """Send every command, and look around from each."""
    for command in COMMANDS:
        await person.send(command)
        await look_around(person, avoided | {"Menu", "Help and safety"})
