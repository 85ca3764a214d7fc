"""Who may use the bot: the rules as values, and the decision; pure.

Telegram numbers persons, groups and channels in one space, and a private chat has its person's id. So a list of ids
names persons and chats alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.settings import AccessMode, Settings
from bot.storage.tables import Rule


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of the ids in question; `everybody`: who is not kept out is let in."""

    everybody: bool = False
    admins: frozenset[int] = frozenset()
    let_in: frozenset[int] = frozenset()
    kept_out: frozenset[int] = frozenset()


def rules_of(stored: Mapping[int, Rule | None], settings: Settings) -> Rules:
    """Return what the operator and the admins have said of some ids, of which these rows are stored."""
    ids = {rule: frozenset(id_ for id_, stored_rule in stored.items() if stored_rule is rule) for rule in Rule}
    return Rules(
        everybody=settings.access is AccessMode.OPEN,
        admins=ids[Rule.OWNER].union(settings.admins),
        let_in=ids[Rule.ALLOW].union(settings.allowed_users, settings.allowed_chats),
        kept_out=ids[Rule.DENY],
    )


def allowed(rules: Rules, user_id: int, chat_id: int) -> bool:
    """Tell whether a person may use the bot in a chat.

    A listed person is let in everywhere, a listed chat lets in everybody who writes in it; what is said of the person
    counts more. An admin cannot be kept out.
    """
    if user_id in rules.admins:
        return True
    for telegram_id in (user_id, chat_id):
        if telegram_id in rules.kept_out:
            return False
        if telegram_id in rules.let_in:
            return True
    return rules.everybody


def is_kept(rule: Rule | None, telegram_id: int, *, by: int, settings: Settings) -> bool:
    """Tell whether an admin (`by`) cannot keep somebody out.

    Nobody can whom ADMINS lists; the owner who paired (`rule`) only one of those.
    """
    return telegram_id in settings.admins or (rule is Rule.OWNER and by not in settings.admins)
