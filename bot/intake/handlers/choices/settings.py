"""/settings: what is chosen in this conversation, as buttons; in groups for their admins.

A button carries what it sets: `set:streaming:off`. The system prompt is set by `/settings prompt TEXT`, what is
shown of a model's thoughts by `/settings thinking off`, `live` or `kept`, whether answers tell what was called for them
by `/settings tools on`, whether what is too long for the model is summed up by `/settings summaries on`, how many
messages of a group are kept by `/settings along 20`.
"""

from aiogram import Router
from aiogram.types import CallbackQuery, Message, User

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.intake.batch import Batch, Changed
from bot.intake.handlers.choices import along, role
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.choices.settings_view import CHOICES, EFFORTS, PREFIX, overview, view
from bot.intake.handlers.filters import Begins, Named
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, edit, notice, toast
from bot.settings import Settings
from bot.storage.ids import is_person
from bot.storage.overheard import COLUMN
from bot.storage.people.access import Accesses
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat, Thinking
from bot.texts import AUTO, LANGUAGES, Texts
from bot.texts import texts as choose_texts

MAX_TEMPERATURE = 2
LANGUAGE = ("language", "lang")
WISHES = ("effort", "temperature")  # of the model, where the operator lets chats choose
VIEWS = ("provider", "model", "role", "prompt")
ON = {"on": True, "off": False}
COUNTS = {str(count): count for count in along.CHOICES} | {"off": 0, "on": along.CHOICES[1]}
OF_GROUPS = ("open", along.NAME)
THINKING = {each.value: each for each in Thinking} | {"on": Thinking.KEPT}


def register(router: Router) -> None:
    """Register the handlers."""
    router.message.register(command, Named("settings", *LANGUAGE), flags=JOINS | CHOICE)
    router.callback_query.register(press, Begins(PREFIX), flags=JOINS | CHOICE)


async def command(
    message: Message,
    called: str,
    args: str,
    author: Author,
    chat: Chat,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    personas: Personas,
    batch: Batch,
    me: User,
    accesses: Accesses,
    clock: Clock,
) -> Method | Changed:
    """Show the settings, or set the one that is named: `/settings streaming off`."""
    if called in LANGUAGE and (change := _change(chat, "language", _meant(args, texts))):
        batch.apply(change)  # to be shown
        person = message.from_user
        words = choose_texts(chat.language, settings.language, person.language_code if person else None)
        return Changed(change, (notice(message, *overview(chat, words, catalog, personas, batch)),))
    if called in LANGUAGE and args:
        return notice(message, texts.setting_unknown, overview(chat, texts, catalog, personas, batch)[1])
    if not args:
        return notice(message, *overview(chat, texts, catalog, personas, batch))
    what, *rest = args.split(maxsplit=1)
    what, value = what.lower(), rest[0] if rest else ""
    if what == "prompt" and value and value.lower() != "default":
        return Changed(role.to_prompt(chat, message, author, value), (notice(message, texts.prompt_set),))
    if what in VIEWS and not value:
        return notice(message, *view(what, chat, texts, catalog, personas, batch))
    what = "language" if what in LANGUAGE else what
    set_to = _change(chat, what, _meant(value, texts))
    is_denied = what in WISHES and what not in catalog.chats_set(catalog.resolve(chat.provider))
    is_denied = is_denied or (what == "summaries" and catalog.summaries is None)
    if what in OF_GROUPS and is_person(chat.telegram_id):
        return notice(message, texts.setting_of_groups)
    if set_to is None or is_denied:
        return notice(message, texts.setting_unknown, overview(chat, texts, catalog, personas, batch)[1])
    aloud: list[Method] = []
    if isinstance(count := set_to.columns.get(COLUMN), int):
        if count and not await along.sees_all(message, me, accesses, clock):
            return notice(message, texts.along_unheard)
        aloud = along.announced(message, count, chat, texts, catalog, batch)
    batch.apply(set_to)  # to be shown
    person = message.from_user
    words = choose_texts(chat.language, settings.language, person.language_code if person else None)
    return Changed(set_to, (notice(message, *view(what, chat, words, catalog, personas, batch)), *aloud))


async def press(
    query: CallbackQuery,
    pressed: Message,
    chat: Chat,
    texts: Texts,
    settings: Settings,
    catalog: Catalog,
    personas: Personas,
    batch: Batch,
    me: User,
    accesses: Accesses,
    clock: Clock,
) -> list[Method] | Changed:
    """Change what the button says, and show how things are now."""
    what, _, value = (query.data or "").removeprefix(PREFIX).partition(":")
    if not value:
        return [toast(query), edit(pressed, *view(what, chat, texts, catalog, personas, batch))]
    change = _change(chat, what, value)
    if change is None:
        return [toast(query, texts.menu_too_old), edit(pressed, *overview(chat, texts, catalog, personas, batch))]
    aloud: list[Method] = []
    if isinstance(count := change.columns.get(COLUMN), int):
        if count and not await along.sees_all(pressed, me, accesses, clock):
            return [toast(query, texts.along_unheard_toast), notice(pressed, texts.along_unheard)]
        aloud = along.announced(pressed, count, chat, texts, catalog, batch)
    batch.apply(change)  # to be shown
    words = choose_texts(chat.language, settings.language, query.from_user.language_code)
    said = words.prompt_reset if what == "prompt" and chat.persona not in personas else None
    shown = edit(pressed, *view(what, chat, words, catalog, personas, batch))
    return Changed(change, (toast(query, said), shown, *aloud))


def _change(chat: Chat, what: str, value: str) -> Change | None:
    """Return what a button sets; None where it says what nobody understands any more."""
    match what, value:
        case "streaming", ("on" | "off"):
            return Change(chat.id, {"streaming": ON[value]})
        case (("thinking" | "reasoning"), _) if value in THINKING:  # reasoning: a button of an older version
            return Change(chat.id, {"thinking": THINKING[value]})
        case "tools", ("on" | "off"):
            return Change(chat.id, {"tools_shown": ON[value]})
        case "language", _ if value in CHOICES:
            return Change(chat.id, {"language": None if value == AUTO else value})
        case "maker", ("on" | "off"):
            return Change(chat.id, {"names_maker": ON[value]})
        case "summaries", ("on" | "off"):
            return Change(chat.id, {"summaries": ON[value]})
        case "effort", _ if value in (AUTO, *EFFORTS):
            return Change(chat.id, {"effort": None if value == AUTO else value})
        case "temperature", _ if value == AUTO or _temperature(value) is not None:
            return Change(chat.id, {"temperature": None if value == AUTO else _temperature(value)})
        case "open", ("on" | "off"):
            return Change(chat.id, {"open_to_members": ON[value]}, everywhere=chat.telegram_id)
        case along.NAME, _ if value in COUNTS:
            return along.to_reading(chat, COUNTS[value])
        case "prompt", "default":
            return Change(chat.id, {"system_prompt": None})
    return None


def _temperature(value: str) -> float | None:
    """Return the temperature that a value says, None where it says none."""
    try:
        found = float(value.replace(",", "."))
    except ValueError:
        return None
    return round(found, 2) if 0 <= found <= MAX_TEMPERATURE else None


def _meant(value: str, texts: Texts) -> str:
    """Return what a button carries for a value that a person wrote, in his words or in ours."""
    names = {each.name.casefold(): code for code, each in LANGUAGES.items()}
    said = {texts.on.casefold(): "on", texts.off.casefold(): "off", texts.auto.casefold(): AUTO, **names}
    return said.get(value.casefold(), value.lower())
