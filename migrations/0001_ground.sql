-- The ground: people, groups, conversations, words, and the log of what happened when.
-- Written by community/ alone. Keep to PostgreSQL 15; ids are made in Python.

create table organisation (
  only_row boolean primary key default true check (only_row),
  epoch uuid not null,                    -- changes only when history was restored from a backup
  created_at timestamptz not null
);

-- One database is one organisation; moderation teams stand inside it.
create table team (
  id uuid primary key,
  name text not null unique,
  created_at timestamptz not null
);

create table member (
  id uuid primary key,
  handle text,
  handle_folded text unique,              -- case and look-alikes folded: one handle, one person
  password_hash text,
  email text,                             -- optional, never shown to anyone but its owner
  country text,
  language text not null default 'en',
  time_zone text not null default 'UTC',
  settings jsonb not null default '{}',
  is_operator boolean not null default false,
  suspended_at timestamptz,
  created_at timestamptz not null,
  erased_at timestamptz,
  check (erased_at is null or (handle is null and handle_folded is null and password_hash is null and email is null)),
  check (erased_at is not null or (handle is not null and handle_folded is not null))
);

create table consent (
  member_id uuid not null references member,
  consent text not null,
  version integer not null,
  given_at timestamptz not null,
  primary key (member_id, consent, version)
);

