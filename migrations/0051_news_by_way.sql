-- News is kept for telling only where there is a way to tell: kinds by push count for members with a browser that
-- may be told. Until now everyone who ever pressed "I have read them" had rows written for nothing.

create function wishes_news(s notice_setting, kind text) returns boolean language sql stable as $$
  select $2 = any($1.by_mail)
    or ($2 = any($1.by_push) and exists (select 1 from push_device d where d.member_id = $1.member_id))
$$;

create or replace function note_news() returns trigger language plpgsql as $$
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
  join notice_setting s on s.member_id = w.member_id and wishes_news(s, w.kind)
  where w.member_id is distinct from w.author_id
  order by w.member_id, w.message_id
  on conflict do nothing;
  return null;
end
$$;

create or replace function note_mention_news() returns trigger language plpgsql as $$
begin
  insert into news_due (member_id, kind, message_id, at, due_at)
  select n.member_id, 'mention', n.message_id, n.at, n.at + interval '2 minutes'
  from added n
  join notice_setting s on s.member_id = n.member_id and wishes_news(s, 'mention')
  order by n.member_id, n.message_id
  on conflict do nothing;
  return null;
end
$$;

create or replace function note_house_news() returns trigger language plpgsql as $$
begin
  insert into news_due (member_id, kind, notice_id, at, due_at)
  select n.member_id, 'house', n.id, n.at, n.at + interval '2 minutes'
  from added n
  join notice_setting s on s.member_id = n.member_id
    and (cardinality(s.by_mail) > 0
      or exists (select 1 from push_device d where d.member_id = s.member_id))
  order by n.member_id, n.id
  on conflict do nothing;
  return null;
end
$$;
