-- A thread keeps only what no other table knows: its board, its title, what its author needs, whether it is
-- pinned. Author, time, warnings and whether anyone may see it are its first message's; how many answers and
-- when the last came are the log's; locked is the conversation's state. No fact is kept twice.

drop index thread_by_activity;
alter table thread
  drop column author_id,
  drop column warnings,
  drop column reply_count,
  drop column created_at,
  drop column last_at,
  drop column locked_at,
  add column title_search tsvector generated always as (to_tsvector('simple', title_shown)) stored;

create index thread_by_board on thread (board_id);
create index thread_by_first_message on thread (first_message_id);
create index thread_title_search on thread using gin (title_search);