create table session (
  id uuid primary key,
  member_id uuid not null references member,
  token_hash bytea not null unique,       -- SHA-256 of a 256-bit token: no salt needed
  door text not null check (door in ('cookie', 'bearer')),
  label text not null,                    -- "Firefox on Android", for the person's own list
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_by_member on session (member_id) where revoked_at is null;

create table sign_in_failure (
  handle_folded text not null,
  address inet not null,
  at timestamptz not null
);
create index sign_in_failure_recent on sign_in_failure (handle_folded, address, at);

-- A single-purpose link in a path (feed, calendar, page): hashed and revocable.
create table capability (
  id uuid primary key,
  member_id uuid not null references member,
  purpose text not null,
  subject uuid,
  token_hash bytea not null unique,
  created_at timestamptz not null,
  revoked_at timestamptz
);
create index capability_by_member on capability (member_id) where revoked_at is null;

create table member_block (
  member_id uuid not null references member,
  blocked_id uuid not null references member,
  at timestamptz not null,
  primary key (member_id, blocked_id),
  check (member_id <> blocked_id)
);
create index member_block_reverse on member_block (blocked_id);

create table member_mute (
  member_id uuid not null references member,
  muted_id uuid not null references member,
  at timestamptz not null,
  primary key (member_id, muted_id),
  check (member_id <> muted_id)
);

-- "group" is a reserved word of SQL.
create table peer_group (
  id uuid primary key,
  team_id uuid not null references team,
  slug text not null,
  name text not null,
  preset text not null,
  visibility text not null check (visibility in ('public', 'members', 'private')),
  joining text not null check (joining in ('open', 'request', 'invite')),
  card jsonb not null default '{}',
  settings jsonb not null default '{}',   -- GroupRules overrides and pre-moderation
  guidelines_version integer not null,
  version integer not null default 1,
  created_at timestamptz not null,
  deleted_at timestamptz                  -- 404 at once, purged after 30 days
);
create unique index peer_group_slug on peer_group (slug);

create table guidelines (
  group_id uuid not null references peer_group,
  version integer not null,
  text text not null,
  at timestamptz not null,
  primary key (group_id, version)
);

create table membership (
  group_id uuid not null references peer_group,
  member_id uuid not null references member,
  role text not null default 'member' check (role in ('member', 'companion', 'facilitator', 'moderator', 'owner')),
  state text not null check (state in ('requested', 'invited', 'member', 'left')),
  guidelines_version integer not null default 0,
  muted_until timestamptz,
  banned_at timestamptz,
  joined_at timestamptz not null,
  primary key (group_id, member_id)
);
create index membership_by_member on membership (member_id) where state = 'member';

create table invitation (
  id uuid primary key,
  group_id uuid not null references peer_group,
  code_hash bytea not null unique,
  made_by uuid not null references member,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  uses_left integer not null check (uses_left >= 0)
);

create table conversation (
  id uuid primary key,
  kind text not null check (kind in ('room', 'thread', 'pairing')),
  group_id uuid references peer_group,
  state text not null default 'open' check (state in ('open', 'read_only', 'closed')),
  last_seq bigint not null default 0 check (last_seq >= 0),
  created_at timestamptz not null,
  check ((kind = 'pairing') or group_id is not null)
);
create index conversation_by_group on conversation (group_id, kind);

-- A private conversation has exactly the people named here; rooms and threads ask the membership.
create table participant (
  conversation_id uuid not null references conversation,
  member_id uuid not null references member,
  since timestamptz not null,
  left_at timestamptz,
  primary key (conversation_id, member_id)
);
create index participant_by_member on participant (member_id) where left_at is null;

-- What the pipeline decided. Every word that is kept points here.
create table verdict (
  id uuid primary key,
  outcome text not null check (outcome in ('publish', 'mask', 'publish_with_support', 'ask_to_edit', 'hold', 'refuse')),
  tier text not null check (tier in ('green', 'amber', 'red', 'crisis')),
  topic text,
  rules_version text not null,
  took_us integer not null,
  at timestamptz not null
);

create table finding (
  verdict_id uuid not null references verdict on delete cascade,
  n integer not null,
  stage text not null,
  rule text not null,
  rule_version text not null,
  lane text not null check (lane in ('care', 'conduct')),
  severity text not null,
  field text not null,
  span_start integer,
  span_end integer,
  topic text,
  note text not null,                     -- a sentence for the moderator; never quotes the text
  primary key (verdict_id, n)
);
create index finding_by_rule on finding (rule);

-- One table of words. Words in a conversation carry its id, other judged words (a join request, a flag's
-- note, an appeal) stand alone; all of them go through one gate, one search, one export, one erasure.
create table message (
  id uuid primary key,
  conversation_id uuid references conversation,
  group_id uuid references peer_group,
  author_id uuid references member,       -- null once the author is erased
  place text not null,
  verdict_id uuid not null references verdict,
  seq bigint,                             -- null while held: held means not yet in the log
  state text not null check (state in ('visible', 'held', 'masked', 'withdrawn', 'removed')),
  body text not null,                     -- as written; what the author and care staff may see
  shown text not null,                    -- as readers see it, masked spans as […]
  html text not null,                     -- rendered from shown
  html_version integer not null,
  warnings text[] not null default '{}',
  reply_to uuid,
  held_why text,                          -- 'verdict', 'premoderation', 'standing', 'limit'
  edit_count integer not null default 0,
  created_at timestamptz not null,
  edited_at timestamptz,
  search tsvector not null default '',
  check ((place in ('room', 'thread', 'pairing')) = (conversation_id is not null)),
  check (seq is null or conversation_id is not null),
  check (state <> 'held' or seq is null),
  check (state not in ('withdrawn', 'removed') or (shown = '' and html = ''))
);
create unique index message_in_log on message (conversation_id, seq) where seq is not null;
create index message_by_author on message (author_id, created_at desc);
create index message_held on message (conversation_id, author_id) where state = 'held';
create index message_search on message using gin (search);

-- Earlier and pending texts of an edited message. `n` 0 is the first text.
create table revision (
  message_id uuid not null references message,
  n integer not null,
  state text not null check (state in ('past', 'pending')),
  body text not null,
  shown text not null,                    -- with the masks of its own verdict
  verdict_id uuid not null references verdict,
  at timestamptz not null,
  primary key (message_id, n)
);
create unique index revision_one_pending on revision (message_id) where state = 'pending';

-- A resend after a lost answer returns the first result.
create table submission (
  author_id uuid not null references member,
  nonce text not null check (length(nonce) between 1 and 64),
  content_hash bytea not null,
  message_id uuid not null references message deferrable initially deferred,
  result jsonb not null,                  -- the first answer: id, seq, outcome, masked, support
  at timestamptz not null,
  primary key (author_id, nonce)
);
create index submission_by_message on submission (message_id);
create index submission_by_age on submission (at);

create table conversation_event (
  conversation_id uuid not null references conversation,
  seq bigint not null,
  kind text not null check (kind in ('message', 'edit', 'mask', 'withdraw', 'remove', 'react', 'notice')),
  message_id uuid references message,
  member_id uuid references member,       -- who acted, where readers may know it (reactions)
  emoji text,
  on_ boolean,
  notice text,                            -- id of a sentence, never words a person wrote
  at timestamptz not null,
  primary key (conversation_id, seq)
);
create index conversation_event_by_message on conversation_event (message_id);

create table reaction (
  message_id uuid not null references message,
  member_id uuid not null references member,
  emoji text not null,
  at timestamptz not null,
  primary key (message_id, member_id, emoji)
);

create table read_mark (
  member_id uuid not null references member,
  conversation_id uuid not null references conversation,
  seq bigint not null,
  primary key (member_id, conversation_id)
);

-- Letters from the house to one person about their own words; put into words when shown.
create table notice (
  id uuid primary key,
  member_id uuid not null references member,
  kind text not null,
  message_id uuid references message,
  parameters jsonb not null default '{}', -- ids, rules, times; never words a person wrote
  at timestamptz not null,
  read_at timestamptz
);
create index notice_by_member on notice (member_id, at desc);

-- Promises to the outside, made in the transaction that needs them; a worker leases, sends, marks.
create table outbox (
  id uuid primary key,
  topic text not null,
  parameters jsonb not null,              -- ids only
  due_at timestamptz not null,
  attempts integer not null default 0,
  leased_until timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  made_at timestamptz not null
);
create index outbox_due on outbox (due_at) where sent_at is null and failed_at is null;

create table idempotency (
  member_id uuid not null references member,
  key text not null,
  request_hash bytea not null,            -- method, path and body
  status integer,                         -- null while the first call is under way
  answer bytea,
  at timestamptz not null,
  primary key (member_id, key)
);
create index idempotency_by_age on idempotency (at);

insert into organisation (epoch, created_at) values (gen_random_uuid(), now());
insert into team (id, name, created_at) values (gen_random_uuid(), 'Moderation team', now());
