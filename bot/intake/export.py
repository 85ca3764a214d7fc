"""Export: conversations as files, which hold all versions and branches; pure.

The JSON is read back by `from_json`. Each question names the answer that it goes on from (`parent`), so it is a tree:

    {"format": "deltagram-conversations", "version": 1, "conversations": [
        {"id": 7, "title": "Dogs", "touched_at": 1800000000.0, "head": 4, "asked": [
            {"id": 1, "parent": null, "reply": 1, "wanted": 2, "user": 11, "content": [{"type": "text", …}], …,
             "answers": [{"id": 1, …}, {"id": 2, …}]},
            {"id": 3, "parent": 2, …}]}]}
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from bot.intake.glimpse import named
from bot.storage.conversations.trees import Asked, Said, Tree
from bot.storage.tables import Outcome
from bot.texts import Texts
from providers.blocks import Content, line_of
from providers.notation import from_json as content_from_json
from providers.notation import to_json as content_to_json

FORMAT = "deltagram-conversations"
VERSION = 1
MARKDOWN, JSON = "md", "json"
Sign = Callable[[str, str | None], str]  # provider and model, as people read of them
FORMATS = {MARKDOWN: "Markdown", JSON: "JSON"}


def head(form: str) -> str:
    """Return what a file begins with."""
    return f'{{"format": "{FORMAT}", "version": {VERSION}, "conversations": [\n' if form == JSON else ""


def body(tree: Tree, form: str, texts: Texts, sign: Sign, *, is_first: bool) -> str:
    """Return a conversation as it stands in a file."""
    if form == JSON:
        return ("" if is_first else ",\n") + json.dumps(_tree_as_json(tree), ensure_ascii=False)
    return ("" if is_first else "\n---\n\n") + markdown(tree, texts, sign)


def tail(form: str) -> str:
    """Return what a file ends with."""
    return "\n]}\n" if form == JSON else ""


def to_json(trees: Iterable[Tree]) -> str:
    """Return a file of some conversations."""
    written = ",\n".join(json.dumps(_tree_as_json(tree), ensure_ascii=False) for tree in trees)
    return f"{head(JSON)}{written}{tail(JSON)}"


def from_json(text: str) -> list[Tree]:
    """Read a file of conversations. Raises ValueError for what is none; fields that are not known are left out."""
    try:
        read = json.loads(text)
        if read["format"] != FORMAT or read["version"] != VERSION:
            raise ValueError("a file of another kind")
        return [_tree(found) for found in read["conversations"]]
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("no file of conversations") from error


def markdown(tree: Tree, texts: Texts, sign: Sign) -> str:
    """Return a conversation to be read: numbered questions, each with all versions of its answer.

    One that does not go on from the question right above it says from which. What a person wrote is quoted.
    """
    numbers: dict[int | None, int] = {}  # of the question that an answer belongs to
    lines = [f"# {_escaped(named(tree.title, texts))}", ""]
    before: int | None = None
    for number, asked in enumerate(_in_order(tree.asked), 1):
        after = numbers.get(asked.parent)
        goes_on = f" · {texts.export_after.format(number=after)}" if after is not None and after != before else ""
        lines += [f"## {number}. {texts.export_question}{goes_on}", "", f"*{_time(asked.created_at)}*", ""]
        words = "\n".join((_words(asked.content), *(f"🎤 {each}" for each in asked.heard)))
        lines += [*(f"> {line}".rstrip() for line in words.splitlines()), ""]
        for version, said in enumerate(asked.answers, 1):
            lines += [
                f"### {_heading(said, asked, version, texts, sign)}",
                "",
                _answer(said) or texts.export_unanswered,
                "",
            ]
            if said.summary:
                lines += [
                    f"*{texts.export_summary}:*",
                    "",
                    *(f"> {line}".rstrip() for line in said.summary.splitlines()),
                    "",
                ]
            numbers[said.id] = number
        before = number
    return "\n".join(lines)


def _in_order(asked: Sequence[Asked]) -> list[Asked]:
    """Return questions so that what goes on from one stands below it, as far as there is one such."""
    answered = {said.id for each in asked for said in each.answers}
    children: dict[int | None, list[Asked]] = {}
    for each in asked:
        children.setdefault(each.parent if each.parent in answered else None, []).append(each)
    ordered: list[Asked] = []
    done = set[int]()
    waiting = children.get(None, [])[::-1]
    while waiting:
        each = waiting.pop()
        if each.id in done:
            continue
        done.add(each.id)
        ordered.append(each)
        waiting += [child for said in each.answers for child in children.get(said.id, [])][::-1]
    return ordered + [each for each in asked if each.id not in done]


def _heading(said: Said, asked: Asked, version: int, texts: Texts, sign: Sign) -> str:
    who = _escaped(sign(said.provider, said.model)) if said.provider else ""
    several = len(asked.answers) > 1
    parts = [
        texts.export_answer,
        who,
        texts.export_version.format(number=version, total=len(asked.answers)) if several else "",
        texts.export_shown if several and said.id == asked.wanted else "",
    ]
    return " · ".join(part for part in parts if part)


def _answer(said: Said) -> str:
    text = said.shown if said.shown is not None else _words(said.content or ())
    return "\n\n".join(part for part in (text, said.note) if part)


def _words(content: Content) -> str:
    return "\n".join(map(line_of, content))


def _time(at: float) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC"


def _escaped(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>#|~" else sign for sign in text)


def _tree_as_json(tree: Tree) -> dict[str, Any]:
    return {**_plain(tree), "asked": [_asked_as_json(asked) for asked in tree.asked]}


def _asked_as_json(asked: Asked) -> dict[str, Any]:
    answers = [
        {**_plain(said), "content": _as_json(said.content) if said.content is not None else None}
        for said in asked.answers
    ]
    return {**_plain(asked), "content": _as_json(asked.content), "answers": answers}


def _plain(value: Tree | Asked | Said) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _as_json(content: Content) -> Any:
    return json.loads(content_to_json(content))


def _tree(found: Mapping[str, Any]) -> Tree:
    return Tree(**_known(Tree, found) | {"asked": tuple(_asked(each) for each in found["asked"])})


def _asked(found: Mapping[str, Any]) -> Asked:
    answers = tuple(_said(each) for each in found["answers"])
    return Asked(**_known(Asked, found) | {"content": _content(found["content"]), "answers": answers})


def _said(found: Mapping[str, Any]) -> Said:
    content = _content(found["content"]) if found["content"] is not None else None
    outcome = Outcome(found["outcome"]) if found["outcome"] is not None else None
    return Said(**_known(Said, found) | {"content": content, "outcome": outcome})


def _known(kind: type[Tree] | type[Asked] | type[Said], found: Mapping[str, Any]) -> dict[str, Any]:
    known = {field.name: found[field.name] for field in fields(kind) if field.default is MISSING or field.name in found}
    return {name: tuple(value) if name == "heard" else value for name, value in known.items()}


def _content(found: Any) -> Content:
    return content_from_json(json.dumps(found))
