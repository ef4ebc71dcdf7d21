-- How a moderator wants their console. Letter keys can be switched off for a person, on every device of theirs
-- (WCAG 2.1.4): no row means that they are on.

create table console_setting (
  member_id uuid primary key references member,
  keys boolean not null,
  at timestamptz not null
);
