-- A report about whoever leads alone is paged outside; the canary may cross a channel of its own.
alter table page drop constraint page_kind_check;
alter table page add constraint page_kind_check check (kind in ('case', 'test', 'gap', 'complaint'));
alter table oncall_channel drop constraint oncall_channel_use_check;
alter table oncall_channel
  add constraint oncall_channel_use_check check (use in ('person', 'backup', 'alarm', 'canary'));
