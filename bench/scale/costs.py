"""What things take: unit costs as they were measured, and prices, which are assumptions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """Unit costs of the bot on PostgreSQL; seconds are processor time of a core of the machine that was measured.

    The first five are fitted to `bench.crowd` (30 and 100 chats, 20 deltas/s), `bench.lean` (20 chats, 60/s)
    and `bench.servers` (short answers); the server's come from the first of these, a member's word from its statement.
    """

    question_s: float = 0.030  # asked, claimed, opened, completed, without further edits and deltas
    edit_s: float = 0.004
    delta_s: float = 0.000015
    read_s: float = 0.0002  # of a stream: all that has come meanwhile
    reads_per_s: float = 8.3  # at the most: what nobody looks at yet is left for 0.12 s
    idle_s: float = 0.00001  # a second, of a bot where nothing happens
    calls: float = 2.4  # of a question that must be made: opened, completed, now and then a second message
    call_rate: float = 30.0  # a second and bot, core.telegram.org/bots/faq
    server_s: float = 0.008  # of the database's processors, a question
    commits: float = 7.0  # a question, that write
    log_bytes: float = 11_500.0  # a question
    row_bytes: float = 9_000.0  # a question, kept for as long as its conversation is
    synced_s: float = 0.0015  # one commit's way to the disk (pg_test_fsync, fdatasync)
    takeover_s: float = 0.06  # processor time to take a bot up
    settled_s: float = 1.5  # from there to its first look for updates (`make crash NODES=3`, 8 times, at a load of 12)
    process_mb: float = 125.0
    bot_mb: float = 2.5
    stream_mb: float = 0.25
    session_mb: float = 10.0  # of the server, a connection

    def stream_cores(self, deltas_per_s: float) -> float:
        """Return what a stream takes of a core, beside its calls."""
        return min(deltas_per_s, self.reads_per_s) * self.read_s + deltas_per_s * self.delta_s

    def beat_s(self, members: int, bots: int) -> float:
        """Return what the database takes for one member's word that it lives, which reads all members and bots."""
        return 0.0006 + 0.000035 * members + 0.000001 * bots


@dataclass(frozen=True, slots=True)
class Prices:
    """Of a month, in dollars: assumptions, of no provider in particular."""

    core: float = 20.0
    memory_gb: float = 2.5
    disk_gb: float = 0.10
    server_factor: float = 2.0  # of a database that somebody runs, with a standby that confirms
