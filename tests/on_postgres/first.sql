-- The tables of the first version that ran on a PostgreSQL, 0016: made by it, told by pg_dump.
CREATE TABLE public.access (
    telegram_id bigint NOT NULL,
    rule character varying(16) NOT NULL,
    language character varying,
    by bigint,
    at double precision NOT NULL,
    update_id bigint,
    name character varying,
    title character varying,
    shown_at double precision
);
CREATE TABLE public.accounts (
    telegram_id bigint NOT NULL,
    name character varying NOT NULL,
    own_limit bigint,
    told_on bigint
);
CREATE TABLE public.admins (
    telegram_id bigint NOT NULL,
    user_id bigint NOT NULL,
    seen_at double precision NOT NULL
);
CREATE TABLE public.alembic_version (
    version_num character varying(32) NOT NULL
);
CREATE TABLE public.answers (
    id bigint NOT NULL,
    prompt_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    state character varying(16) NOT NULL,
    outcome character varying(16),
    attempt bigint NOT NULL,
    under_way boolean DEFAULT false NOT NULL,
    deaths bigint DEFAULT 0 NOT NULL,
    stop boolean NOT NULL,
    stood boolean DEFAULT false NOT NULL,
    dropped_by bigint,
    provider character varying,
    model character varying,
    content character varying,
    shown character varying,
    kept character varying,
    note character varying,
    offered character varying,
    quote character varying,
    prompt_tokens bigint,
    completion_tokens bigint,
    is_estimated boolean DEFAULT false NOT NULL,
    created_at double precision NOT NULL,
    closed_at double precision
);
CREATE SEQUENCE public.answers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.answers_id_seq OWNED BY public.answers.id;
CREATE TABLE public.asks (
    telegram_id bigint NOT NULL,
    admin bigint NOT NULL,
    key bigint,
    message_id bigint
);
CREATE TABLE public.busy (
    chat_id bigint NOT NULL,
    user_id bigint NOT NULL,
    update_id bigint
);
CREATE TABLE public.chats (
    id bigint NOT NULL,
    telegram_id bigint NOT NULL,
    thread_id bigint NOT NULL,
    provider character varying NOT NULL,
    missing_told character varying,
    language character varying,
    system_prompt character varying,
    persona character varying,
    persona_told character varying,
    streaming boolean NOT NULL,
    thinking character varying(16) DEFAULT 'live'::character varying NOT NULL,
    open_to_members boolean DEFAULT false NOT NULL,
    conversation_id bigint,
    album character varying,
    gone_at double precision,
    removed_at double precision
);
CREATE SEQUENCE public.chats_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.chats_id_seq OWNED BY public.chats.id;
CREATE TABLE public.conversations (
    id bigint NOT NULL,
    chat_id bigint NOT NULL,
    head_id bigint,
    title character varying DEFAULT ''::character varying NOT NULL,
    touched_at double precision DEFAULT 0 NOT NULL,
    deleted_at double precision
);
CREATE SEQUENCE public.conversations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.conversations_id_seq OWNED BY public.conversations.id;
CREATE TABLE public.digests (
    telegram_id bigint NOT NULL,
    key bigint,
    message_id bigint,
    count bigint NOT NULL,
    opened_at double precision NOT NULL
);
CREATE TABLE public.file_uses (
    prompt_id bigint NOT NULL,
    sha256 character varying NOT NULL
);
CREATE TABLE public.files (
    telegram_file_id character varying NOT NULL,
    sha256 character varying NOT NULL,
    media_type character varying NOT NULL,
    name character varying NOT NULL,
    size bigint NOT NULL,
    tag character varying NOT NULL,
    pages bigint NOT NULL,
    pages_read bigint NOT NULL,
    characters bigint NOT NULL,
    characters_read bigint NOT NULL,
    transcript character varying
);
CREATE TABLE public.finds (
    rowid bigint NOT NULL,
    chat character varying NOT NULL,
    said text NOT NULL,
    words tsvector NOT NULL
);
CREATE TABLE public.held (
    update_id bigint NOT NULL,
    telegram_id bigint NOT NULL,
    body character varying NOT NULL
);
CREATE TABLE public.identity (
    bot_id bigint NOT NULL,
    pairing_code character varying
);
CREATE TABLE public.invite_uses (
    code character varying NOT NULL,
    telegram_id bigint NOT NULL
);
CREATE TABLE public.invites (
    code character varying NOT NULL,
    by bigint NOT NULL,
    "left" bigint NOT NULL,
    ends_at double precision NOT NULL,
    own_limit bigint
);
CREATE TABLE public.messages (
    chat_id bigint NOT NULL,
    message_id bigint NOT NULL,
    prompt_id bigint NOT NULL,
    number bigint NOT NULL,
    content character varying NOT NULL,
    length_utf16 bigint DEFAULT 0 NOT NULL,
    sent_at double precision NOT NULL,
    fingerprint character varying,
    forwarded_from character varying,
    unread character varying,
    album character varying
);
CREATE TABLE public.models (
    chat_id bigint NOT NULL,
    provider character varying NOT NULL,
    model character varying NOT NULL
);
CREATE TABLE public.notices (
    telegram_id bigint NOT NULL,
    message_id bigint NOT NULL,
    sent_at double precision NOT NULL
);
CREATE TABLE public.outbox (
    id bigint NOT NULL,
    method character varying NOT NULL,
    body character varying NOT NULL,
    stored_at double precision NOT NULL
);
CREATE SEQUENCE public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.outbox_id_seq OWNED BY public.outbox.id;
CREATE TABLE public.parts (
    reply_id bigint NOT NULL,
    number bigint NOT NULL,
    answer_id bigint NOT NULL,
    message_id bigint,
    after bigint NOT NULL,
    late_since double precision
);
CREATE TABLE public.peers (
    telegram_id bigint NOT NULL,
    paused_until double precision NOT NULL,
    rate double precision NOT NULL
);
CREATE TABLE public.prompts (
    id bigint NOT NULL,
    conversation_id bigint NOT NULL,
    chat_id bigint NOT NULL,
    parent_id bigint,
    reply_id bigint NOT NULL,
    user_id bigint NOT NULL,
    language character varying NOT NULL,
    content character varying NOT NULL,
    unread character varying,
    ready_at double precision,
    created_at double precision NOT NULL
);
CREATE SEQUENCE public.prompts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.prompts_id_seq OWNED BY public.prompts.id;
CREATE TABLE public.replies (
    id bigint NOT NULL,
    chat_id bigint NOT NULL,
    message_id bigint,
    wanted_id bigint,
    shown_id bigint,
    dirty boolean DEFAULT false NOT NULL,
    note character varying
);
CREATE SEQUENCE public.replies_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.replies_id_seq OWNED BY public.replies.id;
CREATE TABLE public.risks (
    update_id bigint NOT NULL,
    deaths bigint NOT NULL,
    at double precision NOT NULL
);
CREATE TABLE public.strays (
    answer_id bigint NOT NULL,
    number bigint NOT NULL,
    after bigint NOT NULL,
    highest bigint NOT NULL,
    lost_at double precision NOT NULL
);
CREATE TABLE public.updates (
    update_id bigint NOT NULL,
    taken_at double precision NOT NULL
);
CREATE TABLE public.usage (
    telegram_id bigint NOT NULL,
    day bigint NOT NULL,
    provider character varying NOT NULL,
    messages bigint NOT NULL,
    tokens bigint NOT NULL
);
CREATE TABLE public.worn (
    telegram_id bigint NOT NULL,
    message_id bigint NOT NULL
);
ALTER TABLE ONLY public.answers ALTER COLUMN id SET DEFAULT nextval('public.answers_id_seq'::regclass);
ALTER TABLE ONLY public.chats ALTER COLUMN id SET DEFAULT nextval('public.chats_id_seq'::regclass);
ALTER TABLE ONLY public.conversations ALTER COLUMN id SET DEFAULT nextval('public.conversations_id_seq'::regclass);
ALTER TABLE ONLY public.outbox ALTER COLUMN id SET DEFAULT nextval('public.outbox_id_seq'::regclass);
ALTER TABLE ONLY public.prompts ALTER COLUMN id SET DEFAULT nextval('public.prompts_id_seq'::regclass);
ALTER TABLE ONLY public.replies ALTER COLUMN id SET DEFAULT nextval('public.replies_id_seq'::regclass);
ALTER TABLE ONLY public.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.finds
    ADD CONSTRAINT finds_pkey PRIMARY KEY (rowid);
