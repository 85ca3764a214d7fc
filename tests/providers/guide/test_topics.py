"""The guide's texts and which of them answers a question."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.guide.code import SHOWN_CODE
from providers.guide.topics import (
    EVERYTHING,
    GERMAN_STEMS,
    LANGUAGES,
    TOPICS,
    UNKNOWN,
    Language,
    language_of,
    text_on,
    topic_of,
)
from tests.signs import SIGNS


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("How do I add an OpenAI key?", "openai"),
        ("как добавить ключ?", "openai"),
        ("How do I add a provider?", "providers"),
        ("как подключить провайдера", "providers"),
        ("How do I write my own provider?", "new_provider"),
        ("новый провайдер", "new_provider"),
        ("Wie füge ich einen Anbieter hinzu?", "providers"),
        ("Anbieter hinzufügen", "providers"),
        ("Wie bekomme ich einen Schlüssel?", "openai"),
        ("Neuer Anbieter", "new_provider"),
        ("Was kostet das?", "cost"),
        ("Was ist das?", "about"),
        ("Was kannst du?", "commands"),
        ("Hilfe!", "commands"),
        ("Bist du eine KI?", "about"),
        ("Hallo", "hello"),
        ("Danke!", "thanks"),
        ("Wer liest hier mit?", "privacy"),
        ("Wie installiere ich dich auf einem Server?", "deploy"),
        ("Warum antwortest du nicht in der Gruppe?", "groups"),
        ("Es funktioniert nicht", "trouble"),
        ("Wie lösche ich alles?", "uninstall"),
        ("Wie kann ich meine Freunde einladen?", "access"),
        ("Sprichst du Deutsch?", "language"),
        ("Kannst du Bilder lesen?", "media"),
        ("Gibt es ein Tageslimit?", "limits"),
        ("langsam", "slow"),
        ("lang", "long"),
        ("Programmcode", "code"),
        ("Tabelle", "table"),
        ("Gedanken", "reasoning"),
        ("Fehler", "error"),
        ("Wie heißt die Hauptstadt von Frankreich?", UNKNOWN),
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


@given(st.text(SIGNS), st.sampled_from(list(LANGUAGES)))
def test_every_text_gets_an_answer_of_at_least_a_sentence(question: str, language: Language) -> None:
    assert len(text_on(topic_of(question), language)) > 60


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Привет", "ru"),
        ("ключ OpenAI", "ru"),
        ("Hi", "en"),
        ("?", "en"),
        ("Was kostet das?", "de"),
        ("Tabelle", "de"),
        ("What was it?", "en"),
        ("language", "en"),
        ("die hard", "en"),
    ],
)
def test_the_answer_is_in_the_language_of_the_question(question: str, language: str) -> None:
    assert language_of(question) == language


def test_a_word_of_any_language_is_answered_in_that_of_the_talk() -> None:
    assert language_of("Docker", "Was kostet das?", "Hello") == "de"
    assert language_of("Docker", "?", "Привет") == "ru"
    assert language_of("Docker") == "en"
    assert language_of("How much is it?", "Was kostet das?") == "en"


def test_all_languages_have_the_same_topics() -> None:
    assert set(LANGUAGES["en"]) == set(LANGUAGES["ru"]) == set(LANGUAGES["de"])
    assert set(TOPICS) - {EVERYTHING} <= set(LANGUAGES["en"])
    assert set(GERMAN_STEMS) <= set(TOPICS)


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
        assert re.search(r"keine\*? KI", text_on(topic, "de"))


def test_the_shown_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(SHOWN_CODE, "shown", "exec"), {})

    assert capsys.readouterr().out == "[2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]\n"
