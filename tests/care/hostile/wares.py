"""What hostile updates are made of: nasty words, odd numbers, and things where a text is wanted."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

LONG: Final = 4096
HUGE: Final = 2**70
NUMBERS: Final[Sequence[Any]] = (
    *(0, -1, 1, 2**31, 2**52, 2**53 + 1, 2**63, -(2**63) - 1, HUGE, -HUGE, 10**400, 1.5, float("1e300")),
    *(True, None, "", "5000000001", "x", [], {}, [[]]),
)
PLACES: Final = ("Berlin", "New York", "../../etc/passwd", "Europe/Berlin", "17:00", "25:99", "UTC+99", "١٢:٣٠")
NASTY: Final = (
    "\u0301" * LONG,
    "a" + "\u0301" * LONG,
    "\u202e\u2066evil\u2069\u202c",
    "\u200f\u200e\ufeff\u2028\u2029",
    "<b>bold</b><script>alert(1)</script>",
    '<a href="tg://user?id=1">Kim</a>',
    "</b></i></blockquote>&amp;&lt;&bogus;",
    "{{ 7*7 }}{% for x in range(10**9) %}x{% endfor %}",
    "{{ self.__init__.__globals__ }}${jndi:ldap://x}%s%n%(x)s{0}",
    "'; DROP TABLE person; --",
    "\x00\x01\x1b[31m\x7f",
    "\ud800",
    "half \udfff of it",
    "😀" * 2048,
    "👨‍👩‍👧‍👦" * 300,
    "W" * LONG,
    "&" * LONG,
    "<" * LONG,
    " \n\t ",
    "@everyone #tag /delete evil.example https://evil.example/?start=x",
    "ﷺ" * LONG,
    "a\nb\nc\n" * 500,
    "Kim",
    "0",
    "-1",
    "9" * 400,
    "/",
    "//",
    "/ start",
    "﷽" * 64,
    "\u0336".join("struck"),
    "ß" * 24,
    "٤٥٦",
    *PLACES,
)
"""Typed where a name, a city, a code, a moment, a feeling, a wish or a word of thanks is wanted, and where nothing is."""

BARE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "sticker": {"file_id": "x", "file_unique_id": "x", "type": "regular", "width": 1, "height": 1}
        | {"is_animated": False, "is_video": False},
        "contact": {"phone_number": "+1", "first_name": "<b>", "user_id": 5_000_000_001},
        "poll": {"id": "1", "question": "?", "options": [{"text": "a", "voter_count": 0, "persistent_id": "1"}]}
        | {"total_voter_count": 0, "is_closed": False, "is_anonymous": True, "type": "regular"}
        | {"allows_multiple_answers": False, "allows_revoting": False, "members_only": False},
        "photo": [{"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1}],
        "voice": {"file_id": "x", "file_unique_id": "x", "duration": 1},
        "video_note": {"file_id": "x", "file_unique_id": "x", "duration": 1, "length": 1},
        "document": {"file_id": "x", "file_unique_id": "x", "file_name": "../../x"},
        "animation": {"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1, "duration": 1},
        "audio": {"file_id": "x", "file_unique_id": "x", "duration": 1},
        "video": {"file_id": "x", "file_unique_id": "x", "width": 1, "height": 1, "duration": 1},
        "location": {"longitude": 181.0, "latitude": -91.0},
        "dice": {"emoji": "🎲", "value": 6},
        "game": {"title": "x", "description": "x", "photo": []},
        "hologram": {"unknown": True},
    }
)
"""Media, and things that nobody knows yet, where text is wanted."""

SERVICE: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "new_chat_title": "x",
        "delete_chat_photo": True,
        "group_chat_created": True,
        "message_auto_delete_timer_changed": {"message_auto_delete_time": 86400},
        "migrate_to_chat_id": -1001,
        "left_chat_member": {"id": 1, "is_bot": True, "first_name": "x"},
    }
)
