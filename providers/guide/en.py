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
a key: the API is paid for separately. The whole conversation is sent with every question, so /new also saves money; \
/usage shows what was used. Telegram Premium is not needed.
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

How much a person or a group may ask in a day is limited only where whoever runs the bot sets it (`LIMIT_MESSAGES`, \
`LIMIT_TOKENS`, `LIMIT_COST`); /usage shows what is used. At most 20 questions of a chat wait for their turn. A \
provider can have limits of its own: then the bot tells you, and when to try again if it knows.
""",
    "media": """\
### Pictures, voice, files

The bot reads pictures and albums where the model sees them, and the text of documents (PDF, DOCX, code …). Voice \
messages and videos go to a model that hears them, or a service writes down what is said; `/retry TEXT` corrects what \
was heard.

`/image a red fox` makes a picture, and 🔊 under an answer reads it aloud. For all of that a key of OpenAI is enough; \
other services: `docs/providers.md`.

Buttons under a long answer give it, its code and its tables as files; /export saves conversations. There are no \
reminders.
""",
    "internet": """\
### Searching the web

An AI answers from what it has learned, so news, weather and prices may be out of date. The bot can let it search the \
web and read pages: install the extra, put the table into the file `tools.toml`, and restart.
```
.venv/bin/pip install ".[web]"
```
```toml
[web]
search = true
read = true
```
It takes a model that calls tools. Any MCP server is added in the same file; `docs/tools.md` tells how, and who is \
asked before a call. I, the guide, look nothing up.
""",
    "offline": """\
### Without internet

`make play` works offline: the local Telegram server, the page and I need no network. The real bot needs a connection \
to Telegram. With Ollama the AI itself runs on your own machine; ask me about `ollama`.
""",
    "docker": """\
### Docker

In a clone of the repository, with the settings in `.env`:
```
docker compose up -d
docker compose logs -f bot
```
The log shows the link that makes you the owner. The database is in the volume `data`; `--profile backup` copies it \
every day. `docker compose run --rm bot check` says what works. Docker is not needed: the bot is one Python program, \
and a service of systemd keeps it running as well (ask me about `install`).
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

- **A chat's conversations**: send /forget. A single one is deleted in /history.
- **All that the bot has stored**: stop it and delete the folder `data`.
- **The whole bot**: stop it, delete its folder, and send `/deletebot` to @BotFather.

Messages in Telegram are yours to delete there.
""",
    "privacy": """\
### Who reads what

Your messages go through Telegram (a chat with a bot is not end-to-end encrypted), to the bot, and from there to the \
provider that the chat has chosen. Where they are set up, other services get what you use them for: a recording to \
write down, the words of /image, an answer to read aloud, the call of a tool. Nobody else gets anything. With Ollama \
the AI is on a machine of your own.

The bot keeps conversations and files in `data` on its own machine, so whoever runs it can read them; /forget deletes \
those of a chat. Its log holds neither texts nor keys. In a group it keeps messages that are not for it only while an \
admin has it read along, and says so there.

If you mean Telegram's setting for groups, ask me about `privacy mode`.
""",
    "persona": """\
### A role for the AI

`/system You are a pirate and answer in rhymes.` sets the system prompt of a chat: who the AI is and how it answers; \
`/system default` takes it back. /role offers the roles that whoever runs the bot has written into `personas.toml`. \
`SYSTEM_PROMPT` in `.env` is for all other chats. (I am no AI and stay as I am.)
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
   ```
3. Run `.venv/bin/python -m bot check`: it streams one short answer from every provider and says what is wrong, if \
anything.
4. Restart the bot. `openai` is now the default of new chats; in this chat choose it with /provider.
""",
    "compatible": """\
### Servers that speak OpenAI's protocol

OpenRouter, Groq, DeepSeek, Mistral and 16 more need a line with their key in `.env` (`OPENROUTER_API_KEY=…`), LM \
Studio, vLLM, llama.cpp and LiteLLM one with their address (`LMSTUDIO_BASE_URL=http://localhost:1234/v1`). Any other \
server works by an address that ends in `/v1`; a key is needed only where it wants one:
```
OPENAI_BASE_URL=https://llm.example.org/v1
OPENAI_API_KEY=…
```
Several of them at once are tables of the file `providers.toml`; each becomes a provider under its own name:
```toml
[mine]
type = "openai"
base_url = "https://llm.example.org/v1"
model = "llama-3.3-70b"

[either]
type = "fallback"
providers = ["mine", "openai"]
```
The key of the first one is `MINE_API_KEY` in `.env`. `either` asks the second one where the first one fails.
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

- /provider, /model: choose who answers in this chat; the conversation continues
- /new: start a new conversation
- /history: go on with an earlier one, save it or delete it
- /find WORDS: search what was said
- /stop: stop the current answer; what is there stays
- /retry: answer your last message again
- /image TEXT: a picture, where a service makes them
- /system, /role: how the AI answers
- /usage: what you have used today
- /settings: language, streaming, thoughts …
- /help: all commands

An admin of the bot also has /admin, `/invite 5` (a link that lets five people in), and `/allow ID` and `/deny ID`, \
which give a person or a chat access and remove it.
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
was said before is no longer sent, and /history shows it. In a forum each topic has a conversation of its own.
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

Add the bot to a group. It answers where it is mentioned (`@its_name what do you think?`), where somebody replies to \
one of its messages, asks with /ask, or begins with a name of its own (`BOT_NAMES`), and stays silent otherwise. \
Everybody in the group shares one conversation, and each topic of a forum has its own; the model is told who asked. \
Where the group's admins have it read along (/settings), it can tell you what you missed.

If it does not react to mentions, it is in *privacy mode*: ask me about `privacy mode`. A group that an admin of the \
bot adds it to has access at once; for others ask me about `access`. In channels it does not answer.
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
do the same, for groups as well. So have your friends write to the bot, and press *Allow*, or send them a \
link that `/invite 5` makes. A lost link is shown again \
at the next start and by `.venv/bin/python -m bot check`, until somebody uses it.

`ACCESS=allowlist` takes only those named in `ADMINS`, `ALLOWED_USERS` and `ALLOWED_CHATS`, and whom an admin allows; \
`ACCESS=open` takes everybody.
""",
    "deploy": """\
### Running it for real

1. Get a token from @BotFather with `/newbot`.
2. On a machine that stays on (Linux or macOS; on Windows in WSL), in a clone of the repository:
   ```
   make setup
   .venv/bin/python -m bot init     # asks for the token and a key
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

Everything is in the folder `data`: chats, conversations and settings in one SQLite file, beside it the files that \
people sent. A consistent copy while the bot runs:
```
.venv/bin/python -m bot backup copy.db
```
To move to another machine, take `copy.db`, the folder `copy.db.files`, `.env` and the `.toml` files along: the keys \
are not in the copy. With the bot stopped, this puts a copy in place:
```
.venv/bin/python -m bot restore copy.db
```
`backup --every 24h --keep 7 FOLDER` makes copies regularly. The bot also runs on PostgreSQL; for that see \
`docs/operating.md`.
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

- `SYSTEM_PROMPT`: what every conversation begins with; a chat can set its own with `/system`
- `DEFAULT_PROVIDER`: who answers in a new chat
- `LANGUAGE`: `auto`, `en`, `de` or `ru`
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
Reasoning models think before they answer. What you read here is the answer; the thoughts came apart from it. The bot \
shows their last lines while the model thinks, and /settings keeps them above the answer or hides them. They are never \
part of the conversation.
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
