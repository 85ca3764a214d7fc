"""The built-in guide: which text answers a question about the bot; pure.

A topic's stems are what its words begin with in English, Russian and German; `=` marks whole words, `+` joins those of
a phrase. The topic with the most stems in the question wins, the earlier one on a tie: what is special stands above
what is general. Where no stem is found, one slip of the finger in a word is forgiven.
"""

import re
from collections.abc import Callable, Mapping
from typing import Literal

from providers.guide.de import TEXTS as GERMAN
from providers.guide.en import TEXTS as ENGLISH
from providers.guide.ru import TEXTS as RUSSIAN

Language = Literal["en", "ru", "de"]

LANGUAGES: Mapping[Language, Mapping[str, str]] = {"en": ENGLISH, "ru": RUSSIAN, "de": GERMAN}
UNKNOWN = "unknown"
EVERYTHING = "long"
MAX_WORDS = 200
MAX_CORRECTED = 30  # words: a slip is looked for in a question, not in a pasted text
MIN_CORRECTED = 5  # letters of a stem: a shorter one resembles too much
SURE = 2  # letters: where so few follow the slip, the word must end with them

TOPICS: Mapping[str, str] = {
    "privacy_mode": "privacy+mode setprivacy mention режим+приватн режима+приватн режиме+приватн не+видит+упомин"
    " i+tag на+тег",
    "offline": "offline without+internet no+internet without+network офлайн оффлайн без+интернет без+сети wifi wi+fi"
    " вайфа",
    "internet": "internet web search news weather a+link this+link интернет поиск погод новост сайт открой+ссылк"
    " google+something google+it google+that look+up browse загугл погугл mcp =tool =tools инструмент",
    "ollama": "ollama llama local+model own+model олам лама локальн =local gpu laptop own+computer my+computer"
    " on+my+pc old+computer своем+комп свой+комп ноут видеокарт",
    "anthropic": "anthropic claude sonnet opus клод антропик клауд",
    "gemini": "gemini google гемини джемини гугл",
    "compatible": "compatible openrouter groq deepseek mistral grok xai vllm lmstudio lm+studio fallback toml"
    " совместим дипсик опенроутер мистрал грок запасн",
    "docker": "docker container compose kubernetes podman докер контейнер кубер k8s",
    "settings": "setting config env variable proxy настро перемен прокси конфиг",
    "media": "picture =pic =pics photo image voice audio video file pdf document sticker draw speech screenshot"
    " картин фото изображ голос аудио видео файл документ стикер рисуй рисов нарис скрин войс =гс кружоч пдф remind"
    " schedul export напомин экспорт выгруз фотк",
    "update": "update upgrade new+version newer+version latest обнов новая+верси новой+верси новую+верси апдейт"
    " what+s+new whats+new release что+нового релиз",
    "access": "access allow deny pair owner admin stranger friend family wife husband kids share invite kick =ban"
    " colleague somebody+else someone+else other+people everyone public my+id доступ владел админ впуст впущ разреш"
    " =друг =друга =другу =другом друзья друзей семья семье семью семьи жена жене жену подел пригла коллег"
    " другие+люди другим+людям посторон чужие чужим забан =бан мой+id who+can+use who+can+write who+may кто+может"
    " multiple+people several+people two+people brother sister mother =mom father =dad =son daughter roommate"
    " who+owns private+bot вдвоем втроем =мама =маме =мамы =папа =папе брат сестр дети детям детей закрытый+бот"
    " my+team our+team =team для+команды my+telegram+id айди мужу мужа unblock let+in разблок пустить ребен сын =дочь"
    " дочк дочери",
    "uninstall": "uninstall remove delete erase wipe удал стере стира очист снест снос clear get+rid убрать+бота",
    "cost": "cost price pricing pay paid free money cheap expensive subscri bill budget how+much платн платит заплат"
    " плачу бесплат стоит стоят цена цены ценник деньг денег дорог дешев подписк тариф рубл халяв premium премиум fee"
    " regist account credit+card регистрац карту =карта =карты gratis charge for+nothing берете берут снимут даром"
    " стоет",
    "limits": "limit how+long how+many =max maximum quota too+long лимит огранич максим сколько+сообщ сколько+символ"
    " сколько+вопрос длиннее слишком+длинн сколько+токен cut+off cuts+off обрыва =макс размер",
    "language": "language translat english german russian spanish french язык перевод переведи английск немец"
    " говоришь+по русски русско chinese italian ukrainian japanese arabic украин китайск испанск французск",
    "source": "github source licen contribut made+you made+this created author developer developed wrote+you"
    " who+built исходн лиценз создал сделал разработ автор написал+тебя гитхаб кто+тебя помочь+проект",
    "backup": "backup back+up restore copy database sqlite save+my move+it move+to резерв бэкап бекап копи восстанов"
    " postgres баз перенес перенос переезд переехать back+everything сохранить save+all",
    "privacy": "privacy private secret safe secure spy read+my reads+my read+our see+my sees+my my+data data+stor"
    " where+are+my store leak log trust приватн безопас личн данн хран читает читают прочит утеч слеж следи шпион"
    " секрет конфиденц довер кто+видит переписк saved sell encrypt сохраня шифр продае admin+read admin+see"
    " the+admin+read кто+то+читает админ+видит админ+чита видит+мои",
    "persona": "system+prompt system+message persona role character instruction act+like act+as prompt промпт роль"
    " роли персонаж характер инструкц веди+себя be+funny funny talk+like шути смешн shorter короче",
    "playground": "playground =play browser this+page песочниц браузер эта+страниц",
    "providers": "provider connect add+a+model add+ai add+an+ai real+ai real+answer real+model провайдер подключ"
    " настоящие+ответ настоящий+ии настоящую+нейросет добавить+модел добавить+ии добавить+нейросет which+companies"
    " which+services какие+нейросети какие+сервисы",
    "new_provider": "provider plugin new+provider own+provider write+a+provider провайдер плагин новый+провайдер"
    " нового+провайдера свой+провайдер своего+провайдера написать+провайдер",
    "about": "what+is+this what+s+this whats+this what+are+you who+are+you deltagram are+you+a are+you+real"
    " are+you+human are+you+chatgpt are+you+gpt human robot что+это что+ты+такое что+за+бот кто+ты ты+кто ты+человек"
    " ты+бот ты+ии ты+чат ты+живой ты+нейросет ты+настоящ робот человек зачем дельтаграм wtf what+is+it"
    " what+does+this what+does+it explain+this is+this+a is+this+chatgpt how+does+it+work how+it+works что+за+штука"
    " что+за+фигня как+это+работает как+оно+работает who+am+i+talking am+i+talking behind+this real+person scam"
    " с+кем+я живой+человек развод looking+at point+of prewritten для+чего смысл+в вообще+кто explain+what что+ты+за",
    "openai": "openai gpt chatgpt =key =keys apikey =api опенаи чатгпт гпт ключ апи подключи+мне+chatgpt",
    "switch": "switch change choose select model another+ai different+ai смен переключ выбр выбер модел"
    " другую+нейросет which+ai what+ai какая+нейросеть какой+ии другая+модел provider провайдер поменя",
    "stop": "stop cancel retry regenerate interrupt shut+up останов стоп отмен прерв повтор перегенер хватит замолчи"
    " turn+it+off turn+off shut+down shutdown =quit выключ отключ another+answer try+again wrong+answer другой+ответ"
    " еще+раз неправильн перестан ответь+заново сгенерируй+заново",
    "history": "history remember memory context conversation forget new+conversation new+chat /new start+over истор"
    " помн запомин память контекст разговор диалог забы забуд новый+чат с+начала начать+сначала начни+сначала reset"
    " fresh forgot начать+заново",
    "memory": "before previous earlier did+i+say i+said раньше предыдущ прежде сказал писал говорил",
    "groups": "group mention topic forum channel групп упомин форум =тема =темы =теме =темах каналу каналах канале"
    " =чате общий+чат наш+чат чат+с invite+to invite+it+to to+a+group to+group to+my+group to+the+group в+группу"
    " read+along читать+переписк",
    "deploy": "deploy install =run running server host vps systemd raspberry windows =mac macos linux wsl botfather"
    " token real+telegram my+telegram =phone set+it+up set+this+up set+up setup get+started getting+started =24"
    " always+on установ поставить запуст запуск сервер развер токен впс винд =мак линукс телефон постоянно"
    " круглосуточ =телеграме =телеграм =app desktop what+should+i+do what+now first+step where+do+i+start приложени"
    " десктоп что+мне+делать первые+шаги первый+шаг с+чего+нач two+bots multiple+bots several+bots second+bot"
    " два+бота нескольк+бот второй+бот терминал terminal =маке макбук хост ботфазер захост",
    "trouble": "not+work doesn+t+work doesnt+work isn+t+work isnt+work stopped+work not+answer doesn+t+answer"
    " doesnt+answer isn+t+answer not+respond doesn+t+respond doesnt+respond isn+t+respond no+answer no+response"
    " silent crash stuck hang frozen wrong problem trouble =bug an+error get+error error+message does+nothing"
    " не+работает неработает не+отвечает не+могу завис сломал проблем не+получ не+запуск не+запуст не+стартует глюч"
    " баг вылета выдает+ошибк пишет+ошибк ошибка+при ошибку что+не+так nothing+happen ничего+не+проис молч не+пашет"
    " не+фурыч не+реаг key+doesn+t key+doesnt ключ+не+раб too+slow so+slow very+slow slow+answer тормоз долго+дума"
    " долго+отвеча долго+жда ignores игнор won+t+answer wont+answer won+t+work wont+work is+dead error+4 error+5"
    " ошибка+4 ошибка+5 сдох ответа+нет нет+ответа",
    "commands": "command help menu can+you what+can+i feature abilit how+do+i+use how+to+use use+this useful команд"
    " помощ помог помож меню умее можешь возможност что+делать как+пользов этим+пользов как+использ че+делать памаг"
    " хелп how+do+you+work",
    "code": "=code program function snippet python код программ функц питон",
    "table": "table таблиц",
    "markdown": "markdown format bold разметк формат",
    "long": "long everything whole essay длинн расскажи+все все целиком",
    "slow": "slow медлен",
    "error": "error fail broken ошибк сбой",
    "reasoning": "reason think thought рассужд размышл мысл",
    "rude": "stupid idiot dumb fuck shit sucks useless hate+you тупой тупая тупица дура идиот дебил бесполезн отстой"
    " =нахуй =нахер хуй говно фигня блять screw+you нафиг",
    "thanks": "thank thx cool great nice awesome amazing good+bot well+done bye goodbye =ok =okay love+you got+it"
    " спасиб спс пасиб благодар круто =класс классно здорово отлично молодец супер =пока =ок =окей понятно ясно"
    " good+night see+you lol хорошо спокойной доброй+ночи лол норм =угу =ага cheers красав =огонь",
    "hello": "hello =hi hey hiya =yo good+morning good+evening good+day how+are+you what+s+up sup start anybody who"
    " =test привет здравств здоров добрый доброе хай хелло =ку салам начать есть+кто как+дела как+ты как+жизнь =тест"
    " кто privet whats+up how+s+it hows+it hola че+как =прив здрас здаров даров =gm you+there ты+тут ты+здесь howdy"
    " доброго greetings",
}