ALTER TABLE ONLY public.access
    ADD CONSTRAINT pk_access PRIMARY KEY (telegram_id);
ALTER TABLE ONLY public.accounts
    ADD CONSTRAINT pk_accounts PRIMARY KEY (telegram_id);
ALTER TABLE ONLY public.admins
    ADD CONSTRAINT pk_admins PRIMARY KEY (telegram_id, user_id);
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT pk_answers PRIMARY KEY (id);
ALTER TABLE ONLY public.asks
    ADD CONSTRAINT pk_asks PRIMARY KEY (telegram_id, admin);
ALTER TABLE ONLY public.busy
    ADD CONSTRAINT pk_busy PRIMARY KEY (chat_id, user_id);
ALTER TABLE ONLY public.chats
    ADD CONSTRAINT pk_chats PRIMARY KEY (id);
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT pk_conversations PRIMARY KEY (id);
ALTER TABLE ONLY public.digests
    ADD CONSTRAINT pk_digests PRIMARY KEY (telegram_id);
ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT pk_file_uses PRIMARY KEY (prompt_id, sha256);
ALTER TABLE ONLY public.files
    ADD CONSTRAINT pk_files PRIMARY KEY (telegram_file_id);
ALTER TABLE ONLY public.held
    ADD CONSTRAINT pk_held PRIMARY KEY (update_id);
