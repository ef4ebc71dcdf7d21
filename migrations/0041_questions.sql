-- What somebody asks the facilitators of a group before they join, and what is answered: one thread for each
-- asker and group. The words themselves stand in message, judged like all others.

create table group_question (
  message_id uuid primary key references message,
  group_id uuid not null references peer_group,
  member_id uuid not null references member,    -- who asks; the answers to them carry the same
  is_answer boolean not null,
  at timestamptz not null
);
create index group_question_thread on group_question (group_id, member_id, at);
create index group_question_by_member on group_question (member_id, at);
