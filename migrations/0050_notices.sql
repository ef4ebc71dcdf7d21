-- News for members: what they wish to be told, and by which way; what waits to be told; what is on its way out.
-- Replies, mentions and followed threads are read off the log each time they are shown, so that what was taken
-- back, held or blocked meanwhile is never in them; only what leaves the house needs rows.

create table notice_setting (
  member_id uuid primary key references member,
  hidden text[] not null default '{}',     -- kinds that aren't shown on the page either
  by_mail text[] not null default '{}',
  by_push text[] not null default '{}',
  digest text not null default 'off' check (digest in ('off', 'daily', 'weekly')),
  digest_hour smallint not null default 9 check (digest_hour between 0 and 23),
  digest_day smallint not null default 0 check (digest_day between 0 and 6),  -- 0 is Monday
  digest_due_at timestamptz,
  digest_since timestamptz,                -- the digest tells of what came after this
  quiet_from smallint check (quiet_from between 0 and 23),  -- hours where the member is; null: none
  quiet_to smallint check (quiet_to between 0 and 23),
  seen_at timestamptz,                     -- "I have read them": what came before is old
  check ((digest = 'off') = (digest_due_at is null)),
  check ((quiet_from is null) = (quiet_to is null))
);
create index notice_setting_digest on notice_setting (digest_due_at) where digest_due_at is not null;

-- Only a confirmed address is ever written to. It counts while it is still the member's (member.email).
create table confirmed_email (
  member_id uuid primary key references member,
  email text not null,
  confirmed_at timestamptz not null,
  bounced_at timestamptz                   -- its server said that there is nobody: nothing more goes there
);

create table email_link (
  token_hash bytea primary key,
  member_id uuid not null references member,
  email text not null,
  made_at timestamptz not null,
  expires_at timestamptz not null
);
create index email_link_by_member on email_link (member_id, made_at);

-- A browser that may be told. It ends with the session it was made in: signing out, or leaving fast, silences it.
create table push_device (
  id uuid primary key,
  member_id uuid not null references member,
  session_id uuid not null references session on delete cascade,
  endpoint text not null unique,
  public_key bytea not null,               -- P-256, uncompressed (RFC 8291: p256dh)
  auth bytea not null,
  made_at timestamptz not null
);
create index push_device_by_member on push_device (member_id);

-- What waits to be told outside. Written by triggers, in the transaction that made the news, and only for
-- members who wish it; a job looks again, when it is due, whether it may and need still be told.
create table news_due (
  id uuid primary key default gen_random_uuid(),
  member_id uuid not null references member,
  kind text not null,
  message_id uuid references message,
  notice_id uuid references notice on delete cascade,
  at timestamptz not null,
  due_at timestamptz not null,
  check ((message_id is null) <> (notice_id is null))
);
create unique index news_due_once on news_due (member_id, coalesce(message_id, notice_id), kind);
create index news_due_by_time on news_due (due_at);

-- On its way out: no words, no names. `counts` are numbers by kind.
create table news_letter (
  id uuid primary key,
  member_id uuid not null references member,
  way text not null check (way in ('mail', 'push')),
  kind text not null check (kind in ('news', 'digest')),
  device_id uuid references push_device on delete cascade,
  counts jsonb not null default '{}',
  made_at timestamptz not null,
  due_at timestamptz not null,
  attempts integer not null default 0,
  leased_until timestamptz,
  sent_at timestamptz,
  failed_at timestamptz,
  check ((way = 'push') = (device_id is not null))
);
create index news_letter_due on news_letter (due_at) where sent_at is null and failed_at is null;
create index news_letter_by_member on news_letter (member_id);

-- Posts that nobody had answered for twelve hours and whose group's facilitators were told so, once.
create table radar_told (
  message_id uuid primary key references message,
  at timestamptz not null
);

create index message_by_reply on message (reply_to) where reply_to is not null;

create function note_news() returns trigger language plpgsql as $$
begin
  insert into news_due (member_id, kind, message_id, at, due_at)
  select w.member_id, w.kind, w.message_id, w.at, w.at + interval '2 minutes'
  from (
    select p.author_id as member_id, 'reply' as kind, m.id as message_id, e.at, m.author_id
    from added e
    join message m on m.id = e.message_id
    join message p on p.id = m.reply_to
    where e.kind = 'message'
    union all
    select f.member_id, 'follow', m.id, e.at, m.author_id
    from added e
    join message m on m.id = e.message_id and m.place = 'thread'
    join thread_follow f on f.conversation_id = e.conversation_id
    where e.kind = 'message'
  ) w
  join notice_setting s on s.member_id = w.member_id
    and (w.kind = any(s.by_mail) or w.kind = any(s.by_push))
  where w.member_id is distinct from w.author_id
  order by w.member_id, w.message_id
  on conflict do nothing;
  return null;
end
$$;
create trigger conversation_event_news
  after insert on conversation_event
  referencing new table as added
  for each statement
  execute function note_news();

create function note_mention_news() returns trigger language plpgsql as $$
begin
  insert into news_due (member_id, kind, message_id, at, due_at)
  select n.member_id, 'mention', n.message_id, n.at, n.at + interval '2 minutes'
  from added n
  join notice_setting s on s.member_id = n.member_id
    and ('mention' = any(s.by_mail) or 'mention' = any(s.by_push))
  order by n.member_id, n.message_id
  on conflict do nothing;
  return null;
end
$$;
create trigger mention_news
  after insert on mention
  referencing new table as added
  for each statement
  execute function note_mention_news();

create function note_house_news() returns trigger language plpgsql as $$
begin
  insert into news_due (member_id, kind, notice_id, at, due_at)
  select n.member_id, 'house', n.id, n.at, n.at + interval '2 minutes'
  from added n
  join notice_setting s on s.member_id = n.member_id
    and (cardinality(s.by_mail) > 0 or cardinality(s.by_push) > 0)
  order by n.member_id, n.id
  on conflict do nothing;
  return null;
end
$$;
create trigger notice_news
  after insert on notice
  referencing new table as added
  for each statement
  execute function note_house_news();
