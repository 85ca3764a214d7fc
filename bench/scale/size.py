"""How much is wanted for a load, what it costs a month, and which limit is met first: arithmetic on the unit costs."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from bench.scale.costs import Costs, Prices

FULL = 0.7  # of a core of a member
SERVER_CORES, SERVER_FULL, SERVER_GB = 32, 0.6, 128  # of a database's machine
LOG_BYTES_S = 200e6  # that its disk takes beside all else
DEFAULT_SESSIONS, SESSIONS = 97, 1_000  # max_connections of 100, and what one sets it to
DAYS = 30  # that rows are kept
ZONES = 3


@dataclass(frozen=True, slots=True)
class Load:
    """Bots that are all alike."""

    bots: int = 1_000
    streams: float = 100.0  # of a bot, at once
    deltas_per_s: float = 20.0
    lasts_s: float = 9.58  # an answer, mean
    edits: float = 13.6  # of a reply, as far as the bot's calls allow

    @property
    def asked_per_s(self) -> float:
        """Of a bot."""
        return self.streams / self.lasts_s

    def cores(self, costs: Costs) -> float:
        """Return what a bot takes of a core."""
        room = max(0.0, costs.call_rate - self.asked_per_s * costs.calls)
        edits = min(room, self.asked_per_s * self.edits)
        streams = self.streams * costs.stream_cores(self.deltas_per_s)
        return costs.idle_s + self.asked_per_s * costs.question_s + streams + edits * costs.edit_s

    def a_member(self, costs: Costs) -> int:
        """Return how many bots a process carries."""
        return max(1, int(FULL / self.cores(costs)))

    def members(self, bots: int, costs: Costs) -> int:
        """Return how many are wanted, so that those that are left without a zone carry all."""
        return max(ZONES, math.ceil(math.ceil(bots / self.a_member(costs)) * ZONES / (ZONES - 1)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a load wants."""

    installations: int
    members: int  # of all
    cores: float  # of members, those in reserve too
    memory_gb: float
    server_cores: float  # in use
    beat_cores: float  # of those, for members' beats
    commits: float  # a second
    log_mb_s: float
    sessions: int  # of one installation
    rows_tb: float
    dollars: float


def wanted(load: Load, costs: Costs, prices: Prices) -> Wanted:
    """Return the least number of installations side by side, and what they take together."""
    installations = next(n for n in range(1, load.bots + 1) if _fits(load, math.ceil(load.bots / n), costs))
    bots = math.ceil(load.bots / installations)
    members = installations * load.members(bots, costs)
    cores = members * min(1.0, load.a_member(costs) * load.cores(costs) / FULL)
    asked = load.bots * load.asked_per_s
    streams = load.bots * load.streams
    memory_gb = (members * costs.process_mb + load.bots * costs.bot_mb + streams * costs.stream_mb) / 1024
    questions, beats = server_cores(load, bots, costs)
    used = installations * (questions + beats)
    rows_tb = asked * costs.row_bytes * DAYS * 86_400 / 1e12
    server = used / SERVER_FULL * (prices.core + prices.memory_gb * SERVER_GB / SERVER_CORES)
    dollars = cores * prices.core + memory_gb * prices.memory_gb
    dollars += prices.server_factor * (server + rows_tb * 1000 * prices.disk_gb)
    return Wanted(
        *(installations, members, cores, memory_gb, used, installations * beats, asked * costs.commits),
        *(asked * costs.log_bytes / 1e6, sessions(load, bots, costs), rows_tb, dollars),
    )


def server_cores(load: Load, bots: int, costs: Costs) -> tuple[float, float]:
    """Return what questions, and what beats take of one installation's database."""
    members = load.members(bots, costs)
    return bots * load.asked_per_s * costs.server_s, members * costs.beat_s(members, bots)


def sessions(load: Load, bots: int, costs: Costs) -> int:
    """Return the connections: one for a bot, and one for each process."""
    return bots + load.members(bots, costs)


def limits(load: Load, costs: Costs) -> list[tuple[str, int]]:
    """Return what an installation meets, and with how many bots, the first one first."""
    met = {
        "connections, 100 as PostgreSQL has it": lambda bots: sessions(load, bots, costs) > DEFAULT_SESSIONS,
        "connections, 1,000": lambda bots: sessions(load, bots, costs) > SESSIONS,
        "database, 8 cores to 60%": lambda bots: sum(server_cores(load, bots, costs)) > 8 * SERVER_FULL,
        "database, 32 cores to 60%": lambda bots: sum(server_cores(load, bots, costs)) > SERVER_CORES * SERVER_FULL,
        "beats, a core": lambda bots: server_cores(load, bots, costs)[1] > 1,
        "log, 200 MB/s": lambda bots: bots * load.asked_per_s * costs.log_bytes > LOG_BYTES_S,
    }
    return sorted(((what, _first(is_met)) for what, is_met in met.items()), key=lambda each: each[1])


def _first(is_met: Callable[[int], bool]) -> int:
    low, high = 1, 10_000_000
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if is_met(middle) else (middle + 1, high)
    return low


def _fits(load: Load, bots: int, costs: Costs) -> bool:
    is_carried = sum(server_cores(load, bots, costs)) <= SERVER_CORES * SERVER_FULL
    return is_carried and sessions(load, bots, costs) <= SESSIONS
