-- How events ended, by integration, of everything kept.  Of a span of time:
-- the function of the same name.
create or replace view report.outcomes_by_integration as
select integration, integration_key, finished, handled, failed, without_reply,
	reply_sent, reply_failed, reply_expired, reply_cancelled, attempts,
	last_finished_at
from report.outcomes_by_integration('-infinity', 'infinity');

comment on view report.outcomes_by_integration is
	'How events ended, by integration, of everything kept; report.outcomes_by_integration(since, until) reads a span of time only';
comment on column report.outcomes_by_integration.integration is 'Name of the integration';
comment on column report.outcomes_by_integration.integration_key is 'Key of the integration';
comment on column report.outcomes_by_integration.finished is 'Finished events, without test events';
comment on column report.outcomes_by_integration.handled is 'Of these: handled';
comment on column report.outcomes_by_integration.failed is 'Of these: failed';
comment on column report.outcomes_by_integration.without_reply is 'Of these: no reply was wanted';
comment on column report.outcomes_by_integration.reply_sent is 'Of these: the reply was sent';
comment on column report.outcomes_by_integration.reply_failed is 'Of these: the reply was refused for good';
comment on column report.outcomes_by_integration.reply_expired is 'Of these: the deadline came first';
comment on column report.outcomes_by_integration.reply_cancelled is 'Of these: the reply was cancelled, as when its integration is deleted';
comment on column report.outcomes_by_integration.attempts is 'Attempts of all these replies';
comment on column report.outcomes_by_integration.last_finished_at is 'When the last of them finished';
