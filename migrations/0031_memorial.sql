-- One announcement after a death: who wrote it, when it went out, and which words (judged and kept like all others).
alter table memorial
  add column announced_at timestamptz,
  add column announced_by uuid references member,
  add column message_id uuid references message,
  add constraint memorial_announced_whole check ((announced_at is null) = (message_id is null));
