"""Tables of figures, as text."""

from bench.figures import Figures

MEANING = """\
Seconds, means over the replies. lag: visible lag, and p95, its 95th percentile; × best, × clairv.: lag over the two
bounds; first: to the first text; finish: from the last delta to the exact final text; after, most: what of that
lies behind the end of a call in flight and the moment that the budget allows; 429: refused, held: held back by the
server; wrong: replies that were not exact in the end; CPU: a reply's processor time; MB: most resident memory;
late: by what 1% of the bench's own timers went off too late, which tells how busy the machine was."""
TITLES = ("replies", "lag", "p95", "× best", "× clairv.", "first", "finish", "after", "most", "calls", "429", "held")
FORMS = ("8", "8.3f", "8.2f", "8.3f", "10.2f", "8.3f", "8.3f", "8.3f", "8.3f", "8.1f", "6", "6")
COSTS, COST_FORMS = ("wrong", "CPU", "MB", "late"), ("7", "8.3f", "6.0f", "7.3f")
NAME = 38


def heading() -> str:
    """Return the line above."""
    titles = zip((*TITLES, *COSTS), (*FORMS, *COST_FORMS), strict=True)
    return " " * NAME + "".join(f"{title:>{int(form.split('.')[0])}}" for title, form in titles)


def rows(of: Figures) -> list[str]:
    """Return what there is to say of a scene: all replies, and if some took several messages those that took one."""
    lines = [_row(of.scene.title, of) + _costs(of)]
    alone = of.where(lambda reply: reply.parts <= 1)
    if not of.scene.chats and 3 <= len(alone.measured) < len(of.measured):
        lines.append(_row("  those in one message", alone))
    if of.scene.refuse_s:
        lines.append(
            f"  {of.total(lambda reply: reply.early)} calls before the end of a refusal; "
            f"the newest text {of.mean(lambda reply: reply.back_s):.3f} s after it"
        )
    if of.scene.chats:
        lines.append(
            f"  {of.share or 0:.1f} calls to spend on a reply, worst chat {of.worst_chat:.2f} times the mean, "
            f"{of.began_mb:.0f} MB at the start"
        )
    return lines


def _row(title: str, of: Figures) -> str:
    lag_s = of.mean(lambda reply: reply.lag_s)
    values = (
        len(of.measured),
        lag_s,
        of.mean(lambda reply: reply.p95_s),
        lag_s / of.listed_s,
        lag_s / of.foreseen_s,
        of.mean(lambda reply: reply.first_s),
        of.mean(lambda reply: reply.finish_s),
        of.mean(lambda reply: reply.after_s),
        of.most(lambda reply: reply.after_s),
        of.mean(lambda reply: reply.calls),
        of.total(lambda reply: reply.refused),
        of.total(lambda reply: reply.held),
    )
    return f"{title:{NAME}}" + "".join(f"{value:{form}}" for value, form in zip(values, FORMS, strict=True))


def _costs(of: Figures) -> str:
    values = (len(of.measured) - of.total(lambda reply: reply.right), of.cpu_s, of.peak_mb, of.late_s)
    return "".join(f"{value:{form}}" for value, form in zip(values, COST_FORMS, strict=True))
