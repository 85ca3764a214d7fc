"""The guide of the demo provider in German: topic → Markdown."""

from collections.abc import Mapping

from providers.guide.code import NEW_PROVIDER, SHOWN_CODE

TEXTS: Mapping[str, str] = {
    "hello": """\
Hallo! Ich bin **demo**, die Hilfe, die in diesen Bot eingebaut ist. Ich bin *keine* KI: Meine Antworten sind im \
Voraus geschrieben, brauchen weder Schlüssel noch Netz und zeigen nebenbei, wie der Bot seine Nachrichten schreibt.

Frag mich in deinen eigenen Worten über diesen Bot aus, oder schick eines davon: `Anbieter hinzufügen`, \
`installieren`, `Kosten`, `Gruppen`, `Freunde`, `Datenschutz`, `Befehle`. Was der Bot anzeigen kann, siehst du mit \
`Programmcode`, `Tabelle`, `Formatierung`, `lang`, `langsam`, `Gedanken`, `Fehler`.
""",
    "unknown": """\
Darauf weiß ich keine Antwort: Ich bin **demo**, eine eingebaute Hilfe und keine KI, und ich kenne nur diesen Bot. Für \
echte Antworten wähl mit /provider einen Anbieter. Stehe dort nur ich? Am schnellsten geht es mit einer Zeile \
`OPENAI_API_KEY=…` in der Datei `.env` und einem Neustart.

Wovon ich erzählen kann (schick eines davon):

- **die ersten Schritte**: `was ist das`, `Kosten`, `Befehle`, `Sprache`, `Grenzen`
- **einen Anbieter hinzufügen**: `Anbieter hinzufügen`, `OpenAI-Schlüssel`, `Ollama`, `Anthropic`, `Gemini`, \
`kompatible Server`, `neuer Anbieter`
- **den Bot benutzen**: `Anbieter wechseln`, `Verlauf`, `anhalten`, `Bilder und Sprachnachrichten`, `Websuche`, \
`Systemprompt`
- **andere Leute**: `Freunde`, `Gruppen`, `Privatsphäre-Modus`, `Datenschutz`
- **ihn betreiben**: `installieren`, `Docker`, `Einstellungen`, `aktualisieren`, `Sicherungskopie`, `deinstallieren`, \
`offline`, `Spielwiese`, `funktioniert nicht`, `Quelltext`

Und was der Bot anzeigen kann: `Programmcode`, `Tabelle`, `Formatierung`, `lang`, `langsam`, `Gedanken`, `Fehler`.
""",
    "about": """\
### Was das ist

Deltagram ist ein Telegram-Bot, den du selbst betreibst. Du schreibst ihm, eine KI deiner Wahl antwortet, und du liest \
mit, während die Antwort entsteht. Was gerade antwortet, ist **demo**: eine eingebaute Hilfe, keine KI und kein \
Mensch. Frag mich nach `Anbieter hinzufügen`, dann antwortet bald eine KI an meiner Stelle.
""",
    "source": """\
### Woher er kommt

Deltagram ist Open Source unter der MIT-Lizenz: Du darfst ihn benutzen, ändern und weitergeben. Er ist in Python mit \
aiogram geschrieben. Wie der Code aufgebaut ist, steht in `docs/architecture.md`, wie man ihn ändert, in \
`CONTRIBUTING.md`; ein Anbieter ist eine einzige Datei.
""",
    "cost": """\
### Was er kostet

Der Bot selbst ist kostenlos, ohne Konto, Werbung oder Bezahlversion. Geld kosten kann die KI:

- `demo`: nichts
- `ollama`: nichts, braucht aber einen guten Rechner
- **OpenAI, Anthropic und die meisten anderen**: was ihre API kostet, je nach Textmenge

Preise und Freikontingente stehen auf den Seiten der Dienste. Ein Abo wie ChatGPT Plus ist kein Schlüssel: Die API \
wird extra bezahlt. Mit jeder Frage geht das ganze Gespräch mit, deshalb spart /new auch Geld; was verbraucht \
ist, zeigt /usage. Telegram Premium brauchst du nicht.
""",
    "language": """\
### Sprachen

Der Bot selbst spricht Deutsch, Englisch oder Russisch, so wie dein Telegram eingestellt ist; für einen Chat änderst \
du das mit /settings, für alle mit `LANGUAGE` in `.env`. Die KI antwortet in jeder Sprache, die sie kann, meist in der \
deiner Frage; du kannst sie auch um eine Übersetzung bitten. Ich, die Hilfe, kann Deutsch, Englisch und Russisch.
""",
    "limits": """\
### Grenzen

In eine Telegram-Nachricht passen 4096 Zeichen. Eine längere Antwort geht in weiteren Nachrichten weiter, und nach der \
fünften (`MAX_PARTS`) kommt der Rest als Datei. Ist deine Frage zu lang für das Modell, sagt der Bot es dir.

Ein Tageslimit für Personen und Gruppen gibt es nur, wenn der Betreiber eines setzt (`LIMIT_MESSAGES`, `LIMIT_TOKENS`, \
`LIMIT_COST`); was verbraucht ist, zeigt /usage. In einem Chat können 20 Fragen warten. Der Anbieter kann eigene \
Limits haben: Dann sagt der Bot das, und wenn er es weiß, auch, wann du es wieder versuchen kannst.
""",
    "media": """\
### Bilder, Sprache, Dateien

Der Bot liest Bilder und Alben, wenn das Modell sie versteht, und den Text aus Dokumenten (PDF, DOCX, Code …). \
Sprachnachrichten und Videos hört das Modell, wenn es das kann, sonst schreibt ein Dienst auf, was gesagt wird; \
`/retry TEXT` berichtigt, was falsch verstanden wurde.

`/image ein roter Fuchs` macht ein Bild, und 🔊 unter einer Antwort liest sie vor. Für all das reicht ein Schlüssel \
von OpenAI; andere Dienste stehen in `docs/providers.md`.

Knöpfe unter einer langen Antwort geben sie, ihren Code und ihre Tabellen als Dateien; /export sichert Gespräche. \
Erinnerungen gibt es nicht.
""",
    "internet": """\
### Im Web suchen

Eine KI antwortet aus dem, was sie gelernt hat, Nachrichten, Wetter und Preise können also veraltet sein. Der Bot kann \
sie im Web suchen und Seiten lesen lassen: Installier den Zusatz, schreib die Tabelle in die Datei `tools.toml`, und \
starte neu.
```
.venv/bin/pip install ".[web]"
```
```toml
[web]
search = true
read = true
```
Das Modell muss Werkzeuge aufrufen können. In derselben Datei kommen beliebige MCP-Server dazu; wie, und wer vor einem \
Aufruf gefragt wird, steht in `docs/tools.md`. Ich, die Hilfe, schlage nichts nach.
""",
    "offline": """\
### Ohne Internet

`make play` läuft offline: Der lokale Telegram-Server, die Seite und ich brauchen kein Netz. Der echte Bot braucht \
eine Verbindung zu Telegram. Mit Ollama läuft die KI selbst auf deinem eigenen Rechner; frag mich nach `Ollama`.
""",
    "docker": """\
### Docker

In einem Klon des Repositorys, mit den Einstellungen in `.env`:
```
docker compose up -d
docker compose logs -f bot
```
Im Protokoll steht der Link, der dich zum Besitzer macht. Die Datenbank liegt im Volume `data`; `--profile backup` \
sichert sie jeden Tag. `docker compose run --rm bot check` sagt, was geht. Nötig ist Docker nicht: Der Bot ist ein \
einziges Python-Programm, und auch ein systemd-Dienst hält ihn am Laufen (frag mich nach `installieren`).
""",
    "update": """\
### Aktualisieren

```
.venv/bin/python -m bot backup before-update.db
git pull
make setup
```
Danach starte den Bot neu. Seine Datenbank bringt er selbst auf den neuen Stand; angefangene Antworten macht er \
fertig. Was neu ist, steht in `CHANGELOG.md`.
""",
    "uninstall": """\
### Löschen und deinstallieren

- **Die Gespräche eines Chats**: schick /forget. Ein einzelnes löschst du in /history.
- **Alles, was der Bot gespeichert hat**: halte ihn an, und lösche den Ordner `data`.
- **Den ganzen Bot**: halte ihn an, lösche seinen Ordner, und schick `/deletebot` an @BotFather.

Die Nachrichten in Telegram löschst du dort.
""",
    "privacy": """\
### Wer was liest

Deine Nachrichten gehen über Telegram (ein Chat mit einem Bot ist nicht Ende-zu-Ende-verschlüsselt) zum Bot und von \
dort zu dem Anbieter, den der Chat gewählt hat. Sind weitere Dienste eingerichtet, bekommen sie das, wofür du sie \
benutzt: eine Aufnahme zum Aufschreiben, die Worte nach /image, eine Antwort zum Vorlesen, den Aufruf eines Werkzeugs. \
Sonst bekommt niemand etwas. Mit Ollama läuft auch die KI auf einem eigenen Rechner.

Der Bot speichert Gespräche und Dateien im Ordner `data` auf seinem eigenen Rechner, also kann sie lesen, wer ihn \
betreibt; /forget löscht die eines Chats. In seinem Protokoll stehen weder Texte noch Schlüssel. Was in einer Gruppe \
nicht an ihn geht, hebt er nur auf, solange ein Admin ihn mitlesen lässt, und sagt es dort.

Meinst du die Einstellung von Telegram für Gruppen, dann frag mich nach dem `Privatsphäre-Modus`.
""",
    "persona": """\
### Eine Rolle für die KI

`/system Du bist ein Pirat und antwortest in Reimen.` setzt den Systemprompt eines Chats: wer die KI ist und wie sie \
antwortet; `/system default` nimmt ihn zurück. /role bietet die Rollen an, die der Betreiber in `personas.toml` \
geschrieben hat. `SYSTEM_PROMPT` in `.env` gilt für alle anderen Chats. (Ich bin keine KI und bleibe, wie ich bin.)
""",
    "trouble": """\
### Wenn etwas nicht klappt

1. `.venv/bin/python -m bot check` prüft Telegram, jeden Anbieter und die Datenbank und sagt, was zu tun ist.
2. Im Protokoll steht jedes Problem; was bei welcher Zeile hilft, steht in `docs/operating.md`.

- **schweigt in einer Gruppe**: erwähne den Bot oder antworte ihm; sonst frag mich nach dem `Privatsphäre-Modus`
- **schweigt im privaten Chat**: Der Bot läuft nicht, oder ein anderes Programm benutzt sein Token
- **„Das ist ein privater Bot“**: Du hast noch keinen Zugang: frag mich nach `Zugang`
- **langsame Antworten**: Das liegt am Modell; versuch mit /model ein anderes
- **⚠️ und ein Satz**: Beim Anbieter ging etwas schief; der Satz sagt, was du tun kannst
- **immer nur ich, nie eine KI**: In `.env` steht kein Anbieter, oder der Bot wurde nicht neu gestartet
""",
    "thanks": """\
Gern geschehen! Ich bin nur ein vorbereiteter Text, aber wer ihn geschrieben hat, freut sich. Wenn du mehr über diesen \
Bot wissen willst, frag einfach: `Hilfe` zeigt die Befehle.
""",
    "rude": """\
Schade, dass dir das nicht geholfen hat. Ich bin eine kleine vorbereitete Hilfe und keine KI: Ich kenne diesen Bot und \
sonst nichts. Schick `Hilfe` für die Befehle, oder `Anbieter hinzufügen`, damit eine KI an meiner Stelle antwortet.
""",
    "providers": """\
### Einen Anbieter hinzufügen

Eine Zeile in der Datei `.env`, dann ein Neustart:

- **OpenAI**: `OPENAI_API_KEY=…`
- **ein kompatibler Server**: `OPENAI_BASE_URL=https://…/v1`
- **Anthropic**: `ANTHROPIC_API_KEY=…`
- **Gemini**: `GEMINI_API_KEY=…`
- **Ollama**: `OLLAMA_BASE_URL=http://localhost:11434`

Nimm so viele, wie du willst: /provider wechselt zwischen ihnen. `.venv/bin/python -m bot check` probiert alle aus. \
Fehlt dein Dienst, frag mich nach `neuer Anbieter`: Das ist eine einzige Datei.
""",
    "openai": """\
### Ein Schlüssel für OpenAI

1. Leg auf <https://platform.openai.com/api-keys> einen Schlüssel an.
2. Schreib ihn in die Datei `.env` neben `Makefile`:
   ```
   OPENAI_API_KEY=sk-…
   ```
3. Ruf `.venv/bin/python -m bot check` auf: Das holt von jedem Anbieter eine kurze Antwort und sagt, was nicht stimmt.
4. Starte den Bot neu. In neuen Chats antwortet jetzt `openai`; in diesem hier wählst du es mit /provider.
""",
    "compatible": """\
### Server, die wie OpenAI sprechen

OpenRouter, Groq, DeepSeek, Mistral und 16 weitere brauchen eine Zeile mit ihrem Schlüssel in `.env` \
(`OPENROUTER_API_KEY=…`), LM Studio, vLLM, llama.cpp und LiteLLM eine mit ihrer Adresse \
(`LMSTUDIO_BASE_URL=http://localhost:1234/v1`). Jeder andere geht mit einer Adresse, die auf `/v1` endet; einen \
Schlüssel brauchst du nur, wo der Server einen verlangt:
```
OPENAI_BASE_URL=https://llm.example.org/v1
OPENAI_API_KEY=…
```
Mehrere auf einmal sind Tabellen der Datei `providers.toml`; jede wird ein Anbieter unter ihrem Namen:
```toml
[mine]
type = "openai"
base_url = "https://llm.example.org/v1"
model = "llama-3.3-70b"

[either]
type = "fallback"
providers = ["mine", "openai"]
```
Der Schlüssel des ersten ist `MINE_API_KEY` in `.env`. `either` fragt den zweiten, wenn der erste ausfällt.
""",
    "ollama": """\
### Ollama: Modelle auf dem eigenen Rechner

1. Installiere es von <https://ollama.com>, und lade ein Modell: `ollama pull llama3.2`.
2. Schreib in `.env`:
   ```
   OLLAMA_BASE_URL=http://localhost:11434
   OLLAMA_MODEL=llama3.2
   ```
3. Starte den Bot neu, und wähl es mit /provider; /model zeigt alles, was du geladen hast. Deine Texte gehen zu \
Telegram und zu deinem eigenen Rechner, zu keinem KI-Dienst.
""",
    "anthropic": """\
### Anthropic (Claude)

Leg auf <https://console.anthropic.com> einen Schlüssel an, schreib `ANTHROPIC_API_KEY=…` in `.env`, und starte den \
Bot neu. `ANTHROPIC_MODEL` bestimmt das Standardmodell; /model zeigt alle. Mit /provider wechselt ein Chat zu \
`anthropic` und behält sein Gespräch.
""",
    "gemini": """\
### Google Gemini

Leg auf <https://aistudio.google.com/apikey> einen Schlüssel an, schreib `GEMINI_API_KEY=…` in `.env`, und starte den \
Bot neu. `GEMINI_MODEL` bestimmt das Standardmodell; /model zeigt alle. Mit /provider wechselt ein Chat zu `gemini` \
und behält sein Gespräch.
""",
    "new_provider": f"""\
### Ein neuer Anbieter ist eine einzige Datei

Schreib das hier in `providers/twice.py`, eine Zeile `TWICE_BASE_URL=https://twice.example` in `.env`, und starte neu: \
/provider bietet `twice` an. Sonst ändert sich nichts.
```python
{NEW_PROVIDER}```
Frag über HTTP mit `Route` aus `providers.wire.route` innerhalb von `failures(self.id)`, und lies Ströme mit \
`providers.wire.sse`: Dann ist für abgerissene Verbindungen, Zeitgrenzen und Fehlerseiten gesorgt. Eine Anleitung ist \
`docs/providers.md`.
""",
    "commands": """\
### Befehle

- /provider, /model: auswählen, wer in diesem Chat antwortet; das Gespräch geht weiter
- /new: ein neues Gespräch beginnen
- /history: frühere Gespräche fortsetzen, sichern oder löschen
- /find WÖRTER: suchen, was gesagt wurde
- /stop: die Antwort anhalten; was da ist, bleibt
- /retry: die letzte Nachricht noch einmal beantworten
- /image TEXT: ein Bild, wo ein Dienst welche macht
- /system, /role: wie die KI antwortet
- /usage: was du heute verbraucht hast
- /settings: Sprache, Zusehen beim Schreiben, Gedanken …
- /help: alle Befehle

Ein Admin des Bots hat außerdem /admin, `/invite 5` (ein Link, der fünf Leute hereinlässt), `/allow ID` und `/deny \
ID`: Sie geben einer Person oder einem Chat Zugang und nehmen ihn wieder.
""",
    "switch": """\
### Wechseln

/provider zeigt die Anbieter als Knöpfe; `/provider ollama` wechselt sofort. Das Gespräch geht weiter: Der neue liest, \
was vorher gesagt wurde. Jeder Chat und jedes Thema eines Forums hat seinen eigenen Anbieter und merkt sich, welches \
Modell du bei jedem zuletzt gewählt hast (/model).
""",
    "history": """\
### Was der Bot sich merkt

Das Gespräch eines Chats liegt in der Datenbank und geht mit jeder Frage mit; wird es zu lang für das Modell, bleiben \
die ältesten Nachrichten weg. Es übersteht Neustarts und einen Wechsel des Anbieters. /new beginnt ein neues Gespräch, \
/history zeigt die alten. In einem Forum hat jedes Thema sein eigenes Gespräch.
""",
    "stop": """\
### Anhalten und noch einmal fragen

Drück „Stopp“ unter einer Antwort, die noch wächst, oder schick /stop: Was da ist, bleibt und gehört zum Gespräch. \
/retry beantwortet deine letzte Nachricht noch einmal in einer neuen Nachricht; 🔄 unter der letzten Antwort tut es in \
derselben.
Probier es aus: Schick `langsam`, und halte mich dann an.

Den Bot selbst beendest du mit Strg+C, wo er läuft; einen Dienst mit `systemctl stop deltagram`.
""",
    "groups": """\
### In Gruppen

Füge den Bot zu einer Gruppe hinzu. Er antwortet, wo er erwähnt wird (`@sein_name was meinst du?`), wo jemand auf eine \
seiner Nachrichten antwortet, mit /ask fragt oder mit einem Namen von ihm beginnt (`BOT_NAMES`), und schweigt sonst. \
Alle in der Gruppe teilen sich ein Gespräch, jedes Thema eines Forums hat sein eigenes; das Modell erfährt, wer \
gefragt hat. Lassen die Admins der Gruppe ihn mitlesen (/settings), erzählt er dir, was du verpasst hast.

Reagiert er nicht auf Erwähnungen, ist er im *Privatsphäre-Modus*: Frag mich nach dem `Privatsphäre-Modus`. Eine \
Gruppe, zu der ihn ein Admin des Bots hinzufügt, hat sofort Zugang; sonst frag mich nach `Zugang`. In Kanälen \
antwortet er nicht.
""",
    "privacy_mode": """\
### Der Privatsphäre-Modus

In diesem Modus liefert Telegram einem Bot in Gruppen nur Befehle und Antworten auf seine eigenen Nachrichten, aber \
keine einfachen Erwähnungen. Damit er sie sieht:

1. Schick `/setprivacy` an @BotFather, wähl den Bot, und drück *Disable*. Oder mach den Bot zum Admin der Gruppe.
2. Entferne den Bot aus der Gruppe, und füge ihn neu hinzu: Erst dann gilt die Änderung.

`.venv/bin/python -m bot check` sagt, wie es steht.
""",
    "access": """\
### Wer den Bot benutzen darf

Niemand außer dir, bis du es erlaubst (`ACCESS=pairing`): Beim ersten Start steht im Protokoll des Bots ein Link zu \
Telegram, und wer ihn öffnet, ist der Besitzer. Schreibt ein Fremder, wird der Besitzer mit zwei Knöpfen gefragt; \
`/allow ID` und `/deny ID` tun dasselbe, auch für Gruppen. Lass deine Freunde also dem Bot schreiben, und drück \
*Erlauben*, oder schick ihnen einen Link, den `/invite 5` macht. \
Ein verlorener Link steht beim nächsten Start wieder da und auch bei `.venv/bin/python -m bot check`, bis \
jemand ihn benutzt.

`ACCESS=allowlist` lässt nur herein, wer in `ADMINS`, `ALLOWED_USERS` und `ALLOWED_CHATS` steht oder wem ein Admin es \
erlaubt; `ACCESS=open` alle.
""",
    "deploy": """\
### Ihn richtig betreiben

1. Hol dir mit `/newbot` bei @BotFather ein Token.
2. Auf einem Rechner, der anbleibt (Linux oder macOS; unter Windows in WSL), in einem Klon des Repositorys:
   ```
   make setup
   .venv/bin/python -m bot init     # fragt nach Token und Schlüssel
   .venv/bin/python -m bot run
   ```
3. Öffne den Link, den er anzeigt: Du bist der Besitzer. Jetzt schreib deinem Bot in Telegram, auch vom Handy.

Er braucht Python 3.11 oder neuer, keinen offenen Port und keinen anderen Dienst. Damit er anbleibt, mach ihn zu einem \
Dienst von systemd:
```ini
[Service]
WorkingDirectory=/srv/deltagram
ExecStart=/srv/deltagram/.venv/bin/python -m bot run
Restart=always
RestartPreventExitStatus=2
[Install]
WantedBy=multi-user.target
```
Er darf jederzeit angehalten werden: Angefangene Antworten macht er beim nächsten Start fertig. Mehrere Bots brauchen \
je ein eigenes `BOT_TOKEN` und eine eigene `DATABASE_URL`.
""",
    "backup": """\
### Sicherungskopie und Umzug

Alles liegt im Ordner `data`: Chats, Gespräche und Einstellungen in einer SQLite-Datei, daneben die Dateien, die \
geschickt wurden. Eine vollständige Kopie, während er läuft:
```
.venv/bin/python -m bot backup copy.db
```
Zum Umzug auf einen anderen Rechner nimm `copy.db`, den Ordner `copy.db.files`, `.env` und die `.toml`-Dateien mit: \
Die Schlüssel stehen nicht in der Kopie. Ist der Bot angehalten, legt das hier eine Kopie an ihren Platz:
```
.venv/bin/python -m bot restore copy.db
```
`backup --every 24h --keep 7 ORDNER` macht regelmäßig Kopien. Der Bot läuft auch mit PostgreSQL; dazu \
`docs/operating.md`.
""",
    "playground": """\
### Die Spielwiese

`make play` startet einen lokalen Telegram-Server, den Bot und eine Seite, auf der du im Browser mit ihm schreibst. \
Das braucht kein Token, keinen Schlüssel und kein Netz, und jeder Start fängt von vorne an. Steht der Schlüssel eines \
Anbieters in `.env`, antwortet der auch hier, und `/provider demo` holt mich zurück. `python -m bot play --port 8090` \
bestimmt den Port.
""",
    "settings": """\
### Einstellungen

Alle sind Umgebungsvariablen oder Zeilen der Datei `.env`; `.env.example` erklärt jede. Oft gebraucht:

- `SYSTEM_PROMPT`: womit jedes Gespräch beginnt; ein Chat setzt seinen eigenen mit `/system`
- `DEFAULT_PROVIDER`: wer in einem neuen Chat antwortet
- `LANGUAGE`: `auto`, `de`, `en` oder `ru`
- `TELEGRAM_PROXY`, `PROVIDER_PROXY`: ein Proxy, http oder socks5
- `DEMO_PROVIDER`: `off` schickt mich weg, `on` behält mich neben den anderen
- `DEMO_TOKENS_PER_SECOND`: wie schnell ich schreibe

Nach einer Änderung starte den Bot neu.
""",
    "code": f"""\
Code steht in einem eigenen Block mit seiner Sprache und lässt sich mit einem Tippen kopieren:
```python
{SHOWN_CODE}```
Wörter wie `primes(20)` oder `--help` bleiben in der Zeile. Der Block ist vollständig, auch während er noch wächst.
""",
    "table": """\
Eine Tabelle, wie Modelle sie gern schreiben:

| Anbieter | braucht | läuft |
| --- | --- | --- |
| `openai` | einen Schlüssel | überall |
| `gemini` | einen Schlüssel | bei Google |
| `ollama` | ein Modell | zu Hause |
| `demo` | nichts | hier |

Telegram kennt in Nachrichten keine Tabellen, also zeichnet der Bot eine mit geraden Spalten. Was für ein Handy zu \
breit ist, wird zur Liste.
""",
    "markdown": """\
# Eine Überschrift

Text kann **fett**, *kursiv*, ~~durchgestrichen~~ oder `Code` sein; ein [Link](https://core.telegram.org/bots/api) \
behält seine Adresse.

1. Zuerst das,
2. dann jenes:
   - mit einer Einzelheit
   - und noch einer.

> Ein Zitat, dem jemand
> noch eine Zeile anfügen wollte.

Zeichen wie * _ [ ] ( ) ~ ` > # + - = | { } . ! sind nur Zeichen: 2 * 3 * 4 = 24, snake_case_name, <b>kein Tag</b>.
""",
    "slow": """\
Ich denke nach, bevor ich anfange, und dann lasse ich mir Zeit. So fühlt sich ein großes Modell auf einem kleinen \
Rechner an, und dann ist der Knopf unter der Nachricht nützlich: Drück ihn, und was da ist, bleibt. Allen anderen \
antwortet der Bot unterdessen wie immer, denn ein langsamer Anbieter hält niemanden auf. Die nächste Nachricht kannst \
du schon schreiben; sie wartet, bis sie dran ist. Danke für deine Geduld, ich bin fertig.
""",
    "error": """\
Diese Antwort bricht mit Absicht ab, als wäre mitten im Satz die Verbindung zum Anbieter verloren gegangen. Was schon \
da ist, bleibt, der Bot kennzeichnet es als unvollständig, und /retry fragt noch einmal. Und jetzt kommt der""",
    "reasoning": """\
Manche Modelle denken nach, bevor sie antworten. Was du hier liest, ist die Antwort; die Gedanken kamen \
getrennt, und wie der Bot sie zeigt, bestimmst du mit /settings. Zum Gespräch gehören sie nie.
""",
    "thoughts": """\
Da möchte jemand einen Gedankengang sehen. Ich bin eine Hilfe und denke nicht, also sage ich ehrlich, dass diese Sätze \
vorbereitet sind. Dann erkläre ich, wo man sie sieht.
""",
    "memory": """\
Ja: Ein Anbieter bekommt das ganze Gespräch. Von dir stehen darin {count} Nachrichten, und vor dieser kam:

> {previous}

/new beginnt ein neues Gespräch.
""",
    "no_memory": """\
Ein Anbieter bekommt das ganze Gespräch, aber das hier ist seine erste Nachricht: Davor war nichts. Schreib noch \
etwas, und frag mich dann noch einmal.
""",
    "whole": "# Die ganze Hilfe\n\nDas ist alles, was ich weiß, und es braucht mehrere Nachrichten.\n",
}
