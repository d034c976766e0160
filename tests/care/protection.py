"""Which screens Telegram lets nobody forward or save, and why: a row for every template.

A screen is protected where the partner's words, sizes or name are in it, and in a talk from its first screen to its
last. What is one's own may leave the chat: one's picture, a page of help, the settings. Names on buttons do not count,
since buttons stay behind when a message is forwarded.
"""

from collections.abc import Mapping
from types import MappingProxyType

SIZES = "the partner's sizes or words about them"
WORDS = "what the partner said"
NAME = "the partner's name"
TALK = "a screen of a talk, in whose place one with the partner's words comes and goes"

PROTECTED: Mapping[str, str] = MappingProxyType(
    {
        "comparison": SIZES,
        "history_both": SIZES,
        "thanks_message": WORDS,
        **dict.fromkeys(("talk_check", "talk_listen", "talk_parting", "talk_value"), WORDS),
        **dict.fromkeys(("guess", "guess_offer"), NAME),
        **dict.fromkeys(("invite_paired", "join", "join_name", "join_paired", "leave", "paired"), NAME),
        **dict.fromkeys(("share", "share_nothing", "share_preview"), NAME),
        **dict.fromkeys(("thanks", "thanks_preview", "thanks_sent", "thanks_today"), NAME),
        **dict.fromkeys(("talk_arranged", "talk_asked", "talk_echo", "talk_gathering", "talk_offer"), NAME),
        **dict.fromkeys(("talk_offer_preview", "talk_parting_sent", "talk_preview", "talk_setting"), NAME),
        **dict.fromkeys(("talk_speaking", "talk_time_asked", "talk_time_named", "talk_today"), NAME),
        **dict.fromkeys(("talk_waits", "talk_write"), NAME),
        **dict.fromkeys(("talk", "talk_closing", "talk_complete", "talk_day", "talk_hour", "talk_long"), TALK),
        **dict.fromkeys(("talk_moved_on", "talk_no_clock", "talk_not_now", "talk_stopped"), TALK),
    }
)
"""By template, what of the partner is in it."""

OPEN = frozenset(
    {
        *("about_1", "about_2", "about_3", "about_4", "about_5", "help", "safety", "privacy", "words"),
        *("welcome", "home", "typed", "group", "stranger", "takes_two", "code_ask", "name_again"),
        *("question", "sketch", "walk_closing", "walk_done", "walk_few", "walk_hurry", "walk_left_out"),
        *("walk_long", "walk_paused", "picture", "picture_none", "moment", "moment_none", "history", "history_none"),
        *("settings", "settings_hour", "settings_quiet", "settings_quiet_to", "settings_weekday"),
        *("zone_ask", "zone_cities", "zone_suggested", "zone_unknown"),
        *("invite_card", "invite_name", "invite_withdrawn", "share_invitation"),
        *("join_declined", "join_own", "join_slowly", "join_unusable", "left", "leave_none", "pair_closed"),
        *("share_done", "no_comparison", "starter_joint", "starter_own", "starter_later", "talked"),
        *("nudge", "nudge_no", "nudge_tomorrow", "reminder"),
        *("talk_news", "talk_reminder", "talk_over", "talk_helped"),
        *("export", "export_all", "export_none", "hidden", "delete", "deleted"),
    }
)
"""Templates in which nothing of the partner is: they may be forwarded and saved."""
