-- Evidence: who did and who saw what, chained by hashes; and how much of it one person carried.

create table audit (
  n bigint primary key,
  at timestamptz not null,
  actor_id uuid,                          -- no reference: the chain outlives everything; an id, never a name
  verb text not null,
  subject_id uuid,
  parameters text not null,               -- canonical JSON: its bytes are hashed. Never anyone's words
  previous bytea not null,
  hash bytea not null
);
create index audit_by_subject on audit (subject_id, n);
create trigger audit_is_append_only before update or delete on audit
  for each row execute function refuse_change();

-- The end of the chain: its lock puts writers in a row.
create table audit_head (
  only_row boolean primary key default true check (only_row),
  n bigint not null,
  hash bytea not null
);
insert into audit_head (n, hash) values (0, '\x');

-- History rows that the chain doesn't hold yet. The gate is in a hurry, so a job chains them.
create table audit_pending (
  case_id uuid not null,
  n integer not null,
  primary key (case_id, n)
);
create function await_audit() returns trigger language plpgsql as
$$ begin insert into audit_pending (case_id, n) values (new.case_id, new.n); return null; end $$;
create trigger case_history_is_chained after insert on case_history
  for each row execute function await_audit();

-- Whoever opened a case's words, and when: the exposure budget counts these.
create table exposure (
  member_id uuid not null references member,
  case_id uuid not null references moderation_case,
  tier text not null,
  at timestamptz not null,
  primary key (member_id, case_id, at)
);
create index exposure_recent on exposure (member_id, at desc);

create table moderator_break (
  member_id uuid not null references member,
  starts_at timestamptz not null,
  ends_at timestamptz not null,
  why text not null check (why in ('budget', 'wish')),
  primary key (member_id, starts_at),
  check (ends_at > starts_at)
);

-- After a hard case somebody is offered to talk it over. Their words are sealed and nobody's but theirs.
create table debrief (
  id uuid primary key,
  member_id uuid not null references member,
  case_id uuid not null references moderation_case,
  offered_at timestamptz not null,
  answered_at timestamptz,
  answer text check (answer in ('taken', 'declined')),
  unique (member_id, case_id)
);

-- A moderator's verdict on one finding: was the rule right? Precision is counted from these.
create table finding_review (
  verdict_id uuid not null,
  n integer not null,
  member_id uuid not null references member,
  is_right boolean not null,
  at timestamptz not null,
  primary key (verdict_id, n),
  foreign key (verdict_id, n) references finding (verdict_id, n) on delete cascade
);

-- Answers to made-up cases.
create table practice (
  id uuid primary key,
  member_id uuid not null references member,
  exercise text not null,
  tier text not null,
  right_tier text not null,
  at timestamptz not null
);
create index practice_by_member on practice (member_id, at);