ALTER TABLE ONLY public.identity
    ADD CONSTRAINT pk_identity PRIMARY KEY (bot_id);
ALTER TABLE ONLY public.invite_uses
    ADD CONSTRAINT pk_invite_uses PRIMARY KEY (code, telegram_id);
ALTER TABLE ONLY public.invites
    ADD CONSTRAINT pk_invites PRIMARY KEY (code);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT pk_messages PRIMARY KEY (chat_id, message_id);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT pk_models PRIMARY KEY (chat_id, provider);
ALTER TABLE ONLY public.notices
    ADD CONSTRAINT pk_notices PRIMARY KEY (telegram_id, message_id);
ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT pk_outbox PRIMARY KEY (id);
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT pk_parts PRIMARY KEY (reply_id, number);
ALTER TABLE ONLY public.peers
    ADD CONSTRAINT pk_peers PRIMARY KEY (telegram_id);
ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT pk_prompts PRIMARY KEY (id);
ALTER TABLE ONLY public.replies
    ADD CONSTRAINT pk_replies PRIMARY KEY (id);
ALTER TABLE ONLY public.risks
    ADD CONSTRAINT pk_risks PRIMARY KEY (update_id);
ALTER TABLE ONLY public.strays
    ADD CONSTRAINT pk_strays PRIMARY KEY (answer_id, number, after);
ALTER TABLE ONLY public.updates
    ADD CONSTRAINT pk_updates PRIMARY KEY (update_id);
ALTER TABLE ONLY public.usage
    ADD CONSTRAINT pk_usage PRIMARY KEY (telegram_id, day, provider);
ALTER TABLE ONLY public.worn
    ADD CONSTRAINT pk_worn PRIMARY KEY (telegram_id, message_id);
