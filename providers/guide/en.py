"""The guide of the demo provider in English: topic → Markdown."""

from collections.abc import Mapping

from providers.guide.code import NEW_PROVIDER, SHOWN_CODE

TEXTS: Mapping[str, str] = {
    "hello": """\
Hello! I am **demo**, the guide that is built into this bot. I am *not* an AI: my answers are written in advance, \
need no key and no network, and show how the bot streams its messages.

Ask me how to add a provider, an OpenAI key or Ollama, about groups, privacy mode, commands, access, deploying or \
backups. Or see what the bot can do, with one of these words: `code`, `table`, `markdown`, `long`, `slow`, \
`reasoning`, `error`.
""",
    "unknown": """\
I cannot answer that: I am **demo**, a built-in guide and not an AI, and I know only this bot. For real answers the \
bot needs a provider; the quickest is a line `OPENAI_API_KEY=…` in the file `.env`, then a restart.

What I can tell you about:

- **adding a provider**: `add provider`, `openai key`, `ollama`, `anthropic`, `gemini`, `compatible servers`, `new \
provider`
- **using the bot**: `commands`, `switch provider`, `history`, `stop`
- **in groups**: `groups`, `privacy mode`
- **running it**: `deploy`, `access`, `backup`, `playground`, `settings`

And to see what the bot can do: `code`, `table`, `markdown`, `long`, `slow`, `reasoning`, `error`.
""",
    "providers": """\
### Adding a provider

A line in the file `.env`, then a restart:

| provider | line in `.env` |
| --- | --- |
| OpenAI | `OPENAI_API_KEY=…` |
| a compatible server | `OPENAI_BASE_URL=https://…/v1` |
| Anthropic | `ANTHROPIC_API_KEY=…` |
| Gemini | `GEMINI_API_KEY=…` |
| Ollama | `OLLAMA_BASE_URL=http://localhost:11434` |

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
model = "llama-3.3-70b-versatile"

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
3. Restart the bot and choose it with /provider; /model lists everything you have pulled. No text leaves your network.
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
Speak HTTP with `http.session(proxy)` inside `failures(self.id)`, and read streams with `providers.sse`: then lost \
connections, time limits, error pages and closed generators are taken care of. `providers/openai.py` is a full \
example.
""",
    "commands": """\
### Commands

| command | does |
| --- | --- |
| /provider | choose who answers in this chat; the conversation goes along |
| /model | choose the provider's model |
| /new | begin a new conversation |
| /stop | stop the answer under way; what is there stays |
| /retry | answer your last message again |
| /settings | system prompt, language, streaming … |
| /help | the short version of this |

An administrator of the bot also has `/allow ID` and `/deny ID`, which let a person or a chat in or out again.
""",
    "switch": """\
### Switching

/provider shows the providers as buttons; `/provider ollama` switches at once. The conversation goes along: the new \
one reads what was said before. Each chat, and each topic of a forum, has its own provider, and remembers the model \
you chose last with each of them (/model).
""",
    "history": """\
### What the bot remembers

A chat's conversation is kept in the database and sent with every prompt, the oldest messages left out where it \
grows too long for the model. It survives restarts and a change of provider. /new begins a new conversation: what \
was said before it is no longer sent. In a forum each topic has a conversation of its own.
""",
    "stop": """\
### Stopping and trying again

Press the Stop button under an answer that is still growing, or send /stop: what is there stays and is part of the \
conversation. /retry answers your last message again in a new reply; 🔄 under the last answer does it in the same \
message.
Try it: send `slow`, then stop me.
""",
    "groups": """\
### In groups

Add the bot to a group. It answers where it is mentioned (`@its_name what do you think?`) or where somebody replies \
to one of its messages, and stays silent otherwise. Everybody in the group shares one conversation, and each topic \
of a forum has its own; the model is told who asked.

If it does not react to mentions, it is in *privacy mode*: ask me about `privacy mode`. Strangers' groups are kept \
out, see `access`.
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

Nobody but you, unless you say so (`ACCESS=pairing`): at its first start the bot prints a link to Telegram, and who \
opens it becomes the owner. A stranger gets one refusal that names his number; let him in with `/allow NUMBER`, and \
out again with `/deny NUMBER`. It works for groups as well.

`ACCESS=allowlist` lets in only those named in `ADMINS`, `ALLOWED_USERS` and `ALLOWED_CHATS`; `ACCESS=open` lets in \
everybody.
""",
    "deploy": """\
### Running it for real

1. Get a token from @BotFather with `/newbot`.
2. On the server, in a clone of the repository:
   ```
   cp .env.example .env      # BOT_TOKEN=… and the key of a provider
   make setup
   .venv/bin/python -m bot check
   .venv/bin/python -m bot run
   ```
3. Open the link that it prints: you are the owner.

It needs Python 3.11 or newer, no open port and no other service. To keep it running, make it a service of systemd:
```ini
[Service]
WorkingDirectory=/srv/deltagram
ExecStart=/srv/deltagram/.venv/bin/python -m bot run
Restart=on-failure
RestartPreventExitStatus=2
[Install]
WantedBy=multi-user.target
```
It may be stopped at any moment: answers under way are taken up again at the next start.
""",
    "backup": """\
### Your data

Everything is in one SQLite file, `data/bot.db`: chats, conversations, settings. Prompts go to Telegram and to the \
provider that the chat has chosen, and nowhere else; keys and texts are not logged. A consistent copy while the bot \
runs:
```
.venv/bin/python -m bot backup copy.db
```
`DATABASE_URL` puts the file elsewhere.
""",
    "playground": """\
### The playground

`make play` starts a local Telegram server, the bot and a page to chat with it in the browser. It needs no token, no \
key and no network, and uses a database of its own. Keys in `.env` count there too, so it is a good place to try a \
provider before your friends do. `python -m bot play --port 8090` chooses the port.
""",
    "settings": """\
### Settings

All are environment variables, or lines of the file `.env`; `.env.example` explains each. Some that are often wanted:

- `SYSTEM_PROMPT`: what every conversation begins with; a chat can set its own with /settings
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

/new begins a new conversation.
""",
    "no_memory": """\
A provider is given the whole conversation, but this is the first message of it: nothing came before. Say something \
else, then ask me again.
""",
    "whole": "# The whole guide\n\nThis is everything I know, and long enough to need several messages.\n",
}
