"""Settings: read once, from the environment and `.env`, checked before anything starts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bot.trouble import Trouble

TELEGRAM = "https://api.telegram.org"
DEFAULT_DATABASE = "sqlite+aiosqlite:///you-and-i.db"
SQLITE = "sqlite+aiosqlite:///"
POSTGRES = "postgresql+asyncpg://"
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
"""What Telegram takes for a webhook's secret (Bot API, setWebhook)."""

COUNTRY = re.compile(r"[A-Za-z]{2}")
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class SettingsError(Trouble):
    """A setting is missing or wrong; the sentence says which, and the fix."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything an operator can set.

    Attributes:
        bot_token: From BotFather; empty until given.
        bot_api_url: The root that ``/bot<token>/method`` is appended to.
        database_url: Where the data lives.
        key_store_url: Where the keys live, apart from the data.
        master_key_file: Wraps the keys; back it up with the key store.
        operator_name: Shown where it says who could technically read; may be empty.
        open_to: "invited" or "everyone".
        webhook_url: Public HTTPS address, or empty for long polling.
        webhook_secret: What Telegram must send along; required with a webhook.
        webhook_port: Where the webhook listens on this machine.
        metrics_port: Where health and metrics are served on this machine, or 0 for nowhere.
        send_rate: Messages a second that nobody waits for.
        answer_retention_days: After so many days single answers dissolve into the circles.
        help_country: ISO code of the country whose help lines come first, or empty.
        log_level: How much is logged.
    """

    bot_token: str = field(default="", repr=False)
    bot_api_url: str = TELEGRAM
    database_url: str = DEFAULT_DATABASE
    key_store_url: str = ""
    master_key_file: Path = Path("you-and-i-master.key")
    operator_name: str = ""
    open_to: Literal["invited", "everyone"] = "invited"
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    webhook_port: int = 8443
    metrics_port: int = 0
    send_rate: float = 25.0
    answer_retention_days: int = 60
    help_country: str = ""
    log_level: str = "INFO"

    @property
    def on_sqlite(self) -> bool:
        """Whether the data lives in an SQLite file."""
        return self.database_url.startswith(SQLITE)

    @property
    def alone(self) -> bool:
        """Whether this is the only process on its data: several may share PostgreSQL if Telegram calls them."""
        return self.on_sqlite or not self.webhook_url


def read(environment: Mapping[str, str]) -> Settings:
    """Read and check the settings.

    Raises:
        SettingsError: In one sentence with the fix.
    """
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    database_url = _database_url("DATABASE_URL", given.get("DATABASE_URL", DEFAULT_DATABASE))
    return Settings(
        bot_token=given.get("BOT_TOKEN", ""),
        bot_api_url=_web_address("BOT_API_URL", given.get("BOT_API_URL", TELEGRAM)),
        database_url=database_url,
        key_store_url=_key_store_url(given, database_url),
        master_key_file=_master_key_file(given, database_url),
        operator_name=given.get("OPERATOR_NAME", ""),
        open_to=_open_to(given.get("OPEN_TO", "invited")),
        webhook_url=_webhook_url(given),
        webhook_secret=_webhook_secret(given),
        webhook_port=_whole(given, "WEBHOOK_PORT", 8443, 1, 65535),
        metrics_port=_whole(given, "METRICS_PORT", 0, 0, 65535),
        send_rate=_rate(given.get("SEND_RATE", "25")),
        answer_retention_days=_whole(given, "ANSWER_RETENTION_DAYS", 60, 1, 3650),
        help_country=_help_country(given.get("HELP_COUNTRY", "")),
        log_level=_log_level(given.get("LOG_LEVEL", "INFO")),
    )


def _database_url(name: str, url: str) -> str:
    if not url.startswith((SQLITE, POSTGRES)):
        raise SettingsError(
            f"{name} must begin with {SQLITE} or {POSTGRES}. For a file beside the program: {name}={DEFAULT_DATABASE}"
        )
    return url


def _key_store_url(given: Mapping[str, str], database_url: str) -> str:
    said = given.get("KEY_STORE_URL")
    if said is not None:
        if said == database_url:
            raise SettingsError("KEY_STORE_URL is the same as DATABASE_URL. Keys must lie apart from the data.")
        return _database_url("KEY_STORE_URL", said)
    if not database_url.startswith(SQLITE):
        raise SettingsError("With PostgreSQL, KEY_STORE_URL is needed too: a database apart from the data.")
    return f"{database_url.removesuffix('.db')}-keys.db"


def _master_key_file(given: Mapping[str, str], database_url: str) -> Path:
    said = given.get("MASTER_KEY_FILE")
    if said is not None:
        return Path(said).expanduser()
    if not database_url.startswith(SQLITE):
        raise SettingsError("With PostgreSQL, MASTER_KEY_FILE is needed too: the file that unlocks the key store.")
    return Path(f"{database_url.removeprefix(SQLITE).removesuffix('.db')}-master.key")


def _open_to(said: str) -> Literal["invited", "everyone"]:
    match said.lower():
        case "invited":
            return "invited"
        case "everyone":
            return "everyone"
    raise SettingsError(f"OPEN_TO is {said!r}. Use OPEN_TO=invited or OPEN_TO=everyone.")


def _web_address(name: str, said: str, example: str = TELEGRAM) -> str:
    try:
        parts = urlsplit(said)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        fits = False
    if not fits or not said.isprintable() or " " in said:
        raise SettingsError(f"{name} is {said!r}, which is no web address. It looks like {name}={example}")
    return said.rstrip("/")


def _webhook_url(given: Mapping[str, str]) -> str:
    said = given.get("WEBHOOK_URL", "")
    if not said:
        return ""
    address = _web_address("WEBHOOK_URL", said, "https://bot.example.org/")
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in {"127.0.0.1", "localhost", "::1"}:
        raise SettingsError(f"WEBHOOK_URL is {said!r}. Telegram calls https addresses only: let it begin with https://")
    if not given.get("WEBHOOK_SECRET"):
        raise SettingsError("WEBHOOK_URL needs WEBHOOK_SECRET too: 1 to 256 letters, digits, _ or -.")
    return address


def _webhook_secret(given: Mapping[str, str]) -> str:
    said = given.get("WEBHOOK_SECRET", "")
    if said and not SECRET.fullmatch(said):
        raise SettingsError("WEBHOOK_SECRET is 1 to 256 letters, digits, _ or -, such as: openssl rand -hex 32")
    return said


def _help_country(said: str) -> str:
    if said and not COUNTRY.fullmatch(said):
        raise SettingsError(f"HELP_COUNTRY is {said!r}. It is a country's code of two letters, such as HELP_COUNTRY=DE")
    return said.upper()


def _whole(given: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    said = given.get(name, str(default))
    if not said.isdecimal() or not low <= int(said) <= high:
        raise SettingsError(f"{name} is {said!r}. It is a whole number from {low} to {high}, such as {name}={default}")
    return int(said)


def _rate(said: str) -> float:
    try:
        rate = float(said)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1000:  # noqa: PLR2004  # Telegram's paid broadcast ends there
        raise SettingsError(f"SEND_RATE is {said!r}. It is a number of messages a second, such as SEND_RATE=25")
    return rate


def _log_level(said: str) -> str:
    if said.upper() not in LOG_LEVELS:
        raise SettingsError(f"LOG_LEVEL is {said!r}. Use one of {', '.join(LOG_LEVELS)}.")
    return said.upper()
