import pytest

from bot.__main__ import FIXABLE, main
from bot.settings import SettingsError, read

REFUSED = {
    "BOT_API_URL": ("telegram", "ftp://example.org", "http://", "http://[::1", "https://example.org:x", "https://a b"),
    "DATABASE_URL": ("you-and-i.db", "sqlite:///x.db", "mysql://root@localhost/x"),
    "KEY_STORE_URL": ("keys.db", "sqlite+aiosqlite:///you-and-i.db"),
    "OPEN_TO": ("friends",),
    "WEBHOOK_URL": ("example.org", "http://example.org", "https://example.org"),
    "WEBHOOK_SECRET": ("not secret!", "x" * 257),
    "WEBHOOK_PORT": ("https", "0", "65536", "-1"),
    "METRICS_PORT": ("on", "65536", "1.5"),
    "SEND_RATE": ("fast", "0", "-3", "nan", "inf"),
    "ANSWER_RETENTION_DAYS": ("forever", "0", "3651"),
    "HELP_COUNTRY": ("Germany", "D", "49"),
    "LOG_LEVEL": ("LOUD",),
}


@pytest.mark.parametrize(("name", "said"), [(name, said) for name, all_said in REFUSED.items() for said in all_said])
def test_a_bad_value_is_named_with_its_setting(name: str, said: str) -> None:
    """Every setting refuses what it cannot use in one line that begins with its name."""
    with pytest.raises(SettingsError) as refused:
        read({name: said})
    assert str(refused.value).startswith(name)
    assert "\n" not in str(refused.value)


def test_nothing_set_is_a_bot_with_a_file_beside_it() -> None:
    """Without any setting there are defaults for all but the token."""
    settings = read({})
    assert settings.bot_token == ""
    assert settings.bot_api_url == "https://api.telegram.org"
    assert settings.database_url == "sqlite+aiosqlite:///you-and-i.db"
    assert settings.key_store_url == "sqlite+aiosqlite:///you-and-i-keys.db"
    assert settings.master_key_file.name == "you-and-i-master.key"
    assert (settings.open_to, settings.send_rate, settings.answer_retention_days) == ("invited", 25.0, 60)
    assert settings.on_sqlite


def test_everything_that_is_set_is_taken() -> None:
    """What the operator sets is what the program gets, spaces around it or not."""
    settings = read(
        {
            "BOT_TOKEN": " 1:a ",
            "BOT_API_URL": "http://127.0.0.1:8081/",
            "DATABASE_URL": "postgresql+asyncpg://bot@localhost/data",
            "KEY_STORE_URL": "postgresql+asyncpg://bot@localhost/keys",
            "MASTER_KEY_FILE": "/etc/you-and-i/master.key",
            "OPERATOR_NAME": "Robin",
            "OPEN_TO": "Everyone",
            "WEBHOOK_URL": "https://bot.example.org/hook",
            "WEBHOOK_SECRET": "a-b_c",
            "WEBHOOK_PORT": "9443",
            "METRICS_PORT": "9100",
            "SEND_RATE": "12.5",
            "ANSWER_RETENTION_DAYS": "30",
            "HELP_COUNTRY": "de",
            "LOG_LEVEL": "debug",
        }
    )
    assert (settings.bot_token, settings.bot_api_url) == ("1:a", "http://127.0.0.1:8081")
    assert not settings.on_sqlite
    assert str(settings.master_key_file) == "/etc/you-and-i/master.key"
    assert (settings.operator_name, settings.open_to) == ("Robin", "everyone")
    assert (settings.webhook_url, settings.webhook_secret) == ("https://bot.example.org/hook", "a-b_c")
    assert (settings.webhook_port, settings.metrics_port) == (9443, 9100)
    assert (settings.send_rate, settings.answer_retention_days) == (12.5, 30)
    assert (settings.help_country, settings.log_level) == ("DE", "DEBUG")


def test_a_webhook_of_this_machine_may_be_plain_http() -> None:
    """A Bot API server of one's own may call over loopback without TLS, still with the secret."""
    given = {"WEBHOOK_URL": "http://127.0.0.1:8443", "WEBHOOK_SECRET": "s"}
    assert read(given).webhook_url == "http://127.0.0.1:8443"
    with pytest.raises(SettingsError, match="WEBHOOK_SECRET"):
        read({"WEBHOOK_URL": "http://127.0.0.1:8443"})


@pytest.mark.parametrize("missing", ["KEY_STORE_URL", "MASTER_KEY_FILE"])
def test_postgres_needs_to_be_told_where_the_keys_are(missing: str) -> None:
    """With PostgreSQL both the key store and the master key must be named."""
    given = {
        "DATABASE_URL": "postgresql+asyncpg://bot@localhost/data",
        "KEY_STORE_URL": "postgresql+asyncpg://bot@localhost/keys",
        "MASTER_KEY_FILE": "master.key",
    }
    with pytest.raises(SettingsError, match=missing):
        read({name: value for name, value in given.items() if name != missing})


def test_secrets_do_not_show_in_a_printed_settings_object() -> None:
    """The token and the webhook's secret stay out of what is printed by accident."""
    shown = repr(read({"BOT_TOKEN": "1:hidden", "WEBHOOK_SECRET": "hidden"}))
    assert "hidden" not in shown


def test_a_bad_setting_ends_a_command_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The operator sees one line on standard error, and exit code 2."""
    monkeypatch.setenv("SEND_RATE", "fast")
    assert main(["check"]) == FIXABLE
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "SEND_RATE is 'fast'. It is a number of messages a second, such as SEND_RATE=25\n"
