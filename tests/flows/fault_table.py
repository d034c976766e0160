"""What goes wrong, and what is to come of it: the table of docs/delivery.md as data."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from bot.demo.errors import refusal
from bot.demo.faults import CutAfter, CutBefore, Garbled, Instead, Late, Page, What, retry_after, server_error

PATIENT = 20
"""Seconds of a pause that a waiting person sits out."""

LONG = 600
"""Seconds of a pause that nobody's screen waits for."""

TOO_LATE = 1.0
"""Seconds, longer than the patience that the tests leave to a call."""


class Then(StrEnum):
    """What a person has in the end, in the words of the page."""

    AFTER_PAUSE = "after the pause, once"
    NEXT_LOOK = "at the next look, once"
    AGAIN = "at once, and again at the next look"
    NEW_MESSAGE = "at once, in a new message"
    AS_IT_IS = "as it is"
    WORDS_ALONE = "at once, as words alone"
    MENU = "the menu at the next look; the file when asked again"
    FILE_AND_MENU = "at once, and the menu at the next look"
    NOT_AT_ALL = "not at all; a line in the log"
    WHEN_BACK = "not before they come back"
    SHOWN_AGAIN = "the screen at the next look; the message when asked again"
    SCREEN_LATER = "at once; the screen at the next look"
    PASSED_OVER = "passed over; the screen comes at once"
    ALL_THE_SAME = "all the same, once"
    LATER = "later, once"
    MISSED = "missed this time, never twice"
    ONCE = "once"
    TWICE = "twice, half a minute apart"
    NEVER = "never"
    LET_IN = "when the bot is let in again, once"
    WHEN_THEY_LOOK = "when they look"
    ASKED_AGAIN = "asked again; each once"
    STOPS = "the bot stops with one line that says the fix"


def _bad(words: str) -> Instead:
    return Instead(400, refusal(400, f"Bad Request: {words}"))


PAUSE = "429, wait 20 seconds"
LONG_PAUSE = "429, wait 10 minutes"
CLOSED = "nobody listens"
BLOCKED = "403, blocked"
NO_CHAT = "400, chat not found"
NO_PICTURE = "400, the picture is refused"
NOT_MODIFIED = "400, message is not modified"
NOT_EDITABLE = "400, message can't be edited"
NOT_THERE = "400, message to edit not found"
NOT_COPIED = "400, message to copy not found"
NOT_DELETABLE = "400, message can't be deleted"
TOO_OLD = "400, query is too old"
CONFLICT = "409, another one asks"
UNKNOWN_TOKEN = "401, unknown token"
UNDONE = (
    "500",
    "502",
    "the connection breaks before the call",
    "an answer of another form",
    "a page of a proxy, 403",
    "a page of a proxy, 404",
)
"""The call is not carried out, and nobody can tell."""
DONE = ("the connection breaks after the call", "the answer comes too late", "a torn answer")
"""The call is carried out, and nobody can tell."""

FAULTS: Mapping[str, What] = MappingProxyType(
    {
        PAUSE: retry_after(PATIENT),
        LONG_PAUSE: retry_after(LONG),
        **dict(
            zip(
                UNDONE,
                (server_error(500), server_error(502), CutBefore(), Instead(200, {"ok": True}), Page(403), Page(404)),
                strict=True,
            )
        ),
        **dict(zip(DONE, (CutAfter(), Late(TOO_LATE), Garbled()), strict=True)),
        BLOCKED: Instead(403, refusal(403, "Forbidden: bot was blocked by the user")),
        NO_CHAT: _bad("chat not found"),
        NO_PICTURE: _bad("PHOTO_INVALID_DIMENSIONS"),
        NOT_MODIFIED: _bad(
            "message is not modified: specified new message content and reply markup are exactly the same "
            "as a current content and reply markup of the message"
        ),
        NOT_EDITABLE: _bad("message can't be edited"),
        NOT_THERE: _bad("message to edit not found"),
        NOT_COPIED: _bad("message to copy not found"),
        NOT_DELETABLE: _bad("message can't be deleted for everyone"),
        TOO_OLD: _bad("query is too old and response timeout expired or query ID is invalid"),
        CONFLICT: Instead(409, refusal(409, "Conflict: terminated by other getUpdates request")),
        UNKNOWN_TOKEN: Instead(401, refusal(401, "Unauthorized")),
    }
)

