"""The guide's texts and which of them answers a question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.guide.code import SHOWN_CODE
from providers.guide.topics import EVERYTHING, LANGUAGES, TOPICS, UNKNOWN, Language, language_of, text_on, topic_of


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How do I add an OpenAI key?", "openai"),
        ("как добавить ключ?", "openai"),
        ("How do I add a provider?", "providers"),
        ("как подключить провайдера", "providers"),
        ("How do I write my own provider?", "new_provider"),
        ("новый провайдер", "new_provider"),
        ("How can I use Ollama?", "ollama"),
        ("Claude please", "anthropic"),
        ("OpenRouter", "compatible"),
        ("Как добавить бота в группу?", "groups"),
        ("why does it not answer in my group, is it privacy mode?", "privacy_mode"),
        ("режим приватности", "privacy_mode"),
        ("/commands", "commands"),
        ("что ты умеешь", "commands"),
        ("How do I deploy it on a server?", "deploy"),
        ("how to switch the provider", "switch"),
        ("who has access?", "access"),
        ("backup of my data", "backup"),
        ("what did I say before?", "memory"),
        ("code", "code"),
        ("Show me some Code!", "code"),
        ("table", "table"),
        ("таблица", "table"),
        ("markdown", "markdown"),
        ("long", "long"),
        ("slow", "slow"),
        ("error", "error"),
        ("ошибка", "error"),
        ("reasoning", "reasoning"),
        ("Привет!", "hello"),
        ("hi", "hello"),
        ("What is the capital of France?", UNKNOWN),
        ("2 + 2", UNKNOWN),
        ("🦊", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_a_question_finds_its_topic(question: str, topic: str) -> None:
    assert topic_of(question) == topic


@given(st.text(), st.sampled_from(list(LANGUAGES)))
def test_every_text_gets_an_answer_of_at_least_a_sentence(question: str, language: Language) -> None:
    assert len(text_on(topic_of(question), language)) > 60


@pytest.mark.parametrize(("question", "language"), [("Привет", "ru"), ("ключ OpenAI", "ru"), ("Hi", "en"), ("?", "en")])
def test_the_answer_is_in_the_language_of_the_question(question: str, language: str) -> None:
    assert language_of(question) == language


def test_all_languages_have_the_same_topics() -> None:
    assert set(LANGUAGES["en"]) == set(LANGUAGES["ru"])
    assert set(TOPICS) - {EVERYTHING} <= set(LANGUAGES["en"])


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_what_the_guide_offers_to_be_asked_it_can_answer(language: Language) -> None:
    quoted = LANGUAGES[language][UNKNOWN].split("`")[1::2]

    found = {name: topic_of(name) for name in quoted if name != ".env" and "=" not in name}

    assert len(found) > 20
    assert UNKNOWN not in found.values()
    assert len(set(found.values())) == len(found)


@pytest.mark.parametrize("language", list(LANGUAGES))
def test_everything_needs_several_messages(language: Language) -> None:
    assert len(text_on(EVERYTHING, language)) > 4096


def test_it_says_that_it_is_no_ai() -> None:
    for topic in ("hello", UNKNOWN):
        assert re.search(r"not\*? an AI", text_on(topic, "en"))
        assert "искусственный интеллект" in text_on(topic, "ru")


def test_the_shown_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(SHOWN_CODE, "shown", "exec"), {})

    assert capsys.readouterr().out == "[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]\n"
