"""`python -m bot webhook set | delete`: tell Telegram where to send updates, or to stop. Never done at start-up."""

from bot.settings import Settings
from bot.telegram.access import tell_webhook
from bot.trouble import Trouble


async def change(settings: Settings, action: str) -> int:
    """Set or delete the webhook.

    Raises:
        Trouble: If there is no address to set, or Telegram refuses it.
    """
    if action == "set" and not settings.webhook_url:
        raise Trouble("WEBHOOK_URL is missing. Set it to the public https address that leads to WEBHOOK_PORT.")
    await tell_webhook(settings, delete=action == "delete")
    print("Telegram sends updates to WEBHOOK_URL now." if action == "set" else "The webhook is gone; run polls again.")
    return 0
