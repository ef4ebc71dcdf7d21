-- What a member wishes to see less of, and a break they take. Private: nobody else ever reads this table.

create table member_wish (
  member_id uuid primary key references member,
  muted_words text[] not null default '{}',     -- words and phrases that fold a message for this reader
  opened_warnings text[] not null default '{}', -- content warnings whose messages start unfolded
  hidden_warnings text[] not null default '{}', -- content warnings whose messages aren't shown at all
  break_until timestamptz,                      -- until then nothing is sent to them
  check (cardinality(muted_words) <= 100),
  check (not (opened_warnings && hidden_warnings))
);

-- Ways back in for someone who forgot their password. Only hashes: a code has 80 random bits, a link 256.
create table recovery_code (
  member_id uuid not null references member,
  code_hash bytea not null,
  made_at timestamptz not null,
  used_at timestamptz,
  primary key (member_id, code_hash)
);

create table recovery_link (
  token_hash bytea primary key,
  member_id uuid not null references member,
  made_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index recovery_link_by_member on recovery_link (member_id, made_at);