SHUT = (BLOCKED, NO_CHAT)
"""The whole chat is closed, so every call for it meets this."""

_NEW = (
    {PAUSE: Then.AFTER_PAUSE, LONG_PAUSE: Then.NEXT_LOOK}
    | dict.fromkeys(UNDONE, Then.NEXT_LOOK)
    | dict.fromkeys(DONE, Then.AGAIN)
    | {BLOCKED: Then.WHEN_BACK, NO_CHAT: Then.NOT_AT_ALL}
)
_UNHURT = dict.fromkeys((PAUSE, *UNDONE, *DONE), Then.ALL_THE_SAME)

SCREENS: Mapping[str, Mapping[str, Then]] = MappingProxyType(
    {
        "sendMessage": _NEW,
        "sendPhoto": _NEW | {NO_PICTURE: Then.WORDS_ALONE},
        "sendDocument": _NEW
        | dict.fromkeys((LONG_PAUSE, *UNDONE), Then.MENU)
        | dict.fromkeys(DONE, Then.FILE_AND_MENU),
        "editMessageText": _NEW
        | {NOT_EDITABLE: Then.NEW_MESSAGE, NOT_THERE: Then.NEW_MESSAGE, NOT_MODIFIED: Then.AS_IT_IS},
    }
)
"""Somebody waits: by the call that brings the screen."""

BESIDE: Mapping[str, Mapping[str, Then]] = MappingProxyType(
    {
        "editMessageReplyMarkup": _UNHURT | dict.fromkeys((NOT_MODIFIED, NOT_EDITABLE, NOT_THERE), Then.ALL_THE_SAME),
        "deleteMessages": _UNHURT | {NOT_DELETABLE: Then.ALL_THE_SAME},
        "answerCallbackQuery": _UNHURT | {TOO_OLD: Then.ALL_THE_SAME},
    }
)
"""What goes with a screen: the screen comes, whatever becomes of this call."""

PASSED_ON: Mapping[str, Mapping[str, Then]] = MappingProxyType(
    {
        "copyMessage": {PAUSE: Then.AFTER_PAUSE}
        | dict.fromkeys((LONG_PAUSE, *UNDONE), Then.SHOWN_AGAIN)
        | dict.fromkeys(DONE, Then.SCREEN_LATER)
        | {NOT_COPIED: Then.PASSED_OVER}
    }
)
"""A message of the partner's that was asked for in a talk, and the screen after it."""

_SURE = {PAUSE: Then.LATER, LONG_PAUSE: Then.LATER, CLOSED: Then.LATER}

PARCELS: Mapping[str, Mapping[str, Then]] = MappingProxyType(
    {
        "nudge": _SURE
        | dict.fromkeys(UNDONE, Then.MISSED)
        | dict.fromkeys(DONE, Then.ONCE)
        | {BLOCKED: Then.NEVER, NO_CHAT: Then.NEVER},
        "comparison": _SURE
        | dict.fromkeys(UNDONE, Then.LATER)
        | dict.fromkeys(DONE, Then.TWICE)
        | {BLOCKED: Then.LET_IN, NO_CHAT: Then.NEVER, NO_PICTURE: Then.WORDS_ALONE},
        "talk.room": {
            PAUSE: Then.LATER,
            UNDONE[0]: Then.LATER,
            DONE[0]: Then.ONCE,
            BLOCKED: Then.LET_IN,
            NOT_EDITABLE: Then.WHEN_THEY_LOOK,
            NOT_THERE: Then.WHEN_THEY_LOOK,
        },
    }
)
"""Nobody waits: by what is sent."""

