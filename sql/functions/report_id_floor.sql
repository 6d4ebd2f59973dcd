-- report.id_floor: the smallest Event ID of a moment, to bound report.event.
--
-- Analysts may not use schema ewa, so this repeats ewa.uuid7_floor; a test
-- holds the two equal.
--
-- Parameters: ts, any moment.
-- Returns: an id that no event accepted at or after ts is below, as far as
--   the responders' clocks agree with the database's.
-- Calls: nothing.  Tables: none.
create or replace function report.id_floor(ts timestamptz)
returns uuid
language sql
immutable strict parallel safe
as $$
	select (lpad(to_hex(greatest(0, least(281474976710655,
		floor(extract(epoch from ts) * 1000)))::bigint), 12, '0')
		|| '00000000000000000000')::uuid
$$;
comment on function report.id_floor(timestamptz) is
	'The smallest Event ID of a moment: bound report.event.id with it, and only those days are read';
