-- Cases, pages and flags. Written by moderation/ alone.

-- "case" is a reserved word of SQL. The row is derived from case_history in the same transaction.
create table moderation_case (
  id uuid primary key,
  lane text not null check (lane in ('care', 'conduct')),
  team_id uuid not null references team,
  group_id uuid references peer_group,    -- where it began; null where words stand outside any group
  member_id uuid references member,       -- care: the person this is about; null once erased
  message_id uuid references message,     -- conduct: the message this is about
  tier text not null check (tier in ('green', 'amber', 'red', 'crisis')),
  state text not null,
  version integer not null default 1,
  owner_id uuid references member,
  lease_until timestamptz,
  opened_at timestamptz not null,
  raised_at timestamptz not null,         -- when the present tier's clock started
  due_at timestamptz,                     -- next clock: null only when closed or nobody need act by a time
  touched_at timestamptz not null,
  closed_at timestamptz,
  check (lane = 'care' or message_id is not null),
  check (case lane
    when 'care' then state in ('open', 'paged', 'acknowledged', 'with_person', 'following_up', 'closed')
    else state in ('open', 'claimed', 'decided', 'appealed', 'closed') end),
  check ((state = 'closed') = (closed_at is not null))
);
-- One open case per subject and lane.
create unique index one_open_care_case on moderation_case (member_id, team_id)
  where lane = 'care' and state <> 'closed';
create unique index one_open_conduct_case on moderation_case (message_id)
  where lane = 'conduct' and state <> 'closed';
create index moderation_case_queue on moderation_case (team_id, lane, tier, raised_at) where state <> 'closed';
create index moderation_case_due on moderation_case (due_at) where due_at is not null and state <> 'closed';

create table case_message (
  case_id uuid not null references moderation_case,
  message_id uuid not null references message,
  added_at timestamptz not null,
  primary key (case_id, message_id)
);
create index case_message_by_message on case_message (message_id);

-- Append-only. `act` is a verb of moderation/cases.py, `parameters` what it needs to be replayed.
create table case_history (
  case_id uuid not null references moderation_case,
  n integer not null,
  act text not null,
  actor_id uuid references member,        -- null: the house itself
  parameters jsonb not null default '{}',
  note text,                              -- internal words of staff
  at timestamptz not null,
  primary key (case_id, n)
);
create function refuse_change() returns trigger language plpgsql as
$$ begin raise exception 'case_history is append-only'; end $$;
create trigger case_history_is_append_only before update or delete on case_history
  for each row execute function refuse_change();

create table flag (
  id uuid primary key,
  message_id uuid not null references message,
  member_id uuid references member,
  kind text not null check (kind in ('worried', 'breaks_a_rule')),
  note_id uuid references message,        -- the note's words, judged like all others
  at timestamptz not null,
  unique (message_id, member_id, kind)
);

-- An alert to people on duty about one case. Who it went to and how often: page_attempt.
create table page (
  id uuid primary key,
  case_id uuid not null references moderation_case,
  tier text not null,
  reason text not null,                   -- opened, raised, new_act, reopened, unanswered, worried
  opened_at timestamptz not null,
  due_at timestamptz,                     -- when to page again; null once acknowledged or stood down
  round integer not null default 0,
  acknowledged_at timestamptz,
  acknowledged_by uuid references member,
  stood_down_at timestamptz
);
create index page_due on page (due_at) where due_at is not null;
create index page_by_case on page (case_id);

create table appeal (
  id uuid primary key,
  case_id uuid not null references moderation_case,
  member_id uuid references member,
  words_id uuid not null references message,
  decided_by uuid references member,
  state text not null check (state in ('open', 'upheld', 'overturned')),
  at timestamptz not null,
  due_at timestamptz not null,
  answered_at timestamptz,
  answered_by uuid references member,
  check (answered_by is null or answered_by is distinct from decided_by)
);

-- Who may work on cases. Roster and training records build on this row.
create table team_member (
  team_id uuid not null references team,
  member_id uuid not null references member,
  care boolean not null default false,
  conduct boolean not null default false,
  lead boolean not null default false,
  since timestamptz not null,
  primary key (team_id, member_id)
);

create table shift (
  id uuid primary key,
  team_id uuid not null references team,
  member_id uuid not null references member,
  seat text not null check (seat in ('primary', 'secondary', 'lead')),
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  check (ends_at > starts_at)
);
create index shift_now on shift (team_id, ends_at, starts_at);
