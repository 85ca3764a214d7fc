"""Polls: what is asked and who voted for what."""

from dataclasses import dataclass, field

from telegram_playground.protocol.wire import Json


@dataclass(slots=True)
class Poll:
    """One poll; it may be in several messages, which show the same votes."""

    id: str
    bot: int  # who made it, and hears of it
    question: Json  # text and entities
    options: list[Json]  # each with text, entities and persistent_id
    is_anonymous: bool = True
    is_quiz: bool = False
    several: bool = False
    revotes: bool = True
    correct: list[int] = field(default_factory=list)
    explanation: Json = field(default_factory=dict)
    description: Json = field(default_factory=dict)
    media: Json = field(default_factory=dict)  # of the question
    explanation_media: Json = field(default_factory=dict)
    members_only: bool = False
    countries: list[str] = field(default_factory=list)
    is_closed: bool = False
    open_period: int = 0
    close_date: int = 0
    votes: dict[int, list[int]] = field(default_factory=dict)

    def json(self) -> Json:
        """Return the poll as the Bot API shows it; what is right is told when it is closed."""
        options = [
            {**option, "voter_count": sum(number in votes for votes in self.votes.values())}
            for number, option in enumerate(self.options)
        ]
        poll: Json = {
            "id": self.id,
            "question": self.question.get("text", ""),
            "options": options,
            "total_voter_count": len(self.votes),
            "is_closed": self.is_closed,
            "is_anonymous": self.is_anonymous,
            "type": "quiz" if self.is_quiz else "regular",
            "allows_multiple_answers": self.several,
            "allows_revoting": self.revotes,
            "members_only": self.members_only,
            **self.description,
        }
        if self.question.get("entities"):
            poll["question_entities"] = self.question["entities"]
        if self.is_quiz:
            poll |= {"correct_option_ids": self.correct, **self.explanation}
            if len(self.correct) == 1:
                poll["correct_option_id"] = self.correct[0]
            if self.explanation_media:
                poll["explanation_media"] = self.explanation_media
        further: Json = {"media": self.media, "country_codes": self.countries}
        further |= {"open_period": self.open_period, "close_date": self.close_date}
        poll |= {name: value for name, value in further.items() if value}
        return poll

    def vote(self, user_id: int, options: list[int]) -> str | None:
        """Count a vote, none takes it back; returns why it is refused."""
        if self.is_closed:
            return "the poll is closed"
        if any(not 0 <= number < len(self.options) for number in options) or len(set(options)) != len(options):
            return "there is no such option"
        if len(options) > 1 and not self.several:
            return "the poll takes one answer"
        if user_id in self.votes and (self.is_quiz or not self.revotes):
            return "the user has voted"
        if options:
            self.votes[user_id] = options
        else:
            self.votes.pop(user_id, None)
        return None
