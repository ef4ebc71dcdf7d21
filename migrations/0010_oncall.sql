-- On-call: who is there when, how they are reached, what was tried, and how we know that all of it works.
-- Written by moderation/ alone.

-- A promise that repeats: wall time in a zone, so that nine in the evening stays nine in the evening when
-- clocks change. Expanded into rows of `shift` some weeks ahead.
create table shift_rule (
  id uuid primary key,
  team_id uuid not null references team,
  member_id uuid not null references member,
  seat text not null check (seat in ('primary', 'secondary', 'lead')),
  zone text not null,                     -- an IANA name
  starts time not null,
  ends time not null,                     -- not after starts: the next day
  first_on date not null,
  last_on date,
  weekdays smallint not null check (weekdays between 1 and 127),   -- bit 0 is Monday
  every_weeks smallint not null default 1 check (every_weeks between 1 and 52),
  skips date[] not null default '{}',
  made_by uuid references member,
  made_at timestamptz not null,
  ended_at timestamptz
);
create index shift_rule_standing on shift_rule (team_id) where ended_at is null;

alter table shift
  add column rule_id uuid references shift_rule,
  add column on_day date,
  add column tested_at timestamptz,       -- when its test page was made
  add column taken_over_at timestamptz;   -- the test page stayed unanswered: the secondary goes first
create unique index shift_of_rule on shift (rule_id, on_day) where rule_id is not null;
create index shift_untested on shift (starts_at) where tested_at is null;

create table shift_swap (
  id uuid primary key,
  shift_id uuid not null references shift on delete cascade,
  from_id uuid not null references member,
  to_id uuid not null references member,
  state text not null default 'asked' check (state in ('asked', 'taken', 'declined', 'withdrawn')),
  asked_at timestamptz not null,
  answered_at timestamptz,
  check (from_id <> to_id)
);
create unique index shift_swap_open on shift_swap (shift_id) where state = 'asked';

create table training (
  id uuid primary key,
  team_id uuid not null references team,
  member_id uuid not null references member,
  lane text not null check (lane in ('care', 'conduct')),
  trained_on date not null,
  expires_on date not null,               -- the last day on which it counts
  supervisor_id uuid references member,
  topics_excluded text[] not null default '{}',   -- by this person's own wish
  entered_by uuid references member,
  entered_at timestamptz not null,
  revoked_at timestamptz,
  check (expires_on >= trained_on)
);
create index training_by_member on training (member_id, lane) where revoked_at is null;

-- What one shift tells the next about an open case.
create table handover (
  id uuid primary key,
  team_id uuid not null references team,
  case_id uuid not null references moderation_case,
  by_id uuid references member,
  words text not null,
  at timestamptz not null
);
create index handover_by_case on handover (case_id, at desc);

-- A way to reach somebody: a person of the team, the outside back-up, or (alarm) whoever mends Kith.
create table oncall_channel (
  id uuid primary key,
  team_id uuid not null references team,
  member_id uuid references member,
  use text not null check (use in ('person', 'backup', 'alarm')),
  kind text not null check (kind in ('mail', 'webhook')),
  style text not null default 'kith' check (style in ('kith', 'goalert', 'pagerduty', 'ntfy')),
  label text not null,
  address text not null,
  their_key text not null default '',     -- what the other side wants to see: routing key, access token
  secret text not null,                   -- signs what we send and what they answer; plain, because it must sign
  aloud boolean not null default false,   -- rings a sleeping person
  position integer not null,
  added_at timestamptz not null,
  revoked_at timestamptz,
  failing_since timestamptz,
  retry_at timestamptz,                   -- not tried before, so that a dead server doesn't hold up others
  last_ok_at timestamptz,
  check ((use = 'person') = (member_id is not null))
);
create index oncall_channel_of on oncall_channel (member_id) where revoked_at is null;

alter table page
  alter column case_id drop not null,
  add column kind text not null default 'case' check (kind in ('case', 'test', 'gap')),
  add column team_id uuid references team,
  add column shift_id uuid references shift on delete set null,
  add column about text,                  -- what a gap page is about: one page a team and day
  add column state text not null default 'waiting'
    check (state in ('waiting', 'acknowledged', 'ended')),
  add column started_at timestamptz,      -- when the present clock began; null: opened_at
  add column floor integer not null default 0;    -- at least so far up the ladder
update page set state = 'ended' where due_at is null;
alter table page
  add check (case when kind = 'case' then case_id is not null else team_id is not null end),
  add check ((due_at is null) = (state = 'ended'));
create unique index page_about on page (team_id, kind, about) where about is not null;
create unique index page_one_waiting on page (case_id) where state = 'waiting' and case_id is not null;

-- The pages' outbox and their ledger: one row for each person, channel and due time, written in the
-- transaction that took the due time. member_id null: the outside back-up. channel_id null: the console.
create table page_attempt (
  id uuid primary key,
  page_id uuid not null references page,
  due_at timestamptz not null,            -- the due time that this answers
  round integer not null,
  member_id uuid references member,
  channel_id uuid references oncall_channel,
  words text not null,                    -- id of a sentence
  made_at timestamptz not null,
  try_at timestamptz not null,
  tries integer not null default 0,
  leased_until timestamptz,
  spilled_at timestamptz,                 -- another channel was asked because this one failed
  sent_at timestamptz,
  outcome text check (outcome in ('sent', 'moot', 'superseded', 'unknown', 'gave_up')),
  check ((outcome = 'sent') = (sent_at is not null)),
  -- Once for each due time, whatever any number of processes does.
  unique nulls not distinct (page_id, due_at, member_id, channel_id, words)
);
create index page_attempt_waiting on page_attempt (try_at) where outcome is null;
create index page_attempt_by_page on page_attempt (page_id, made_at);

-- The secret in a page's link. GET shows a button, POST acknowledges.
create table page_link (
  token_hash bytea primary key,
  attempt_id uuid not null references page_attempt on delete cascade,
  made_at timestamptz not null
);

-- Signs of life of the jobs that carry the crisis path, and when an alarm last left by another path.
create table heartbeat (
  name text primary key,
  at timestamptz not null
);
create table alarm (
  kind text primary key,
  at timestamptz not null
);

-- Once a day a made-up case goes the whole way. Its case is in no queue and no statistics.
alter table moderation_case add column canary boolean not null default false;
create table canary (
  id uuid primary key,
  on_day date not null unique,
  case_id uuid references moderation_case,
  page_id uuid references page,
  started_at timestamptz not null,
  due_at timestamptz,                     -- done by then, or it failed
  ended_at timestamptz,
  outcome text check (outcome in ('ok', 'failed')),
  check ((ended_at is null) = (outcome is null)),
  check ((due_at is null) = (outcome is not null))
);
