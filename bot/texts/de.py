"""German."""

from bot.texts.texts import Texts

DE = Texts(
    code="de",
    name="Deutsch",
    readers=("gsw", "lb", "nds"),
    no_connection="⚠️ Der Anbieter ist nicht erreichbar. Versuch es gleich noch einmal mit /retry oder nimm mit "
    "/provider einen anderen.",
    timed_out="⚠️ Der Anbieter hat nicht rechtzeitig geantwortet. Versuch es noch einmal mit /retry oder nimm mit "
    "/provider einen anderen.",
    rate_limited="⚠️ Das Limit des Anbieters ist erreicht. Warte ein wenig und schick dann /retry, oder nimm mit "
    "/provider einen anderen.",
    rate_limited_for="⚠️ Das Limit des Anbieters ist erreicht. Schick in {seconds} {seconds:Sekunde|Sekunden} /retry, "
    "oder nimm mit /provider einen anderen.",
    blocked="⚠️ Der Anbieter sperrt Bots aus und hat nicht geantwortet. Nimm mit /provider einen anderen.",
    sign_in_failed="⚠️ Der Anbieter hat den Schlüssel des Bots abgelehnt. Nimm mit /provider einen anderen, und sag "
    "dem Betreiber des Bots Bescheid.",
    out_of_credit="⚠️ Das Guthaben bei diesem Anbieter ist aufgebraucht. Nimm mit /provider einen anderen, und sag dem "
    "Betreiber des Bots Bescheid.",
    service_failed="⚠️ Beim Anbieter ist etwas schiefgegangen: {reason}. Versuch es gleich noch einmal mit /retry oder "
    "nimm mit /provider einen anderen.",
    broken_off="⚠️ Das Modell hat vor dem ersten Wort aufgegeben. Versuch es mit /retry, oder nimm mit /model oder "
    "/provider ein anderes.",
    empty_answer="⚠️ Der Anbieter hat eine leere Antwort geschickt. Versuch es noch einmal mit /retry oder nimm mit "
    "/provider einen anderen.",
    only_thought="⚠️ Das Modell hat nachgedacht, aber keine Antwort geschrieben. Frag nach weniger auf einmal, oder "
    "nimm mit /model ein anderes.",
    too_long="⚠️ Deine Nachricht ist zu lang für dieses Modell. Schick sie in kleineren Stücken, oder nimm mit /model "
    "ein anderes.",
    refused="⚠️ Der Anbieter will darauf nicht antworten: {reason}. Formuliere deine Frage um, oder nimm mit /provider "
    "einen anderen.",
    refused_plain="⚠️ Der Anbieter will auf diesen Inhalt nicht antworten. Formuliere deine Frage um, oder nimm mit "
    "/provider einen anderen.",
    recited="⚠️ Die Antwort hätte einen veröffentlichten Text wörtlich wiederholt, deshalb hat der Anbieter sie "
    "abgebrochen. Bitte um andere Worte, oder nimm mit /provider einen anderen.",
    language_unknown="⚠️ Das Modell kann diese Sprache nicht. Frag in einer anderen, oder nimm mit /model ein anderes "
    "Modell.",
    model_not_supported="⚠️ Das Modell {model} gibt es bei diesem Anbieter nicht mehr. Nimm mit /model ein anderes.",
    nothing_to_send="⚠️ In deiner Nachricht steht kein Text. Schreib, was du wissen möchtest.",
    internal="⚠️ Im Bot ist etwas schiefgegangen. Versuch es bitte noch einmal. Passiert es wieder, sag dem Betreiber "
    "Bescheid: Die Ursache steht im Protokoll.",
    gave_up="⚠️ Diese Antwort ließ sich auch nach vielen Versuchen nicht fertigstellen. Versuch es mit /retry, oder "
    "nimm mit /provider einen anderen Anbieter.",
    unshowable="⚠️ Telegram nimmt diese Antwort nicht an. 🔄 fragt noch einmal; vielleicht hilft es, um eine kürzere zu "
    "bitten.",
    rest_refused="⚠️ Die Antwort geht weiter, aber Telegram nimmt den Rest nicht an. Bitte um kleinere Stücke.",
    guide="/provider demo ruft die eingebaute Hilfe.",
    loading="⏳ Das Modell macht sich bereit…",
    incomplete="⚠️ Hier ist die Antwort abgebrochen. 🔄 fragt noch einmal.",
    cut="⚠️ Die Antwort ist zu lang und endet hier. Wenn du den Rest brauchst, bitte mich weiterzumachen.",
    stopped="Angehalten.",
    stopped_mark="⏹ Angehalten",
    stop_button="⏹ Stopp",
    retry_button="🔄",
    hello="Hallo! Ich bin {bot}. Schreib mir einfach: Du kannst zusehen, wie die Antwort entsteht.",
    hello_group="Hallo! Ich bin {bot}.",
    profile="Schreib mir, und eine KI antwortet. Du kannst zusehen, wie die Antwort entsteht.\n\nIch lese Bilder und "
    "Dokumente, merke mir unser Gespräch, bis du ein neues beginnst, und antworte in Gruppen, wenn mich jemand "
    "erwähnt.",
    profile_short="Eine KI in deinem Chat: frag, und sieh zu, wie die Antwort entsteht.",
    example_explain="Erklär einem Kind schwarze Löcher",
    example_write="Schreib meiner Mutter ein Gedicht",
    example_plan="Plane drei Tage in Lissabon",
    example_what="Was ist das?",
    example_connect="Wie füge ich einen Anbieter hinzu?",
    example_cost="Was kostet das?",
    example_asked="Das ist schon gefragt. Mit /start kommen die Beispiele noch einmal.",
    to_group_button="➕ Zu einer Gruppe hinzufügen",
    help_private="Gerade antwortet {provider}. Ich merke mir unser Gespräch, bis du mit /new ein neues beginnst. "
    "Antworte auf eine ältere Antwort, um dort weiterzumachen; bearbeite eine Frage, und ich beantworte sie neu.",
    help_guide="{provider} ist meine eingebaute Hilfe und keine KI. Frag sie über mich aus, oder schick „Code“, "
    "„Tabelle“ oder „lang“, um zu sehen, wie Antworten aussehen.",
    help_group="In dieser Gruppe antworte ich, wenn mich jemand erwähnt (@{username}) oder mir antwortet. Gerade "
    "antwortet {provider}.",
    added="Hallo! Erwähnt mich (@{username}) oder antwortet auf eine meiner Nachrichten, dann antworte ich. Mehr dazu: "
    "/help.",
    added_unheard="Bis dahin antwortet einfach auf eine meiner Nachrichten, zum Beispiel auf diese hier. Mehr dazu: "
    "/help.",
    privacy="⚠️ Erwähnungen sehe ich hier noch nicht, nur Befehle und Antworten auf meine Nachrichten. Macht mich dazu "
    "zum Admin dieser Gruppe. Oder mein Besitzer schaltet bei @BotFather den Privatsphäre-Modus aus (/setprivacy); "
    "danach müsst ihr mich aus der Gruppe entfernen und neu hinzufügen.",
    unknown_command="Den Befehl {command} kenne ich nicht. Alle meine Befehle: /help.",
    only_text="Ich lese Text, Bilder und Dokumente, das hier aber noch nicht. Schreib mir bitte, was du wissen "
    "möchtest.",
    unreadable="⚠️ Deine Nachricht konnte ich nicht lesen. Schick mir deine Frage bitte als einfachen Text.",
    only_words="ℹ️ Ich habe nur den Text gelesen. Was dabei war ({what}), kann ich noch nicht öffnen.",
    unread_file="ℹ️ Nicht gelesen – {what}: {why}",
    unread_all="⚠️ Nicht lesbar – {what}: {why}",
    why_empty="Da steht nichts drin.",
    why_broken="Die Datei ist beschädigt. Speichere sie neu und schick sie noch einmal.",
    why_locked="Die Datei hat ein Passwort. Schick sie ohne.",
    why_unknown="Solche Dateien öffne ich nicht. Ich lese Bilder, Text, PDF, DOCX, XLSX und HTML.",
    why_no_text="Es steht kein Text darin, vielleicht sind die Seiten eingescannt. Schick sie als Bilder.",
    why_too_large="Die Datei ist zu groß zum Öffnen. Schick eine kleinere.",
    why_too_slow="Das Öffnen hat zu lange gedauert. Schick nur den Teil, auf den es ankommt.",
    why_no_extra="Dafür ist dieser Bot nicht eingerichtet. Schick es als Foto (nicht als Datei) oder als Text.",
    why_too_big="Die Datei ist größer als {limit} MB. Schick eine kleinere.",
    why_lost="Telegram hat die Datei nicht mehr. Schick sie noch einmal.",
    why_unreachable="Telegram hat die Datei nicht rechtzeitig geliefert. 🔄 versucht es noch einmal.",
    why_no_room="Der Speicherplatz reicht nicht. Sag dem Betreiber des Bots Bescheid.",
    why_too_many="Mehr als {limit} {limit:Datei|Dateien} auf einmal lese ich nicht. Schick den Rest in einer weiteren "
    "Nachricht.",
    read_pages="ℹ️ {name}: gelesen wurden die Seiten 1–{read} von {of}.",
    read_characters="ℹ️ {name}: gelesen wurden die Zeichen 1–{read} von {of}.",
    not_taken="⚠️ Dieses Modell kann nicht lesen, was du geschickt hast ({what}). Beschreib es in Worten, oder nimm "
    "mit /model ein anderes Modell oder mit /provider einen anderen Anbieter.",
    only_words_taken="ℹ️ Das Modell hat nur den Text gelesen, nicht das, was dabei war ({what}). Vielleicht kann ein "
    "anderes mehr: /model, /provider.",
    kind_photo="Bild",
    kind_video="Video",
    kind_audio="Aufnahme",
    kind_file="Datei",
    kind_other="Anhang",
    only_mentioned="Ja? Schreib deine Frage hinter @{username}, in dieselbe Nachricht.",
    command_new="Neues Gespräch beginnen",
    command_history="Meine Gespräche",
    command_provider="Auswählen, wer antwortet",
    command_model="Modell auswählen",
    command_stop="Antwort anhalten",
    command_retry="Noch einmal antworten",
    command_settings="Einstellungen dieses Chats",
    command_title="Dieses Gespräch benennen: /title NAME",
    command_find="In den Gesprächen suchen: /find WÖRTER",
    command_export="Gespräche als Datei sichern",
    command_forget="Alle Gespräche dieses Chats löschen",
    command_help="Was ich kann",
    command_allow="Einer Person oder einem Chat Zugang geben: /allow ID",
    command_deny="Einer Person oder einem Chat den Zugang nehmen: /deny ID",
    provider_list="Gerade antwortet {provider}. Wer soll ab jetzt antworten?",
    provider_works="läuft",
    provider_seconds="{seconds} s",
    cause_key="Schlüssel abgelehnt",
    cause_credit="Guthaben leer",
    cause_limit="Limit erreicht",
    cause_blocked="sperrt Bots aus",
    cause_slow="zu langsam",
    cause_unreachable="nicht erreichbar",
    cause_failing="funktioniert nicht",
    provider_switched="Ab jetzt antwortet {provider}. Das Gespräch geht weiter.",
    provider_switched_model="Ab jetzt antwortet {provider} mit dem Modell {model}. Das Gespräch geht weiter.",
    provider_unknown="⚠️ Den Anbieter {provider} gibt es hier nicht. Nimm einen von diesen:",
    provider_missing="⚠️ Den Anbieter {provider} gibt es hier nicht mehr, deshalb antwortet {default}. Alle Anbieter: "
    "/provider.",
    model_list="{provider} antwortet mit dem Modell {model}. Hier kannst du ein anderes wählen:",
    model_default="Standard",
    model_switched="Ab jetzt antwortet das Modell {model}.",
    model_unknown="⚠️ Ein Modell {model} gibt es bei {provider} nicht. Nimm eines von diesen:",
    model_no_choice="Bei {provider} kann man kein Modell wählen. Wer sonst antworten kann: /provider.",
    menu_too_old="Dieses Menü ist veraltet, hier ist das aktuelle.",
    new="Wir beginnen ein neues Gespräch. Was vorher war, berücksichtige ich nicht mehr.",
    history="Du hast {total} {total:Gespräch|Gespräche}. Welches möchtest du fortsetzen, sichern oder löschen?",
    history_empty="Noch gibt es keine Gespräche. Schreib mir, und das erste beginnt.",
    history_private="In Gruppen zeige ich keine Liste der Gespräche. /find durchsucht sie, /export sichert sie.",
    history_gone="Dieses Gespräch gibt es nicht mehr.",
    conversation="{title}\n{date} · {count} {count:Frage|Fragen}",
    conversation_present="{title}\n{date} · {count} {count:Frage|Fragen} · hier sind wir gerade",
    untitled="Ohne Worte",
    continue_button="▶️ Fortsetzen",
    export_button="💾 Sichern",
    delete_button="🗑 Löschen",
    delete_sure="Dieses Gespräch endgültig löschen?\n\n{title}",
    delete_sure_button="🗑 Endgültig löschen",
    deleted="Gelöscht.",
    continued="Weiter geht es mit {title}.",
    titled="Dieses Gespräch heißt jetzt {title}.",
    title_shown="Dieses Gespräch heißt {title}. Ein neuer Name kommt hinter den Befehl: /title NAME",
    title_nothing="Es gibt noch kein Gespräch, das einen Namen braucht. Schreib mir zuerst, oder such dir mit /history "
    "eines aus.",
    title_nothing_group="Hier gibt es noch kein Gespräch, das einen Namen braucht. Es beginnt mit der nächsten Frage.",
    found="Gefunden zu {words}:",
    found_more="Das ist noch nicht alles. Mit einem Wort mehr wird die Suche genauer.",
    found_nothing="Zu {words} war hier nichts zu finden. Versuch es mit weniger oder anderen Wörtern.",
    find_usage="Schreib hinter den Befehl, was du suchst, zum Beispiel /find Rezept. Ich durchsuche alle Gespräche "
    "dieses Chats.",
    found_gone="Diese Antwort gibt es nicht mehr.",
    export_which="Welche Gespräche soll ich sichern, und wie? Markdown ist zum Lesen, JSON für Programme. Beide "
    "enthalten alle Versionen der Antworten.",
    export_one_button="Dieses · {format}",
    export_all_button="Alle · {format}",
    export_nothing="Es gibt noch nichts zu sichern.",
    export_begun="Einen Moment, die Datei entsteht gerade.",
    export_busy="Die Datei ist noch nicht fertig.",
    export_full="In eine Datei passt nicht alles. Sie enthält {count:das neueste|die neuesten} {count} von {total} "
    "{total:Gespräch|Gesprächen}.",
    export_question="Frage",
    export_answer="Antwort",
    export_after="schließt an {number} an",
    export_version="Version {number} von {total}",
    export_shown="angezeigt",
    export_unanswered="keine Antwort",
    forget_sure="Alle Gespräche dieses Chats löschen? Es {count:ist|sind} {count}, und zurückholen kann ich nichts.\n\n"
    "Was bleibt: die Nachrichten hier in Telegram, die nur du löschen kannst, die Einstellungen dieses Chats und der "
    "heutige Verbrauch.",
    forget_sure_group="Alle Gespräche dieses Chats löschen? Es {count:ist|sind} {count}, und zurückholen kann ich "
    "nichts.\n\nWas bleibt: die Nachrichten hier in Telegram, die Einstellungen dieses Chats und der heutige "
    "Verbrauch.",
    forget_button="🗑 Alles löschen",
    cancel_button="Abbrechen",
    forget_cancelled="Nichts wurde gelöscht.",
    forget_nothing="Es gibt nichts zu löschen: Ich habe kein Gespräch dieses Chats gespeichert.",
    forget_old="Diese Rückfrage ist zu alt. Schick noch einmal /forget.",
    forgotten="Alle Gespräche dieses Chats sind gelöscht. Die Nachrichten in Telegram und die Einstellungen dieses "
    "Chats bleiben.",
    months="Jan. Feb. März Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez.",
    dropped="{count} wartende {count:Nachricht|Nachrichten} verworfen.",
    nothing_to_stop="Es gibt nichts anzuhalten.",
    nothing_of_yours="Von dir wird hier gerade keine Frage beantwortet, und es wartet auch keine.",
    nothing_to_retry="Es gibt noch keine Nachricht, auf die ich neu antworten könnte. Schreib mir einfach.",
    retry_stale="Das ist nicht mehr die letzte Antwort.",
    retry_busy="Die letzte Antwort wird noch geschrieben. /stop hält sie an.",
    version_busy="Einen Moment, gerade entsteht eine Antwort.",
    version_last="In dieser Richtung gibt es keine weitere Version.",
    version_made="Geschrieben von {maker}.",
    version_unknown="Wer diese Version geschrieben hat, ist nicht bekannt.",
    retry_not_taken="⚠️ Die letzte Antwort wird noch geschrieben, deshalb habe ich die neue Frage nicht angenommen. "
    "Schick sie noch einmal, wenn die Antwort fertig ist, oder halte sie zuerst mit /stop an.",
    busy="⚠️ Ich bin noch mit deinen früheren Nachrichten beschäftigt und habe diese nicht angenommen. Schick sie "
    "noch einmal, wenn die anderen beantwortet sind, oder verwirf die anderen mit /stop.",
    too_much="⚠️ Das ist mehr, als ich auf einmal beantworten kann. Warte ein wenig, und schick dann noch einmal, was "
    "keine Antwort bekommen hat.",
    refusal="Das ist ein privater Bot. Wenn du seinen Besitzer kennst, bitte ihn um Zugang; deine ID ist {id}.",
    refusal_group="Das ist ein privater Bot. Wenn ihr seinen Besitzer kennt, bittet ihn um Zugang für diese Gruppe; "
    "ihre ID ist {id}.",
    refusal_toast="Das ist ein privater Bot.",
    request="{name} möchte mit mir schreiben. Erlaubst du das? Die ID ist {id}.",
    request_group="{name} möchte mich in der Gruppe {title} nutzen. Erlaubst du das für die Gruppe? Ihre ID ist {id}.",
    request_more="{count} weitere {count:Anfrage|Anfragen} nach Zugang.",
    request_no_more="Sonst wartet niemand auf Zugang.",
    request_more_button="Anzeigen",
    waiting_list="{count} {count:Anfrage|Anfragen} nach Zugang:",
    waiting_nobody="Niemand wartet auf Zugang. Wenn du eine ID hast, schreib sie hinter den Befehl, zum Beispiel "
    "{command} {id}.",
    waiting_group="Gruppe {title}, gefragt hat {name}",
    allow_button="Erlauben",
    deny_button="Ablehnen",
    let_in="Du hast jetzt Zugang. Schreib mir, und ich antworte. Mehr dazu: /help.",
    shut_out="Du hast keinen Zugang mehr, deshalb kann ich dir nicht mehr antworten. Hältst du das für einen Irrtum, "
    "wende dich an den Besitzer des Bots.",
    let_in_group="Diese Gruppe hat jetzt Zugang. Erwähnt mich (@{username}) oder antwortet mir, dann antworte ich. "
    "Mehr dazu: /help.",
    paired="Willkommen! Dieser Bot gehört jetzt dir, und niemand sonst kann ihn nutzen, bis du es erlaubst.",
    paired_guide="Noch antwortet {provider}, meine eingebaute Hilfe, und die ist keine KI. Für eine KI ruf auf "
    "meinem Rechner python -m bot init auf, oder schreib einen Schlüssel in .env (frag mich, wie). Danach starte "
    "mich neu.",
    paired_provider="Schreib mir jetzt, oder probier unten ein Beispiel aus: {provider} antwortet. Andere wählst du "
    "mit /provider und /model, alles Übrige mit /settings.",
    paired_people="Wen du hereinlassen willst, den lass mir schreiben: Ich frage dich dann hier. Du kannst auch "
    "/allow ID schicken. Eine Gruppe, in die du mich holst, hat sofort Zugang.",
    allowed="{id} hat jetzt Zugang.",
    denied="{id} hat keinen Zugang.",
    is_admin="⚠️ {id} ist Admin dieses Bots, mit /deny lässt sich der Zugang nicht entziehen. Ändere ADMINS in der "
    "Konfiguration des Bots.",
    is_owner="⚠️ {id} besitzt diesen Bot durch den Kopplungslink. Den Zugang entziehen kann nur ein Admin, der in der "
    "Konfiguration unter ADMINS steht.",
    admins_only="⚠️ Das können nur die Admins des Bots.",
    allow_usage="Schreib eine ID hinter den Befehl, zum Beispiel {command} {id}. Fremden, die mir schreiben, sage ich "
    "ihre ID.",
    group_admins_only="⚠️ Das können nur die Admins dieser Gruppe. Mit /settings können sie es allen erlauben.",
    group_asker_only="⚠️ Das kann nur, wer gefragt hat, oder ein Admin dieser Gruppe.",
    group_opened="Ein Admin von mir hat mich hinzugefügt, deshalb antworte ich in dieser Gruppe allen.",
    group_shut_button="Nur Leuten mit Zugang antworten",
    group_shut="In dieser Gruppe antworte ich jetzt nur noch Leuten, die selbst Zugang haben.",
    group_admins_unknown="⚠️ Telegram hat mir nicht gesagt, wer die Admins dieser Gruppe sind. Versuch es in einer "
    "Minute noch einmal.",
    not_your_button="Dieser Knopf ist nicht für dich.",
    button_too_old="Diese Nachricht ist zu alt. Schick den Befehl bitte noch einmal.",
    settings="Einstellungen dieses Chats",
    setting_provider="Anbieter: {value}",
    setting_model="Modell: {value}",
    setting_prompt="Systemprompt: {value}",
    setting_language="Sprache: {value}",
    setting_streaming="Antworten beim Schreiben zeigen: {value}",
    setting_reasoning="Gedankengang zeigen: {value}",
    setting_open="Wer hier auswählen darf: {value}",
    everybody="alle",
    only_admins="Admins",
    setting_unknown="⚠️ Diese Einstellung kenne ich nicht. /settings zeigt alle.",
    on="an",
    off="aus",
    auto="wie in Telegram",
    own="eigener",
    default="Standard",
    prompt_shown="Der Systemprompt dieses Chats:\n\n{prompt}",
    prompt_default="In diesem Chat gilt der Systemprompt des Bots.",
    prompt_how="Einen anderen setzt du mit /settings prompt und deinem Text in derselben Nachricht.",
    prompt_set="Der Systemprompt ist gesetzt. Er gilt ab deiner nächsten Nachricht.",
    prompt_reset="In diesem Chat gilt wieder der Systemprompt des Bots.",
    prompt_reset_button="Zurück zum Standard",
    back_button="« Zurück",
)
