-- What a server needs of whoever runs it: who they are, a way in on the first day, whether backups are made.
alter table organisation
  add column name text not null default '',
  add column contact text not null default '',
  add column country text,
  add column languages text[] not null default '{}';

-- The code that `kith serve` prints while nobody runs the server: whoever has it makes the first operator.
create table setup_code (
  only_row boolean primary key default true check (only_row),
  code_hash bytea not null,
  made_at timestamptz not null
);

-- Backups that were written, and times that one was brought back: here, or elsewhere to see whether it can be.
create table backup_record (
  id uuid primary key,
  kind text not null check (kind in ('written', 'restored', 'tried')),
  at timestamptz not null,
  bytes bigint,
  by_id uuid references member
);
create index backup_record_newest on backup_record (kind, at desc);
