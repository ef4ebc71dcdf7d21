-- Leads search the audit log by who did it and when; until now only its subject had an index.
create index audit_by_actor on audit (actor_id, n);
create index audit_by_time on audit (at);
