-- ewa.jsonpath_problem: is a text a jsonpath, and if not, where does it go
-- wrong?
--
-- PostgreSQL does not tell the place.  It is the end of the shortest part,
-- cut between two words, that can't be continued.
--
-- Parameters: path.
-- Returns: problem, NULL if it is one; place, the character from 1 at which
--   the word stands that is wrong.
-- Calls: nothing.  Tables: none.
create or replace function ewa.jsonpath_problem(path text, out problem text, out place integer)
language plpgsql
immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
	last integer := 1;
begin
	begin
		perform path::jsonpath;
		return;
	exception when others then
		problem := left(sqlerrm, 300);
	end;
	place := length(path) + 1;
	for n in 1..length(path) loop
		continue when substr(path, n, 2) ~ '^([[:alnum:]_$]{2}|[=<>!&|*.]{2})$';
		begin
			perform substr(path, 1, n)::jsonpath;
		exception when others then
			if sqlerrm !~ 'at end of jsonpath input' then
				place := last;
				return;
			end if;
		end;
		if substr(path, n + 1, 1) ~ '\S' then
			last := n + 1;
		else
			last := n + 2;
		end if;
	end loop;
end
$$;
comment on function ewa.jsonpath_problem(text) is
	'Why a text is no jsonpath, and at which character; NULL where it is one';