UPDATES: Mapping[str, Mapping[str, Then]] = MappingProxyType(
    {
        "getUpdates": dict.fromkeys((PAUSE, CLOSED, *UNDONE, *DONE, CONFLICT), Then.ASKED_AGAIN)
        | {UNKNOWN_TOKEN: Then.STOPS}
    }
)
"""What people do: the bot asks for it."""

EVENTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "429 in the middle of a crowd": (
            "all messages keep the pause, people who tap are served, nobody gets it twice",
            "test_fault_crowd::test_patience_in_the_middle_of_a_crowd",
        ),
        "Telegram is away for an hour": (
            "what people did is answered and what fell due arrives, once",
            "test_fault_crowd::test_telegram_is_away_for_an_hour",
        ),
        "somebody has blocked the bot when a comparison opens": (
            "it comes when the bot is let in again; the partner notices nothing",
            "test_fault_parcels::test_whoever_comes_back_gets_what_both_waited_for",
        ),
        "the bot is stopped while a call hangs": (
            "the stop takes seconds; a nudge never comes twice, a comparison comes again after the start",
            "test_fault_parcels::test_a_stop_does_not_wait_for_what_hangs",
        ),
        "a call at the start fails, other than getMe": (
            "the bot runs; commands and descriptions may be old",
            "test_fault_start::test_a_call_at_the_start",
        ),
        "an update comes again": ("it counts once", "test_fault_updates::test_an_update_that_comes_again_counts_once"),
        "updates come in another order": (
            "each counts once, in the order in which it came",
            "test_fault_updates::test_updates_in_another_order_are_all_handled",
        ),
        "the other phone of a talk changes just as its person taps": (
            "what the tap led to is what stays",
            "test_talk_together::test_an_edit_that_comes_late_does_not_stay_over_a_newer_screen",
        ),
        "ten taps on one answer": ("one answer", "test_fault_updates::test_ten_taps_on_one_answer_are_one_answer"),
        "ten taps on sharing": ("one comparison", "test_fault_updates::test_ten_taps_on_share_open_one_comparison"),
        "a batch of updates has another form": (
            "asked for again after a pause",
            "test_fault_updates::test_a_batch_of_another_form",
        ),
        "the wall clock is set": ("the ticks go on", "test_fault_clock::test_the_ticks_go_on"),
        "the wall clock is set back over a slot": (
            "no nudge twice, no reminder twice",
            "test_fault_clock::test_an_hour_that_comes_twice_brings_one_nudge",
        ),
        "the wall clock is set into the night": (
            "no nudge at night, none twice",
            "test_fault_clock::test_an_hour_that_is_left_out_brings_no_nudge_at_night",
        ),
        "the disk is full": (
            "the bot stops with one line and exit code 1; with room again all is answered",
            "test_fault_storage::test_a_full_disk_stops_the_bot_loudly",
        ),
        "a tap does not fit into the database": (
            "the bot stops; the tap is handled at the next start",
            "test_fault_storage::test_what_does_not_fit_is_no_mistake_of_the_tap",
        ),
        "another process locks the database for a moment": (
            "the tap waits, and is handled",
            "test_fault_storage::test_a_short_lock_is_waited_for",
        ),
        "another process locks the database for long": (
            "the bot stops; the tap is handled at the next start",
            "test_fault_storage::test_a_long_lock_stops_the_bot_and_loses_nothing",
        ),
        "the inbox fails": (
            "the bot stops with one line and exit code 1; Telegram keeps what was not kept",
            "test_running::test_a_failing_inbox_stops_the_bot_loudly",
        ),
        "two transactions lock each other out": (
            "the one that lost runs once more; each counts once",
            "test_fault_storage::test_a_deadlock_is_tried_once_more",
        ),
    }
)
"""Everything else: what is to come of it, and the test that says so."""
