#!/usr/bin/env node
// With two dispatchers the last attempt tells whether an integration's replies
// arrive, whoever made it and whatever each of them has said before.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 2 });
const [a, b] = ewa.dispatchers;
const receiver = await Receiver.start();
const integrations = [];
for (let n = 0; n < 16; n++)
	integrations.push(await ewa.integration({ replyUrl: receiver.url(`/${n}`), requestTimeout: 'PT600S' }));
const keys = integrations.map((i) => i.key);

// Only that dispatcher works.
function only(p) {
	(p === a ? b : a).signal('SIGSTOP');
	p.signal('SIGCONT');
}
const event = () => Promise.all(keys.map((key) => queue(ewa, key, 1, { timeoutMs: 600000 })));
const due = () => ewa.sql('update ewa.queue set due_at = now() where owner is null');
const states = () => ewa.sql(`select s.state, left(s.cause, 12) as cause, count(*)::int as n
    from ewa.integration_status s group by 1, 2 order by 1, 2`);
const become = async (wanted, what) => {
	await waitFor(async () => JSON.stringify(await states()) === JSON.stringify(wanted), what, 60000)
	    .catch(async () => t.diag(JSON.stringify(await states())));
	t.is(await states(), wanted, what);
};
const ok = [{ state: 'ok', cause: null, n: 16 }];
const error = (status) => [{ state: 'error', cause: `answered ${status}`, n: 16 }];
const failing = (status) => () => ({ status, headers: { 'Retry-After': '300' } });

only(a);
await event();
await become(ok, 'the first says Ok');
only(b);
receiver.answer = failing(503);
await event();
await become(error(503), 'the second says Error');
only(a);
receiver.answer = () => 200;
await due();
await become(ok, 'the first, whose last word was Ok, says it again');
await ewa.drained();

only(b);
receiver.answer = failing(503);
await event();
await become(error(503), 'the second sees the same error again, and says so');
only(a);
receiver.answer = failing(500);
await event();
await become(error(500), 'the first another one');
only(b);
receiver.answer = failing(503);
await due();
await become(error(503), 'the last cause is told, though the second has told it before');
receiver.answer = () => 200;
await due();
await become(ok, 'Ok again');
await ewa.drained();

// ---- what is told late -----------------------------------------------------------------
{
	// the second has seen an attempt fail, and is held up before it says so
	let held = false;
	let late;
	for (let n = 0; n < 30 && !held; n++) {
		only(b);
		const answered = new Promise((resolve) => {
			receiver.answer = () => {
				setTimeout(resolve, 20);
				return failing(502)();
			};
		});
		[late] = await queue(ewa, keys[0], 1, { timeoutMs: 600000 });
		await answered;
		b.signal('SIGSTOP');
		held = (await states()).every((s) => s.state === 'ok');
		if (held)
			break;
		receiver.answer = () => 200;
		only(b);
		await due();
		await become(ok, 'it was faster: once more');
	}
	t.ok(held, 'a dispatcher is stopped before it has told of a failed attempt');
	receiver.answer = () => 200;
	await sleep(100);
	only(a);
	const [later] = await queue(ewa, keys[0], 1, { timeoutMs: 600000 });
	await waitFor(async () => await ewa.value(`select count(*) from ewa.outcome where event_id = $1`, later) === 1,
	    'a later attempt of the other succeeds');
	await sleep(1500); // it has said so
	b.signal('SIGCONT');
	await waitFor(async () => await ewa.value('select count(*) from ewa.attempt where event_id = $1', late) > 0,
	    'the second records the failed attempt', 60000);
	await sleep(2500);
	t.is(await states(), ok, 'what it tells late does not take the place of what happened later');
}

// A clock that was set back leaves a word that seems to come from the future.
{
	await ewa.sql(`update ewa.integration_status set seen_at = now() + interval '1 h'`);
	receiver.answer = failing(503);
	await event();
	await become(error(503), 'a word from the future is not the last one for ever');
}

a.signal('SIGCONT');
b.signal('SIGCONT');
await receiver.stop();
await ewa.stop();
t.done();
