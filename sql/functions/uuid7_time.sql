-- ewa.uuid7_time: when a UUIDv7 was made, by its maker's clock.
--
-- Parameters: id, a UUIDv7.
-- Returns: its time, to the millisecond.
-- Calls: nothing.  Tables: none.
create or replace function ewa.uuid7_time(id uuid)
returns timestamptz
language sql
immutable strict parallel safe
as $$
	select to_timestamp(('x0000' || substr(replace(id::text, '-', ''), 1, 12))
		::bit(64)::bigint / 1000.0)
$$;
comment on function ewa.uuid7_time(uuid) is
	'When a UUIDv7 was made, by its maker''s clock, to the millisecond';
