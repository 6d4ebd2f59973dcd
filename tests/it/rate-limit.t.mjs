#!/usr/bin/env node
// The rate of an integration: off by default, with a burst, 503 and Retry-After
// beyond it; other integrations have theirs.

import * as t from '../lib/tap.mjs';
import { Bench, sleep, waitFor } from '../lib/ewa.mjs';

const secret = 'a secret of twenty-six chars';
const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const free = await ewa.integration({ name: 'Free' });
const limited = await ewa.integration({ name: 'Limited', rateLimit: 2, rateBurst: 5 });
const signed = await ewa.integration({ name: 'Signed', rateLimit: 1, signingSecret: secret });

const statuses = (answers) => answers.map((r) => r.status);

t.is(statuses(await ewa.sendMany(free, 200, () => ({ json: 1 }))).filter((s) => s !== 202), [], 'no limit by default');

{
	const answers = await ewa.sendMany(limited, 60, (n) => ({ json: n, server: n % 2 ? 'lighttpd' : 'apache' }), 20);
	const taken = answers.filter((r) => r.status === 202).length;
	const over = answers.filter((r) => r.status === 503);
	t.diag(`${taken} of 60 were taken`);
	t.ok(taken >= 5, 'the burst is taken', taken);
	t.ok(over.length > 0 && taken + over.length === 60, 'the rest is 503', over.length);
	t.ok(over.every((r) => r.headers['retry-after'] === '1'), 'with Retry-After');
	t.ok(over.every((r) => /^application\/problem\+json/.test(r.headers['content-type'])), 'as a problem document');
	t.like(over[0].json.detail, /2 events a second/, 'that tells the rate');
	t.is(await ewa.value('select count(*) from ewa.event e join ewa.integration i on i.id = e.integration_id where i.key = $1',
	    limited.key), taken, 'as many are stored as were taken');
	t.is((await ewa.send(limited, { json: 1, token: 'wrong-wrong-wrong' })).status, 401, 'a wrong token is 401 as ever');
	t.is((await ewa.send(free, { json: 1 })).status, 202, 'others are not concerned');
	await waitFor(async () => (await ewa.send(limited, { json: 1 })).status === 202, 'after a while there is room');
}

{
	// Only who may send takes from it: a stranger can't use it up.
	await sleep(1100);
	for (let n = 0; n < 10; n++)
		await ewa.send(signed, { body: '1', token: null, headers: { 'X-Hub-Signature-256': 'sha256=00' } });
	for (let n = 0; n < 10; n++)
		await ewa.send(signed, { json: 1, token: 'wrong-wrong-wrong' });
	t.is((await ewa.send(signed, { json: 1 })).status, 202, 'refused requests take nothing from the rate');
}

await ewa.update(limited, { rateLimit: '' });
await waitFor(async () => statuses(await ewa.sendMany(limited, 20, () => ({ json: 1 }))).every((s) => s === 202),
    'a limit that is taken away is none');

for (const [option, value] of [['--rate-limit', 'x'], ['--rate-limit', '-1'], ['--rate-limit', '100001'], ['--rate-burst', '1000001']])
	t.is((await ewa.ctl('integration', 'update', limited.key, option, value)).status, 1, `${option} ${value} is refused`);

await ewa.stop();
t.done();
