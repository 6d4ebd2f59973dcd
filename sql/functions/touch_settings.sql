-- ewa.touch_settings: trigger; a changed integration gets the next
-- settings_version, and the caches hear of it.
--
-- The advisory lock is held to the end of the transaction.  So versions
-- become visible in their order, and a cache that has read version N has
-- missed none below it.
--
-- Parameters: none (a row trigger, before insert or update).
-- Returns: the row with its new settings_version.
-- Calls: nothing.  Tables: ewa.integration (its row), ewa.settings_version;
--   notifies ewa_settings.
create or replace function ewa.touch_settings()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	perform pg_advisory_xact_lock(6649697, 3);
	new.settings_version := nextval('ewa.settings_version');
	notify ewa_settings;
	return new;
end
$$;
comment on function ewa.touch_settings() is
	'Trigger: gives a changed integration the next settings_version and tells the caches';

create or replace trigger integration_touch_settings
	before insert or update on ewa.integration
	for each row
	execute function ewa.touch_settings();
comment on trigger integration_touch_settings on ewa.integration is
	'Every change takes the next settings_version';
