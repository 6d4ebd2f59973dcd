-- A function for an sql automation: is this the first notification of an
-- Alertmanager group since it was last resolved?
--
--	psql -U ewa_owner -f alert-group.sql ewa
--	ewactl automation add KEY --name 'New group' --sql alert_group
--	ewactl automation add KEY --name Ticket --http https://... \
--	    --condition '$.results[0].output.new == true'
create table if not exists ewa_action.alert_group (
	integration text not null,
	group_key text not null,
	status text not null,
	notifications bigint not null default 1,
	since timestamptz not null default now(),
	primary key (integration, group_key)
);
grant select, insert, update on ewa_action.alert_group to ewa_action;

create or replace function ewa_action.alert_group(document jsonb)
returns jsonb
language plpgsql
as $$
declare
	was text;
	g ewa_action.alert_group;
begin
	-- one after the other for each group
	perform pg_advisory_xact_lock(hashtext(document #>> '{event,groupKey}'));
	select status into was
	from ewa_action.alert_group
	where integration = document #>> '{integration,key}'
	and group_key = document #>> '{event,groupKey}';
	insert into ewa_action.alert_group as a (integration, group_key, status)
	values (document #>> '{integration,key}', document #>> '{event,groupKey}',
		document #>> '{event,status}')
	on conflict (integration, group_key) do update set
		notifications = case when a.status = excluded.status
			then a.notifications + 1 else 1 end,
		since = case when a.status = excluded.status then a.since else now() end,
		status = excluded.status
	returning * into g;
	return jsonb_build_object('new', was is distinct from g.status,
		'status', g.status, 'notifications', g.notifications);
end
$$;
