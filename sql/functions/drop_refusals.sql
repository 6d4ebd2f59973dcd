-- ewa.drop_refusals: forgets refusals whose last is older than the retention.
--
-- Parameters: retention.
-- Returns: how many rows were deleted.
-- Calls: nothing.  Tables: ewa.refusal (deletes).
create or replace function ewa.drop_refusals(retention interval)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	n integer;
begin
	delete from ewa.refusal
	where last_at < now() - retention;
	get diagnostics n = row_count;
	return n;
end
$$;
comment on function ewa.drop_refusals(interval) is
	'Deletes refusals whose last is older than the retention; returns how many';
