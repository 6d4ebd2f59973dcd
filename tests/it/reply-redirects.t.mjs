#!/usr/bin/env node
// No redirect is followed, whichever 3xx it is: the address that it names is
// not called, by replies nor by http actions, and the attempt says why.

import * as t from '../lib/tap.mjs';
import { Receiver, waitFor } from '../lib/ewa.mjs';
import { add, startBench } from '../lib/automations.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await startBench({}, { servers: [], responder: false });
const elsewhere = await Receiver.start();
const receiver = await Receiver.start((r) => ({
	status: 299 + r.json.event.n,
	headers: { Location: elsewhere.url('/stolen'), 'Content-Location': elsewhere.url(), Refresh: `0; url=${elsewhere.url()}` },
}));
const attempts = (ids, kind) => waitFor(async () => {
	const rows = await ewa.sql(`select a.status, a.outcome, a.cause, a.detail from ewa.attempt a
	    join ewa.outcome o using (event_id) where a.event_id = any($1) and a.kind = $2 order by 1`, ids, kind);
	return rows.length >= ids.length && rows;
}, `all ${kind} attempts are recorded`);

for (const kind of ['reply', 'automation']) {
	const i = await ewa.integration(kind === 'reply' ? {
		replyUrl: receiver.url(), secretReplyHeaders: ['X-Api-Key: hidden'],
	} : {});
	if (kind === 'automation')
		await add(ewa, i, 'Call', '--http', receiver.url(), '--secret-header', 'X-Api-Key: hidden');
	const rows = await attempts(await queue(ewa, i.key, 100), kind);
	t.is(rows.map((r) => r.status), Array.from({ length: 100 }, (_, n) => 300 + n), `${kind}: 300 to 399, one attempt each`);
	t.is(rows.filter((r) => r.outcome !== 'failed' || r.cause !== 'http' ||
	    r.detail !== `answered ${r.status}, a redirect, which is not followed`), [], `${kind}: final, in words`);
}
t.is(elsewhere.total, 0, 'the address that they name was never called');

await receiver.stop();
await elsewhere.stop();
await ewa.stop();
t.done();
