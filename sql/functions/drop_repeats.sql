-- ewa.drop_repeats: forgets idempotency keys whose time is over, a bounded
-- number at a call.
--
-- Rows that an accept holds at the moment are passed over, so it never waits
-- for one.  The caller repeats it, each time in its own transaction, until it
-- returns less than it was asked for.
--
-- Parameters: max_rows, the most rows deleted.
-- Returns: how many were deleted.
-- Calls: nothing.  Tables: ewa.dedup (deletes).
create or replace function ewa.drop_repeats(max_rows integer default 5000)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
	n integer;
begin
	with x as materialized (
		select d.integration_id, d.key
		from ewa.dedup d
		where d.expires_at <= now()
		order by d.expires_at
		limit greatest(max_rows, 0)
		for update skip locked
	)
	delete from ewa.dedup d
	using x
	where d.integration_id = x.integration_id
	and d.key = x.key;
	get diagnostics n = row_count;
	return n;
end
$$;
comment on function ewa.drop_repeats(integer) is
	'Deletes at most max_rows expired idempotency keys; returns how many';
