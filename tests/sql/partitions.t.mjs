#!/usr/bin/env node
// Day partitions: made ahead, found by id, dropped when their time is over.

import * as tap from '../lib/tap.mjs';
import {
	DAY_MS, addEvent, addIntegration, as, database, dayName, sqlstate, uuidAt,
} from './sample.mjs';

const b = await database();
const integration = await addIntegration(b, 'Partitions');
const parents = ['event', 'result', 'attempt', 'outcome'];

const attached = async (parent) => (await b.sql(
    `select c.relname as name, pg_get_expr(c.relpartbound, c.oid) as bound
     from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = ('ewa.' || $1)::regclass order by 1`, parent));
const names = async (parent) => (await attached(parent)).map((r) => r.name);

// ---- ids and times --------------------------------------------------------

const moments = ['1970-01-01T00:00:00Z', '2026-11-25T23:59:59.999Z',
	'2026-11-26T00:00:00Z', '2038-01-19T03:14:08.123Z', '9999-12-31T23:59:59.999Z'];
tap.is((await b.sql(`select ewa.uuid7_time(ewa.uuid7_floor(t)) as t
    from unnest($1::timestamptz[]) t`, moments)).map((r) => r.t.toISOString()),
moments.map((m) => new Date(m).toISOString()), 'a time comes back from its least id');
tap.is(await b.value('select ewa.uuid7_time($1)', uuidAt(1764028800123)),
    new Date(1764028800123), 'the time of an id is its first 48 bits');
tap.is(await b.value('select ewa.uuid7_floor($1)', '2026-11-25T00:00:00.123Z'),
    `${uuidAt(Date.parse('2026-11-25T00:00:00.123Z')).slice(0, 13)}-0000-0000-000000000000`,
    'the least id of a moment has zeros behind the time');
tap.is(await b.sql(`select ewa.uuid7_floor('-infinity') as least,
    ewa.uuid7_floor('1900-01-01Z') as early, ewa.uuid7_floor('infinity') as most`), [{
	least: '00000000-0000-0000-0000-000000000000',
	early: '00000000-0000-0000-0000-000000000000',
	most: 'ffffffff-ffff-0000-0000-000000000000',
}], 'infinities and early times are the ends');
tap.is(await b.value(`select bool_and(ewa.uuid7_floor(t) = report.id_floor(t))
    from (select unnest($1::timestamptz[]) as t union values ('-infinity'::timestamptz),
    ('infinity'), (now())) x`, moments), true, 'report.id_floor is the same');

// ---- made ahead -------------------------------------------------------------

const today = await b.value('select (extract(epoch from now()) * 1000)::int8');
const want = (parent, from, to) => Array.from({ length: to - from + 1 },
    (_, i) => `${parent}_${dayName(today + (from + i) * DAY_MS)}`);
for (const p of parents)
	tap.is(await names(p), want(p, -1, 7), `${p}: yesterday to a week ahead`);
tap.is(await b.value('select ewa.make_partitions()'), 0, 'a second call makes nothing');

const zones = await as(b, 'ewa_dispatcher');
await zones.query('set timezone = \'Pacific/Kiritimati\'');
await zones.query('select ewa.make_partitions(8)');
const bound = (await attached('event')).at(-1);
tap.is(bound.name, `event_${dayName(today + 8 * DAY_MS)}`, 'a dispatcher may call it');
const midnight = Math.floor(today / DAY_MS) * DAY_MS;
const floor = (ms) => `${uuidAt(ms).slice(0, 13)}-0000-0000-000000000000`;
tap.is(bound.bound, `FOR VALUES FROM ('${floor(midnight + 8 * DAY_MS)}')` +
    ` TO ('${floor(midnight + 9 * DAY_MS)}')`, 'days are UTC days whatever the session\'s zone');
tap.is((await zones.query('show timezone')).rows[0].TimeZone, 'Pacific/Kiritimati',
    'and the session keeps its zone');
await zones.end();

// ---- across midnight ----------------------------------------------------------

const around = [midnight - 1, midnight, midnight + DAY_MS - 1, midnight + DAY_MS];
const ids = [];
for (const at of around)
	ids.push(await addEvent(b, { integration, at }));
tap.is((await b.sql(`select tableoid::regclass::text as t from ewa.event
    where id = any ($1) order by id`, ids)).map((r) => r.t),
[-1, 0, 0, 1].map((d) => `ewa.event_${dayName(today + d * DAY_MS)}`),
'events around midnight lie in their days');

const plan = async (text, ...params) => JSON.stringify(await b.sql(text, ...params));
const touched = (p) => new Set(p.match(/event_\d{8}(?!_)/g)).size;
tap.is(touched(await plan(`explain select body from ewa.event where id = '${ids[1]}'`)), 1,
    'a look-up by id touches one partition');
tap.is(touched(await plan(`explain (analyze, costs off, timing off) select body from ewa.event
    where id >= ewa.uuid7_floor(now() - interval '1 minute')
    and id < ewa.uuid7_floor(now())`)) <= 2, true, 'a span of time touches its days only');

// ---- eight sessions at once -----------------------------------------------------

const sessions = await Promise.all(Array.from({ length: 8 }, () => as(b, 'ewa_responder')));
const made = await Promise.all(sessions.map((c) =>
	c.query('select ewa.make_partitions(12) as n')));
tap.is(made.reduce((n, r) => n + r.rows[0].n, 0), 4 * parents.length,
    'eight responders at once make each missing partition once');
tap.is(await names('outcome'), want('outcome', -1, 12), 'and all of them are there');

// ---- an insert that meets none ---------------------------------------------------

