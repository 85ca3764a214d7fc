"""/settings: what is chosen in this conversation, as buttons; in groups for their admins.

A button carries what it sets: `set:streaming:off`. The system prompt is set by `/settings prompt TEXT`, what is
shown of a model's thoughts by `/settings thinking off`, `live` or `kept`, whether answers tell what was called for them
by `/settings tools on`, whether what is too long for the model is summed up by `/settings summaries on`, how many
messages of a group are kept by `/settings along 20`.
"""

from collections.abc import Collection, Sequence

from aiogram import Router
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message, User
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.clock import Clock
from bot.intake.batch import Batch, Changed
from bot.intake.handlers.choices import along, model, provider, role
from bot.intake.handlers.choices.choice import MAX_LABEL, back
from bot.intake.handlers.choices.role import Personas
from bot.intake.handlers.command import Named
from bot.intake.handlers.pressed import Begins
from bot.intake.message.mention import Author
from bot.intake.middlewares.rights import CHOICE
from bot.intake.middlewares.settle import JOINS
from bot.intake.notice import Method, clipped, edit, filled, notice, toast
from bot.settings import Settings
from bot.storage.ids import is_person
from bot.storage.overheard import COLUMN
from bot.storage.people.access import Accesses
from bot.storage.questions.choices import Change
from bot.storage.tables import Chat, Thinking
from bot.texts import AUTO, LANGUAGES, Texts
from bot.texts import texts as choose_texts

PREFIX = "set:"
CHOICES = (AUTO, *LANGUAGES)
EFFORTS = ("low", "medium", "high")
TEMPERATURES = ("0.2", "0.7", "1")
MAX_TEMPERATURE = 2
LANGUAGE = ("language", "lang")
WISHES = ("effort", "temperature")  # of the model, where the operator lets chats choose
VIEWS = ("provider", "model", "role", "prompt")
ON = {"on": True, "off": False}
COUNTS = {str(count): count for count in along.CHOICES} | {"off": 0, "on": along.CHOICES[1]}
OF_GROUPS = ("open", along.NAME)
THINKING = {each.value: each for each in Thinking} | {"on": Thinking.KEPT}

View = tuple[Text | str, InlineKeyboardMarkup | None]


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
        return Changed(change, (notice(message, *_overview(chat, words, catalog, personas, batch)),))
    if called in LANGUAGE and args:
        return notice(message, texts.setting_unknown, _overview(chat, texts, catalog, personas, batch)[1])
    if not args:
        return notice(message, *_overview(chat, texts, catalog, personas, batch))
    what, *rest = args.split(maxsplit=1)
    what, value = what.lower(), rest[0] if rest else ""
    if what == "prompt" and value and value.lower() != "default":
        return Changed(role.to_prompt(chat, message, author, value), (notice(message, texts.prompt_set),))
    if what in VIEWS and not value:
        return notice(message, *_view(what, chat, texts, catalog, personas, batch))
    what = "language" if what in LANGUAGE else what
    set_to = _change(chat, what, _meant(value, texts))
    is_denied = what in WISHES and what not in catalog.chats_set(catalog.resolve(chat.provider))
    is_denied = is_denied or (what == "summaries" and catalog.summaries is None)
    if what in OF_GROUPS and is_person(chat.telegram_id):
        return notice(message, texts.setting_of_groups)
    if set_to is None or is_denied:
        return notice(message, texts.setting_unknown, _overview(chat, texts, catalog, personas, batch)[1])
    aloud: list[Method] = []
    if isinstance(count := set_to.columns.get(COLUMN), int):
        if count and not await along.sees_all(message, me, accesses, clock):
            return notice(message, texts.along_unheard)
        aloud = along.announced(message, count, chat, texts, catalog, batch)
    batch.apply(set_to)  # to be shown
    person = message.from_user
    words = choose_texts(chat.language, settings.language, person.language_code if person else None)
    return Changed(set_to, (notice(message, *_view(what, chat, words, catalog, personas, batch)), *aloud))


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
        return [toast(query), edit(pressed, *_view(what, chat, texts, catalog, personas, batch))]
    change = _change(chat, what, value)
    if change is None:
        return [toast(query, texts.menu_too_old), edit(pressed, *_overview(chat, texts, catalog, personas, batch))]
    aloud: list[Method] = []
    if isinstance(count := change.columns.get(COLUMN), int):
        if count and not await along.sees_all(pressed, me, accesses, clock):
            return [toast(query, texts.along_unheard_toast), notice(pressed, texts.along_unheard)]
        aloud = along.announced(pressed, count, chat, texts, catalog, batch)
    batch.apply(change)  # to be shown
    words = choose_texts(chat.language, settings.language, query.from_user.language_code)
    said = words.prompt_reset if what == "prompt" and chat.persona not in personas else None
    shown = edit(pressed, *_view(what, chat, words, catalog, personas, batch))
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


