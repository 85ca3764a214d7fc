"""Conversations as files: all of the tree is there, and the JSON is read back."""

import json

import pytest

from bot.intake.export import from_json, markdown, to_json
from bot.storage.conversations.trees import Tree
from bot.storage.telegram.pieces import Piece
from bot.texts.en import EN
from providers.blocks import Text
from tests.bot.store import Store

ODD = "\u202e# \"quoted\" 'x' \\ </script> \ud83d\n```\n🎉שלום\x00"


async def grown(store: Store) -> Tree:
    """Return a conversation with two versions of an answer and two branches after it."""
    chat = await store.chats.get(7, provider="alpha")
    await store.accept(chat, "Dogs?")
    first = await store.end(text="# They see blue.")
    await store.versions.anew(901, chat.id, user_id=11, answer_id=first.id)
    await store.end(text="And yellow.")
    await store.accept(chat, "Cats?\nand *mice*")
    await store.end(text=ODD)
    await store.prompts.again(902, chat.id, user_id=11, language="en", wording=Piece(9, (Text("Cows?"),)))
    await store.end(text=None)
    await store.accept(chat, "Still waiting")
    tree = await store.trees.of(chat.id, 1)
    assert tree
    return tree


async def test_the_json_is_read_back_as_it_was(store: Store) -> None:
    tree = await grown(store)

    assert from_json(to_json([tree, tree])) == [tree, tree]
    assert from_json(to_json([])) == []


async def test_the_json_names_the_parents(store: Store) -> None:
    (read,) = json.loads(to_json([await grown(store)]))["conversations"]

    parents = [(asked["parent"], [said["id"] for said in asked["answers"]]) for asked in read["asked"]]
    assert parents == [(None, [1, 2]), (2, [3]), (2, [4]), (3, [5])]
    assert read["asked"][0]["wanted"] == 2


def signed(provider: str, model: str | None) -> str:
    return f"{provider} {model}"


async def test_the_markdown_tells_versions_and_branches(store: Store) -> None:
    text = markdown(await grown(store), EN, signed)

    assert "# Dogs?" in text
    assert "### Answer · version 1 of 2\n\n# They see blue." in text
    assert "### Answer · version 2 of 2 · shown\n\nAnd yellow." in text
    assert "> Cats?\n> and *mice*" in text
    assert "Question · goes on from 1" in text
    assert text.count("## ") - text.count("### ") == 4


@pytest.mark.parametrize("text", ["", "[]", "{}", "null", '{"format": "other"}', "x", "[" * 100_000, '{"format":1}'])
def test_what_is_no_such_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_json(text)


async def test_a_file_of_half_a_tree_is_refused(store: Store) -> None:
    whole = json.loads(to_json([await grown(store)]))
    del whole["conversations"][0]["asked"][0]["answers"][0]["content"]

    with pytest.raises(ValueError, match="no file of conversations"):
        from_json(json.dumps(whole))
