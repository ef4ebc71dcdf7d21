-- What can't be undone needs two people; what is sealed opens with a reason, and somebody is told.

create table second_signature (
  id uuid primary key,
  case_id uuid not null references moderation_case,
  kind text not null check (kind in ('open_contact', 'remove_for_good', 'erase_case', 'memorial')),
  message_id uuid references message,     -- remove_for_good
  asked_by uuid not null references member,
  asked_at timestamptz not null,
  reason text not null,                   -- sealed like a note
  state text not null check (state in ('asked', 'confirmed', 'refused', 'alone')),
  answered_by uuid references member,
  answered_at timestamptz,
  review_due_at timestamptz,
  reviewed_by uuid references member,
  reviewed_at timestamptz,
  review text check (review in ('right', 'wrong')),
  check (answered_by is null or answered_by <> asked_by),
  check (reviewed_by is null or reviewed_by <> asked_by),
  check ((state = 'confirmed') <= (answered_by is not null)),
  check ((state = 'alone') = (review_due_at is not null))
);
create index second_signature_open on second_signature (case_id) where state = 'asked';
create unique index second_signature_once on second_signature (case_id, kind, coalesce(message_id, case_id))
  where state = 'asked';

-- The key of one case's notes, itself sealed. Dropping it erases the notes and keeps the chain whole.
create table case_key (
  case_id uuid primary key references moderation_case,
  key_id text not null,
  box bytea not null
);

create table sealed_contact (
  member_id uuid primary key references member,
  key_id text not null,
  box bytea not null,
  at timestamptz not null
);

create table break_glass (
  id uuid primary key,
  case_id uuid not null references moderation_case,
  member_id uuid references member,       -- whose words or contact
  by_id uuid not null references member,
  what text not null check (what in ('contact', 'context')),
  reason text not null,                   -- sealed like a note
  at timestamptz not null,
  tell_member_at timestamptz,             -- null once told, or never
  reviewed_by uuid references member,
  reviewed_at timestamptz,
  check (reviewed_by is null or reviewed_by <> by_id)
);
create index break_glass_untold on break_glass (tell_member_at) where tell_member_at is not null;

-- People with a duty of their own beside the seats of a team.
create table office (
  team_id uuid not null references team,
  office text not null check (office in ('data_officer', 'outsider', 'child_safeguarding')),
  member_id uuid not null references member,
  since timestamptz not null,
  primary key (team_id, office, member_id)
);

create table checklist (
  team_id uuid not null references team,
  version integer not null,
  items text[] not null,
  by_id uuid references member,
  at timestamptz not null,
  primary key (team_id, version)
);

create table cluster_alert (
  id uuid primary key,
  group_id uuid not null references peer_group,
  people integer not null,
  at timestamptz not null
);
create index cluster_alert_by_group on cluster_alert (group_id, at desc);

create table memorial (
  member_id uuid primary key references member,
  request_id uuid not null references second_signature,
  at timestamptz not null,
  watch_until timestamptz not null        -- their groups are looked after with more care until then
);
