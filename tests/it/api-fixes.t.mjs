#!/usr/bin/env node
// A refused request is told with the setting that would let it in; with that
// setting changed as told, the same request is taken.

import * as tap from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';

const b = await Bench.start({ dispatchers: 0 });
const ada = await signedIn(b, 'ada', ['admin']);
const one = await b.integration({ name: 'One' });
const base = `/integrations/${one.key}`;
const version = async () => (await ada.get(base)).headers.etag;
const refusals = async () => (await ada.get(`/refusals?integration=${one.key}`)).json.items;
await ada.patch(base, { maxBodyBytes: 100 }, { ifMatch: await version() });

for (const [what, request, status, change] of [
	['a token in the URL', { token: null, json: {}, path: `?token=${one.token}` }, 401, { allowQueryToken: true }],
	['JSON that is none', { body: '{"a":', type: 'application/json' }, 400, { acceptMalformed: true }],
	['a large body', { json: { a: 'x'.repeat(1000) } }, 413, { maxBodyBytes: 16777216 }],
	['a disabled integration', { json: {} }, 403, { enabled: true }],
]) {
	if (status === 403)
		await ada.post(`${base}/disable`);
	await waitFor(async () => (await b.send(one, request)).status === status, `${what} is refused`);
	let found;
	await waitFor(async () => (found = (await refusals()).find((x) => x.status === status)), 'the refusal is written down');
	tap.is(found.fix?.change, change, `${what}: the setting that lets it in`, JSON.stringify(found));
	tap.like(found.fix?.words, /\?$/, `... asked for in words: ${found.fix?.words}`);
	const r = await ada.patch(base, found.fix.change, { ifMatch: await version() });
	tap.is(r.status, 200, '... is taken as it is told', r.text);
	await waitFor(async () => (await b.send(one, request)).status === 202, `${what} is let in`);
	tap.ok(true, '... and lets the same request in');
}

await b.send(one, { token: 'a-wrong-token-of-somebody', json: {} });
await b.send({ ...one, path: '/hooks/aaaaaaaaaaaaaaaa' }, { json: {} });
await waitFor(async () => (await ada.get('/refusals')).json.items.some((x) => x.integration === null) &&
    (await refusals()).find((x) => x.status === 401).fix === null, 'no setting helps a wrong token');
tap.is((await ada.get('/refusals')).json.items.find((x) => x.integration === null).fix, null, 'no setting helps an unknown key');

await b.stop();
tap.done();
