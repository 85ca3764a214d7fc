"""What /settings shows: what has been chosen in a conversation, as buttons that choose the next value."""

from collections.abc import Collection, Sequence

from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup
from aiogram.utils.formatting import Text

from bot.catalog.catalog import Catalog
from bot.intake.batch import Batch
from bot.intake.handlers.choices import along, model, provider, role
from bot.intake.handlers.choices.choice import MAX_LABEL, back
from bot.intake.handlers.choices.role import Personas
from bot.intake.notice import clipped, filled
from bot.storage.ids import is_person
from bot.storage.tables import Chat, Thinking
from bot.texts import AUTO, LANGUAGES, Texts

PREFIX = "set:"
CHOICES = (AUTO, *LANGUAGES)
EFFORTS = ("low", "medium", "high")
TEMPERATURES = ("0.2", "0.7", "1")

View = tuple[Text | str, InlineKeyboardMarkup | None]


def view(what: str, chat: Chat, texts: Texts, catalog: Catalog, personas: Personas, batch: Batch) -> View:
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
    return overview(chat, texts, catalog, personas, batch)


def overview(chat: Chat, texts: Texts, catalog: Catalog, personas: Personas, batch: Batch) -> View:
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
            *_options(chat, texts, catalog.chats_set(present)),
            *([all_choose, reads] if not is_person(chat.telegram_id) else []),
        ]
    )


def _options(chat: Chat, texts: Texts, may_set: Collection[str]) -> list[list[InlineKeyboardButton]]:
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
