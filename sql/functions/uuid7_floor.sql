-- ewa.uuid7_floor: the smallest UUID of a moment, as a bound of partitions
-- and of look-ups by time.
--
-- Parameters: ts, any moment; before 1970 and after the year 10889 (48 bits
--   of milliseconds), infinities too, it is the least or the greatest bound.
-- Returns: a uuid that no UUIDv7 made at or after ts is below.
-- Calls: nothing.  Tables: none.
create or replace function ewa.uuid7_floor(ts timestamptz)
returns uuid
language sql
immutable strict parallel safe
as $$
	select (lpad(to_hex(greatest(0, least(281474976710655,
		floor(extract(epoch from ts) * 1000)))::bigint), 12, '0')
		|| '00000000000000000000')::uuid
$$;
comment on function ewa.uuid7_floor(timestamptz) is
	'The smallest UUIDv7 of a moment: bounds of day partitions and of look-ups by time';
