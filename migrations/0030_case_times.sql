-- The clocks that cases run by. A settings change adds a row; each act remembers the row it was timed by, so that
-- a history written under other clocks still replays to its case. Null: the first release's (SHIPPED).
create table case_times (
  n integer primary key generated always as identity,
  times jsonb not null,
  since timestamptz not null
);
alter table case_history add column times_n integer references case_times;
create function refuse_times_change() returns trigger language plpgsql as
$$ begin raise exception 'case_times is append-only: histories were timed by it'; end $$;
create trigger case_times_is_append_only before update or delete on case_times
  for each row execute function refuse_times_change();
