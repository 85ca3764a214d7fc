"""Print what the pacing policy reaches in simulation beside the bounds: `python -m bench.pace`, about two minutes."""

import random
from collections.abc import Sequence
from statistics import fmean, median

from bench.bounds import Lengths, bucket, clairvoyant, mean_lag, replay, without_foresight
from bench.pace_simulation import ROUND_TRIP_S, Reply, alone, bucket_of, together
from bench.streams import STREAMS, durations, steady
from bot.delivery.budget.budget import Limits

REPLIES = 150  # of a row
SHARES = (0.75, 0.5, 0.25)  # of a full bucket
CROWDS = ((10, 400.0), (100, 200.0), (500, 160.0))  # chats, seconds
EQUAL_S = 8.8


def main() -> None:
    """Print the tables."""
    rng = random.Random(1)
    print("chat     tokens stream         mean lag    list  ratio clairv.  calls  429")
    for name, chat_id in (("private", 1), ("group", -1)):
        for stream, share in [*((stream, 1.0) for stream in STREAMS), *(("60/s", share) for share in SHARES)]:
            print(f"{name:8}{_alone(chat_id, stream, share, rng)}")
    print("\nchats replies               mean lag   bound  ratio  worst  first finish  429")
    for count, seconds in CROWDS:
        print(f"{count:5}{_together(count, seconds, None, rng)}")
        print(f"{count:5}{_together(count, seconds, EQUAL_S, rng)}")


def best_ages(tokens: float, rate: float) -> list[float]:
    """Return when the best sender without foresight calls, far beyond the horizon too."""
    _, ages = without_foresight(Lengths(), bucket(tokens, rate), then_per_s=rate)
    return [*ages, *(ages[-1] + i / rate for i in range(1, 4000))]


def compare(replies: Sequence[Reply], ages: Sequence[float]) -> tuple[float, float]:
    """Return the mean lag of these replies, and what the best fixed list of ages reaches on them."""
    reached = fmean(mean_lag(reply.trace) for reply in replies)
    return reached, fmean(replay(reply.trace, ages, round_trip_s=ROUND_TRIP_S) for reply in replies)


def _alone(chat_id: int, stream: str, share: float, rng: random.Random) -> str:
    rate, burst = bucket_of(chat_id, Limits())
    tokens = max(2.0, share * burst)
    replies = [Reply(STREAMS[stream](rng, lasting)) for lasting in durations(rng, REPLIES, Lengths())]
    replies, refusals = alone(chat_id, replies, tokens=tokens, rng=rng)
    lag, listed = compare(replies, best_ages(tokens, rate))
    permits = bucket(tokens, rate)
    foreseen = fmean(clairvoyant(reply.trace, permits, round_trip_s=ROUND_TRIP_S) for reply in replies)
    calls = fmean(reply.calls for reply in replies)
    ratio = f"{lag / listed:7.3f}" if listed else f"{'':7}"
    return f"{tokens:7.1f} {stream:15}{lag:8.3f}{listed:8.3f}{ratio}{foreseen:8.3f}{calls:7.1f}{refusals:5}"


def _together(count: int, seconds: float, duration_s: float | None, rng: random.Random) -> str:
    def replies() -> list[Reply]:
        lasting = [duration_s] * REPLIES if duration_s else durations(rng, REPLIES, Lengths())
        return [Reply(steady(30)(rng, each)) for each in lasting]

    limits = Limits()
    chats, refusals = together(range(1, count + 1), seconds, replies=replies, rng=rng)
    rate = min(limits.chat_rate, limits.bot_rate / count)
    done = [reply for chat in chats for reply in chat.done]
    lag, bound = compare(done, best_ages(min(limits.chat_burst, limits.bot_rate / count), rate))
    means = [fmean(mean_lag(reply.trace) for reply in chat.done) for chat in chats if chat.done]
    first = median(reply.shown[0][0] - reply.arrivals[0] for reply in done)
    finish = median(reply.finished_at - reply.free_at for reply in done)
    kind = f"{len(done)} of {duration_s:.1f} s" if duration_s else f"{len(done)} as distributed"
    worst = max(means) / fmean(means)
    return f" {kind:21}{lag:9.3f}{bound:8.3f}{lag / bound:7.3f}{worst:7.2f}{first:7.3f}{finish:7.3f}{refusals:5}"


if __name__ == "__main__":
    main()