CREATE INDEX ix_answers_chat_id_state ON public.answers USING btree (chat_id, state);
CREATE INDEX ix_answers_dropped_by ON public.answers USING btree (dropped_by) WHERE (dropped_by IS NOT NULL);
CREATE INDEX ix_answers_prompt_id ON public.answers USING btree (prompt_id);
CREATE INDEX ix_answers_state_id ON public.answers USING btree (state, id);
CREATE INDEX ix_conversations_chat_id_touched_at ON public.conversations USING btree (chat_id, touched_at) WHERE (deleted_at IS NULL);
CREATE INDEX ix_conversations_deleted_at ON public.conversations USING btree (deleted_at) WHERE (deleted_at IS NOT NULL);
CREATE INDEX ix_file_uses_sha256 ON public.file_uses USING btree (sha256);
CREATE INDEX ix_files_sha256 ON public.files USING btree (sha256);
CREATE INDEX ix_finds_words ON public.finds USING gin (words);
CREATE INDEX ix_messages_message_id ON public.messages USING btree (message_id);
CREATE INDEX ix_messages_prompt_id ON public.messages USING btree (prompt_id);
CREATE INDEX ix_notices_sent_at ON public.notices USING btree (sent_at);
CREATE INDEX ix_parts_answer_id ON public.parts USING btree (answer_id);
CREATE INDEX ix_parts_late_since ON public.parts USING btree (late_since) WHERE (late_since IS NOT NULL);
CREATE INDEX ix_parts_message_id ON public.parts USING btree (message_id);
CREATE INDEX ix_prompts_chat_id_id ON public.prompts USING btree (chat_id, id);
CREATE INDEX ix_prompts_conversation_id_id ON public.prompts USING btree (conversation_id, id);
CREATE INDEX ix_prompts_parent_id ON public.prompts USING btree (parent_id);
CREATE INDEX ix_prompts_ready_at ON public.prompts USING btree (ready_at) WHERE (ready_at IS NOT NULL);
CREATE INDEX ix_prompts_reply_id ON public.prompts USING btree (reply_id);
CREATE INDEX ix_replies_chat_id_id ON public.replies USING btree (chat_id, id);
CREATE INDEX ix_updates_taken_at ON public.updates USING btree (taken_at);
CREATE INDEX ix_usage_day ON public.usage USING btree (day);
CREATE UNIQUE INDEX uq_answers_generating ON public.answers USING btree (chat_id) WHERE ((state)::text = 'generating'::text);
CREATE UNIQUE INDEX uq_chats_telegram_id_thread_id ON public.chats USING btree (telegram_id, thread_id);
CREATE UNIQUE INDEX uq_replies_dirty ON public.replies USING btree (chat_id) WHERE dirty;
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT fk_answers_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id);
ALTER TABLE ONLY public.answers
    ADD CONSTRAINT fk_answers_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompts(id);
ALTER TABLE ONLY public.busy
    ADD CONSTRAINT fk_busy_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.conversations
    ADD CONSTRAINT fk_conversations_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id);
ALTER TABLE ONLY public.file_uses
    ADD CONSTRAINT fk_file_uses_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompts(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.invite_uses
    ADD CONSTRAINT fk_invite_uses_code FOREIGN KEY (code) REFERENCES public.invites(code) ON DELETE CASCADE;
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id);
ALTER TABLE ONLY public.messages
    ADD CONSTRAINT fk_messages_prompt_id FOREIGN KEY (prompt_id) REFERENCES public.prompts(id);
ALTER TABLE ONLY public.models
    ADD CONSTRAINT fk_models_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT fk_parts_answer_id FOREIGN KEY (answer_id) REFERENCES public.answers(id);
ALTER TABLE ONLY public.parts
    ADD CONSTRAINT fk_parts_reply_id FOREIGN KEY (reply_id) REFERENCES public.replies(id);
ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT fk_prompts_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id);
ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT fk_prompts_conversation_id FOREIGN KEY (conversation_id) REFERENCES public.conversations(id);
ALTER TABLE ONLY public.prompts
    ADD CONSTRAINT fk_prompts_reply_id FOREIGN KEY (reply_id) REFERENCES public.replies(id);
ALTER TABLE ONLY public.replies
    ADD CONSTRAINT fk_replies_chat_id FOREIGN KEY (chat_id) REFERENCES public.chats(id);
ALTER TABLE ONLY public.strays
    ADD CONSTRAINT fk_strays_answer_id FOREIGN KEY (answer_id) REFERENCES public.answers(id);
INSERT INTO public.alembic_version VALUES ('0016');