GERMAN_STEMS: Mapping[str, str] = {
    "privacy_mode": "privatsphäre+modus privatsphäremodus sieht+keine+erwähn",
    "offline": "ohne+internet ohne+netz kein+internet",
    "internet": "suche+im websuche nachrichten+von wetter aktuell nachschlagen googel werkzeug",
    "ollama": "lokales+modell eigener+rechner eigenen+rechner mein+rechner meinem+rechner grafikkarte",
    "compatible": "kompatib ersatzanbieter",
    "settings": "einstell konfigur umgebungsvariab",
    "media": "bild foto sprachnachricht aufnahme datei dokument zeichne male+mir erinner sichere+als",
    "update": "aktualisier neue+version neuere+version neuest was+ist+neu was+gibt+es+neues",
    "access": "zugang zugriff erlaub freund familie kolleg besitzer fremde einladen jemand+anders andere+leute"
    " meine+frau mein+mann kinder wer+darf wer+kann gesperrt sperren freischalt teilen",
    "uninstall": "deinstall lösch entfern weg+damit",
    "cost": "kost preis gratis umsonst bezahl zahlen geld teuer billig =abo abonnement guthaben wie+teuer"
    " anmelden konto",
    "limits": "tageslimit grenze begrenz wie+viele wie+lang höchst zu+lang zeichen abgeschnitten kontingent",
    "language": "sprache deutsch übersetz sprichst englisch russisch",
    "source": "quelltext quellcode quelloffen lizenz wer+hat+dich entwickl autor mitmachen woher+kommst",
    "backup": "sicherungskop sicherung wiederherstell umzug umziehen datenbank",
    "privacy": "datenschutz privat+hier liest+mit wer+liest wer+sieht sicher+hier vertrau gespeichert speicher"
    " verschlüssel geheim meine+daten protokoll",
    "persona": "systemprompt rolle charakter verhalte antworte+wie sei+lustig kürzer",
    "playground": "spielwiese diese+seite",
    "providers": "füge+ich+einen+anbieter anbieter+hinzu hinzufügen verbinden echte+ki echte+antwort ki+anschließen"
    " ki+einrichten welche+dienste",
    "new_provider": "neuer+anbieter neuen+anbieter eigener+anbieter eigenen+anbieter anbieter+schreiben",
    "about": "was+ist+das was+bist+du wer+bist+du bist+du+ein bist+du+eine bist+du+echt mensch wie+funktioniert"
    " wozu worum+geht was+soll+das wer+antwortet mit+wem",
    "openai": "schlüssel",
    "switch": "wechsel umschalt anderes+modell andere+ki anderer+anbieter auswähl anbieter+wähl anbieter welche+ki",
    "stop": "anhalt =halt stopp abbrech aufhör hör+auf noch+einmal nochmal neu+antworten falsche+antwort"
    " ausschalt beenden",
    "history": "verlauf merkst+du erinnerst gedächtnis gespräch vergiss vergess von+vorn neues+gespräch neuer+chat",
    "memory": "vorhin zuvor habe+ich+gesagt hab+ich+gesagt davor",
    "groups": "gruppe erwähn thema kanal themen mitlesen",
    "deploy": "installier einricht betreiben starten server+auf handy rechner+laufen windows+rechner dauerhaft"
    " loslegen wie+fange+ich+an was+muss+ich+tun erste+schritte anfangen",
    "trouble": "funktioniert+nicht geht+nicht klappt+nicht antwortet+nicht reagiert+nicht kaputt abgestürzt hängt"
    " problem keine+antwort passiert+nichts fehlermeldung ignoriert zu+langsam so+langsam schweigt",
    "commands": "befehl hilf was+kannst+du was+kann+ich wie+benutze wie+bediene funktionen",
    "code": "programmcode",
    "table": "tabelle",
    "markdown": "formatier",
    "long": "=lang =langer =lange ausführlich alles",
    "slow": "langsam",
    "error": "fehler",
    "reasoning": "gedanke nachdenk überleg",
    "rude": "=blöd dumm scheiß idiot mist nutzlos doof",
    "thanks": "danke dankeschön super+gemacht tschüs tschüss klasse =prima verstanden gute+nacht =cool bis+bald merci",
    "hello": "hallo =moin servus guten+tag guten+morgen guten+abend grüß =na wie+geht grüezi =hey jemand+da bist+du+da",
}
_ENGLISH = frozenset(
    [
        "the",
        "is",
        "are",
        "you",
        "how",
        "what",
        "why",
        "i",
        "my",
        "do",
        "does",
        "can",
        "a",
        "an",
        "to",
        "of",
        "it",
        "this",
        "please",
    ]
)
_GERMAN = frozenset(
    [
        "ich",
        "du",
        "wie",
        "ist",
        "das",
        "ein",
        "eine",
        "einen",
        "einem",
        "der",
        "den",
        "dem",
        "und",
        "nicht",
        "kein",
        "keine",
        "keinen",
        "mit",
        "von",
        "für",
        "auf",
        "zu",
        "mir",
        "mich",
        "mein",
        "meine",
        "meinen",
        "dein",
        "deine",
        "kann",
        "kannst",
        "bitte",
        "warum",
        "wieso",
        "wozu",
        "wer",
        "wem",
        "wo",
        "welche",
        "welcher",
        "es",
        "wird",
        "habe",
        "hast",
        "nach",
        "beim",
        "ja",
        "nein",
        "gibt",
        "geht",
        "mal",
        "noch",
        "auch",
        "aber",
        "oder",
        "wenn",
        "ki",
    ]
)

