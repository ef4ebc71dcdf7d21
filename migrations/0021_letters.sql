-- Words between a member and the care team, and asking again after a hard day.

create table care_conversation (
  conversation_id uuid primary key references conversation,
  member_id uuid not null references member,
  team_id uuid not null references team,
  at timestamptz not null,
  unique (member_id, team_id)             -- one, for good: whoever comes back finds what was said
);

create table follow_up (
  id uuid primary key,
  case_id uuid not null references moderation_case,
  member_id uuid not null references member,
  due_at timestamptz not null,            -- between 9 and 20 o'clock where the member is
  state text not null default 'waiting' check (state in ('waiting', 'asked', 'done', 'cancelled')),
  asked_at timestamptz,
  done_at timestamptz,
  made_by uuid references member,
  made_at timestamptz not null
);
create index follow_up_due on follow_up (due_at) where state = 'waiting';
create index follow_up_by_case on follow_up (case_id);

-- Whether a member wants to be asked; the latest word counts over the consent given at sign-up.
create table follow_up_wish (
  member_id uuid primary key references member,
  wanted boolean not null,
  at timestamptz not null
);
