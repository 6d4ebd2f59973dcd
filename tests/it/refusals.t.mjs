#!/usr/bin/env node
// Why requests were refused is kept, counted and bounded, without credentials,
// and a flood of refused requests does not slow the intake.

import * as t from '../lib/tap.mjs';
import { Bench, request, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start({ dispatchers: 1 });
const integration = await ewa.integration({ name: 'Refuses', maxBody: 100 });
const other = await ewa.integration({ name: 'Off', enabled: false });
const secret = 'not-the-right-token-0123456789';
const json = { 'Content-Type': 'application/json' };
// what the bench's own probes were refused for is written with this at the latest
await request(`${ewa.url()}/hooks/a/b/probe`, { method: 'POST', headers: json, body: '{}' });
await waitFor(async () => await ewa.value(
    "select count(*) from ewa.refusal where last_path = '/hooks/a/b/probe'") === 1, 'the probes are written');
await ewa.sql('delete from ewa.refusal');

for (let i = 0; i < 3; i++)
	await ewa.send(integration, { json: {}, token: secret, path: `?token=${secret}` });
await ewa.send(integration, { body: '{"a":', headers: { 'Prefer': 'wait=5' } });
await ewa.send(integration, { body: 'x'.repeat(200), type: 'text/plain' });
await ewa.send(integration, { body: 'x', headers: { 'Content-Encoding': 'br' } });
await ewa.send(integration, { json: { a: 1 }, headers: { 'Idempotency-Key': 'k' } });
await ewa.send(integration, { json: { a: 2 }, headers: { 'Idempotency-Key': 'k' } });
await ewa.send(other, { json: {} });
await request(`${ewa.url()}/hooks/aaaaaaaaaaaaaaaa`, { method: 'POST', headers: {
	...json, Authorization: `Bearer ${secret}` }, body: '{}' });
await request(`${ewa.url()}/hooks/a/b/c?access_token=${secret}`, { method: 'POST',
	headers: json, body: '{}' });
t.is((await ewa.send(integration, { json: {} })).status, 202, 'what is accepted is no refusal');

const list = (...more) => ewa.ctlJson('refusals', ...more);
await waitFor(async () => (await list()).length >= 8, 'they are written');
const found = Object.fromEntries((await list()).map((r) =>
    [`${r.integration?.name ?? '-'} ${r.status} ${r.reason}`, r]));
t.is(Object.fromEntries(Object.entries(found).map(([k, r]) => [k, r.count])), {
	'Refuses 401 unauthorized': 3,
	'Refuses 400 invalid-request': 1,
	'Refuses 413 too-large': 1,
	'Refuses 415 unsupported-media-type': 1,
	'Refuses 409 conflict': 1,
	'Off 403 forbidden': 1,
	'- 401 unauthorized': 1,
	'- 404 not-found': 1,
}, 'each with its integration, status, reason and count');
const one = found['Refuses 401 unauthorized'];
t.is([one.source, one.path, one.size, one.integration.key],
    ['127.0.0.1', integration.path, 2, integration.key], 'source, path without query, size');
t.ok(Date.parse(one.first) <= Date.parse(one.last), 'first and last');
t.is(found['- 401 unauthorized'].path, '/hooks/aaaaaaaaaaaaaaaa', 'an unknown key lies under none');
t.is(found['- 404 not-found'].path, '/hooks/a/b/c', 'and so does a wrong path');
t.ok(!JSON.stringify(await ewa.sql('select * from ewa.refusal')).includes(secret),
    'no credential is kept');

t.is((await list('--integration', 'Off')).map((r) => r.status), [403], '--integration');
t.is(await list('--since', '2100-01-01T00:00:00Z'), [], '--since');
t.ok((await list('--since', 'PT1H')).length >= 8, '--since so long ago');
t.like((await ewa.mustCtl('refusals')).stdout, /^LAST +COUNT [^]*Refuses/, 'a table for people');
t.is((await ewa.ctl('refusals', '--integration', 'nobody')).status, 1, 'no such integration');
t.is((await ewa.ctl('refusals', '--since', 'x')).status, 2, 'no time');

// ---- bounds ---------------------------------------------------------------------

const count = (integrationId, sources) => ewa.sql(`select ewa.count_refusals(
    array_agg($1::int), array_agg('10.0.' || n / 250 || '.' || n % 250), array_agg('invalid'::text),
    array_agg(400), array_agg(1::bigint), array_agg(0::bigint), array_agg(0::bigint),
    array_agg(null::bigint), array_agg('/'::text), array_agg(''::text)) from generate_series(1, $2) n`,
integrationId, sources);
const rows = (id) => ewa.value('select count(*) from ewa.refusal where integration_id = $1', id);
const all = (id) => ewa.value('select sum(count) from ewa.refusal where integration_id = $1', id);
const id = await ewa.value('select id from ewa.integration where key = $1', integration.key);
const had = Number(await all(id));
await count(id, 900);
await count(id, 900);
t.within(await rows(id), 190, 210, 'an integration has about 200 rows at most');
t.is(Number(await all(id)), had + 1800, 'and nothing is left uncounted');
await count(0, 900);
await count(0, 3000);
t.within(await rows(0), 990, 1010, 'and none about 1,000');
t.ok(await ewa.value(`select bool_or(source = 'other') from ewa.refusal
    where integration_id = 0`), 'the rest is "other"');

// ---- pruned ---------------------------------------------------------------------

await ewa.sql("update ewa.refusal set last_at = now() - interval '31 days' where integration_id = 0");
await ewa.dispatchers[0].stop();
await ewa.startDispatcher();
await waitFor(async () => await rows(0) === 0, 'the keeper drops what is old');
t.ok(await rows(id) > 0, 'the keeper drops what is older than the retention');

// ---- a flood ----------------------------------------------------------------------

const accepts = async () => {
	const ms = (await ewa.sendMany(integration, 200, () => ({ json: {}, connections: 1 }), 1))
	    .map((a) => a.status === 202 ? a.ms : Infinity).sort((x, y) => x - y);
	return ms[100];
};
const quiet = await accepts();
let flooding = true;
let refused = 0;
const flood = Array.from({ length: 4 }, async () => {
	while (flooding) {
		const r = await ewa.send(integration, { json: {}, token: secret, connections: 4 });
		refused += r.status === 401;
	}
});
const crowded = await accepts();
flooding = false;
await Promise.all(flood);
t.diag(`accepted: median ${quiet.toFixed(2)} ms, with ${refused} refused beside it ${crowded.toFixed(2)} ms`);
t.ok(crowded < 5000, 'a flood of refused requests does not stop the intake', `${crowded} ms`);
const before = Number(await all(id));
await ewa.responder.stop();
t.ok(Number(await all(id)) >= before && (await rows(id)) <= 210, 'what was counted is written at the end');

await ewa.stop();
t.done();