_WORD = re.compile(r"/?\w+")
_UMLAUT = re.compile(r"[äöüß]")
_SHARED = frozenset(
    ["=cool", "=hey", "merci", "problem", "idiot", "mist", "charakter", "=na", "=halt"]
)  # no sign of German
_CYRILLIC = re.compile(r"[а-яё]", re.IGNORECASE)


def language_of(question: str, *earlier: str) -> Language:
    """Return the language to answer in: that of the question, or where it could be any, of what was said `earlier`.

    Russian has its letters, German its letters or words; of the earlier ones the newest comes first. English else.
    """
    return next((spoken for said in (question, *earlier) if (spoken := _spoken(said))), "en")


def topic_of(question: str) -> str:
    """Return the topic that a question is about, `UNKNOWN` where it names none."""
    words = _WORD.findall(question.lower().replace("ё", "е"))[:MAX_WORDS]
    return _best(words, _occurs) or _best(words[:MAX_CORRECTED], _nearly_occurs) or UNKNOWN


def text_on(topic: str, language: Language) -> str:
    """Return the Markdown on a topic; `EVERYTHING` is all that there is to know about the bot, in several messages."""
    texts = LANGUAGES[language]
    if topic != EVERYTHING:
        return texts[topic]
    chapters = [text for name, text in texts.items() if text.startswith("### ")]
    return "\n".join([texts["whole"], *chapters])


