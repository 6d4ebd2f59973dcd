-- Repeats are counted: how often senders deliver what is here already.

-- Written with the events, in the same transaction, only where there are
-- repeats; an hour's row is written many times, so its page has room.
create table ewa.repeat (
	integration_id integer not null,
	hour timestamptz not null,
	repeats bigint not null,
	last_at timestamptz not null,
	constraint repeat_pkey primary key (integration_id, hour)
) with (fillfactor = 50);
comment on table ewa.repeat is
	'Requests that were answered with the Event ID of an earlier one, counted by integration and hour';
comment on column ewa.repeat.integration_id is 'The integration';
comment on column ewa.repeat.hour is 'Start of the hour, of UTC';
comment on column ewa.repeat.repeats is 'How many';
comment on column ewa.repeat.last_at is 'When the last of them came';
