-- Who was mentioned where: "@handle" of somebody in the same group, seen by readers. Written here and not by
-- the gate, so that whatever puts words into a log (a send, a release, an edit, in a room or a thread) writes it
-- in the same transaction and none can forget to. Reading: join the message and ask that its state is still
-- 'visible' or 'masked'; a row says nothing about whether its member may still read the conversation.

create table mention (
  message_id uuid not null references message,
  member_id uuid not null references member,
  at timestamptz not null,
  primary key (message_id, member_id)
);
create index mention_by_member on mention (member_id, at desc);
create index member_by_lower_handle on member (lower(handle));

create function note_mentions() returns trigger language plpgsql as $$
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

-- For each statement, not each row: events are appended in batches, and one look serves the whole batch.
create trigger conversation_event_mentions
  after insert on conversation_event
  referencing new table as added
  for each statement
  execute function note_mentions();
