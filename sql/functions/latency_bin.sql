-- ewa.latency_bin: which bin of a histogram a time falls into.
--
-- Eight bins an octave from 1 ms on; what is below is bin 0.  The middle of a
-- bin is within 5% of the times in it (src/store/report.c turns it back).
--
-- Parameters: ms, not NULL (so that it is inlined, it does not ask).
-- Returns: 0 to 255.
-- Calls: nothing.  Tables: none.
create or replace function ewa.latency_bin(ms double precision)
returns smallint
language sql
immutable parallel safe
as $$
	select least(255, 1 + floor(8 * ln(greatest(ms, 0.9171)) / ln(2.0::float8)))::smallint
$$;
comment on function ewa.latency_bin(double precision) is
	'The bin of a histogram that a time in ms falls into: eight an octave from 1 ms on';
