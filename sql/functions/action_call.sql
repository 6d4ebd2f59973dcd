-- ewa_action.call: a function of schema ewa_action, by its name.
--
-- sql automations call nothing but this, so that no program of ours puts
-- names into statements.  It has the rights of its caller, the role
-- ewa_action.
--
-- Parameters: function, the name of a function (jsonb) returns jsonb in
--   schema ewa_action; document, what is passed to it.
-- Returns: what the function returns.
-- Calls: that function.  Tables: none.
create or replace function ewa_action.call(function text, document jsonb)
returns jsonb
language plpgsql
as $$
declare
	output jsonb;
begin
	execute format('select ewa_action.%I($1)', function)
		into output using document;
	return output;
end
$$;
comment on function ewa_action.call(text, jsonb) is
	'Calls a function of this schema by its name, for sql automations';
