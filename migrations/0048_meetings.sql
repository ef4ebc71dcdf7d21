-- Meetings: planned gatherings in a room. What happens in one is an append-only list of acts, drawn under the
-- meeting's row lock; queue, turn, check-in and end are derived from it (chat/turns.py) and stored nowhere else.
-- Words said at check-in are messages of the room like all others: they went through the gate.

create table meeting (                    -- written by chat/
  id uuid primary key,
  conversation_id uuid not null references room,
  planned_by uuid references member,
  starts_at timestamptz not null,
  time_zone text not null,                -- IANA: in which the group said the time
  share_minutes integer not null check (share_minutes between 1 and 60),
  agenda text[] not null,
  planned_at timestamptz not null,
  cancelled_at timestamptz
);
create index meeting_by_room on meeting (conversation_id, starts_at);

create table meeting_act (                -- written by chat/
  meeting_id uuid not null references meeting,
  n integer not null,
  kind text not null check (kind in ('begin', 'end', 'raise', 'lower', 'call', 'pass', 'check_in', 'check_out',
                                     'nudge_others', 'nudge_turn')),
  member_id uuid references member,       -- whom it is about; null: nobody, or somebody who was erased
  at timestamptz not null,
  primary key (meeting_id, n)
);
create index meeting_act_by_member on meeting_act (member_id);
