-- Pages to the browsers of who is on duty (web push), beside their two channels and never as one of them. Where the
-- browsers are is in push_device; a channel of this kind is the wish to be paged there, one for a person.
alter table oncall_channel drop constraint oncall_channel_kind_check;
alter table oncall_channel
  add constraint oncall_channel_kind_check check (kind in ('mail', 'webhook', 'push')),
  add constraint oncall_channel_push_is_a_persons check (kind <> 'push' or use = 'person');
create unique index oncall_channel_one_push on oncall_channel (member_id) where kind = 'push' and revoked_at is null;
