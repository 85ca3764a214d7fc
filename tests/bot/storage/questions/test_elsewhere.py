"""What was asked in chats that are not the bot's, brought to the private chat."""

from bot.storage.exchanges.words import terms
from bot.storage.questions.questions import Question, Spot, Verdict
from bot.storage.questions.taking import Taken
from bot.storage.telegram.pieces import Piece
from providers.blocks import Text
from tests.bot.store import Store

ANN, BOB = 11, 12


async def test_an_answer_that_was_opened_is_found_by_its_words_in_the_private_chat_alone(store: Store) -> None:
    private, bobs = await store.chats.get(ANN, provider="alpha"), await store.chats.get(BOB, provider="alpha")
    here = await store.elsewhere.chat(ANN, provider="alpha")
    spot = Spot(inline_id="inline")
    await store.taking.store([Taken(1, Question(here.id, Piece(0, (Text("An elephant?"),)), ANN, "en", spot=spot))])
    answer = await store.end(text="In the room.")

    taken = [
        await store.elsewhere.bring(2, bobs.id, message_id=70, answer_id=answer.id, user_id=BOB),
        await store.elsewhere.bring(3, private.id, message_id=71, answer_id=answer.id, user_id=ANN),
    ]

    assert taken == [Verdict.NOTHING, Verdict.ACCEPTED]
    (found,) = await store.finds.find(private.id, terms("elephant room"), most=5)
    assert (found.asked, found.said, found.message_id) == ("An elephant?", "In the room.", 71)
    assert await store.finds.find(bobs.id, terms("elephant"), most=5) == []