def _view(what: str, chat: Chat, texts: Texts, catalog: Catalog, personas: Personas, batch: Batch) -> View:
    """Return what the message with the buttons shows after a press."""
    present = catalog.resolve(chat.provider)
    match what:
        case "provider":
            return provider.listing(chat, texts, catalog), provider.choices(present, catalog, below=back(texts))
        case "model":
            chosen = catalog.model(present, batch.models.get((chat.id, present)))
            return model.listing(present, chosen, texts, catalog, below=back(texts))
        case "role":
            offered = role.choices(chat, texts, personas, below=back(texts))
            return role.listing(chat, texts, personas), offered
        case "prompt":
            return role.prompt(chat, texts, personas)
    return _overview(chat, texts, catalog, personas, batch)


def _overview(chat: Chat, texts: Texts, catalog: Catalog, personas: Personas, batch: Batch) -> View:
    """Return all settings; a press on a switch turns it over, on the language takes the next one."""
    present = catalog.resolve(chat.provider)
    chosen = catalog.model(present, batch.models.get((chat.id, present))) or texts.model_default
    language = chat.language or AUTO
    following = CHOICES[(CHOICES.index(language) + 1) % len(CHOICES)] if language in CHOICES else AUTO
    spoken = LANGUAGES[language].name if language in LANGUAGES else texts.auto
    is_role = chat.persona in personas and not chat.system_prompt
    played = chat.persona if is_role and chat.persona else texts.role_none
    roles = [_row(texts.setting_role, played, "role")] if personas else []
    prompt = texts.own if chat.system_prompt else texts.default
    is_open = batch.is_open(chat.telegram_id)
    maker = _switch(texts.setting_maker, chat.names_maker, "maker", texts)
    all_choose = _row(texts.setting_open, texts.everybody if is_open else texts.only_admins, f"open:{_other(is_open)}")
    count = batch.read_along(chat.telegram_id)
    kept = filled(texts.along_count, count=count).render()[0] if count else texts.off
    reads = _row(texts.setting_along, kept, f"{along.NAME}:{along.following(count)}")
    return texts.settings, InlineKeyboardMarkup(
        inline_keyboard=[
            _row(texts.setting_provider, catalog.label(present), "provider"),
            _row(texts.setting_model, chosen, "model"),
            *roles,
            _row(texts.setting_prompt, prompt, "prompt"),
            _row(texts.setting_language, spoken, f"language:{following}"),
            _switch(texts.setting_streaming, chat.streaming, "streaming", texts),
            _row(texts.setting_thinking, _shown_of(chat.thinking, texts), f"thinking:{_following(chat.thinking)}"),
            _switch(texts.setting_tools, chat.tools_shown, "tools", texts),
            *([maker] if chat.names_maker or catalog.has_members(present) else []),
            *([_summaries(chat, catalog.summaries, texts)] if catalog.summaries is not None else []),
            *_wishes(chat, texts, catalog.chats_set(present)),
            *([all_choose, reads] if not is_person(chat.telegram_id) else []),
        ]
    )


def _wishes(chat: Chat, texts: Texts, may_set: Collection[str]) -> list[list[InlineKeyboardButton]]:
    """Return what is asked of the model, as far as chats may choose that; a press takes the next value."""
    rows = []
    if "effort" in may_set:
        names = {"low": texts.effort_low, "medium": texts.effort_medium, "high": texts.effort_high}
        shown = names.get(chat.effort or AUTO, chat.effort or texts.default)
        rows.append(_row(texts.setting_effort, shown, f"effort:{_next(chat.effort, EFFORTS)}"))
    if "temperature" in may_set:
        present = None if chat.temperature is None else f"{chat.temperature:g}"
        following = _next(present, TEMPERATURES)
        rows.append(_row(texts.setting_temperature, present or texts.default, f"temperature:{following}"))
    return rows


def _summaries(chat: Chat, usual: bool, texts: Texts) -> list[InlineKeyboardButton]:
    is_on = usual if chat.summaries is None else chat.summaries
    return _switch(texts.setting_summaries, is_on, "summaries", texts)


def _next(present: str | None, values: Sequence[str]) -> str:
    """Return the value after the present one; after the last one it is the operator's again."""
    if present is None:
        return values[0]
    following = values[values.index(present) + 1 :] if present in values else []
    return following[0] if following else AUTO


def _switch(label: str, is_on: bool, name: str, texts: Texts) -> list[InlineKeyboardButton]:
    return _row(label, texts.on if is_on else texts.off, f"{name}:{_other(is_on)}")


def _shown_of(thinking: Thinking, texts: Texts) -> str:
    """Return what a chat is shown of thoughts, in words."""
    return {Thinking.OFF: texts.off, Thinking.LIVE: texts.thinking_live, Thinking.KEPT: texts.thinking_kept}[thinking]


def _following(thinking: Thinking) -> Thinking:
    """Return what a press chooses."""
    choices = list(Thinking)
    return choices[(choices.index(thinking) + 1) % len(choices)]


def _other(is_on: bool) -> str:
    return "off" if is_on else "on"


def _row(label: str, value: str, data: str) -> list[InlineKeyboardButton]:
    return [InlineKeyboardButton(text=label.format(value=clipped(value, MAX_LABEL)), callback_data=f"{PREFIX}{data}")]
