"""What newcomers ask the guide, in their own words, and what it must tell them about."""

import pytest

from providers.guide.topics import TOPICS, UNKNOWN, topic_of

ENGLISH = {
    "hello": (
        "hi | Hey there! | hello, anybody here? | How are you? | yo | test | sup | Good morning | howdy | "
        "hi there, how r u | whats up | hows it going | hello bot | gm | you there?"
    ),
    "about": (
        "what is this? | whats this | What are you | who are you?? | are you an AI? | r u a bot or human | "
        "are you chatgpt | what is deltagram | what am i looking at? | whats the point of this bot | "
        "who's behind deltagram | it only replies with prewritten stuff | wtf is this | explain what this does | "
        "is this chatgpt? | how does it work | so what is this thing | who am i talking to | "
        "am i talking to a human | is there a person behind this"
    ),
    "source": (
        "who made you | is it open source? | where's the github | who is your developer | what license is it | "
        "license? | who built you | open source? | can i contribute"
    ),
    "commands": "what can you do? | help | HELP ME | how do i use this | commands pls | what can i do here | menu",
    "cost": (
        "how much does it cost? | is it free | do I have to pay | do i need a subscription | isn't that expensive? | "
        "free of charge? | is it gratis | will i be charged | can i try before paying | do u cost money | "
        "whats the price | cheapest option | telegram premium needed? | does this thing cost anything | any fees? | "
        "do i need to register | is my credit card needed | how to host it for free"
    ),
    "openai": (
        "where do I put my api key | how do i add an openai key | i have a chatgpt key, what now | add my key | "
        "opnai key | gpt | my chatgpt key is here where does it go | where do i enter my openai key | "
        "how to add a key? | use gpt-4 | no key | do i need a key | i have no key | is a key required | "
        "how to get an api key | i pasted my key and nothing changed | can i use chatgpt plus with it"
    ),
    "providers": (
        "how do i connect a real ai | how can I get real answers | add provider | which providers are there | "
        "add provder | which companies are supported"
    ),
    "anthropic": "can i use claude | how to add anthropic | claude opus pls | add antrhopic | switch to claude",
    "gemini": "does it work with google gemini | gemini?",
    "ollama": (
        "how to use ollama | can it use a local model | llama on my pc | can i bring my own model | local | "
        "can i run models on my own computer | i have an old laptop, will it work | does it need a gpu"
    ),
    "compatible": (
        "does it support openrouter | i have a groq key | deepseek? | can I use LM Studio | mistral key | "
        "connect to lm studio | does it support mistral"
    ),
    "switch": (
        "how do i change the model | which models are there | switch ai | choose another model | switch models | "
        "change provider | which ai do you use | what model are you"
    ),
    "access": (
        "can my friends use it | how do I share it with my family | how do I let somebody else in | "
        "who can use this bot? | can everyone write to it | how to block a stranger | i lost the owner link | "
        "what is my id | let my kids use it | unblock user | give access to another chat | "
        "can multiple people use it | who owns this bot | add admin | let my brother use it | "
        "my friend gets private bot | can my wife use it too | i want to use it with my team | "
        "how to make it answer everyone | how do i become admin | what's my telegram id"
    ),
    "groups": (
        "does it work in groups? | how do i add it to my group chat | can it be in a channel | forum topics? | "
        "work in telegram groups with topics? | invite to group | how to add to group | can i put it in our group | "
        "bot ignores me in the group"
    ),
    "privacy_mode": "it does not see mentions | what is privacy mode | it does not react when i tag it",
    "deploy": (
        "how do i install it | how to run it on my server | can i run it 24/7 | does it run on windows | "
        "i want it in my real telegram | how do i get a token | can i use it on my phone | how to set this up | "
        "raspberry pi? | how do i get started | where to paste the token | botfather what | how do i host this | "
        "vps needed? | install on ubuntu | how to run on linux | what should I do first | self hosted | "
        "is there a mobile app | does it work with telegram desktop | can i have two bots | multiple bots | "
        "does it work on mac | windows 11? | where does it run | keep it running after i close the terminal"
    ),
    "docker": "is there a docker image? | docker-compose? | docker hub image | run on docker | k8s",
    "update": (
        "how do I update it | is there a newer version | how to upgrade? | udpate | update to the newest | "
        "how to update the bot | new release? | whats new | update available? | i updated and it broke"
    ),
    "backup": (
        "how do i back up | backup | how do i restore my chats | can I move it to another server | "
        "copy the database | where is the database | how to move to new server | how to back everything up | "
        "restore from backup"
    ),
    "uninstall": (
        "how to uninstall | delete all my messages | how do i remove it again | erase everything | wipe my chat | "
        "delete my data | how to delete history | clear chat | remove my data please | uninstall it"
    ),
    "privacy": (
        "who can read my messages | is it private? | is this safe | where is my data stored | "
        "do you log what I write | are you spying on me | private data | can the admin read my chats | "
        "is my chat private | who sees my messages | are messages saved | do you sell my data | is it encrypted"
    ),
    "media": (
        "can it see pictures? | does it understand voice messages | can i send a pdf | can you draw me a cat | "
        "photos? | can you watch a video | send voice msgs | picture recognition | attach a document | "
        "can u see images | i wanna talk by voice | can it send reminders | export chat | does it do images | "
        "read a pdf | can i send photos | does it transcribe audio"
    ),
    "internet": (
        "can it search the web | what's the weather | latest news | can you open a link | is there web search | "
        "can you google something"
    ),
    "offline": "does it work offline | can i use it without internet | works without wifi?",
    "language": (
        "do you speak german | which languages | can you translate | switch to russian language | english? | "
        "english or russian? | chinese support | change language | can it speak spanish | "
        "what languages does it support | speak russian"
    ),
    "limits": (
        "is there a limit | how long can a message be | how many messages can i send | max length? | "
        "maximum message size | how many questions per day | how many tokens | rate limit | answer is too long | "
        "it cut off"
    ),
    "persona": (
        "can i give it a personality | how to set the system prompt | act as a pirate | set a custom prompt | "
        "system message | be funny | how to change its personality | make it shorter answers"
    ),
    "history": (
        "do you remember what we talked about | how do I start a new chat | forget everything | memory? | "
        "new conversation | reset conversation | how to start fresh | it forgot what i said | can it remember things"
    ),
    "stop": (
        "how do i stop it | stop | shut up | regenerate the answer | stop generating | make it stop talking | "
        "how do I stop the bot | turn it off | how to stop the answer | give me another answer | try again | "
        "wrong answer"
    ),
    "settings": (
        "where are the settings | what is the config file | proxy | proxy settings | where's the .env file | "
        "what goes in the env file"
    ),
    "trouble": (
        "it doesn't work | its not working | why don't you answer? no response | the bot is silent | "
        "i get an error message | it crashed | something is wrong | the bot won't answer | bot is dead | "
        "got an error 401 | my key doesnt work | bot not responding | why is nothing happening | it's too slow | "
        "report a bug"
    ),
    "playground": "what is this page | playground",
    "thanks": (
        "thanks! | thx | ok cool | great | bye | tahnks | thank u | thats cool | thank you so much | good night | "
        "lol | ok | nice one | cheers"
    ),
    "rude": "you are stupid | this sucks | useless | screw you",
    UNKNOWN: (
        "asdfghjkl | 🦊🦊 | ... |  | 2+2? | What is the capital of France? | write a poem about autumn | 1 | nope | "
        "why | yes | it types weird | what's 5 plus 7 | tell me a joke"
    ),
    "new_provider": "write my own provider",
}
RUSSIAN = {
    "hello": (
        "привет | Здравствуйте! | ку | как дела? | добрый вечер | есть кто? | привт | тест | хай | доброго дня | "
        "че как | прив | здрасте | дарова | приветик | доброе утро | ты тут?"
    ),
    "about": (
        "что это? | ты кто | кто ты такой | что ты такое | ты бот или человек? | ты нейросеть? | зачем ты нужен | "
        "ты вообще кто | для чего этот бот | какой смысл в этом боте | что ты за штука | зачем это | "
        "как это работает | а что это вообще такое | с кем я говорю | тут живой человек? | это не развод?"
    ),
    "source": (
        "кто тебя создал | где исходники | кто автор? | это открытый код? дай гитхаб | какая лицензия | "
        "под какой лицензией | кто тебя написал | открытый исходный код | хочу помочь проекту"
    ),
    "commands": (
        "что ты умеешь? | помощь | помоги | какие есть команды | что ты можешь | как этим пользоваться | меню | "
        "памагите | чё делать | хелп | как пользоваца"
    ),
    "cost": (
        "сколько это стоит? | это бесплатно | платный или нет | нужна подписка? | а дорого? | надо платить деньги? | "
        "с меня деньги снимут? | сколько берете | даром? | сколько денег | цена вопроса | это платно? | "
        "самый дешевый вариант | нужен премиум? | сколько стоет | безплатно? | регистрация нужна? | "
        "карту привязывать надо? | подписка chatgpt плюс подойдет? | бесплатный хостинг"
    ),
    "openai": (
        "куда вставить ключ | как добавить ключ опенаи | у меня есть ключ от chatgpt | где взять апи ключ | gpt | "
        "у меня есть ключ куда его | подключи мне chatgpt | где взять ключ | без ключа можно? | ты на gpt4? | "
        "нужен ли ключ | как получить ключ | вставил ключ и ничего"
    ),
    "providers": (
        "как подключить нейросеть | как подключить настоящий ИИ? | добавить провайдера | какие есть провайдеры | "
        "хочу настоящие ответы | пдключить | свою модель подключить | какие нейросети поддерживает"
    ),
    "anthropic": "можно клод? | как подключить claude | антропик есть? | хочу клауд | перейти на claude",
    "gemini": "а гемини работает? | ключ от gemini",
    "ollama": (
        "как поставить оламу | можно локальную модель? | ollama | можно на своем компе модель | "
        "старый ноутбук потянет? | видеокарта нужна?"
    ),
    "compatible": "есть дипсик? | у меня ключ openrouter | поддерживает groq | мистраль можно?",
    "switch": (
        "как сменить модель | какие модели есть? | переключить на другую нейросеть | как выбрать модель | "
        "смени модель | поменять провайдера | какая модель"
    ),
    "access": (
        "могут ли друзья пользоваться | как дать доступ жене | как поделиться с семьей | кто может писать боту? | "
        "как забанить человека | как узнать мой id | как пригласить коллег | потерял ссылку владельца | "
        "ребенку можно? | разблокировать человека | пустить в бота подругу | можно вдвоем пользоваться | "
        "мама тоже хочет | добавить админа | дать доступ брату | можно мужу дать | хочу для команды | "
        "как стать админом | какой у меня айди"
    ),
    "groups": (
        "работает в группах? | как добавить в общий чат | а в канале можно | темы форума | пригласить в группу | "
        "темы в группе | добавить в группу | добавить в наш чат | не отвечает в группе"
    ),
    "privacy_mode": "бот не видит упоминания | что за режим приватности | не реагирует на тег",
    "deploy": (
        "как установить | как запустить на сервере | как сделать чтобы работал круглосуточно | на винде работает? | "
        "хочу в свой телеграм | где взять токен | а на телефоне можно? | с чего начать | какой хостинг нужен | "
        "куда токен вставлять | как захостить | нужен сервер? | ботфазер это что | поставить на убунту | на линуксе | "
        "что мне делать сначала | есть приложение? | два бота можно? | на маке пойдет? | "
        "чтобы работал когда закрою терминал"
    ),
    "docker": "есть докер образ? | docker compose есть? | образ для докера | в докере",
    "update": (
        "как обновить | есть новая версия? | обновление | обновить до последней | как обновиться | "
        "вышла новая версия? | обнова есть | после обновления сломалось"
    ),
    "backup": (
        "как сделать бэкап | резервная копия | как перенести на другой сервер | где база | скопировать базу | "
        "где лежит база | переезд на новый сервер | сохранить все переписки | восстановить из копии"
    ),
    "uninstall": (
        "как удалить бота | как удалить мои сообщения | стереть все данные | очистить все | снести переписку | "
        "удалить переписку | удали историю | очистить чат | удали мои данные | снести его"
    ),
    "privacy": (
        "кто читает мои сообщения? | это безопасно? | где хранятся мои данные | ты следишь за мной | приватность? | "
        "переписку кто-то читает? | админ видит мои чаты? | кто видит переписку | сообщения сохраняются? | "
        "данные продаете? | шифрование есть"
    ),
    "media": (
        "понимает картинки? | можно голосовое отправить | нарисуй кота | а пдф читает | фото видишь? | "
        "войсы слушаешь? | голосовые понимает | распознать фото | прикрепить документ | умеешь картинки | "
        "можно голосом | напоминания умеет? | экспорт чата | картинки рисуешь | читает pdf? | можно фотку скинуть | "
        "расшифруй аудио"
    ),
    "internet": (
        "есть доступ в интернет? поиск | какая погода | последние новости | открой ссылку | поиск в сети есть | загугли"
    ),
    "offline": "работает без интернета? | можно офлайн | а без вайфая",
    "language": (
        "ты говоришь по-английски? | на каких языках | смени язык на английский | переведи слово | "
        "на немецком можно | украинский есть? | смени язык | по английски можно | а на русском можно? | "
        "какие языки знаешь | давай на английском"
    ),
    "limits": (
        "есть лимит? | сколько сообщений можно | какие ограничения | максимальная длина ответа | "
        "макс размер сообщения | сколько вопросов в день | сколько токенов | лимиты есть | слишком длинный ответ | "
        "обрывается ответ"
    ),
    "persona": (
        "можно задать ему роль? | как поменять промпт | веди себя как пират | задать свой промпт | "
        "хочу чтобы он шутил | поменять характер | отвечай короче"
    ),
    "history": (
        "ты помнишь разговор? | как начать новый чат | забудь всё | начать с начала | новый диалог | забудь | "
        "сбросить диалог | начать заново | забыл что я говорил | ты помнишь меня"
    ),
    "stop": (
        "как остановить | стоп | хватит | повтори ответ | замолчи | остановись | перестань писать | выключить бота | "
        "другой ответ дай | попробуй еще раз | неправильно"
    ),
    "settings": "где настройки | как настроить прокси | настройки прокси | где файл env | что писать в env",
    "trouble": (
        "не работает | почему не отвечает | бот молчит | все сломалось | выдает ошибку | завис | "
        "не могу запустить, что не так | ниче не получается | бот сдох | ответа нет | ошибка 401 | ключ не работает | "
        "бот не отвечает | ничего не происходит | почему молчишь | не пашет | тормозит | долго думает | нашел баг"
    ),
    "playground": "что за песочница | это в браузере?",
    "thanks": (
        "спасибо | спс | круто | ок | пока | понятно | спасибо большое! | пасиб | огонь | спасибки | доброй ночи | "
        "норм | лол | красава | благодарю"
    ),
    "rude": "ты тупой | дурак | бесполезный бот | иди нафиг",
    UNKNOWN: (
        "фываолдж | сколько будет два плюс два | напиши стих про осень | столица Франции? | 😀 | почему | да | нет | "
        "расскажи анекдот | 5+7"
    ),
    "new_provider": "написать своего провайдера",
}
TABLE = [
    (question, topic)
    for table in (ENGLISH, RUSSIAN)
    for topic, questions in table.items()
    for question in questions.split(" | ")
]


@pytest.mark.parametrize("topic", list(dict.fromkeys(topic for _, topic in TABLE)))
def test_a_newcomer_is_told_what_was_asked_for(topic: str) -> None:
    found = {question: topic_of(question) for question, wanted in TABLE if wanted == topic}

    assert {question: other for question, other in found.items() if other != topic} == {}


@pytest.mark.parametrize("table", [ENGLISH, RUSSIAN], ids=["en", "ru"])
def test_every_topic_is_asked_for_in_each_language(table: dict[str, str]) -> None:
    shown = {"code", "table", "markdown", "long", "slow", "error", "reasoning", "memory", "new_provider"}

    assert set(TOPICS) - shown <= set(table)
