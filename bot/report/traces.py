"""Traces: each answer with its steps, for a collector that speaks OpenTelemetry's protocol; else nothing is loaded.

A step is sent after it has ended, with the times that it had, so that work never waits for it, and no text of people or
models is in it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bot.clock import Clock
from bot.process.spans import Span

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

log = logging.getLogger(__name__)

PATH = "/v1/traces"  # opentelemetry.io/docs/specs/otlp/#otlphttp-request
TIMEOUT_S = 3  # of a request, and of the last one at the end


class Traces:
    """Sends them; a collector that does not answer costs traces and nothing else."""

    def __init__(self, provider: "TracerProvider", clock: Clock) -> None:
        from opentelemetry import trace  # an extra, loaded where it is used

        self._provider = provider
        self._tracer = provider.get_tracer("deltagram")
        self._inside: Callable[..., object] = trace.set_span_in_context
        self._clock = clock

    def send(self, answer: Span, steps: Sequence[Span]) -> None:
        """Tell of an answer."""
        ahead_s = self._clock.wall() - self._clock.now()
        root = self._tracer.start_span(answer.name, start_time=_ns(answer.began_at + ahead_s), attributes=answer.about)
        inside = self._inside(root)
        for step in steps:
            span = self._tracer.start_span(
                step.name,
                context=inside,  # type: ignore[arg-type]  # its own
                start_time=_ns(step.began_at + ahead_s),
                attributes=step.about,
            )
            span.end(_ns(step.ended_at + ahead_s))
        root.end(_ns(answer.ended_at + ahead_s))

    def close(self) -> None:
        """Send what is left, for some seconds at the most."""
        last = threading.Thread(target=self._provider.shutdown, daemon=True)
        last.start()
        last.join(TIMEOUT_S)


def make_traces(url: str | None, version: str, clock: Clock) -> Traces | None:
    """Make them where a collector is named; without the package the bot goes without."""
    if url is None:
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning('traces are not sent: pip install "deltagram[traces]"')
        return None
    provider = TracerProvider(
        resource=Resource.create({"service.name": "deltagram", "service.version": version}), shutdown_on_exit=False
    )
    exporter = OTLPSpanExporter(endpoint=f"{url}{PATH}", timeout=TIMEOUT_S)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return Traces(provider, clock)


def _ns(wall: float) -> int:
    return int(wall * 1e9)
