#!/usr/bin/env node
// Events through the API: filters, pages that stay right, journeys, bodies.

import * as tap from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';

const b = await Bench.start();
const ada = await signedIn(b, 'ada', ['admin']);
const receiver = await Receiver.start((r) => r.json.event.fail ?
    { status: 400, headers: { 'X-Why': 'because' }, body: '<b>no</b>' } : 200);
const ok = await b.integration({ name: 'Replies', replyUrl: receiver.url(), team: 'network' });
const quiet = await b.integration({ name: 'Quiet', team: 'databases' });

// ---- one event ------------------------------------------------------------------------

const hostile = `{"html":"<script>alert(1)</script>","bidi":"\u202e","n":123456789012345678901234567890}`;
const first = await b.accept(ok, { json: undefined, body: hostile });
await b.finished(ok, first);
let r = await ada.get(`/events/${first}`);
tap.is([r.json.state, r.json.replyState, r.json.attempts, r.json.role], ['handled', 'sent', 1, 'admin'], 'an event that went through');
tap.is(r.json.journey.map((s) => `${s.kind} ${s.outcome ?? s.status}`), ['accepted 202', 'reply ok', 'outcome handled'],
    'its journey, in order');
tap.ok(r.json.headers['content-type'] === undefined || typeof r.json.headers === 'object', 'its headers');
r = await ada.get(`/events/${first}/body`);
tap.is([r.text, r.headers['content-type']], [hostile, 'text/plain; charset=utf-8'], 'its body, byte for byte, as text');
tap.like(r.headers['content-security-policy'], /sandbox/, '... in a sandbox');
const bytes = Buffer.from([0, 255, 254, 10, 13, 0]);
const binary = await b.accept(quiet, { json: undefined, body: bytes, type: 'application/octet-stream' });
r = await ada.get(`/events/${binary}/body`);
tap.is([r.body, r.headers['content-type']], [bytes, 'application/octet-stream'], 'bytes stay bytes');
tap.like(r.headers['content-disposition'], /^attachment/, '... for saving');
tap.is((await ada.get('/events/00000000-0000-7000-8000-000000000000')).status, 404, 'an unknown event is 404');
tap.is((await ada.get('/events/xyz')).status, 404, '... and no Event ID too');
const bad = await b.accept(ok, { json: { fail: true } });
await b.finished(ok, bad);
r = await ada.get(`/events/${bad}`);
const attempt = r.json.journey.find((s) => s.kind === 'reply');
tap.is([attempt.outcome, attempt.status, attempt.cause, attempt.responseBody], ['failed', 400, 'http', '<b>no</b>'],
    'a refused reply says why');

// ---- filters ------------------------------------------------------------------------------

const ids = [];
for (let i = 0; i < 30; i++)
	ids.unshift(await b.accept(quiet, { json: { i, word: i === 7 ? 'Needle-Ünique' : 'hay' } }));
await b.drained();
const list = async (query) => (await ada.get(`/events?${query}`)).json;
const found = async (query) => (await list(query)).items.map((e) => e.eventId);
tap.is((await found(`integration=${quiet.key}&limit=5`)), ids.slice(0, 5), 'by integration, the newest first');
tap.is(await found('replyState=failed'), [bad], 'by reply state');
tap.is(await found('replyState=failed,expired,cancelled&state=handled'), [bad], 'by several');
tap.is(await found('state=failed'), [], 'by state');
tap.is(await found('state=accepted,handling'), [], 'nothing waits');
tap.is(await found('replyState=sent'), [first], 'sent replies');
tap.is(await found(`id=${bad}`), [bad], 'by Event ID');
tap.is(await found(`id=${bad}&integration=${quiet.key}`), [], '... and integration');
tap.is((await found('team=network')).sort(), [first, bad].sort(), 'by team');
tap.is(await found(`from=${encodeURIComponent(new Date(Date.now() + 60e3).toISOString())}`), [], 'from a time');
tap.is((await list('to=2001-01-01T00:00:00Z')).items.length, 0, 'to a time');
tap.is(await found('test=true'), [], 'test events');
tap.is(await found('text=needle-%C3%9CNIQUE'), [ids[22]], 'by a text in the body, whatever its case');
tap.is((await list('text=%3Cscript%3E')).items.map((e) => e.eventId), [first], '... markup too');
tap.is((await list('text=nowhere')).searched, 33, 'how many were searched');
tap.is((await ada.get(`/events/count?integration=${quiet.key}`)).json, { count: 31, capped: false }, 'counted');
tap.is((await ada.get('/events/count?replyState=failed')).json, { count: 1, capped: false }, 'failures counted');
r = await ada.get('/events?state=sleeping&limit=1000&from=x&cursor=y&colour=z&integration=aaaaaaaaaaaaaaaa');
tap.is(r.json.errors.map((e) => e.pointer), ['colour'], 'an unknown parameter is told first');
r = await ada.get('/events?state=sleeping&limit=1000&from=x&cursor=y&text=a');
tap.is(r.json.errors.map((e) => e.pointer).sort(), ['cursor', 'from', 'limit', 'state', 'text'], 'all wrong parameters at once');

// ---- pages that stay right while events arrive ------------------------------------------------

let page = await list(`integration=${quiet.key}&limit=10`);
const newest = page.previous;
const late = [];
const seen = page.items.map((e) => e.eventId);
while (page.next !== null) {
	late.unshift(await b.accept(quiet, { json: { late: true } }));
	page = await list(`integration=${quiet.key}&limit=10&cursor=${page.next}`);
	seen.push(...page.items.map((e) => e.eventId));
}
tap.is(seen, [...ids, binary], 'older pages have each event once, whatever arrives');
page = await list(`integration=${quiet.key}&limit=10&cursor=${page.previous}`);
tap.is(page.items.map((e) => e.eventId), ids.slice(20, 30), 'back to the page before');
page = await list(`integration=${quiet.key}&limit=10&cursor=${page.next}`);
tap.is(page.items.map((e) => e.eventId), [binary], '... and forth');
const fresh = await list(`integration=${quiet.key}&cursor=${newest}`);
tap.is(fresh.items.slice(0, late.length).map((e) => e.eventId), late, 'what has arrived since, the newest first');
tap.isnt(fresh.previous, null, '... and on from there');

// ---- who sees what ----------------------------------------------------------------------------------

const viewer = await signedIn(b, 'vera', ['viewer']);
const ops = await signedIn(b, 'oscar', ['operator:databases']);
r = await viewer.get(`/events/${bad}`);
tap.is([r.status, r.json.headers, r.json.journey.find((s) => s.kind === 'reply').responseBody], [200, null, null],
    'a viewer sees the journey, no contents');
tap.ok(!r.text.includes('because'), '... nor response headers');
tap.is((await viewer.get(`/events/${bad}/body`)).status, 403, '... nor the body');
tap.is((await viewer.get('/events?text=hay')).status, 403, '... nor by searching it');
tap.is((await ops.get(`/events/${bad}`)).status, 404, 'another team\'s event is none');
tap.is((await ops.get(`/events/${bad}/body`)).status, 404, '... its body neither');
tap.is((await ops.get('/events?limit=200')).json.items.every((e) => e.integration.key === quiet.key), true,
    'lists hold one\'s own only');
tap.is((await ops.get(`/events?integration=${ok.key}`)).status, 422, '... also by key');
tap.is((await ops.get('/events?replyState=failed')).json.items, [], '... also failures');
tap.is((await ops.get(`/events/${ids[0]}/body`)).status, 200, 'one\'s own can be read');

await receiver.stop();
await b.stop();
tap.done();
