"""Who and what is there before the first deed of a test that was recorded, as the lines that make it."""

from collections.abc import Iterable, Sequence

from telegram_playground.protocol.wire import Json
from telegram_playground.scenario.links import asked_in, paid_in
from telegram_playground.scenario.names import Names
from telegram_playground.world.calls import Calls
from telegram_playground.world.chats import Chat
from telegram_playground.world.deeds import Deed
from telegram_playground.world.people import Bot, User
from telegram_playground.world.state import World

_SWITCHES = (
    *("can_read_all_group_messages", "has_topics_enabled", "supports_guest_queries", "supports_inline_queries"),
    "tells_inline_choices",
)
_AT_FIRST = dict.fromkeys(_SWITCHES, False) | {"tells_inline_choices": True}


def chats_with(chat: Chat, world: World, deeds: Sequence[Deed], calls: Calls) -> list[Chat]:
    """Return a chat and those without which its dialogue cannot be led again, the chat first."""
    keys = [chat.key]
    for key in keys:  # grows
        for deed in deeds:
            own, told = deed.arguments.get("chat"), deed.arguments
            others = [told.get("from"), told.get("group")] if own == key else [own] if told.get("group") == key else []
            if deed.command == "migrate" and key in (own, deed.made.get("chat")):
                others += [own, deed.made.get("chat")]
            if "link" in told and key in (deed.made.get("joined"), deed.made.get("asked"), paid_in(world, deed)):
                others.append(asked_in(told["link"], world, deeds, calls))
            keys += [each for each in dict.fromkeys(others) if each in world.chats and each not in keys]
    return [world.chats[key] for key in keys]


def bot_lines(names: Names, world: World, deeds: Iterable[Deed], *, until: float) -> list[str]:
    """Return the lines that bring the bots, as they were at a time of the server's clock."""
    lines = []
    for number, bot_id in enumerate(names.bots):
        bot = world.bots[bot_id]
        set_up = _set_up(bot, [deed for deed in deeds if is_about(deed, bot)], until)
        told = "".join(f", {name}={value!r}" for name, value in set_up.items())
        lines.append(f"    {names.bots[bot_id]} = telegram.bot(TOKEN{f'_{number + 1}' if number else ''}{told})")
    return lines


def is_about(deed: Deed, bot: Bot) -> bool:
    """Tell whether a deed changes a bot."""
    told = deed.arguments
    is_its = told.get("id") == bot.id or told.get("token") == bot.token
    return deed.command == "bot" and is_its and not deed.refused and bool(told.keys() - {"id", "token"})


def people_lines(names: Names, deeds: Iterable[Deed]) -> list[str]:
    """Return the lines that bring the people, as they came."""
    came = {deed.made["user"]: deed.arguments for deed in deeds if deed.command == "add_user" and "user" in deed.made}
    lines = []
    for name, user in names.people.values():
        told = came.get(user.id, _told(user))
        more = "".join(f", {each}={told[each]!r}" for each in ("last_name", "username", "language") if told.get(each))
        lines.append(f"    {name} = telegram.add_user({told['first_name']!r}{more})")
    return lines


def chat_lines(names: Names, deeds: Sequence[Deed]) -> list[str]:
    """Return the lines that make the chats; those that groups become come later."""
    made = {
        deed.made.get("chat"): deed for deed in deeds if deed.command in ("add_group", "migrate") and not deed.refused
    }
    lines = []
    for name, chat in sorted(names.chats.values(), key=lambda each: [*names.chats].index(each[1].key), reverse=True):
        deed = made.get(chat.key)
        if deed is not None and deed.command == "migrate":
            continue
        if chat.user:
            bot = names.account(next(iter(chat.bots)))
            lines.append(f"    {name} = telegram.private({names.account(chat.user.id)}, {bot})")
        else:
            lines.append(f"    {name} = telegram.add_group({_group(names, chat, deed, deeds)})")
    return lines


def _set_up(bot: Bot, changes: Sequence[Deed], until: float) -> Json:
    """Return the settings of a bot that a new one would not have."""
    found: Json = {name: getattr(bot, name) for name in _SWITCHES}
    found |= {"first_name": bot.user.first_name, "username": bot.user.username}
    for deed in reversed(changes):
        for name in found.keys() & deed.arguments.keys():
            if deed.time < until:
                found[name] = deed.arguments[name]
            elif name in _SWITCHES:
                found[name] = not deed.arguments[name]
    for deed in changes:
        found |= {name: deed.arguments[name] for name in found.keys() & deed.arguments.keys() if deed.time < until}
    usual = {**_AT_FIRST, "first_name": f"Bot {bot.id}", "username": f"bot{bot.id}_bot"}
    return {name: value for name, value in found.items() if value != usual[name]}


def _told(user: User) -> Json:
    return {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "username": user.username,
        "language": user.language_code,
    }


def _group(names: Names, chat: Chat, deed: Deed | None, deeds: Iterable[Deed]) -> str:
    if deed is not None:
        told = deed.arguments
    else:
        later = {each.arguments.get("user") for each in deeds if each.arguments.get("chat") == chat.key}
        came = {each.arguments.get("user") for each in deeds if each.command == "add_member"} & later
        there = [member.user for member in chat.members.values() if member.user.id not in came or not came]
        told = {"title": chat.title, "kind": chat.type, "forum": chat.is_forum, "username": chat.username}
        told |= {"signs": chat.signs, "bots": [user.id for user in there if user.is_bot]}
        told |= {"members": [user.id for user in there if not user.is_bot]}
    people, bots = ([names.account(each) for each in told.get(kind, ())] for kind in ("members", "bots"))
    more = "".join(f", {name}={told[name]!r}" for name in ("forum", "username", "signs") if told.get(name))
    kind = f", kind={told['kind']!r}" if told.get("kind", "supergroup") != "supergroup" else ""
    return f"{told['title']!r}, members=[{', '.join(people)}], bots=[{', '.join(bots)}]{more}{kind}"
