-- The roles of ewa, for a whole cluster: run once as a superuser.
--   psql -f roles.sql postgres
-- It can be run again.  The roles may log in but have no password: how they
-- authenticate (peer, scram, certificates) is pg_hba.conf's matter.
do $$
declare
	r text;
begin
	foreach r in array array['ewa_owner', 'ewa_responder', 'ewa_dispatcher', 'ewa_report',
		'ewa_action'] loop
		if not exists (select from pg_roles where rolname = r) then
			execute format('create role %I login', r);
		end if;
	end loop;
end
$$;

-- Fresh and fast-changing tables have no good statistics: the dispatcher's
-- statements are index look-ups, always.
alter role ewa_dispatcher set jit = off;
alter role ewa_dispatcher set enable_seqscan = off;
alter role ewa_dispatcher set enable_hashjoin = off;
alter role ewa_dispatcher set enable_mergejoin = off;
alter role ewa_responder set jit = off;
alter role ewa_responder set enable_seqscan = off;
-- Functions of sql automations run with this role, which has no rights in ewa:
-- it may call the functions of schema ewa_action, and what the operator grants.
alter role ewa_action set search_path = ewa_action, public;
alter role ewa_action set client_connection_check_interval = '1s';
alter role ewa_action set idle_in_transaction_session_timeout = '1min';
alter role ewa_report set default_transaction_read_only = on;
