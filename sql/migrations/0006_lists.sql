-- What the workspace's lists and its overview are read by, so that they stay
-- quick whatever has happened.

-- ---- events counted once, by quarters of an hour ----------------------------------

-- Nothing of this lies on the way of an event: ewa.tally_events counts when a
-- quarter of an hour has been over for a while.
create table ewa.tally (
	integration_id integer not null,
	slot timestamptz not null,
	accepted bigint not null,
	tests bigint not null,
	handled bigint not null,
	failed bigint not null,
	sent bigint not null,
	reply_failed bigint not null,
	expired bigint not null,
	cancelled bigint not null,
	handling_bins smallint[] not null,
	handling_counts bigint[] not null,
	latency_bins smallint[] not null,
	latency_counts bigint[] not null,
	constraint tally_pkey primary key (integration_id, slot)
);

create table ewa.tally_slot (
	slot timestamptz not null,
	open integer[] not null,
	constraint tally_slot_pkey primary key (slot)
);

comment on table ewa.tally is
	'Finished events by integration and quarter of an hour of their ids';
comment on column ewa.tally.integration_id is 'Whose events; 0: the sum of those that are counted';
comment on column ewa.tally.slot is 'Begin of the quarter of an hour';
comment on column ewa.tally.accepted is 'Events but test events; so are the other counts';
comment on column ewa.tally.tests is 'Test events';
comment on column ewa.tally.handled is 'Events that were handled';
comment on column ewa.tally.failed is 'Events whose automations failed';
comment on column ewa.tally.sent is 'Events whose reply was sent';
comment on column ewa.tally.reply_failed is 'Events whose reply failed';
comment on column ewa.tally.expired is 'Events whose reply expired';
comment on column ewa.tally.cancelled is 'Events whose reply was cancelled';
comment on column ewa.tally.handling_bins is 'Times from accepted to handled that occurred, as ewa.latency_bin has them';
comment on column ewa.tally.handling_counts is 'How many events each of handling_bins stands for';
comment on column ewa.tally.latency_bins is 'Times from accepted to reply received that occurred, as ewa.latency_bin has them';
comment on column ewa.tally.latency_counts is 'How many events each of latency_bins stands for';

comment on table ewa.tally_slot is 'Quarters of an hour that ewa.tally holds';
comment on column ewa.tally_slot.slot is 'Begin of the quarter of an hour';
comment on column ewa.tally_slot.open is
	'Integrations that have unfinished events of it: ewa.tally does not hold them yet';

-- ---- subjects are found whatever their case ----------------------------------------

-- By event_id too: it says how many there are without reading the table.
drop index ewa.outcome_subject;
create index outcome_subject on ewa.outcome (lower(subject) text_pattern_ops, event_id)
	where subject is not null;
