#!/usr/bin/env node
// The rest of what the page lives by: changes, audit, refusals, checks, and
// what operators do with single events.

import * as tap from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';

const b = await Bench.start();
const ada = await signedIn(b, 'ada', ['admin']);
const vera = await signedIn(b, 'vera', ['viewer:databases']);
const receiver = await Receiver.start(() => 200);
const one = await b.integration({ name: 'One', team: 'databases', replyUrl: receiver.url() });
const two = await b.integration({ name: 'Two', team: 'network' });

// ---- changes ----------------------------------------------------------------------------

let r = await ada.get('/changes');
tap.is([r.status, r.json.changed], [200, []], 'without a cursor there is one at once');
let cursor = r.json.cursor;
let began = Date.now();
r = await ada.get(`/changes?wait=1&cursor=${cursor}`);
tap.is(r.json, { cursor, changed: [] }, 'nothing has changed');
tap.within(Date.now() - began, 900, 10000, '... after a second');
const waiting = ada.get(`/changes?wait=20&cursor=${cursor}`);
await sleep(300);
began = Date.now();
const id = await b.accept(one, { json: { a: 1 } });
r = await waiting;
tap.ok(r.json.changed.includes('events'), 'a new event is told', r.text);
tap.ok(Date.now() - began < 8000, '... long before the time is up');
await b.finished(one, id);
await waitFor(async () => await b.value('select count(*) from ewa.integration_status') === 1,
    'its status is known', 15000);
cursor = (await ada.get(`/changes?event=${id}`)).json.cursor;
const other = (await vera.get(`/changes?integration=${one.key}`)).json.cursor;
await ada.post(`/integrations/${two.key}/disable`);
r = await ada.get(`/changes?wait=5&cursor=${cursor}&event=${id}`);
tap.is(r.json.changed, ['integrations'], 'a changed integration is told, and nothing else');
r = await vera.get(`/changes?wait=0&cursor=${other}&integration=${one.key}`);
tap.is(r.json.changed, [], '... but not to whom does not see it');
tap.is((await vera.get(`/changes?integration=${two.key}`)).status, 404, '... who cannot watch it');
tap.is((await ada.get('/changes?wait=31&cursor=x&event=y')).json.errors.map((e) => e.pointer).sort(),
    ['cursor', 'event', 'wait'], 'wrong parameters are refused');
const many = Array.from({ length: 60 }, () => ada.get(`/changes?wait=20&cursor=${r.json.cursor}`));
began = Date.now();
tap.is((await ada.get('/session')).status, 200, 'sixty that wait hold nobody up');
tap.ok(Date.now() - began < 10000, '... not for long', `${Date.now() - began} ms`);
began = Date.now();
await b.accept(one, { json: { a: 2 } });
tap.ok(Date.now() - began < 10000, '... least of all the intake', `${Date.now() - began} ms`);
tap.is((await Promise.all(many)).every((x) => x.status === 200), true, 'all are answered');

// Without being rung it would be looked once in 5 s: the best of three is far below.
async function soon(what, kind, query, change) {
	let best = Infinity, last;
	for (let n = 0; n < 3 && best > 3500; n++) {
		const from = (await ada.get(`/changes?${query}`)).json.cursor;
		const parked = ada.get(`/changes?wait=30&cursor=${from}&${query}`);
		await sleep(300);
		const at = Date.now();
		await change(n);
		last = await parked;
		if (last.json.changed?.includes(kind))
			best = Math.min(best, Date.now() - at);
	}
	tap.ok(best <= 3500, `${what} is told soon`, `${best} ms: ${last.text}`);
}

