"""Texts: what the bot can say; an instance is a language, and a missing text is an error at import."""

from dataclasses import dataclass, fields

from bot.texts.plural import Counting, Rule, one_other


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The bot's texts in one language; fields in braces are filled in by `format`, `{count:day|days}` with a form."""

    code: str
    name: str
    readers: tuple[str, ...] = ()  # languages without texts of their own whose speakers mostly read this one
    plural: Rule = one_other

    # A failed answer: begins with ⚠️ and names what the user can do.
    no_connection: str
    timed_out: str
    rate_limited: str
    rate_limited_for: str  # seconds
    blocked: str
    sign_in_failed: str
    out_of_credit: str
    service_failed: str  # reason
    broken_off: str
    empty_answer: str
    only_thought: str
    too_long: str
    refused: str  # reason
    refused_plain: str
    recited: str
    language_unknown: str
    model_not_supported: str  # model
    nothing_to_send: str
    internal: str
    gave_up: str
    unshowable: str
    rest_refused: str

    # What may follow one of those.
    guide: str

    # Where an answer will stand, while its model is loaded: begins with ⏳ and ends in …
    loading: str

    # Calls of tools: the line while one waits begins with 🔧 and ends in …; then what is asked and decided about one.
    tool_waits: str  # tool
    tool_unknown: str  # tool
    call_asked: str  # tool
    call_more: str  # count
    call_allow: str
    call_deny: str
    call_allowed: str
    call_denied: str
    call_over: str

    # The last line of an answer that is not whole, and what stands where a stopped one never began.
    incomplete: str
    cut: str
    stopped: str
    stopped_mark: str

    stop_button: str
    retry_button: str

    # Who the bot is.
    hello: str  # bot
    hello_group: str  # bot
    profile: str
    profile_short: str
    example_explain: str
    example_write: str
    example_plan: str
    example_what: str
    example_connect: str
    example_cost: str
    example_asked: str
    to_group_button: str
    help_private: str  # provider
    help_guide: str  # provider
    help_group: str  # username, provider
    help_names: str  # names
    ask_how: str
    added: str  # username
    added_unheard: str
    privacy: str
    unknown_command: str  # command
    only_text: str
    unreadable: str
    only_words: str  # what
    unread_file: str  # what, why
    unread_all: str  # what, why
    why_empty: str
    why_broken: str
    why_locked: str
    why_unknown: str
    why_no_text: str
    why_too_large: str
    why_too_slow: str
    why_crashed: str
    why_no_extra: str
    why_too_big: str  # limit
    why_lost: str
    why_unreachable: str
    why_no_room: str
    why_too_many: str  # limit
    why_deaf: str
    why_no_words: str
    why_not_heard: str
    why_heard_later: str
    why_heard_by_no_key: str
    read_pages: str  # name, read, of
    read_characters: str  # name, read, of
    not_taken: str  # what
    only_words_taken: str  # what
    kind_photo: str
    kind_video: str
    kind_audio: str
    kind_file: str
    kind_other: str
    only_mentioned: str  # username

    # The command menu.
    command_new: str
    command_history: str
    command_provider: str
    command_model: str
    command_stop: str
    command_retry: str
    command_settings: str
    command_title: str
    command_image: str
    command_find: str
    command_export: str
    command_forget: str
    command_help: str
    command_ask: str
    command_role: str
    command_system: str
    command_usage: str
    command_id: str
    command_admin: str
    command_invite: str
    command_allow: str
    command_deny: str

    # Provider and model.
    provider_list: str  # provider
    provider_works: str
    provider_seconds: str  # seconds
    decimal_sign: str
    cause_key: str
    cause_credit: str
    cause_limit: str
    cause_blocked: str
    cause_slow: str
    cause_unreachable: str
    cause_failing: str
    provider_switched: str  # provider
    provider_switched_model: str  # provider, model
    provider_unknown: str  # provider
    provider_missing: str  # provider, default
    model_list: str  # provider, model
    model_default: str
    model_switched: str  # model
    model_unknown: str  # model, provider
    model_no_choice: str  # provider
    menu_too_old: str

    # Conversation.
    new: str
    history: str  # total
    history_empty: str
    history_private: str
    history_gone: str
    conversation: str  # title, date, count
    conversation_present: str  # title, date, count
    untitled: str
    continue_button: str
    export_button: str
    delete_button: str
    delete_sure: str  # title
    delete_sure_button: str
    deleted: str
    continued: str  # title
    titled: str  # title
    title_shown: str  # title
    title_nothing: str
    title_nothing_group: str
    found: str  # words
    found_more: str
    found_nothing: str  # words
    find_usage: str
    found_gone: str
    export_which: str
    export_one_button: str  # format
    export_all_button: str  # format
    export_nothing: str
    export_begun: str
    export_busy: str
    export_full: str  # count, total
    painter: str
    picture_refused: str
    picture_lost: str
    image_nobody: str
    image_usage: str
    image_unchanged: str
    voice_cut: str
    order_begun: str
    order_waiting: str
    order_failed: str
    export_question: str
    export_answer: str
    export_after: str  # number
    export_version: str  # number, total
    export_shown: str
    export_summary: str
    export_unanswered: str
    forget_sure: str  # count
    forget_sure_group: str  # count
    forget_topic: str
    forget_button: str
    cancel_button: str
    forget_cancelled: str
    forget_nothing: str
    forget_old: str
    forgotten: str
    months: str
    dropped: str  # count
    nothing_to_stop: str
    nothing_of_yours: str
    nothing_to_retry: str
    retry_stale: str
    retry_busy: str
    version_busy: str
    version_last: str
    version_made: str  # maker
    version_unknown: str
    retry_not_taken: str
    inline_title: str
    inline_how: str
    inline_private: str
    inline_ask_button: str
    inline_too_old: str
    busy_elsewhere: str
    more_elsewhere: str
    more_button: str
    more_gone: str
    busy: str
    too_much: str

    # What is used, and how much of it may be: of questions and of tokens.
    limit_messages: str  # used, limit, time
    limit_tokens: str  # used, limit, time
    group_limit_messages: str  # used, limit, time
    group_limit_tokens: str  # used, limit, time
    limit_cost: str  # used, limit, time
    group_limit_cost: str  # used, limit, time
    limit_toast: str
    hours: str  # hours, minutes
    minutes: str  # minutes
    usage_provider: str  # provider
    usage_model: str  # provider, model
    usage_works: str
    usage_failing: str
    usage_person: str  # id
    usage_group: str  # id
    usage_ends: str  # time
    used_messages: str  # used
    used_tokens: str  # used
    used_cost: str  # used
    used_least: str  # used
    used_by: str  # name, questions, tokens
    used_of: str  # used, limit
    id_person: str  # id
    id_chat: str  # id
    id_topic: str  # id

    # Access.
    refusal: str  # id
    refusal_group: str  # id
    refusal_toast: str
    request: str  # name, id
    request_group: str  # name, title, id
    request_more: str  # count
    request_no_more: str
    request_more_button: str
    waiting_list: str  # count
    waiting_nobody: str  # command, id
    waiting_group: str  # name, title
    allow_button: str
    deny_button: str
    let_in: str
    shut_out: str
    let_in_group: str  # username
    paired: str
    paired_guide: str  # provider
    paired_provider: str  # provider
    paired_people: str
    allowed: str  # who
    denied: str  # who
    is_admin: str  # who
    is_owner: str  # who
    admins_only: str
    allow_usage: str  # command, id
    only_private: str
    admin: str
    admin_waiting: str  # count
    admin_people: str  # count
    admin_groups: str  # count
    admin_today: str
    admin_well: str
    admin_failing: str  # providers
    admin_in: str
    admin_asks: str
    admin_out: str
    admin_use: str
    admin_week: str
    admin_let_in: str
    admin_remove: str
    admin_no: str
    admin_limit: str
    admin_no_limit: str
    admin_usual: str
    admin_choose_limit: str
    admin_decided: str
    admin_health: str
    admin_again: str
    admin_reread: str
    admin_reread_done: str  # providers
    misread: str  # mistake
    alarm_key: str  # provider
    alarm_credit: str  # provider
    alarm_down: str  # provider
    alarm_disk: str  # limit
    alarm_hooked: str
    alarm_migrated: str
    health_ready: str
    health_not_ready: str
    health_since: str  # time
    health_polling: str  # time
    health_webhook: str  # time
    health_pending: str  # count
    health_no_updates: str
    health_silent: str  # time
    health_no_database: str
    health_database: str  # size
    health_free: str  # size
    health_queue: str  # queued, generating, unshown, unsaid, calls
    health_calls: str  # ok, flood, refused, unanswered
    health_late: str  # now, worst
    health_provider: str  # provider, cause, time
    limit_set: str
    invite_link: str  # count, time
    invite_limit: str  # limit
    invite_usage: str
    invite_withdraw: str
    invite_withdrawn: str
    invite_is_over: str
    invite_over: str  # id
    days: str  # count
    only_hours: str  # count
    group_admins_only: str
    group_switch_only: str
    group_asker_only: str
    group_opened: str
    group_shut_button: str
    group_shut: str
    group_admins_unknown: str
    not_unseen: str  # person
    not_your_button: str
    button_too_old: str

    # Settings.
    settings: str
    setting_provider: str  # value
    setting_model: str  # value
    setting_prompt: str  # value
    setting_language: str  # value
    setting_streaming: str  # value
    setting_tools: str  # value
    setting_thinking: str  # value
    thinking_live: str
    thinking_kept: str
    setting_maker: str  # value
    setting_summaries: str  # value
    setting_effort: str  # value
    setting_temperature: str  # value
    effort_low: str
    effort_medium: str
    effort_high: str
    made_by: str  # maker
    summed_up: str
    setting_open: str  # value
    everybody: str
    only_admins: str
    setting_along: str  # value
    along_count: str  # count
    along_on: str  # count, provider
    along_ended: str
    along_still: str
    along_unheard: str
    along_unheard_toast: str
    setting_unknown: str
    setting_of_groups: str
    on: str
    off: str
    auto: str
    own: str
    default: str
    setting_role: str  # value
    role_list: str  # role
    role_own: str
    role_nobody: str
    role_taken: str  # role
    role_reset: str
    role_unknown: str  # role
    role_missing: str  # role
    role_none: str
    prompt_role: str  # role
    prompt_back_to_role: str  # role
    prompt_shown: str  # prompt
    prompt_default: str
    prompt_how: str
    prompt_set: str
    prompt_longer: str
    prompt_reset: str
    prompt_reset_button: str
    back_button: str

    def __post_init__(self) -> None:
        """Give the texts with forms the language's rule."""
        for field in fields(self):
            text = getattr(self, field.name)
            if isinstance(text, str) and "|" in text:
                object.__setattr__(self, field.name, Counting.of(text, self.plural))
