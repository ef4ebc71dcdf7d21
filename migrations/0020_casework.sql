-- Casework: who decided and who disagreed, the disclosure ladder, joined cases; who may not see which case.

alter table moderation_case
  add column decided_by uuid references member,     -- an appeal is answered by somebody else
  add column appealed_by uuid references member,
  add column ladder text check (ladder in ('wish', 'thoughts', 'method', 'intent', 'plan', 'behaviour')),
  add column ladder_when text,
  add column merged_into uuid references moderation_case;
create index moderation_case_merged on moderation_case (merged_into) where merged_into is not null;
create index moderation_case_owner on moderation_case (owner_id) where owner_id is not null and state <> 'closed';

-- A declared tie (family, friend, client): this person never sees cases about that one.
create table tie (
  staff_id uuid not null references member,
  member_id uuid not null references member,
  at timestamptz not null,
  primary key (staff_id, member_id),
  check (staff_id <> member_id)
);

-- A report about somebody of the staff: answered by somebody else.
create table complaint (
  case_id uuid primary key references moderation_case,
  about_id uuid not null references member,
  member_id uuid references member,
  at timestamptz not null
);
create index complaint_about on complaint (about_id);

-- Whether a person's look proved the flag right; null while nobody has looked. Raises a reporter's weight,
-- never lowers it below everyone's.
alter table flag add column upheld boolean;
create index flag_by_member on flag (member_id, at desc);