await b.drained();
let again = 0;
await soon('an event', 'events', '', () => b.accept(one, { json: { again: ++again } }));
await b.drained();
await soon('a refusal', 'refusals', `integration=${one.key}`, () => b.send(one, { token: 'a-wrong-token-again', json: {} }));
await soon('what another changes', 'integrations', '', (n) => b.integration({ name: `More ${n}`, team: 'network' }));
receiver.answer = () => 503;
const failing = await b.accept(one, { json: { a: 4 } });
await waitFor(async () => receiver.of(failing).length === 1, 'a reply that fails', 30000);
await soon('each attempt', 'event', `event=${failing}`, async (n) => {
	const before = receiver.of(failing).length;
	await waitFor(async () => receiver.of(failing).length > before, 'the next attempt', 60000);
});
receiver.answer = () => 200;
await b.finished(one, failing);
await b.drained();

// Thirty pages while nothing happens: each looks once in 5 s, and one's look serves those that
// look at the same time.  (Each 700 ms, it was more than 80 transactions a second.)
{
	const transactions = async () => Number(await b.value(`select xact_commit + xact_rollback
	    from pg_stat_database where datname = current_database()`));
	let { cursor: from } = (await ada.get('/changes')).json;
	await waitFor(async () => {
		const now = (await ada.get(`/changes?wait=6&cursor=${from}`)).json;
		from = now.cursor;
		return now.changed.length === 0;
	}, 'nothing changes any more');
	const parked = Array.from({ length: 30 }, () => ada.get(`/changes?wait=12&cursor=${from}`));
	await sleep(2500); // statistics are a second late
	const [before, at] = [await transactions(), Date.now()];
	await sleep(8000);
	const rate = (await transactions() - before) / (Date.now() - at) * 1000;
	tap.ok(rate < 40, 'thirty that wait ask PostgreSQL little', `${rate.toFixed(1)} transactions a second`);
	tap.diag(`thirty that wait: ${rate.toFixed(1)} transactions a second`);
	tap.is((await Promise.all(parked)).filter((x) => x.json.changed.length > 0).map((x) => x.text), [], '... and nothing was told');
}

// ---- resend, handle again ----------------------------------------------------------------------

await b.drained();
const replies = receiver.of(id).length;
r = await ada.post(`/events/${id}/resend`);
tap.is([r.status, r.json.eventId], [202, id], 'a reply is sent again');
await waitFor(async () => receiver.of(id).length === replies + 1, 'the reply comes again', 15000);
await b.drained();
r = await ada.get(`/events/${id}`);
tap.is(r.json.journey.filter((s) => s.kind === 'outcome').length, 2, '... with an outcome of its own');
r = await ada.post(`/events/${id}/handle-again`);
tap.is(r.status, 202, 'an event is handled again');
tap.is((await ada.get(`/events/${r.json.eventId}`)).json.replayOf, id, '... as a new one that names the old');
tap.is((await vera.post(`/events/${id}/resend`)).status, 403, 'not by a viewer');
tap.is((await ada.post('/events/00000000-0000-7000-8000-000000000000/resend')).status, 404, 'not what is not there');
const still = await b.accept(two, { json: {} }).catch(() => null);
tap.is(still, null, 'a disabled integration accepts nothing');
const unanswered = await b.integration({ name: 'Three' });
const silent = await b.accept(unanswered, { json: {} });
await b.finished(unanswered, silent);
tap.is((await ada.post(`/events/${silent}/resend`)).status, 409, 'without a reply URL nothing can be sent again');

// ---- audit ------------------------------------------------------------------------------------------

r = await ada.get('/audit?limit=3');
tap.is(r.json.items[0].action.length > 0 && r.json.items.length, 3, 'changes, the newest first');
const pages = [...r.json.items];
while (r.json.next !== null) {
	r = await ada.get(`/audit?limit=3&cursor=${r.json.next}`);
	pages.push(...r.json.items);
}
tap.is(pages.map((a) => a.id), [...new Set(pages.map((a) => a.id))].sort((x, y) => y - x), 'each once, in order');
tap.ok(pages.some((a) => a.action === 'user.create' && a.integration === null), 'users too');
tap.is((await ada.get(`/audit?integration=${two.key}&action=disable`)).json.items.map((a) => [a.actor, a.action, a.detail]),
    [['ada', 'disable', { enabled: { from: true, to: false } }]], 'who did what to which integration');
