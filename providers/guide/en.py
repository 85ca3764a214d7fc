"""The guide of the demo provider in English: topic → Markdown."""

from collections.abc import Mapping

from providers.guide.code import NEW_PROVIDER, SHOWN_CODE

TEXTS: Mapping[str, str] = {
    "hello": """\
Hello! I am **demo**, the guide that is built into this bot. I am *not* an AI: my answers are written in advance, \
need no key and no network, and show how the bot writes its messages.

Ask me about this bot in your own words, or send one of these: `add provider`, `install`, `cost`, `groups`, \
`friends`, `privacy`, `commands`. To see what the bot can show: `code`, `table`, `markdown`, `long`, `slow`, \
`reasoning`, `error`.
""",
    "unknown": """\
I cannot answer that: I am **demo**, a built-in guide and not an AI, and I know only this bot. For real answers \
choose a provider with /provider. Is there none but me? The quickest is a line `OPENAI_API_KEY=…` in the file `.env`, \
then a restart.

What I can tell you about (send one of these):

- **the first steps**: `what is this`, `cost`, `commands`, `language`, `limits`
- **adding a provider**: `add provider`, `openai key`, `ollama`, `anthropic`, `gemini`, `compatible servers`, `new \
provider`
- **using the bot**: `switch provider`, `history`, `stop`, `pictures and voice`, `internet`, `system prompt`
- **other people**: `friends`, `groups`, `privacy mode`, `privacy`
- **running it**: `install`, `docker`, `settings`, `update`, `backup`, `uninstall`, `offline`, `playground`, \
`not working`, `source`

And to see what the bot can show: `code`, `table`, `markdown`, `long`, `slow`, `reasoning`, `error`.
""",
    "about": """\
### What this is

Deltagram is a Telegram bot that you run yourself. You write to it, an AI of your choice answers, and you read the \
answer in one message while it is being written. What answers right now is **demo**: a built-in guide, not an AI and \
not a person. Ask me about `add provider`, and an AI will answer in my place.
""",
    "source": """\
### Where it comes from

Deltagram is open source under the MIT licence: you may use it, change it and pass it on. It is written in Python with \
aiogram. `docs/architecture.md` explains the code, `CONTRIBUTING.md` how to change it; a provider is one file.
""",
    "cost": """\
### What it costs

The bot is free, without accounts, advertising or a paid version. What can cost money is the AI:

- `demo`: nothing
- `ollama`: nothing, but it needs a good computer
- **OpenAI, Anthropic and most others**: what their API costs, by the amount of text

A service's website tells its prices, and whether it has a free allowance. A subscription such as ChatGPT Plus is not \
a key: the API is paid for separately. The whole conversation is sent with every question, so /new also saves money. \
Telegram Premium is not needed.
""",
    "language": """\
### Languages

The bot's own words are English, German or Russian, as your Telegram is set; /settings changes it for a chat, and \
`LANGUAGE` in `.env` for all. The AI answers in any language that it knows, normally the one of your question; ask it \
to translate, too. I, the guide, speak English, German and Russian.
""",
    "limits": """\
### Limits

A Telegram message holds 4,096 characters. A longer answer goes on in further messages; after five (`MAX_PARTS`) the \
rest comes as a file. A question that is too long for the model is refused with a hint.

The bot itself counts no messages per day. At most 20 questions of a chat wait for their turn. A provider can have \
limits of its own: then the bot tells you, and when to try again if it knows.
""",
    "media": """\
### Pictures, voice, files

The bot reads pictures and albums where the model sees them, and the text of documents (PDF, DOCX, code …). A voice \
message is heard by the model, or written down by a service if one is set up; `/retry TEXT` corrects what was heard. \
Videos are not watched, and no pictures are drawn. A very long answer comes as a text file, and /export saves a \
conversation. There are no reminders.
""",
    "internet": """\
### Searching the web

The bot itself looks nothing up and opens no links: it passes your words to the AI, which answers from what it has \
learned. So news, weather and prices may be out of date, unless the AI service searches by itself.
""",
    "offline": """\
### Without internet

`make play` works offline: the local Telegram server, the page and I need no network. The real bot needs a connection \
to Telegram. With Ollama the AI itself runs on your own machine; ask me about `ollama`.
""",
    "docker": """\
### Docker

There is no image, and none is needed: the bot is one Python program with one SQLite file, and a service of systemd \
keeps it running (ask me about `install`). In a container of your own, take an image with Python 3.11 or later and:
```
pip install -r requirements.txt
python -m bot run
```
Keep the folder `data` on a volume and give the settings as environment variables. Run one container per bot.
""",
    "update": """\
### Updating

```
.venv/bin/python -m bot backup before-update.db
git pull
make setup
```
Then restart the bot. It brings its database up to date by itself; answers under way are taken up again. \
`CHANGELOG.md` says what is new.
""",
    "uninstall": """\
### Deleting and uninstalling

- **A conversation**: send /new, and what was said before is no longer sent to the provider. It stays in the database.
- **All that the bot has stored**: stop it and delete the folder `data`.
- **The whole bot**: stop it, delete its folder, and send `/deletebot` to @BotFather.

Messages in Telegram are yours to delete there.
""",
    "privacy": """\
### Who reads what

Your messages go through Telegram (a chat with a bot is not end-to-end encrypted), to the bot, and from there to the \
provider that the chat has chosen; nowhere else. The bot keeps conversations in `data/bot.db` on its own machine, so \
whoever runs it can read them. Its log holds neither texts nor keys. With Ollama the AI is on a machine of your own.

If you mean Telegram's setting for groups, ask me about `privacy mode`.
""",
    "persona": """\
### A role for the AI

`/settings prompt You are a pirate and answer in rhymes.` sets the system prompt of a chat: who the AI is and how it \
answers. The button under `/settings prompt` takes it back. `SYSTEM_PROMPT` in `.env` is for all other chats. \
(I am no AI and stay as I am.)
""",
    "trouble": """\
### When something does not work

1. `.venv/bin/python -m bot check` tries Telegram, every provider and the database, and says what to do.
2. The log names each problem; `docs/operating.md` lists what to do about each line.

- **silence in a group**: mention the bot or reply to it; else ask me about `privacy mode`
- **silence in private**: the bot is not running, or another program uses its token
- **"This is a private bot"**: you have no access yet: ask me about `access`
- **slow answers**: the model: try another one with /model
- **⚠️ and a sentence**: the provider failed; the sentence says what you can do
- **always me, never an AI**: no provider is set in `.env`, or the bot was not restarted
""",
    "thanks": """\
You are welcome! I am only a prepared text, but whoever wrote it is glad. If you want to know more about this bot, \
just ask: `help` shows the commands.
""",
    "rude": """\
Sorry that this did not help. I am a small prepared guide, not an AI: I know this bot and nothing else. Send `help` \
for the commands, or `add provider` to have an AI answer in my place.
""",
    "providers": """\
### Adding a provider

A line in the file `.env`, then a restart:

- **OpenAI**: `OPENAI_API_KEY=…`
- **a compatible server**: `OPENAI_BASE_URL=https://…/v1`
- **Anthropic**: `ANTHROPIC_API_KEY=…`
- **Gemini**: `GEMINI_API_KEY=…`
- **Ollama**: `OLLAMA_BASE_URL=http://localhost:11434`

Set as many as you like: /provider switches between them. `.venv/bin/python -m bot check` tries them all. For a \
service that is not among them ask me about a `new provider`: that is one file.
""",
    "openai": """\
### An OpenAI key

1. Make a key at <https://platform.openai.com/api-keys>.
2. Put it into the file `.env` beside `Makefile`:
   ```
   OPENAI_API_KEY=sk-…
   OPENAI_MODEL=gpt-4o-mini
   ```
3. Run `.venv/bin/python -m bot check`: it streams one short answer from every provider and says what is wrong, if \
anything.
4. Restart the bot. `openai` is now the default of new chats; in this chat choose it with /provider.
""",
    "compatible": """\
### A server that speaks OpenAI's protocol

OpenRouter, Groq, DeepSeek, Mistral, vLLM, llama.cpp, LM Studio and many others do. The address ends in `/v1`; a key \
is needed only where the server wants one:
```
OPENAI_BASE_URL=https://openrouter.ai/api/v1
OPENAI_API_KEY=…
OPENAI_MODEL=meta-llama/llama-3.3-70b-instruct
```
Several of them at once are tables of the file `providers.toml`; each becomes a provider under its own name:
```toml
[groq]
type = "openai"
base_url = "https://api.groq.com/openai/v1"
model = "openai/gpt-oss-120b"

[either]
type = "fallback"
providers = ["groq", "openai"]
```
The key of the first one is `GROQ_API_KEY` in `.env`. `either` asks the second one where the first one fails.
""",
    "ollama": """\
### Ollama: models on your own machine

1. Install it from <https://ollama.com> and get a model: `ollama pull llama3.2`.
2. Put into `.env`:
   ```
   OLLAMA_BASE_URL=http://localhost:11434
   OLLAMA_MODEL=llama3.2
   ```
3. Restart the bot and choose it with /provider; /model lists everything you have pulled. Your texts go to \
Telegram and to your own machine, to no AI service.
""",
    "anthropic": """\
### Anthropic (Claude)

Make a key at <https://console.anthropic.com>, put `ANTHROPIC_API_KEY=…` into `.env` and restart the bot. \
`ANTHROPIC_MODEL` sets the default model; /model lists them all. With /provider a chat switches to `anthropic` and \
keeps its conversation.
""",
    "gemini": """\
### Google Gemini

Make a key at <https://aistudio.google.com/apikey>, put `GEMINI_API_KEY=…` into `.env` and restart the bot. \
`GEMINI_MODEL` sets the default model; /model lists them all. With /provider a chat switches to `gemini` and keeps \
its conversation.
""",
    "new_provider": f"""\
### A new provider is one file

Put this into `providers/twice.py`, a line `TWICE_BASE_URL=https://twice.example` into `.env`, and restart: \
/provider offers `twice`. Nothing else has to be changed.
```python
{NEW_PROVIDER}```
Ask over HTTP with `Route` of `providers.wire.route` inside `failures(self.id)`, and read streams with \
`providers.wire.sse`: then lost connections, time limits and error pages are taken care of. `docs/providers.md` is a \
tutorial.
""",
    "commands": """\
### Commands

- /provider: choose who answers in this chat; the conversation continues
- /model: choose the provider's model
- /new: start a new conversation
- /stop: stop the current answer; what is there stays
- /retry: answer your last message again
- /settings: system prompt, language, streaming …
- /help: the short version of this

An admin of the bot also has `/allow ID` and `/deny ID`, which give a person or a chat access and remove it.
""",
    "switch": """\
### Switching

/provider shows the providers as buttons; `/provider ollama` switches at once. The conversation continues: the new \
one reads what was said before. Each chat, and each topic of a forum, has its own provider, and remembers the model \
you chose last with each of them (/model).
""",
    "history": """\
### What the bot remembers

A chat's conversation is kept in the database and sent with every prompt, the oldest messages left out where it \
grows too long for the model. It survives restarts and a change of provider. /new starts a new conversation: what \
was said before is no longer sent. In a forum each topic has a conversation of its own.
""",
    "stop": """\
### Stopping and trying again

Press the Stop button under an answer that is still growing, or send /stop: what is there stays and is part of the \
conversation. /retry answers your last message again in a new reply; 🔄 under the last answer does it in the same \
message.
Try it: send `slow`, then stop me.

To end the bot itself, press Ctrl+C where it runs; a service ends with `systemctl stop deltagram`.
""",
    "groups": """\
### In groups

Add the bot to a group. It answers where it is mentioned (`@its_name what do you think?`) or where somebody replies \
to one of its messages, and stays silent otherwise. Everybody in the group shares one conversation, and each topic \
of a forum has its own; the model is told who asked.

If it does not react to mentions, it is in *privacy mode*: ask me about `privacy mode`. A group needs access as a \
person does: ask me about `access`. In channels it does not answer.
""",
    "privacy_mode": """\
### Privacy mode

Telegram delivers to a bot in privacy mode only commands and replies to its own messages, but no plain mention. To \
let it see mentions:

1. Send `/setprivacy` to @BotFather, choose the bot, press *Disable*. Making the bot an administrator of the group \
does it as well.
2. Remove the bot from the group and add it again: only then does the change count.

`.venv/bin/python -m bot check` tells how it stands.
""",
    "access": """\
### Who may use the bot

Nobody but you, unless you allow it (`ACCESS=pairing`): at the first start the bot's log shows a link to Telegram, and \
whoever opens it is the owner. When a stranger writes, the owner is asked with two buttons; `/allow ID` and `/deny ID` \
do the same, for groups as well. So have your friends write to the bot, and press *Allow*. A lost link is shown again \
at the next start and by `.venv/bin/python -m bot check`, until somebody uses it.

`ACCESS=allowlist` takes only those named in `ADMINS`, `ALLOWED_USERS` and `ALLOWED_CHATS`, and whom an admin allows; \
`ACCESS=open` takes everybody.
""",
    "deploy": """\
### Running it for real

1. Get a token from @BotFather with `/newbot`.
2. On a machine that stays on (Linux or macOS; on Windows in WSL), in a clone of the repository:
   ```
   cp .env.example .env      # BOT_TOKEN=… and the key of a provider
   make setup
   .venv/bin/python -m bot check
   .venv/bin/python -m bot run
   ```
3. Open the link that it shows: you are the owner. Now write to your bot in Telegram, on the phone too.

It needs Python 3.11 or newer, no open port and no other service. To keep it running, make it a service of systemd:
```ini
[Service]
WorkingDirectory=/srv/deltagram
ExecStart=/srv/deltagram/.venv/bin/python -m bot run
Restart=always
RestartPreventExitStatus=2
[Install]
WantedBy=multi-user.target
```
It may be stopped at any moment: answers under way are taken up again at the next start. Several bots each need a \
`BOT_TOKEN` and a `DATABASE_URL` of their own.
""",
    "backup": """\
### Backup and moving

Everything is in one SQLite file, `data/bot.db`: chats, conversations, settings. A consistent copy while the bot runs:
```
.venv/bin/python -m bot backup copy.db
```
To restore it, or to move to another machine: stop the bot, delete `data/bot.db`, `data/bot.db-wal` and \
`data/bot.db-shm`, put the copy in place as `data/bot.db`, and start. Take `.env` and `providers.toml` along: the keys \
are there and not in the copy. `DATABASE_URL` puts the file elsewhere.
""",
    "playground": """\
### The playground

`make play` starts a local Telegram server, the bot and a page to chat with it in the browser. It needs no token, no \
key and no network, and each start is a fresh one. With a provider's key in `.env` that provider answers there too, \
and `/provider demo` calls me back. `python -m bot play --port 8090` chooses the port.
""",
    "settings": """\
### Settings

All are environment variables, or lines of the file `.env`; `.env.example` explains each. Some that are often wanted:

- `SYSTEM_PROMPT`: what every conversation begins with; a chat can set its own with `/settings prompt`
- `DEFAULT_PROVIDER`: who answers in a new chat
- `LANGUAGE`: `auto`, `en` or `ru`
- `TELEGRAM_PROXY`, `PROVIDER_PROXY`: an http or socks5 proxy
- `DEMO_PROVIDER`: `off` sends me away, `on` keeps me beside the others
- `DEMO_TOKENS_PER_SECOND`: how fast I stream

After a change restart the bot.
""",
    "code": f"""\
Code comes in a block of its own, with its language, and can be copied with one touch:
```python
{SHOWN_CODE}```
Words such as `primes(20)` or `--help` stay in the line. The block is complete while it is still growing.
""",
    "table": """\
A table, as models like to answer:

| provider | needs | runs |
| --- | --- | --- |
| `openai` | a key | anywhere |
| `gemini` | a key | at Google |
| `ollama` | a model | at home |
| `demo` | nothing | here |

Telegram has no tables in messages, so the bot draws one that keeps its columns. One that is too wide for a phone \
becomes a list.
""",
    "markdown": """\
# A heading

Text may be **bold**, *italic*, ~~struck out~~ or `code`; a [link](https://core.telegram.org/bots/api) keeps its \
address.

1. First do this,
2. then that:
   - with a detail,
   - and another one.

> A quotation, to which somebody
> wanted to add a line.

Signs like * _ [ ] ( ) ~ ` > # + - = | { } . ! are only signs: 2 * 3 * 4 = 24, snake_case_name, <b>no tag</b>.
""",
    "slow": """\
I think before I begin, and then I take my time. That is how a large model on a small machine feels, and this is \
when the Stop button under the message is useful: press it, and what is there stays. Meanwhile the bot goes on \
answering everybody else, because a slow provider never holds up the others. You may write the next message already; \
it waits for its turn. Thank you for your patience, I am done.
""",
    "error": """\
This answer breaks off on purpose, as if the connection to a provider were lost in the middle of a sentence. What \
came stays, the bot marks it as incomplete, and /retry asks again. And now the""",
    "reasoning": """\
Reasoning models think before they answer. What you read here is the answer; the thoughts were sent apart, and the \
bot shows them only where /settings asks for it. They are never part of the conversation.
""",
    "thoughts": """\
The user wants to see reasoning. I am a guide and do not think, so I should say honestly that these sentences are \
prepared. Then I should explain where they are shown.
""",
    "memory": """\
Yes: a provider is given the whole conversation. You have written {count} messages in it, and before this one:

> {previous}

/new starts a new conversation.
""",
    "no_memory": """\
A provider is given the whole conversation, but this is the first message of it: nothing came before. Say something \
else, then ask me again.
""",
    "whole": "# The whole guide\n\nThis is everything I know, and long enough to need several messages.\n",
}
