-- ewa.condition_document: what conditions and subjects of an event see.
--
-- "event" is the body where it can be jsonb, the body as a string where it is
-- text, else null.  "results" are those of the automations that have finished.
--
-- Parameters: id, the event.
-- Returns: {"event","headers","integration","contentType","test","results"},
--   or NULL if there is no such event.
-- Calls: ewa.try_jsonb.  Tables: ewa.event, ewa.integration, ewa.result.
create or replace function ewa.condition_document(id uuid)
returns jsonb
language sql
stable strict
set search_path = pg_catalog, pg_temp
as $$
	select jsonb_build_object(
		'event', case e.kind
			when 'json' then ewa.try_jsonb(e.body)
			when 'text' then to_jsonb(case
				when position('\x00'::bytea in e.body) = 0
				then convert_from(e.body, 'UTF8') end)
			end,
		'headers', ewa.try_jsonb(convert_to(e.headers::text, 'UTF8')),
		'integration', (select jsonb_build_object('key', i.key, 'name', i.name)
			from ewa.integration i
			where i.id = e.integration_id),
		'contentType', e.content_type,
		'test', e.test,
		'results', coalesce((select jsonb_agg(jsonb_build_object(
				'automation', r.name,
				'status', r.status,
				'output', case when r.output is not null then coalesce(
					ewa.try_jsonb(r.output),
					ewa.try_jsonb(convert_to(to_json(encode(r.output, 'escape'))::text, 'UTF8'))) end,
				'error', r.error,
				'durationMs', r.duration_ms) order by r.position)
			from ewa.result r
			where r.event_id = condition_document.id), '[]'))
	from ewa.event e
	where e.id = condition_document.id
$$;
comment on function ewa.condition_document(uuid) is
	'The document that conditions and the subject of an event look at';
