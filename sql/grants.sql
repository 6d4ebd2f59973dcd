-- Who may do what.  Applied after every change of the schema, so it says the
-- whole of it: first nothing for anybody, then what each program needs.
--
-- Partitions have no grants of their own: they are reached through their
-- parents only.  Views of schema report read with their owner's rights, so
-- ewa_report needs, and has, nothing in schema ewa but the functions that
-- views call.

revoke all on schema ewa, report from public, ewa_responder, ewa_dispatcher, ewa_report;
revoke all on all tables in schema ewa, report from public, ewa_responder, ewa_dispatcher, ewa_report;
revoke all on all sequences in schema ewa, report from public, ewa_responder, ewa_dispatcher, ewa_report;
revoke all on all functions in schema ewa, report from public, ewa_responder, ewa_dispatcher, ewa_report;

grant usage on schema ewa to ewa_responder, ewa_dispatcher;

-- ---- both programs: read the settings and the history, say they are alive ---

grant select on
	ewa.migration,
	ewa.integration,
	ewa.integration_token,
	ewa.integration_header,
	ewa.automation,
	ewa.automation_header,
	ewa.integration_signing_secret,
	ewa.integration_reply_secret,
	ewa.event,
	ewa.result,
	ewa.attempt,
	ewa.outcome,
	ewa.queue,
	ewa.process,
	ewa.integration_status
to ewa_responder, ewa_dispatcher;
grant insert, update, delete on ewa.process to ewa_responder, ewa_dispatcher;
grant execute on function
	ewa.uuid7_floor(timestamptz),
	ewa.uuid7_time(uuid),
	ewa.make_partitions(integer)
to ewa_responder, ewa_dispatcher;

-- ---- the responder accepts ----------------------------------------------------

grant insert on ewa.event, ewa.queue to ewa_responder;
grant select, insert, update on ewa.dedup, ewa.repeat to ewa_responder;
grant execute on function
	ewa.count_refusals(integer[], text[], text[], integer[], bigint[],
		bigint[], bigint[], bigint[], text[], text[])
to ewa_responder;

-- ---- the responder serves the workspace -----------------------------------------

grant select on
	ewa.tally,
	ewa.tally_slot,
	ewa.refusal,
	ewa.certificate,
	ewa.audit,
	ewa.app_user,
	ewa.app_grant,
	ewa.session,
	ewa.api_token
to ewa_responder;
grant insert, update on
	ewa.integration,
	ewa.integration_token,
	ewa.integration_header,
	ewa.integration_signing_secret,
	ewa.integration_reply_secret,
	ewa.automation,
	ewa.automation_header,
	ewa.app_user,
	ewa.app_grant,
	ewa.session,
	ewa.api_token
to ewa_responder;
grant delete on
	ewa.automation,
	ewa.automation_header,
	ewa.integration_token,
	ewa.integration_header,
	ewa.integration_signing_secret,
	ewa.integration_reply_secret,
	ewa.app_grant,
	ewa.session
to ewa_responder;
grant insert on ewa.audit to ewa_responder;
-- resuming replies that were stopped
grant update on ewa.integration_status to ewa_responder;
grant execute on function
	ewa.jsonpath_problem(text),
	ewa.try_jsonb(bytea),
	ewa.condition_document(uuid),
	ewa.condition_check(jsonb, text),
	ewa.subject_of(jsonb, text),
	ewa.latency_bin(double precision)
to ewa_responder;
-- deleting an integration cancels what is pending
grant update, delete on ewa.queue to ewa_responder;
grant insert on ewa.outcome to ewa_responder;

-- ---- the dispatcher works the queue off, and keeps the house --------------------

grant update, delete on ewa.queue to ewa_dispatcher;
grant insert on ewa.result, ewa.attempt, ewa.outcome to ewa_dispatcher;
grant usage on sequence ewa.claim to ewa_dispatcher;
grant insert, update on ewa.integration_status to ewa_dispatcher;
grant execute on function
	ewa.try_jsonb(bytea),
	ewa.condition_document(uuid),
	ewa.condition_check(jsonb, text),
	ewa.subject_of(jsonb, text),
	ewa.tally_events(integer),
	ewa.drop_partitions(interval),
	ewa.drop_repeats(integer),
	ewa.drop_refusals(interval)
to ewa_dispatcher;

-- ---- analysts read ----------------------------------------------------------------

grant usage on schema report to ewa_report;
grant select on all tables in schema report to ewa_report;
grant execute on all functions in schema report to ewa_report;
grant execute on function
	ewa.try_jsonb(bytea),
	ewa.jsonb_problem(bytea),
	ewa.uuid7_time(uuid)
to ewa_report;

-- ---- sql automations ---------------------------------------------------------------
-- The functions there are the operator's: their rights are left alone, and
-- those that the owner makes can be called.

alter default privileges in schema ewa_action grant execute on functions to ewa_action;

grant usage on schema ewa_action to ewa_action;
grant execute on function ewa_action.call(text, jsonb) to ewa_action;
