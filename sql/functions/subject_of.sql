-- ewa.subject_of: the line by which people recognise an event.
--
-- Parameters: document (ewa.condition_document); paths, a jsonpath or several
--   parted by " // ", of which the first that finds something counts.
-- Returns: the first thing found but null, as text of at most 300 characters without
--   controls; NULL if nothing is found or anything goes wrong.
-- Calls: nothing.  Tables: none.
create or replace function ewa.subject_of(document jsonb, paths text)
returns text
language plpgsql
stable strict
set search_path = pg_catalog, pg_temp
as $$
declare
	path text;
	line text;
begin
	foreach path in array regexp_split_to_array(paths, '\s//\s') loop
		line := btrim(left(regexp_replace(
			jsonb_path_query_first(document, path::jsonpath, '{}', true) #>> '{}',
			'[[:cntrl:][:space:]]+', ' ', 'g'), 300));
		if line <> '' then
			return line;
		end if;
	end loop;
	return null;
exception when others then
	return null;
end
$$;
comment on function ewa.subject_of(jsonb, text) is
	'The first thing that a jsonpath finds, as one line; NULL where there is none';
