-- A facilitated room is open for writing only while a trained facilitator is in it. Each process says which
-- facilitators are connected to it; when nobody was heard of for a while, the room turns read-only, kindly.

alter table room add column facilitated boolean not null default false;

create table facilitator_here (           -- written by chat/
  conversation_id uuid not null references room,
  member_id uuid not null references member,
  seen_at timestamptz not null,
  primary key (conversation_id, member_id)
);
