-- What a room has on top of a conversation (written by chat/), and what a thread has (written by forum/).

create table room (
  conversation_id uuid primary key references conversation,
  group_id uuid not null references peer_group,
  name text not null,
  about text not null default '',
  position integer not null default 0,
  archived_at timestamptz
);
create unique index room_name on room (group_id, lower(name)) where archived_at is null;

create table board (
  id uuid primary key,
  group_id uuid not null references peer_group,
  name text not null,
  about text not null default '',
  position integer not null default 0,
  archived_at timestamptz
);
create unique index board_name on board (group_id, lower(name)) where archived_at is null;

create table thread (
  conversation_id uuid primary key references conversation,
  board_id uuid not null references board,
  title text not null,                    -- as written
  title_shown text not null,              -- as readers see it
  first_message_id uuid not null references message deferrable initially deferred,
  author_id uuid references member,
  needs text check (needs in ('listen', 'ideas', 'stories', 'celebrate')),
  warnings text[] not null default '{}',
  reply_count integer not null default 0,
  created_at timestamptz not null,
  last_at timestamptz not null,
  pinned_at timestamptz,
  locked_at timestamptz
);
create index thread_by_activity on thread (board_id, last_at desc, conversation_id);

create table thread_follow (
  conversation_id uuid not null references conversation,
  member_id uuid not null references member,
  since timestamptz not null,
  primary key (conversation_id, member_id)
);
create index thread_follow_by_member on thread_follow (member_id);

-- Drafts live here, not on the device.
create table draft (
  member_id uuid not null references member,
  place_id uuid not null,                 -- a conversation (reply) or a board (new thread)
  title text not null default '',
  body text not null,
  at timestamptz not null,
  primary key (member_id, place_id)
);
