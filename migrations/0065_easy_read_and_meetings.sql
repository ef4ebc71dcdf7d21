-- Guidelines in Easy Read, and who means to come to a meeting.

-- Editions are kept: what stood there when somebody agreed can be shown later. Each belongs to the version of the
-- guidelines that it was written for; when these change it is old until an owner has looked at it again.
create table easy_read (                  -- written by community/
  group_id uuid not null,
  edition integer not null,
  guidelines_version integer not null,
  lines jsonb not null,                   -- [{"picture": …, "text": …}]: one idea each
  words jsonb not null,                   -- [{"word": …, "means": …}]: hard words
  is_offered boolean not null,
  at timestamptz not null,
  primary key (group_id, edition),
  foreign key (group_id, guidelines_version) references guidelines (group_id, version)
);

-- Whoever said that they come is reminded once. Nobody is counted as missing.
create table meeting_coming (             -- written by chat/
  meeting_id uuid not null references meeting,
  member_id uuid not null references member,
  at timestamptz not null,
  reminded_at timestamptz,
  primary key (meeting_id, member_id)
);
create index meeting_coming_by_member on meeting_coming (member_id);
create index meeting_coming_to_remind on meeting_coming (meeting_id) where reminded_at is null;
create index meeting_by_time on meeting (starts_at) where cancelled_at is null;
