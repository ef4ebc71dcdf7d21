-- How many seconds lie between two messages of one person in a conversation; 0: none. Set per room by those who
-- facilitate. A message with a care finding never waits (moderation/gate/preparing.py).

alter table conversation add column slow_seconds integer not null default 0 check (slow_seconds between 0 and 900);
