"""Forms: in which way a server of OpenAI's protocol is asked: as we like best, as far as its refusals have taught.

A refusal that names what a server does not know takes that away, for this question, and for an hour for all of its
model's or its server's. Whatever else is refused is told.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace

from providers.base import Clock
from providers.errors import ServiceFailed

FORGET_S = 3600.0  # what a refusal taught: another model, or another server, may answer under the name

_BY_NAME = re.compile(  # models of OpenAI's that answer by Responses alone: openai 3.54.0 (types/shared/all_models.py)
    r"-pro\b|codex|deep-research|computer-use|daybreak"  # and litellm 1.109.1 (mode), looked up 2026-11-22
)
_RESPONSES_ONLY = re.compile(
    r"v1/responses|\bresponses (api|endpoint)\b"  # OpenAI, LiteLLM
    r"|chatcompletion operation does not work with the specified model",  # Azure
    re.IGNORECASE,
)
_COUNTS = re.compile(r"stream_options|include_usage", re.IGNORECASE)
_UNCOUNTED = re.compile(
    r"stream|include_usage|extra|unrecognized|unknown (field|param|arg)|not permitted|unsupported", re.IGNORECASE
)
_SUMMARY = re.compile(r"summar|reasoning|verif|unsupported|unknown (field|param|arg)", re.IGNORECASE)
_OTHER_NAMES = {"reasoning_effort": r"reasoning[._ ]?effort|effort"}


@dataclass(frozen=True, slots=True)
class Form:
    """One way to ask. `responses`: by that endpoint, not by chat completions; `counts`: tokens are to be counted;
    `summaries`: of thoughts are wanted; `limits_all`: the limit of an answer has its newer name; `without`: options
    that are not sent.
    """

    responses: bool = False
    streams: bool = True
    counts: bool = True
    summaries: bool = False
    limits_all: bool = False
    without: frozenset[str] = frozenset()


class Forms:
    """What is known of the models of one server; `by_name`: they have OpenAI's own names."""

    def __init__(self, clock: Clock, *, by_name: bool, limits_all: bool) -> None:
        self._clock = clock
        self._by_name = by_name
        self._limits_all = limits_all
        self._listed: frozenset[str] = frozenset()
        self._uncounted_until = clock.now()
        self._learned: dict[str, tuple[float, Form]] = {}  # `summaries`: whether they may be asked for

    def take_list(self, names: Collection[str]) -> None:
        """Take the names of the models that answer by Responses alone, as the server's list says it."""
        self._listed = frozenset(names)

    def first(self, model: str, *, thoughts: bool) -> Form:
        """Return how a model is asked; `thoughts`: their summaries are wanted."""
        known = self._known(model)
        is_counted = self._clock.now() >= self._uncounted_until
        return replace(known, counts=is_counted, summaries=known.summaries and thoughts)

    def after(self, form: Form, error: ServiceFailed, model: str, options: Collection[str]) -> Form | None:
        """Return how to ask once more after a refusal, None where it is none of a form's; `options` were sent."""
        fewer = _fewer(form, error, options)
        if fewer is None:
            return None
        if fewer.counts != form.counts and _COUNTS.search(error.reason):
            self._uncounted_until = self._clock.now() + FORGET_S
        if (fewer.streams, fewer.counts) == (form.streams, form.counts):
            may_tell = self._known(model).summaries and fewer.summaries == form.summaries
            learned = replace(fewer, counts=True, streams=True, summaries=may_tell)
            self._learned[model] = (self._clock.now() + FORGET_S, learned)
        return fewer

    def _known(self, model: str) -> Form:
        until, form = self._learned.get(model, (0.0, Form()))
        if self._clock.now() < until:
            return form
        by_name = self._by_name and _BY_NAME.search(model) is not None
        return Form(by_name or model in self._listed, summaries=True, limits_all=self._limits_all)


def _fewer(form: Form, error: ServiceFailed, options: Collection[str]) -> Form | None:
    """Return the form without what a refusal speaks of; each thing goes once, so that this comes to an end."""
    reason = error.reason
    if not form.responses and _RESPONSES_ONLY.search(reason):
        return replace(form, responses=True)
    if error.status not in (400, 422):
        return None
    if "max_tokens" in options and not form.limits_all and "max_completion_tokens" in reason:
        return replace(form, limits_all=True)
    if refused := {name for name in options if _names(reason, name)} - form.without:
        return replace(form, without=form.without | refused)
    if form.responses and form.summaries and _SUMMARY.search(reason):
        return replace(form, summaries=False)
    if form.streams and form.counts and not form.responses and _UNCOUNTED.search(reason):
        return replace(form, counts=False)
    if form.streams and re.search("stream", reason, re.IGNORECASE):
        return replace(form, streams=False)
    return None


def _names(reason: str, option: str) -> bool:
    """Tell whether a reason speaks of an option, by one of its names."""
    return re.search(rf"\b({_OTHER_NAMES.get(option, re.escape(option))})\b", reason, re.IGNORECASE) is not None
