"""Reply: shows one answer; the newest text wins, the final one always arrives.

A part is opened by a send that is never the complete text (it ends in the cursor, or is "…") and becomes complete only
by an edit: a send cannot be repeated after a crash, an edit can.
"""

from collections.abc import Callable, Sequence
from functools import partial

from bot.clock import Clock
from bot.delivery.delivery import Delivery
from bot.reply.draft import Draft
from bot.reply.keyboard import Offer
from bot.reply.layout import Shot, Versions
from bot.reply.markdown.rendered import Rendered
from bot.reply.mending import Mending
from bot.reply.methods import Methods
from bot.reply.place import Place
from bot.reply.recovery import kept
from bot.reply.recovery.resumption import Resumption
from bot.reply.recovery.search import Search
from bot.reply.screen import Screen
from bot.reply.showing import Showing
from bot.reply.steps import Steps
from bot.slices import in_turns
from bot.storage.answers.parts import Parts
from bot.storage.answers.replies import Replies
from bot.storage.chats import Chats
from bot.storage.exchanges.jobs import Job
from bot.texts import Texts

READ_S = 10.0  # for what stands on the screen to be read


class Reply:
    """Shows the text of one answer, from the first delta to the exact final text.

    `show` and `finish` tell it of the newest text and return at once; `run` makes the calls.
    """

    def __init__(
        self,
        job: Job,
        place: Place,
        texts: Texts,
        *,
        delivery: Delivery,
        search: Search,
        parts: Parts,
        replies: Replies,
        chats: Chats,
        clock: Clock,
        max_parts: int,
        draft: Draft | None = None,
        quote: str = "",
    ) -> None:
        self._clock = clock
        self._methods = methods = Methods(job, place, texts)
        resumption = Resumption(job, methods, search=search, clock=clock)
        self._screen = screen = Screen(
            job.id,
            max_parts=max_parts if place.is_chat else 1,
            replaces=job.is_further,
            room_utf16=place.room_utf16,
            more=None if place.is_chat else texts.more_elsewhere,
        )
        screen.frames.quote(quote)
        mending = Mending(
            job,
            texts,
            screen=screen,
            methods=methods,
            resumption=resumption,
            delivery=delivery,
            parts=parts,
            replies=replies,
            clock=clock,
        )
        self._steps = steps = Steps(
            job,
            screen=screen,
            methods=methods,
            mending=mending,
            delivery=delivery,
            parts=parts,
            replies=replies,
            clock=clock,
        )
        self._showing = Showing(
            job,
            screen=screen,
            methods=methods,
            steps=steps,
            resumption=resumption,
            delivery=delivery,
            parts=parts,
            chats=chats,
            clock=clock,
            draft=draft,
        )

    @property
    def place(self) -> Place:
        """Where it stands now: a group may become a supergroup meanwhile."""
        return self._methods.place

    async def outlasting(self, text: str) -> str | None:
        """Return what a former process left on the screen, if that is more than `text`; else nothing.

        None where it cannot be read in time, because the chat is refused.
        """
        if not await self._clock.wait(self._showing.resumed, READ_S):
            return None
        return await in_turns(self._screen.frames.outlasting(text), partial(self._clock.sleep, 0), self._clock.now)

    async def takes_over(self) -> bool:
        """Tell whether the messages show the answer that this one replaces, until there is text to show."""
        await self._showing.resumed.wait()
        return self._screen.shows_former

    def show(self, newest: Callable[[], str]) -> None:
        """Take word of a delta; `newest` is asked for the whole text when a frame is made of it."""
        self._screen.frames.grow(newest)
        self._steps.heard(newest)
        self._showing.go_on()

    def leisure_s(self) -> float:
        """Return for how long nobody looks at deltas: they may come together then."""
        return self._steps.leisure_s()

    def think(self, newest: Callable[[], Rendered]) -> None:
        """Take word of a thought, of which the last lines are shown until there is text; a former answer stays."""
        self._screen.frames.meanwhile.think(newest)
        if not self._screen.shows_former:
            self._steps.thought(newest)
            self._showing.go_on()

    def wait(self, line: str) -> None:
        """Show a line in the place of "…" until there is text."""
        if not (self._screen.shows_former or self._showing.draft):
            self._screen.frames.meanwhile.hold_place(line)
            self._showing.go_on()

    def work(self, line: str) -> None:
        """Show a line under the text, or in its place, which tells what tool runs; "" takes it away."""
        if not self._screen.shows_former and not (self._showing.draft and self._screen.frames.is_waiting):
            self._screen.frames.meanwhile.work(line)
            self._steps.worked()
            self._showing.go_on()

    def quote(self, heard: str) -> None:
        """Have what was heard in the question stand above the text, folded."""
        self._screen.frames.quote(heard)

    def offer(self, offered: Sequence[Offer]) -> None:
        """Put further buttons under the final text."""
        if self.place.is_chat:
            self._methods.keyboard.offer(offered)

    def preview(self, shot: Shot) -> None:
        """Take word of more of a picture that is being made; a former answer stays until it is whole."""
        if self.place.is_chat and not (self._screen.shows_former or self._showing.draft):
            self._screen.frames.preview(shot)
            self._steps.drawn()
            self._showing.go_on()

    def leave_out(self) -> None:
        """Say under the final text that there is more, which cannot be shown where it stands."""
        self._screen.frames.leave_out()

    def picture(self, shots: Sequence[Shot]) -> None:
        """Have pictures stand after the final text."""
        self._screen.frames.picture(shots)

    def keep(self, left: str, note: str, *, text: str = "", otherwise: str, of: Versions | None = None) -> None:
        """Leave what stands as it is, or finish `text` where that is more, with a note under it.

        Where neither is anything, finish `otherwise`. `left`: what stood when it was read, JSON, is shown again.
        """
        parts = kept.from_json(left)
        self._screen.frames.finish(text, note, otherwise=otherwise, left=parts, of=of, is_cut=True)
        self._finish()

    @property
    def kept(self) -> str | None:
        """The parts that stand in place of the answer's text, JSON; None where it stands itself, or a sentence."""
        parts = self._screen.frames.kept
        return kept.to_json(parts) if parts is not None else None

    @property
    def sentence(self) -> str | None:
        """What stands in place of the answer's text where nothing of it does."""
        return self._screen.frames.sentence

    def finish(self, text: str, note: str = "", *, of: Versions | None = None, is_cut: bool = False) -> None:
        """Take the final text and the line under it: it goes before all progress, and `run` returns when it stands.

        `of`: which of the versions it is; where nothing came the former one stays. `is_cut`: the text breaks off.
        """
        self._screen.frames.finish(text, note, of=of, is_cut=is_cut)
        self._finish()

    def _finish(self) -> None:
        self._steps.finish()
        self._showing.hurry()

    @property
    def stands(self) -> bool:
        """Tell whether all of the final text stands; else the messages were left to another answer."""
        return self._showing.stands

    def leave(self) -> None:
        """Make no further call: the messages are another answer's from now on. `run` returns after the one under way.

        That one is not given up: what is sent by a call that nobody waits for could not be found again.
        """
        self._steps.leave()
        self._showing.leave()

    async def run(self) -> None:
        """Make the calls that show the text, until all of the final one stands. Raises DeliveryError, Undeliverable."""
        await self._showing.run()
