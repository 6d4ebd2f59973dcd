#!/usr/bin/env node
// How long the API's lists take with 1,000 integrations and 1,000,000 events
// of this day.  Not a test: it takes minutes.
//
//	EWA_BUILDDIR=build tests/bench/api.mjs

import { Bench } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';

const b = await Bench.start({ dispatchers: 0 });
const ada = await signedIn(b, 'ada', ['admin']);
await b.sql(`insert into ewa.integration (key, name, settings_version, team)
    select lpad(translate(n::text, '0123456789', 'abcdefghij'), 16, 'a'), 'Integration ' || n, 1, 'team' || n % 20
    from generate_series(1000, 1999) n`);
// spread over the part of the day that has passed
const step = await b.value(`select extract(epoch from now() - date_trunc('day', now(), 'UTC'))::float8 / 1000010`);
await b.sql(`with i as (select array_agg(id order by id) as a from ewa.integration),
    x as (select n, now() - n * $1::float8 * interval '1 s' as at, (lpad(to_hex((extract(epoch from now())
        * 1000 - n * $1::float8 * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid as id
        from generate_series(1, 1000000) n),
    e as (insert into ewa.event (id, integration_id, received_at, deadline, headers, body, body_length, kind)
        select id, (select a[1 + n % 1000] from i), at, now(), '{}',
            convert_to('{"alert":"disk ' || n || '","pad":"' || repeat('x', 300) || '"}', 'UTF8'), 350, 'json' from x)
    insert into ewa.outcome (event_id, integration_id, state, reply_state, handled_at, finished_at, attempts)
    select id, (select a[1 + n % 1000] from i), case when n % 1000 = 7 then 'failed' else 'handled' end,
        case when n % 500 = 3 then 'expired' else 'sent' end, at + interval '5 ms', at + interval '30 ms', 1 from x`, step);
for (const table of ['event', 'outcome', 'integration'])
	await b.sql(`vacuum analyze ewa.${table}`);

const key = await b.value('select key from ewa.integration where name = $1', 'Integration 1500');
for (const target of ['/integrations', '/integrations?sort=-modified&limit=200', '/integrations?q=15&limit=200', '/events',
	'/events?limit=200', `/events?integration=${key}`, '/events?state=failed', '/events?replyState=expired',
	'/events?state=accepted', '/events?replyState=none', '/events?team=team7', '/events?text=disk%2012345',
	'/events?text=nowhere', '/events/count', '/events?subject=x', '/report', '/changes', '/audit']) {
	const times = [];
	let r;
	for (let n = 0; n < 5; n++) {
		r = await ada.get(target);
		times.push(Math.round(r.ms));
	}
	times.sort((x, y) => x - y);
	console.log(`${target}: ${r.status}, median ${times[2]} ms, greatest ${times[4]} ms`);
}
await b.stop();
process.exit(0);
