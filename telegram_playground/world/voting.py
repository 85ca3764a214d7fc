"""Votes: what happens to a poll, and who is told."""

from telegram_playground.protocol.errors import bad_request
from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.people import User
from telegram_playground.world.polls import Poll
from telegram_playground.world.state import World


def vote(world: World, message: Message, user: User, options: list[int]) -> None:
    """Let a user vote, or take the vote back; the bot that made the poll is told. Raises ApiError."""
    poll = world.polls.get(message.content.get("poll", {}).get("id", ""))
    if poll is None:
        raise bad_request("the message is no poll")
    refusal = poll.vote(user.id, options)
    if refusal:
        raise bad_request(refusal)
    _changed(world, poll)
    bot = world.bots.get(poll.bot)
    if bot:
        bot.updates.add("poll", poll.json())
        if not poll.is_anonymous:
            chosen = [poll.options[number]["persistent_id"] for number in options]
            answer = {"poll_id": poll.id, "user": user.json(), "option_ids": options}
            bot.updates.add("poll_answer", {**answer, "option_persistent_ids": chosen})


def close(world: World, poll: Poll) -> None:
    """Close a poll; its bot is told."""
    poll.is_closed = True
    _changed(world, poll)
    bot = world.bots.get(poll.bot)
    if bot:
        bot.updates.add("poll", poll.json())


async def expire(world: World, poll: Poll) -> None:
    """Close a poll when its time is over."""
    await world.clock.sleep(max(poll.close_date - world.clock.wall(), 0))
    if not poll.is_closed:
        close(world, poll)


def _changed(world: World, poll: Poll) -> None:
    """Show the votes in every message with the poll."""
    for chat in world.chats.values():
        for message in _with(chat, poll):
            message.content = {**message.content, "poll": poll.json()}
            world.show(message)


def _with(chat: Chat, poll: Poll) -> list[Message]:
    return [message for message in chat.messages.values() if message.content.get("poll", {}).get("id") == poll.id]
