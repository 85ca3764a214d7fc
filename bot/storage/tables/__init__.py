"""The tables. A row that was read is a plain record: no relationships, nothing is loaded behind one's back.

Each has foreign keys to those above it only. What refers down, and would close a circle, has no constraint and is set
last: `Chat.conversation_id`, `Conversation.head_id`, `Reply.wanted_id` and `shown_id`, `Prompt.parent_id`.

Times are Unix seconds (`Clock.wall`). `telegram_id` is Telegram's chat id, `chat_id` the id of our own row in `chats`.
"""

from bot.storage.tables.answers import UNFINISHED, Answer, Call, CallState, Outcome, State, Step, Summary
from bot.storage.tables.chats import Chat, Model, Thinking
from bot.storage.tables.files import File, FileUse
from bot.storage.tables.outgoing import AlarmKind, Notice, Outgoing, Peer, ToldAlarm
from bot.storage.tables.people import Access, Account, Admin, Ask, Digest, Identity, Invite, InviteUse, Rule, Usage
from bot.storage.tables.questions import Conversation, Loose, Message, Overheard, Prompt, Reply
from bot.storage.tables.row import Base, Blocks, table_of
from bot.storage.tables.shown import Order, Part, SpentButtons, Stray
from bot.storage.tables.updates import Busy, Held, Risk, Update

__all__ = [
    "UNFINISHED",
    "Access",
    "Account",
    "Admin",
    "AlarmKind",
    "Answer",
    "Ask",
    "Base",
    "Blocks",
    "Busy",
    "Call",
    "CallState",
    "Chat",
    "Conversation",
    "Digest",
    "File",
    "FileUse",
    "Held",
    "Identity",
    "Invite",
    "InviteUse",
    "Loose",
    "Message",
    "Model",
    "Notice",
    "Order",
    "Outcome",
    "Outgoing",
    "Overheard",
    "Part",
    "Peer",
    "Prompt",
    "Reply",
    "Risk",
    "Rule",
    "SpentButtons",
    "State",
    "Step",
    "Stray",
    "Summary",
    "Thinking",
    "ToldAlarm",
    "Update",
    "Usage",
    "table_of",
]