def _spoken(said: str) -> Language | None:
    if _CYRILLIC.search(said):
        return "ru"
    words = _WORD.findall(said.lower())[:MAX_WORDS]
    german = sum(word in _GERMAN or bool(_UMLAUT.search(word)) for word in words)
    english = sum(word in _ENGLISH for word in words)
    if german != english:
        return "de" if german > english else "en"
    is_german = any(
        _occurs(stem, words) for stems in GERMAN_STEMS.values() for stem in stems.split() if stem not in _SHARED
    )
    return "de" if is_german else None


def _best(words: list[str], occurs: Callable[[str, list[str]], bool]) -> str:
    """Return the topic with the most stems that occur, the earlier one on a tie, "" where none occurs."""
    scores = {
        topic: sum(occurs(stem, words) for stem in {*stems.split(), *GERMAN_STEMS.get(topic, "").split()})
        for topic, stems in TOPICS.items()
    }
    best = max(scores, key=lambda topic: scores[topic])
    return best if scores[best] else ""


def _occurs(stem: str, words: list[str]) -> bool:
    if "+" in stem:
        return f" {stem.replace('+', ' ')}" in f" {' '.join(words)}"
    if stem.startswith("="):
        return stem[1:] in words
    return any(word.startswith((stem, f"/{stem}")) for word in words)


def _nearly_occurs(stem: str, words: list[str]) -> bool:
    return stem.isalpha() and len(stem) >= MIN_CORRECTED and any(_begins_nearly(word, stem) for word in words)


def _begins_nearly(word: str, stem: str) -> bool:
    """Tell whether a word begins with a stem but for one letter: another, one missing, one too many, or two swapped."""
    at = next((at for at, (has, wanted) in enumerate(zip(word, stem, strict=False)) if has != wanted), 0)
    rest, wanted = word[at:], stem[at:]
    if at == 0 or len(wanted) == 1:
        return False
    nearly = [rest[:1] + wanted, wanted[1] + wanted[0] + wanted[2:]]
    if len(stem) > MIN_CORRECTED:
        nearly += [rest[:1] + wanted[1:], wanted[1:]]
    return rest.startswith(tuple(nearly)) if len(wanted) > SURE else rest in nearly
