-- Drafts of rooms stand apart from those of the forum, and every draft knows the nonce with which it will be
-- sent: once that nonce is bound in `submission`, the draft is said and never comes back, however late a save
-- of it arrives.

create table room_draft (                 -- written by chat/
  member_id uuid not null references member,
  conversation_id uuid not null references room,
  nonce text not null,
  body text not null,
  at timestamptz not null,
  primary key (member_id, conversation_id)
);

insert into room_draft (member_id, conversation_id, nonce, body, at)
select d.member_id, d.place_id, '', d.body, d.at
from draft d
join room r on r.conversation_id = d.place_id;

delete from draft d
using room r
where r.conversation_id = d.place_id;

alter table draft add column nonce text not null default '';

-- A support card stands beside its message until its author puts it away; no row: it still stands.
create table card_away (
  message_id uuid primary key references message,
  at timestamptz not null
);
