"""For whom a thread exists, in one place: lists, search, feed, counts and its own page agree.

A thread whose first message is held exists for its author and the group's moderators alone. That is
derived from the message's place in the log each time, so releasing it makes the thread appear and nothing
has to be told twice.
"""

from __future__ import annotations

# $1 the reader, c: the conversation. Moderators of its group by membership; operators don't read along.
MODERATES = """
    exists (
      select 1
      from membership w
      where w.group_id = c.group_id
        and w.member_id = $1
        and w.state = 'member'
        and w.banned_at is null
        and w.role in ('moderator', 'owner'))
"""

# c: the conversation, f: the thread's first message.
EXISTS_FOR = f"""
    c.state <> 'closed'
    and (f.seq is not null or f.author_id = $1 or {MODERATES})
"""

# $1 the reader, f: a message. Words of people they blocked stay out of everything that lists or finds.
NOT_BLOCKED = """
    not exists (select 1 from member_block k where k.member_id = $1 and k.blocked_id = f.author_id)
"""

# t: the thread, f: its first message. A title goes when the words under it go.
TITLE = "case when f.state in ('withdrawn', 'removed') then '' else t.title_shown end"

# f: a message. Its content warnings, which go when the words under them go.
WARNINGS = "case when f.state in ('withdrawn', 'removed') then '{}'::text[] else f.warnings end"