const far = midnight + 20 * DAY_MS + 5;
tap.is(await sqlstate(sessions[0], `insert into ewa.event (id, integration_id, received_at,
    deadline, headers, body, body_length, kind)
    values ($1, $2, now(), now(), '{}', 'x', 1, 'text')`, [uuidAt(far), integration]),
'23514', 'an event of a day without partition is told by its SQLSTATE');
await sessions[0].query('select ewa.make_partitions(20)');
tap.is(await sqlstate(sessions[0], `insert into ewa.event (id, integration_id, received_at,
    deadline, headers, body, body_length, kind)
    values ($1, $2, now(), now(), '{}', 'x', 1, 'text')`, [uuidAt(far), integration]),
'none', 'the responder makes it and stores the event');
await Promise.all(sessions.map((c) => c.end()));

// ---- inserts don't feel it ---------------------------------------------------------

const writer = await as(b, 'ewa_responder');
const maker = await as(b, 'ewa_dispatcher');
await writer.query('begin');
await writer.query(`insert into ewa.event (id, integration_id, received_at, deadline,
    headers, body, body_length, kind) values ($1, $2, now(), now(), '{}', 'x', 1, 'text')`,
[uuidAt(today), integration]);
tap.is((await maker.query('select ewa.make_partitions(21) as n')).rows[0].n, 4,
    'partitions are attached beside an open insert');
await writer.query('rollback');

// A parent that is locked is passed over, the others are made.
const locker = await as(b, 'postgres');
await locker.query('begin; lock table only ewa.attempt in share update exclusive mode');
tap.is((await maker.query('select ewa.make_partitions(22) as n')).rows[0].n, 3,
    'a locked parent doesn\'t keep the others from their partitions');
await locker.query('rollback');
tap.is((await maker.query('select ewa.make_partitions(22) as n')).rows[0].n, 1,
    'the next call makes what was missing');

// ---- dropped ------------------------------------------------------------------------

// Days of the past, as they would have been made at their time.
for (const p of parents)
	for (const d of [-40, -39, -38, -30])
		await b.sql(`do $$ begin execute format(
		    'create table ewa.%I partition of ewa.%I for values from (%L) to (%L)',
		    '${p}_${dayName(today + d * DAY_MS)}', '${p}',
		    ewa.uuid7_floor('${new Date(midnight + d * DAY_MS).toISOString()}'),
		    ewa.uuid7_floor('${new Date(midnight + (d + 1) * DAY_MS).toISOString()}'));
		    end $$`);
for (const p of parents)
	for (const d of [-40, -39, -38, -30])
		await b.sql(`alter table ewa.${p}_${dayName(today + d * DAY_MS)} owner to ewa_owner`);
const waiting = await addEvent(b, { integration, at: midnight - 39 * DAY_MS + 1000, queue: {} });
for (const d of [-40, -38, -30])
	await addEvent(b, { integration, at: midnight + d * DAY_MS + 1000, outcome: {} });

const day = (d) => new Date(midnight + d * DAY_MS).toISOString().slice(0, 10);
const drop = async (retention = '30 days') => (await maker.query(
    'select day::text, dropped, reason from ewa.drop_partitions($1)', [retention])).rows;

const reader = await as(b, 'ewa_report');
await reader.query('begin');
await reader.query('select count(*) from report.event');
const before = Date.now();
tap.is(await drop(), [{ day: day(-40), dropped: false, reason: 'in use by another session' }],
    'a long query keeps a day; nothing is dropped under it');
tap.within(Date.now() - before, 0, 15000, 'and the keeper waits only briefly');
await reader.query('commit');

tap.is(await drop(), [
	{ day: day(-40), dropped: true, reason: null },
	{ day: day(-39), dropped: false, reason: 'unfinished events' },
	{ day: day(-38), dropped: true, reason: null },
], 'days older than the retention go, but none that the queue still points into');
for (const p of parents)
	tap.is((await names(p)).slice(0, 2), [-39, -30].map((d) => `${p}_${dayName(today + d * DAY_MS)}`),
	    `${p}: the day that is just within the retention is kept`);
tap.is(await b.value('select count(*) from pg_class where relname ~ $1',
    `_(${dayName(today - 40 * DAY_MS)}|${dayName(today - 38 * DAY_MS)})`), 0,
'nothing is left of the dropped days');

await b.sql('delete from ewa.queue where event_id = $1', waiting);
tap.is(await drop(), [{ day: day(-39), dropped: true, reason: null }],
    'the day goes once its last event is finished');
tap.is(await drop(), [], 'a further call has nothing to do');
tap.is(await sqlstate(maker, 'select ewa.drop_partitions(interval \'1 hour\')'), '22023',
    'a retention of less than a day is refused');
tap.is(await sqlstate(maker, 'select ewa.drop_partitions(null)'), '22023',
    'and so is none at all');

// ---- repeats ---------------------------------------------------------------------------

await b.sql(`insert into ewa.dedup (integration_id, key, event_id, body_hash, expires_at)
    select $1, sha256(n::text::bytea), gen_random_uuid(), sha256('x'),
    now() + case when n <= 25 then interval '-1 hour' else interval '1 hour' end
    from generate_series(1, 30) n`, integration);
await writer.query('begin');
await writer.query('select from ewa.dedup where key = sha256(\'1\') for update');
tap.is((await maker.query('select ewa.drop_repeats(10) as n')).rows[0].n, 10,
    'expired keys go, so many at a call');
tap.is((await maker.query('select ewa.drop_repeats(1000) as n')).rows[0].n, 14,
    'one that an accept holds is passed over without waiting');
await writer.query('rollback');
tap.is((await maker.query('select ewa.drop_repeats() as n')).rows[0].n, 1,
    'it goes at the next call');
tap.is(await b.value('select count(*) from ewa.dedup'), 5, 'the others are kept');

for (const c of [writer, maker, locker, reader])
	await c.end();
await b.stop();
tap.done();
