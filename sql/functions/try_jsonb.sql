-- ewa.try_jsonb: a body as jsonb, where it can be one.
--
-- jsonb takes less than JSON allows: no \u0000, no lone surrogate, no number
-- beyond numeric's range.  Not parallel safe, since it catches the error.
--
-- Parameters: body, bytes as received; a UTF-8 byte order mark is skipped.
-- Returns: jsonb, or NULL where the bytes can't be one (ewa.jsonb_problem
--   tells why).  Never fails.
-- Calls: nothing.  Tables: none.
create or replace function ewa.try_jsonb(body bytea)
returns jsonb
language plpgsql
immutable strict
set search_path = pg_catalog, pg_temp
as $$
begin
	if substr(body, 1, 3) = '\xefbbbf'::bytea then
		body := substr(body, 4);
	end if;
	return convert_from(body, 'UTF8')::jsonb;
exception when others then
	return null;
end
$$;
comment on function ewa.try_jsonb(bytea) is
	'A body as jsonb, NULL where it can''t be one; never fails';
