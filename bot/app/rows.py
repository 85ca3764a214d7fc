"""The rows: one object for each noun that is stored."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from bot.clock import Clock, Lull
from bot.storage.ageing import Ageing
from bot.storage.answers.answers import Answers
from bot.storage.answers.backlog import Backlog
from bot.storage.answers.calls import Calls
from bot.storage.answers.orders import Orders
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.answers.stops import Stops
from bot.storage.answers.summaries import Summaries
from bot.storage.census import Census
from bot.storage.chats import Chats
from bot.storage.conversations.conversations import Conversations
from bot.storage.conversations.purge import Purge
from bot.storage.conversations.removals import Removals
from bot.storage.conversations.topics import Topics
from bot.storage.conversations.trees import Trees
from bot.storage.engine.slack import Slack
from bot.storage.exchanges.files import Files
from bot.storage.exchanges.finds import Finds
from bot.storage.overheard import Overhearing
from bot.storage.people.access import Accesses
from bot.storage.people.accounts import Accounts
from bot.storage.people.asks import Asks
from bot.storage.people.invites import Invites
from bot.storage.questions.elsewhere import Elsewhere
from bot.storage.questions.lookup import Lookup
from bot.storage.questions.prompts import Prompts
from bot.storage.questions.taking import Taking
from bot.storage.questions.versions import Versions
from bot.storage.signals import Signals
from bot.storage.telegram.alarms import Alarms
from bot.storage.telegram.notices import Notices
from bot.storage.telegram.peers import Peers
from bot.storage.telegram.updates import Updates


@dataclass(frozen=True, slots=True)
class Rows:
    """All of them, on one database."""

    signals: Signals
    accesses: Accesses
    accounts: Accounts
    ageing: Ageing
    alarms: Alarms
    asks: Asks
    answers: Answers
    backlog: Backlog
    calls: Calls
    census: Census
    chats: Chats
    conversations: Conversations
    elsewhere: Elsewhere
    files: Files
    finds: Finds
    invites: Invites
    lookup: Lookup
    notices: Notices
    orders: Orders
    overhearing: Overhearing
    parts: Parts
    peers: Peers
    prompts: Prompts
    purge: Purge
    removals: Removals
    replies: Replies
    stops: Stops
    summaries: Summaries
    taking: Taking
    topics: Topics
    trees: Trees
    updates: Updates
    versions: Versions


def make_rows(
    sessions: async_sessionmaker[AsyncSession], clock: Clock, *, keep_days: float | None, lull: Lull | None = None
) -> Rows:
    """Make them; conversations that nobody has touched for `keep_days` are deleted. `lull`: of the bot."""
    signals, accesses = Signals(), Accesses(sessions, clock)
    chats = Chats(sessions, clock, signals)
    accounts, invites = Accounts(sessions, clock), Invites(sessions, clock, accesses)
    notices, peers, updates = Notices(sessions, clock), Peers(sessions, clock), Updates(sessions, clock)
    overhearing, removals = Overhearing(sessions, clock, signals, chats), Removals(sessions, clock, signals)
    aged = updates, notices, accounts, invites, peers, overhearing
    return Rows(
        signals=signals,
        accesses=accesses,
        accounts=accounts,
        ageing=Ageing(clock, [*(each.prune for each in aged), removals.carry_out]),
        alarms=Alarms(sessions, clock),
        asks=Asks(sessions, clock),
        answers=Answers(sessions, clock, signals),
        backlog=Backlog(sessions, clock, signals),
        calls=Calls(sessions, clock, signals),
        census=Census(sessions),
        chats=chats,
        conversations=Conversations(sessions, clock, signals),
        elsewhere=Elsewhere(sessions, clock, signals),
        files=Files(sessions, clock),
        finds=Finds(sessions, clock),
        invites=invites,
        lookup=Lookup(sessions, clock),
        notices=notices,
        orders=Orders(sessions, clock, signals),
        overhearing=overhearing,
        parts=Parts(sessions, clock, signals),
        peers=peers,
        prompts=Prompts(sessions, clock, signals),
        purge=Purge(sessions, clock, signals, Slack(sessions, clock), keep_days=keep_days, lull=lull),
        removals=removals,
        replies=Replies(sessions, clock, signals),
        stops=Stops(sessions, clock, signals),
        summaries=Summaries(sessions, clock),
        taking=Taking(sessions, clock, signals),
        topics=Topics(sessions, clock),
        trees=Trees(sessions, clock),
        updates=updates,
        versions=Versions(sessions, clock, signals),
    )
