"""How tests read a rendered text: with its entities as tags, and held against Telegram's rules."""

from aiogram.types import MessageEntity

from bot.reply.markdown.rendered import Rendered, from_units, to_units


def marked(rendered: Rendered) -> str:
    """Write the entities as tags: `[bold]text[/]`, `[pre python]code[/]`, `[text_link http://a.b]link[/]`."""
    units = to_units(rendered.text)
    tags: dict[int, str] = {}
    for entity in rendered.entities:
        argument = entity.url or entity.language
        tag = f"[{entity.type} {argument}]" if argument else f"[{entity.type}]"
        tags[entity.offset] = tags.get(entity.offset, "") + tag
    for entity in reversed(rendered.entities):
        end = entity.offset + entity.length
        tags[end] = "[/]" + tags.get(end, "")
    places = range(len(units) + 1)
    return from_units("".join(tags.get(place, "") + units[place : place + 1] for place in places))


def check(rendered: Rendered) -> None:
    """Assert that Telegram takes text and entities as they are (core.telegram.org/bots/api#messageentity)."""
    units = to_units(rendered.text)
    assert rendered.text == rendered.text.rstrip(" \n")
    assert not any(character < " " and character != "\n" for character in rendered.text)
    rendered.text.encode()
    around: list[MessageEntity] = []
    for entity in rendered.entities:
        end = entity.offset + entity.length
        assert 0 <= entity.offset < end <= len(units)
        assert not any("\udc00" <= units[place] <= "\udfff" for place in (entity.offset, end) if place < len(units))
        around = [outer for outer in around if outer.offset + outer.length > entity.offset]
        kinds = {outer.type.removeprefix("expandable_") for outer in around}
        assert all(end <= outer.offset + outer.length for outer in around), "entities overlap"
        assert entity.type.removeprefix("expandable_") not in kinds, "a kind within itself"
        assert not kinds & {"pre", "code"}, "an entity in code"
        assert not (entity.type == "code" and "text_link" in kinds), "code in a link"
        assert not (entity.type in ("pre", "code") and kinds - {"blockquote"}), "code in a style"
        around.append(entity)
