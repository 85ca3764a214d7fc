"""The built-in guide: which text answers a question about the bot; pure.

A topic's stems are what its words begin with in English and Russian; `=` marks whole words, `+` joins the words of a
phrase. The topic with the most stems in the question wins, the earlier one on a tie.
"""

import re
from collections.abc import Mapping
from typing import Literal

from providers.guide.en import TEXTS as ENGLISH
from providers.guide.ru import TEXTS as RUSSIAN

Language = Literal["en", "ru"]

LANGUAGES: Mapping[Language, Mapping[str, str]] = {"en": ENGLISH, "ru": RUSSIAN}
UNKNOWN = "unknown"
EVERYTHING = "long"
MAX_WORDS = 200

TOPICS: Mapping[str, str] = {
    "privacy_mode": "privacy setprivacy приватн",
    "ollama": "ollama local+model локальн",
    "anthropic": "anthropic claude клод",
    "gemini": "gemini google",
    "compatible": "compatible openrouter groq deepseek mistral vllm lmstudio fallback toml совместим",
    "openai": "openai gpt chatgpt key ключ",
    "providers": "provider connect провайдер подключ",
    "new_provider": "provider plugin new+provider own+provider write+a+provider провайдер плагин новый+провайдер"
    " нового+провайдера свой+провайдер своего+провайдера написать+провайдер",
    "switch": "provider switch change choose select model провайдер смен сменить переключ выбр выбер модел",
    "stop": "stop cancel retry regenerate stopping останов стоп отмен прерв повтор",
    "history": "history remember context conversation forget new+conversation /new истор помн контекст разговор забы",
    "memory": "before previous earlier did+i+say i+said раньше предыдущ прежде сказал писал говорил",
    "groups": "group mention topic forum групп упомин форум тем",
    "access": "access allow deny pair owner admin stranger доступ владел админ впуст разреш",
    "deploy": "deploy install run server host systemd docker token botfather установ запуст запуск сервер развер токен",
    "backup": "backup data database sqlite store резервн копи баз данн хран",
    "playground": "playground =play browser песочниц браузер",
    "settings": "setting config env variable language proxy prompt настро перемен язык прокси промпт",
    "commands": "command help menu can+you команд помощ помог меню умее",
    "code": "=code program function snippet код программ функц",
    "table": "table таблиц",
    "markdown": "markdown format bold разметк формат",
    "long": "long everything whole essay длинн всё целиком",
    "slow": "slow медлен",
    "error": "error fail broken ошибк сбой",
    "reasoning": "reason think thought рассужд размышл мысл",
    "hello": "hello =hi hey start who привет здравств добрый начать кто",
}

_WORD = re.compile(r"/?\w+")
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def language_of(question: str) -> Language:
    """Return the language to answer in: Russian where there is a Cyrillic letter, else English."""
    return "ru" if _CYRILLIC.search(question) else "en"


def topic_of(question: str) -> str:
    """Return the topic that a question is about, `UNKNOWN` where it names none."""
    words = _WORD.findall(question.lower())[:MAX_WORDS]
    scores = {topic: sum(_occurs(stem, words) for stem in stems.split()) for topic, stems in TOPICS.items()}
    best = max(scores, key=lambda topic: scores[topic])
    return best if scores[best] else UNKNOWN


def text_on(topic: str, language: Language) -> str:
    """Return the Markdown on a topic; `EVERYTHING` is all that there is to know about the bot, in several messages."""
    texts = LANGUAGES[language]
    if topic != EVERYTHING:
        return texts[topic]
    chapters = [text for name, text in texts.items() if text.startswith("### ")]
    return "\n".join([texts["whole"], *chapters])


def _occurs(stem: str, words: list[str]) -> bool:
    if "+" in stem:
        return stem.replace("+", " ") in " ".join(words)
    if stem.startswith("="):
        return stem[1:] in words
    return any(word.startswith((stem, f"/{stem}")) for word in words)
