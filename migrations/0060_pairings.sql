-- Pairings: private conversations of two people who both agreed (written by chat/). A pairing's id is its
-- conversation's: the conversation is there from the first ask, and nobody is in it (`participant`) before both
-- agreed, so that no word can be exchanged earlier. The row is what its acts replay to (chat/pairings/machine.py).

create table peer_supporter (
  group_id uuid not null references peer_group,
  member_id uuid not null references member,
  supervisor_id uuid references member,   -- whom they talk things over with; null once that person was erased
  named_by uuid references member,
  named_at timestamptz not null,
  paused_at timestamptz,                  -- takes nobody new for now
  ended_at timestamptz,
  primary key (group_id, member_id)
);

create table pairing_rules (
  group_id uuid primary key references peer_group,
  caseload integer not null check (caseload between 1 and 20),
  between_members boolean not null
);

create table pairing (
  conversation_id uuid primary key references conversation,
  group_id uuid not null references peer_group,
  kind text not null check (kind in ('supporter', 'members')),
  state text not null
    check (state in ('asked', 'accepted', 'open', 'declined', 'withdrawn', 'lapsed', 'ended')),
  asked_by uuid references member,        -- null once erased, like the two below
  member_id uuid references member,       -- who is accompanied; between members: who asked
  beside_id uuid references member,       -- who walks beside; null while an ask to the group waits for somebody
  to_group boolean not null,
  agreed uuid[] not null,
  passed uuid[] not null,                 -- supporters for whom, or with whom, it wasn't the right match
  topic text not null default '',
  times text[] not null default '{}',
  note_id uuid references message,        -- judged and kept like all words
  handed_from uuid references pairing,
  asked_at timestamptz not null,
  since timestamptz not null,             -- of the present state
  due_at timestamptz,                     -- when an unanswered ask lapses
  check ((due_at is not null) = (state in ('asked', 'accepted')))
);
create index pairing_by_member on pairing (member_id, since desc);
create index pairing_by_beside on pairing (beside_id, since desc);
create index pairing_by_asker on pairing (asked_by, asked_at desc);
create index pairing_waiting on pairing (group_id, asked_at) where state in ('asked', 'accepted');
create index pairing_due on pairing (due_at) where due_at is not null;
create unique index pairing_one_open on pairing
  (group_id, least(member_id, beside_id), greatest(member_id, beside_id)) where state = 'open';

create table pairing_act (
  pairing_id uuid not null references pairing,
  n integer not null,
  kind text not null
    check (kind in ('asked', 'agreed', 'passed', 'declined', 'withdrawn', 'lapsed', 'ended')),
  member_id uuid references member,       -- null: the house, or somebody who was erased since
  at timestamptz not null,
  primary key (pairing_id, n)
);

-- How far each of the two was told that something new is there, so that they are told once.
create table pairing_told (
  conversation_id uuid not null references pairing,
  member_id uuid not null references member,
  seq bigint not null,
  primary key (conversation_id, member_id)
);

-- Nobody is mentioned out of a pairing: that would tell a third person that somebody speaks of them there.
create or replace function note_mentions() returns trigger language plpgsql as $$
begin
  insert into mention (message_id, member_id, at)
  select distinct on (m.id, a.id) m.id, a.id, e.at
  from added e
  join message m on m.id = e.message_id
  cross join lateral (
    -- Not within a word (an address), and at most so many: a message isn't a loudspeaker.
    select w[1] as name
    from regexp_matches(m.shown, '(?:^|[^[:alnum:]._@-])@([[:alnum:]][[:alnum:]._-]{1,31})', 'g') as w
    limit 10
  ) n
  join member a on lower(a.handle) in (lower(n.name), lower(rtrim(n.name, '._-'))) and a.erased_at is null
  join membership s on s.group_id = m.group_id and s.member_id = a.id
    and s.state = 'member' and s.banned_at is null
  where e.kind in ('message', 'edit')
    and m.place <> 'pairing'
    and m.shown like '%@%'
    and m.author_id <> a.id
    and not exists (
      select 1 from member_block b
      where (b.member_id, b.blocked_id) in ((a.id, m.author_id), (m.author_id, a.id)))
  order by m.id, a.id
  on conflict do nothing;
  return null;
end
$$;

-- What one begins to write in a pairing is kept like a room's.
alter table room_draft drop constraint room_draft_conversation_id_fkey;
alter table room_draft add foreign key (conversation_id) references conversation;
