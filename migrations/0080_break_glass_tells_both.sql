-- Words around a message in a pairing are two people's: both were told beforehand that they hear of it, so both do.
alter table break_glass add column others uuid[] not null default '{}';  -- told with member_id, then emptied
