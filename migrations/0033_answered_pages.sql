-- A page that was answered tells the webhooks it went to, once: other systems ring on until they are told.
alter table page_attempt add column settled_at timestamptz;
update page_attempt set settled_at = sent_at where outcome = 'sent';
create index page_attempt_unsettled on page_attempt (page_id)
  where outcome = 'sent' and settled_at is null and channel_id is not null;
