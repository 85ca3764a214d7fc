"""The messages of all chats by age: where there are more than the memory is for, the oldest go."""

from collections import OrderedDict

from telegram_playground.world.chats import Chat, Message
from telegram_playground.world.weight import weight

MAX_BYTES = 128 << 20  # of the messages of all chats together
MAX_MESSAGES = 20_000  # in one chat
_MESSAGE_BYTES = 500  # of a message beside what it shows


class Kept:
    """Puts messages into their chats and takes them out again."""

    def __init__(self, *, max_bytes: int = MAX_BYTES) -> None:
        self._max_bytes = max_bytes
        self._sizes: OrderedDict[tuple[str, int], tuple[Chat, int]] = OrderedDict()
        self._bytes = 0

    @property
    def size(self) -> int:
        """The bytes that all messages take, about."""
        return self._bytes

    def add(self, message: Message) -> None:
        """Put a message into its chat, and count it."""
        messages = message.chat.messages
        messages[message.message_id] = message
        if len(messages) > MAX_MESSAGES:
            self.remove(messages[next(iter(messages))])
        self.weigh(message)

    def weigh(self, message: Message) -> None:
        """Count a message anew, which has changed; one that is out of its chat already is nothing."""
        place = (message.chat.key, message.message_id)
        if message.chat.messages.get(message.message_id) is not message:
            return
        _, before = self._sizes.get(place, (None, 0))
        size = _MESSAGE_BYTES + weight([message.content, message.markup, message.extra, message.quote])
        self._sizes[place] = message.chat, size
        self._bytes += size - before
        while self._bytes > self._max_bytes:
            (_, number), (chat, _) = next(iter(self._sizes.items()))
            self.remove(chat.messages[number])

    def remove(self, message: Message) -> None:
        """Take a message out of its chat."""
        chat = message.chat
        del chat.messages[message.message_id]
        if message.message_id in chat.pinned:
            chat.pinned.remove(message.message_id)
        _, size = self._sizes.pop((chat.key, message.message_id))
        self._bytes -= size

    def clear(self) -> None:
        """Forget all; their chats are gone."""
        self._sizes.clear()
        self._bytes = 0

    def put_back(self, messages: "list[Message]") -> None:
        """Count the messages that a former server had, which stand in their chats already."""
        for message in sorted(messages, key=lambda message: message.date):
            self.weigh(message)
