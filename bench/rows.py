"""Print what rows of replies reach in simulation, beside an edit each second: `python -m bench.rows [--lasting 8.8]`.

The clock is simulated, so the figures are the same on a busy machine. The replies come in a new chat, of which nothing
is known; the server is strict.
"""

import argparse
import random
from bisect import bisect_right
from itertools import pairwise
from statistics import fmean

from bench.bounds import Trace, mean_lag
from bench.pace_simulation import ROUND_TRIP_S, Chat, Reply, Server, Simulation
from bot.delivery.budget.budget import Limits

PER_S, PAUSE_S = 60, 1.0
PLACES = (("private", 1), ("group", -1))
ROWS, GAPS_S = (1, 2, 4, 10), (0.0, 1.0, 2.5, 5.0, 10.0, 30.0)
HALVES = (("private, half the rate", 1, Limits(chat_rate=0.5)), ("group, half the rate", -1, Limits(group_rate=10)))
LATER = 8  # replies after which a rate that the server hides is known


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="python -m bench.rows", description=__doc__)
    parser.add_argument("--lasting", type=float, default=8.8, help="seconds of a reply")
    lasting_s: float = parser.parse_args().lasting
    print(f"replies of {lasting_s:g} s; mean lag of all, ours / an edit each second; in brackets our longest dark\n")
    print("| in a row |" + "".join(f" gap {gap_s:g} s |" for gap_s in GAPS_S))
    print("|---" * (len(GAPS_S) + 1) + "|")
    refused = [0, 0]
    for name, chat_id in PLACES:
        for count in ROWS:
            cells = []
            for gap_s in GAPS_S if count > 1 else GAPS_S[:1]:
                ours, ours_refused = ours_in_a_row(chat_id, count, gap_s, lasting_s)
                plain, plain_refused = each_second(chat_id, count, gap_s, lasting_s)
                refused = [refused[0] + ours_refused, refused[1] + plain_refused]
                dark_s = max(map(dark, ours))
                cells.append(f" {fmean(map(mean_lag, ours)):.2f} / {fmean(map(mean_lag, plain)):.2f} ({dark_s:.1f}) |")
            print(f"| {name}, {count} |" + "".join(cells), flush=True)
    for count in ROWS:
        cells = []
        for gap_s in GAPS_S if count > 1 else GAPS_S[:1]:
            server, limits = Server(Limits(), group_window=True), Limits(group_window=True)
            ours, ours_refused = ours_in_a_row(-1, count, gap_s, lasting_s, server=server, limits=limits)
            refused[0] += ours_refused
            cells.append(f" {fmean(map(mean_lag, ours)):.2f} ({max(map(dark, ours)):.1f}) |")
        print(f"| group that counts a window, {count} |" + "".join(cells), flush=True)
    print(f"\nrefused: ours {refused[0]}, an edit each second {refused[1]}\n")
    print("times the lag of the policy that knows the rate; the server hides it in calls that it holds back\n")
    for name, chat_id, true in HALVES:
        ratios = []
        for gap_s in GAPS_S[2:]:
            server = Server(true, absorb_s=8.0)
            found, _ = ours_in_a_row(chat_id, 2 * LATER, gap_s, lasting_s, server=server)
            known, _ = ours_in_a_row(chat_id, 2 * LATER, gap_s, lasting_s, server=Server(true), limits=true)
            later = fmean(map(mean_lag, found[LATER:])) / fmean(map(mean_lag, known[LATER:]))
            ratios.append(f"gap {gap_s:g} s: {later:.2f}")
        print(f"{name}, from reply {LATER + 1} on: {', '.join(ratios)}", flush=True)


def ours_in_a_row(
    chat_id: int,
    count: int,
    gap_s: float,
    lasting_s: float,
    *,
    server: Server | None = None,
    limits: Limits | None = None,
) -> tuple[list[Trace], int]:
    """Return the replies of the bot's slots, and how many calls were refused."""
    server = server or Server(Limits())
    chat = Chat(chat_id, [Reply(_arrivals(0.0, lasting_s)) for _ in range(count)], pause_s=lambda: gap_s)
    Simulation([chat], limits or Limits(), server, random.Random(1)).run()
    return [reply.trace for reply in chat.done], server.refusals


def each_second(chat_id: int, count: int, gap_s: float, lasting_s: float) -> tuple[list[Trace], int]:
    """Edit once a second, and after a refusal when that is over; return the replies, and how many were refused."""
    server, now, traces = Server(Limits()), 0.0, []
    for _ in range(count):
        arrivals, shown, at, is_over = _arrivals(now, lasting_s), [], now, False
        while not is_over:
            _, refused_s = server.carry_out(chat_id, at + ROUND_TRIP_S / 2)
            if not refused_s:
                shown.append((at + ROUND_TRIP_S / 2, bisect_right(arrivals, at)))
            is_over = at >= arrivals[-1] and not refused_s
            now = at + ROUND_TRIP_S
            at = now + refused_s if refused_s else max(now, min(at + PAUSE_S, arrivals[-1]))
        traces.append(Trace([(at, i) for i, at in enumerate(arrivals, start=1)], shown))
        now += gap_s
    return traces, server.refusals


def dark(trace: Trace) -> float:
    """Return the longest time in which there was new text and the screen did not change."""
    arrivals = [at for at, _ in trace.arrivals]
    shown = [(arrivals[0], 0), *trace.shown]
    rests = (
        later - max(at, arrivals[visible]) for (at, visible), (later, _) in pairwise(shown) if visible < len(arrivals)
    )
    return max(rests, default=0.0)


def _arrivals(begun: float, lasting_s: float) -> list[float]:
    return [begun + i / PER_S for i in range(round(lasting_s * PER_S))]


if __name__ == "__main__":
    main()
