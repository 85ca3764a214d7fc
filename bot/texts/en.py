"""English."""

from bot.texts.texts import Texts

EN = Texts(
    code="en",
    name="English",
    no_connection="⚠️ The provider cannot be reached. Try /retry in a moment, or choose another one with /provider.",
    timed_out="⚠️ The provider did not answer in time. Try /retry, or choose another one with /provider.",
    rate_limited="⚠️ The provider's limit is reached. Wait a little, then send /retry, or choose another one with "
    "/provider.",
    rate_limited_for="⚠️ The provider's limit is reached. Send /retry in {seconds} s, or choose another one with "
    "/provider.",
    blocked="⚠️ The provider blocks bots and did not answer. Choose another one with /provider.",
    sign_in_failed="⚠️ The provider did not accept the bot's key. Choose another one with /provider, and tell "
    "whoever runs this bot.",
    out_of_credit="⚠️ The account that pays for this provider is empty. Choose another one with /provider, and tell "
    "whoever runs this bot.",
    service_failed="⚠️ The provider failed: {reason}. Try /retry in a moment, or choose another one with /provider.",
    broken_off="⚠️ The model gave up before its first word. Try /retry, or choose another one with /model or /provider.",
    empty_answer="⚠️ The provider sent an empty answer. Try /retry, or choose another one with /provider.",
    only_thought="⚠️ The model thought about it, but wrote no answer. Ask for less at once, or choose another one with "
    "/model.",
    too_long="⚠️ Your message is too long for this model. Send it in smaller pieces, or choose another model with "
    "/model.",
    refused="⚠️ The provider declined to answer: {reason}. Rephrase your question, or choose another one with "
    "/provider.",
    refused_plain="⚠️ The provider declined to answer because of the content. Rephrase your question, or choose another "
    "one with /provider.",
    recited="⚠️ The answer would have repeated a published text word for word, so the provider stopped it. Ask for it "
    "in other words, or choose another one with /provider.",
    language_unknown="⚠️ The model does not know this language. Ask in another one, or choose another model with "
    "/model.",
    model_not_supported="⚠️ The provider no longer has the model {model}. Choose another one with /model.",
    nothing_to_send="⚠️ There is no text in your message. Write what you would like to know.",
    internal="⚠️ Something went wrong inside the bot. Please try again. If it happens again, tell whoever runs this "
    "bot: its log shows the cause.",
    gave_up="⚠️ This answer could not be finished after many attempts. Try /retry, or choose another provider with "
    "/provider.",
    unshowable="⚠️ Telegram does not accept this answer. 🔄 asks again; asking for a shorter one may help.",
    rest_refused="⚠️ The answer is longer, but Telegram does not accept the rest. Ask for it in smaller pieces.",
    guide="/provider demo calls the built-in guide.",
    loading="⏳ The model is getting ready…",
    incomplete="⚠️ The answer broke off here. Press 🔄 to ask again.",
    cut="⚠️ The answer is too long and ends here. If you need the rest, ask me to go on.",
    stopped="Stopped.",
    stopped_mark="⏹ Stopped",
    stop_button="⏹ Stop",
    retry_button="🔄",
    hello="Hello! I am {bot}. Write to me, and you can read the answer while it is being written.",
    hello_group="Hello! I am {bot}.",
    help_private="Now answering: {provider}. I remember our conversation until you start a new one with /new. "
    "Reply to an older answer to go on from there; edit a question to have it answered anew.",
    help_guide="{provider} is my built-in guide and not an AI. Ask it about me, or send code, table or long to see how "
    "answers look.",
    help_group="In this group I answer when you mention me (@{username}) or reply to me. Now answering: {provider}.",
    added="Hello! Mention me (@{username}) or reply to one of my messages, and I will answer. /help tells you more.",
    added_unheard="Until then, reply to one of my messages, for example to this one, and I will answer. /help tells "
    "you more.",
    privacy="⚠️ I cannot see mentions here yet, only commands and replies to my messages. To change that, make me an "
    "admin of this group. Or have my owner turn off privacy mode at @BotFather (/setprivacy), then remove me from "
    "the group and add me again.",
    unknown_command="I do not know the command {command}. /help lists my commands.",
    only_text="I only understand text for now. Please write what you would like to know.",
    unreadable="⚠️ I could not read your message. Please send what you would like to know as plain text.",
    only_words="ℹ️ I read only your words. What came with them ({what}) I cannot open yet.",
    not_taken="⚠️ This model cannot read what you sent ({what}). Say it in words, or choose another model with /model "
    "or another provider with /provider.",
    only_words_taken="ℹ️ The model read only your words, not what came with them ({what}). Another one may be able to: "
    "/model, /provider.",
    kind_photo="picture",
    kind_video="video",
    kind_audio="recording",
    kind_file="file",
    kind_other="attachment",
    only_mentioned="Yes? Write your question after @{username}, in the same message.",
    command_new="Start a new conversation",
    command_provider="Choose who answers",
    command_model="Choose the model",
    command_stop="Stop the current answer",
    command_retry="Answer my last message again",
    command_settings="Settings of this chat",
    command_help="What I can do",
    command_allow="Give a person or a chat access: /allow ID",
    command_deny="Remove a person's or a chat's access: /deny ID",
    provider_list="Now answering: {provider}. Choose who answers from now on:",
    provider_failing="⚠️ = not working at the moment",
    provider_switched="{provider} answers from now on. The conversation continues.",
    provider_switched_model="{provider} answers from now on, with the model {model}. The conversation continues.",
    provider_unknown="⚠️ There is no provider {provider}. Choose one of these:",
    provider_missing="⚠️ The provider {provider} is no longer available, so {default} answers. /provider lists them "
    "all.",
    model_list="{provider} answers with the model {model}. Choose another one:",
    model_default="its default",
    model_switched="The model {model} answers from now on.",
    model_unknown="⚠️ {provider} has no model {model}. Choose one of these:",
    model_no_choice="{provider} offers no choice of models. /provider shows who else can answer.",
    menu_too_old="This menu is old; here is the present one.",
    new="A new conversation begins. I no longer use what was said before.",
    dropped="Waiting messages dropped: {count}.",
    nothing_to_stop="There is nothing to stop.",
    nothing_of_yours="None of your questions is being answered or waiting here.",
    nothing_to_retry="There is no message to answer again. Just write to me.",
    retry_stale="This is no longer the last answer.",
    retry_busy="The last answer is still being written. /stop ends it.",
    version_busy="One moment, an answer is under way.",
    version_last="There is no further version in this direction.",
    version_made="Made by {maker}.",
    version_unknown="It is not known who made this version.",
    retry_not_taken="⚠️ The last answer is still being written, so I have not taken these words. Send them again when "
    "it is complete, or end it with /stop first.",
    busy="⚠️ I am still busy with your earlier messages; this one was not taken. Send it again when they are answered, "
    "or drop them with /stop.",
    too_much="⚠️ That is more at once than I can answer one by one. Wait a little, then send again what got no answer.",
    refusal="This is a private bot. If you know its owner, ask for access; your id is {id}.",
    refusal_group="This is a private bot. If you know its owner, ask for access for this group; its id is {id}.",
    refusal_toast="This is a private bot.",
    request="{name} would like to talk to me. Allow it? Their id is {id}.",
    request_group="{name} would like to use me in the group {title}. Allow it for this group? Its id is {id}.",
    request_more="More people ask for access: {count}.",
    request_no_more="Nobody else is waiting for access.",
    request_more_button="Show them",
    waiting_list="Waiting for access: {count}.",
    waiting_nobody="Nobody is waiting for access. If you have an id, write it after the command, for example "
    "{command} {id}.",
    waiting_group="The group {title}, asked for by {name}",
    allow_button="Allow",
    deny_button="Deny",
    let_in="You have access now. Write to me, and I will answer. /help tells you more.",
    shut_out="Your access has been removed, so I can no longer answer you. If you think this is a mistake, "
    "ask the owner of this bot.",
    let_in_group="This group has access now. Mention me (@{username}) or reply to me, and I will answer. /help tells "
    "you more.",
    paired="Welcome! This bot is yours now, and nobody else can use it until you allow it. When a stranger writes to "
    "me, I ask you here; you can also send /allow ID.",
    allowed="{id} has access now.",
    denied="{id} has no access.",
    is_admin="⚠️ {id} is an admin of this bot, so /deny cannot remove their access. Change ADMINS in the bot's "
    "configuration.",
    is_owner="⚠️ {id} owns this bot by the pairing link. Only an admin who is listed in ADMINS in the bot's "
    "configuration can remove their access.",
    admins_only="⚠️ Only the bot's admins can do this.",
    allow_usage="Write an id after the command, for example {command} {id}. Strangers who write to me are told their "
    "id.",
    group_admins_only="⚠️ Only admins of this group can do this. With /settings they can let everybody do it.",
    group_asker_only="⚠️ Only the person who asked, or an admin of this group, can do this.",
    group_opened="An admin of mine added me, so I answer everybody in this group.",
    group_shut_button="Answer only people with access",
    group_shut="In this group I now answer only people who have access themselves.",
    group_admins_unknown="⚠️ Telegram did not tell me who the admins of this group are. Please try again in a minute.",
    not_your_button="This button is not for you.",
    button_too_old="This message is too old. Please send the command again.",
    settings="Settings of this chat",
    setting_provider="Provider: {value}",
    setting_model="Model: {value}",
    setting_prompt="System prompt: {value}",
    setting_language="Language: {value}",
    setting_streaming="Show answers while they are written: {value}",
    setting_reasoning="Show reasoning: {value}",
    setting_open="Who may choose here: {value}",
    everybody="everybody",
    only_admins="admins",
    setting_unknown="⚠️ I do not know this setting. /settings shows all of them.",
    on="on",
    off="off",
    auto="as in Telegram",
    own="custom",
    default="default",
    prompt_shown="The system prompt of this chat:\n\n{prompt}",
    prompt_default="This chat uses the bot's default system prompt.",
    prompt_how="To set another one, send /settings prompt and your text in the same message.",
    prompt_set="The system prompt is set. It applies from your next message on.",
    prompt_reset="This chat uses the default system prompt again.",
    prompt_reset_button="Back to the default",
    back_button="« Back",
)
