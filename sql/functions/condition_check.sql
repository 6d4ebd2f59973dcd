-- ewa.condition_check: does a condition hold?
--
-- A condition is a jsonpath predicate ($.event.status == "firing"), or a path
-- that holds when it finds something ($.event.alerts[*] ? (@.status ==
-- "firing")).  An error (a predicate of unknown value is one too) is false,
-- and told.  A statement_timeout is not caught here.
--
-- Parameters: document, condition.
-- Returns: holds, and why it could not be told (NULL: it could).
-- Calls: nothing.  Tables: none.
create or replace function ewa.condition_check(document jsonb, condition text,
	out holds boolean, out problem text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
	found_items jsonb;
begin
	found_items := jsonb_path_query_array(document, condition::jsonpath);
	if jsonb_array_length(found_items) <> 1 then
		holds := jsonb_array_length(found_items) > 0;
	elsif found_items -> 0 = 'null' then
		holds := false;
		problem := 'its value is unknown';
	else
		holds := found_items -> 0 <> 'false';
	end if;
exception when others then
	holds := false;
	problem := left(sqlerrm, 500);
end
$$;
comment on function ewa.condition_check(jsonb, text) is
	'Whether a condition holds for a document; an error is false, with the problem told';
