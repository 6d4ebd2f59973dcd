-- ewa.jsonb_problem: why a body can't be jsonb.
--
-- Parameters: body, bytes as received; a UTF-8 byte order mark is skipped.
-- Returns: PostgreSQL's reason, NULL where ewa.try_jsonb gives a value (or
--   body is NULL).  Never fails.
-- Calls: nothing.  Tables: none.
create or replace function ewa.jsonb_problem(body bytea)
returns text
language plpgsql
immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
	message text;
	detail text;
begin
	if substr(body, 1, 3) = '\xefbbbf'::bytea then
		body := substr(body, 4);
	end if;
	perform convert_from(body, 'UTF8')::jsonb;
	return null;
exception when others then
	get stacked diagnostics
		message = message_text,
		detail = pg_exception_detail;
	return concat_ws(': ', message, nullif(detail, ''));
end
$$;
comment on function ewa.jsonb_problem(bytea) is
	'Why a body can''t be jsonb, NULL where it can; never fails';