tap.is((await vera.get('/audit')).json.items.every((a) => a.integration.key === one.key), true, 'one sees one\'s own');
tap.is((await ada.get('/audit?actor=nobody')).json.items, [], 'by actor');

// ---- refusals ------------------------------------------------------------------------------------------

await b.send(one, { token: null, json: {}, path: `?token=${one.token}` });
await b.send(one, { token: 'wrong-token-of-somebody', json: {} });
await b.send({ ...one, path: '/hooks/aaaaaaaaaaaaaaaa' }, { json: {} });
for (const which of ['unknownKeys=true', `integration=${one.key}`])
	await waitFor(async () => (await ada.get(`/refusals?${which}`)).json.items.length > 0, 'refusals are written down', 20000);
r = await ada.get(`/refusals?integration=${one.key}`);
tap.ok(r.json.items.every((x) => x.integration.key === one.key && x.status === 401), 'refusals of an integration', r.text);
tap.ok(!r.text.includes(one.token) && !r.text.includes('wrong-token'), '... hold no credential');
tap.is((await ada.get('/refusals?unknownKeys=true')).json.items.map((x) => x.integration), [null], 'those of unknown keys');
tap.is((await vera.get('/refusals')).json.items.every((x) => x.integration?.key === one.key), true, '... not for everybody');

// ---- figures ------------------------------------------------------------------------------------------

await b.drained();
r = (await ada.get('/report')).json;
tap.is(r.step, 'PT15M', 'a day in buckets that fit');
tap.is(r.buckets.length >= 96, true, '... none left out');
tap.is([r.totals.accepted, r.totals.handled, r.totals.replySent], [again + 5, again + 5, again + 4], 'what became of the events');
tap.ok(r.buckets.some((x) => x.latency?.p50 > 0 && x.latency.p99 >= x.latency.p50), 'latencies', JSON.stringify(r.buckets.at(-1)));
tap.is([r.backlog.waiting, r.failing], [0, []], 'nothing waits, nothing fails');
tap.is((await vera.get('/report')).json.totals.accepted, again + 4, 'one\'s own only');
tap.is((await ada.get(`/report?integration=${unanswered.key}&step=PT1H`)).json.totals.accepted, 1, 'of one integration');
await waitFor(async () => await b.value('select count(*) from ewa.tally_slot') > 0, 'a dispatcher tallies what is over', 30000);
tap.is((await ada.get('/report?step=PT1M')).status, 422, 'not too many buckets');
tap.is((await ada.get('/report?from=2001-01-01T00:00:00Z')).status, 422, 'not too long a time');

// ---- checks -----------------------------------------------------------------------------------------------

const check = async (what, value) => (await ada.post(`/checks/${what}`, { value })).json;
tap.is(await check('request-timeout', 'PT90S'),
    { valid: true, detail: null, words: '1 minute 30 seconds', milliseconds: 90000, canonical: 'PT1M30S' }, 'a timeout in words');
tap.is((await check('request-timeout', '')).words, 'none: replies are tried for 1 day', 'none, in words');
tap.like((await check('request-timeout', '60')).detail, /PT60S/, 'a wrong one says how to write it');
tap.is((await check('reply-url', 'http://127.0.0.1:1/')).reach, 'allowed', 'an address that may be called');
r = await check('reply-url', 'http://169.254.169.254/');
tap.is([r.valid, r.reach, r.setting], [false, 'refused', 'reply_networks'], 'one that may not, and what would allow it');
tap.is((await check('reply-url', 'https://example.com/')).reach, 'at-sending', 'a name is judged when it is resolved');
tap.is((await check('reply-url', 'ftp://x')).valid, false, 'no URL for us');
tap.is([(await check('jsonpath', '$.event.a == 1')).valid, (await check('jsonpath', '$.[')).valid], [true, false], 'a jsonpath');
tap.is((await vera.post('/checks/reply-url', { value: 'x' })).status, 403, 'a viewer need not know');

await receiver.stop();
await b.stop();
tap.done();
