#!/usr/bin/env node
// Resend reply and handle again, for one event and by a filter: later outcomes
// beside the first, attempts of their own kind, the count first, the audit.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start(() => 400);
const i = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT2S' });
const other = await ewa.integration({ replyUrl: receiver.url('/other') });
const outcomes = (id) => ewa.sql(`
    select seq, state, reply_state, attempts from ewa.outcome where event_id = $1 order by seq`, id);
const attempts = (id) => ewa.sql(`
    select kind, number, outcome from ewa.attempt where event_id = $1 order by started_at`, id);
const audit = (action) => ewa.sql(`
    select a.actor, a.detail, i.key from ewa.audit a left join ewa.integration i on i.id = a.integration_id
    where action = $1 order by a.id`, action);

const first = await ewa.accept(i, { json: undefined, body: '{ "n" : 1 }', headers: { 'Idempotency-Key': 'one' } });
t.is((await ewa.finished(i, first)).reply.state, 'failed', 'a reply that is refused');

// ---- one reply ---------------------------------------------------------------
{
	await sleep(2100); // its deadline passes
	receiver.answer = (request, n) => (n <= 2 ? 503 : 200);
	const seen = receiver.total;
	receiver.answer = () => (receiver.total - seen < 3 ? { status: 503, headers: { 'Retry-After': '5' } } : 200);
	const r = await ewa.mustCtl('event', 'resend', first);
	t.like(r.stdout, new RegExp(`${first} is sent again`), 'resend says so');
	const again = await ewa.ctl('event', 'resend', first);
	t.is(again.status, 1, 'what is being sent again is not sent once more');
	t.like(again.stderr, /is being sent again/, 'and that is said');
	const during = await ewa.status(i, first);
	t.is([during.status, during.reply.state, during.reply.resending],
	    ['handled', 'failed', true], 'meanwhile the first outcome stands');
	await ewa.drained();
	t.is(await outcomes(first), [
		{ seq: 0, state: 'handled', reply_state: 'failed', attempts: 1 },
		{ seq: 1, state: 'handled', reply_state: 'sent', attempts: 3 },
	], 'a later outcome beside the first, past the deadline');
	t.is(await attempts(first), [
		{ kind: 'reply', number: 1, outcome: 'failed' },
		{ kind: 'resend', number: 1, outcome: 'retry' },
		{ kind: 'resend', number: 2, outcome: 'retry' },
		{ kind: 'resend', number: 3, outcome: 'ok' },
	], 'attempts of the kind resend, numbered by themselves');
	t.is(new Set(receiver.of(first).map((x) => x.body.toString())).size, 1,
	    'the same document each time');
	const now = await ewa.status(i, first);
	t.is([now.reply.state, now.reply.resending, now.outcomes.map((o) => o.reply),
		now.reply.attempts.map((a) => a.kind)],
	['sent', false, ['failed', 'sent'], ['reply', 'resend', 'resend', 'resend']],
	'the status resource shows both outcomes and all attempts');
	const shown = await ewa.ctlJson('event', 'show', first);
	t.is([shown.outcomes.map((o) => [o.seq, o.reply]), shown.reply.attemptsTotal],
	    [[[0, 'failed'], [1, 'sent']], 4], 'event show too');
	t.like((await ewa.mustCtl('event', 'show', first)).stdout,
	    /finished +handled, reply failed[^]*resend attempt 1[^]*sent again +handled, reply sent/,
	    'and in its journey');
	receiver.answer = () => 200;
	await ewa.mustCtl('event', 'resend', first);
	await ewa.drained();
	t.is((await attempts(first)).at(-1), { kind: 'resend', number: 4, outcome: 'ok' },
	    'numbers go on in the next resend');
	t.is((await outcomes(first)).map((o) => o.seq), [0, 1, 2], 'with an outcome of its own');
	const rows = await audit('event.resend');
	t.is(rows.map((x) => [x.key, x.detail.events, x.detail.first]),
	    [[i.key, 1, first], [i.key, 1, first]], 'each is audited');
}

// ---- of an event whose handling failed ----------------------------------------
{
	const id = await ewa.accept(i);
	await ewa.finished(i, id);
	await ewa.sql("update ewa.outcome set state = 'failed' where event_id = $1", id);
	await ewa.mustCtl('event', 'resend', id);
	await ewa.drained();
	t.is((await outcomes(id)).map((o) => [o.state, o.reply_state]), [['failed', 'sent'], ['failed', 'sent']],
	    'a reply sent again does not change what became of the handling');

	// nor one that ends before its reply is made
	await ewa.mustCtl('integration', 'pause', i.key);
	await ewa.mustCtl('event', 'resend', id);
	await ewa.sql('delete from ewa.event where id = $1', id);
	await ewa.mustCtl('integration', 'resume', i.key);
	await waitFor(async () => (await outcomes(id)).length === 3, 'its end');
	t.is((await outcomes(id)).map((o) => [o.state, o.reply_state]).at(-1), ['failed', 'failed'],
	    'nor one that finds its event gone');
}

// ---- one event again -----------------------------------------------------------
{
	const { eventId } = await ewa.ctlJson('event', 'handle-again', first);
	t.isnt(eventId, first, 'handle again makes a new event');
	const s = await ewa.finished(i, eventId);
	t.is([s.status, s.reply.state], ['handled', 'sent'], 'which is handled and replied to');
	t.is(receiver.of(eventId).length, 1, 'under its own id');
	t.ok((await ewa.ctl('event', 'body', eventId)).bytes.equals(Buffer.from('{ "n" : 1 }')),
	    'its body is the old one, byte for byte');
	t.is(await ewa.sql(`select a.content_type = b.content_type and a.headers::text = b.headers::text
	    and a.kind = b.kind and b.received_at > a.deadline as same, b.replay_of
	    from ewa.event a, ewa.event b where a.id = $1 and b.id = $2`, first, eventId),
	[{ same: true, replay_of: first }], 'content type and headers too, received now');
	t.is((await ewa.ctlJson('event', 'show', eventId)).replayOf, first, 'shown as a repeat');
	const once = await ewa.ctlJson('event', 'handle-again', first);
	t.isnt(once.eventId, eventId, 'as often as it is asked for');
	await ewa.drained();
	t.is((await audit('event.handle-again')).length, 2, 'each is audited');
}

// ---- what can't be done -----------------------------------------------------------
{
	const refused = async (verb, id, pattern, what) => {
		const r = await ewa.ctl('event', verb, id);
		t.ok(r.status === 1 && pattern.test(r.stderr), what, r.stderr);
	};
	await refused('resend', '01890a5d-ac96-774b-bcce-b302099a8057', /there is no event/, 'no such event');
	await ewa.mustCtl('integration', 'pause', i.key);
	const waiting = await ewa.accept(i);
	await refused('resend', waiting, /not finished yet/, 'not before it is finished');
	await refused('handle-again', waiting, /not finished yet/, 'nor handled again');

	const total = receiver.total;
	await ewa.mustCtl('event', 'resend', first);
	await sleep(1500);
	t.is([receiver.total, await ewa.value('select count(*) from ewa.queue')], [total, 2],
	    'while it is paused it waits');
	await ewa.mustCtl('integration', 'resume', i.key);
	await ewa.drained();
	t.is((await outcomes(first)).at(-1).reply_state, 'sent', 'and goes on then');

	await ewa.mustCtl('integration', 'disable', i.key);
	await refused('resend', first, /disabled/, 'not while it is disabled');
	await refused('handle-again', first, /disabled/, 'nor handled again');
	await ewa.mustCtl('integration', 'enable', i.key);
	await ewa.mustCtl('integration', 'update', i.key, '--reply-url', '');
	await refused('resend', first, /no reply URL/, 'nor without a reply URL');
	await ewa.mustCtl('integration', 'update', i.key, '--reply-url', receiver.url());
	t.is((await ewa.ctl('event', 'resend')).status, 2, 'which ones must be said');
	t.is((await ewa.ctl('event', 'resend', first, '--state', 'handled')).status, 2,
	    'an id or a filter, not both');
}

// ---- by a filter ----------------------------------------------------------------
{
	receiver.answer = () => 400;
	const failed = await queue(ewa, other.key, 2500);
	await ewa.drained();
	receiver.answer = () => 200;
	const fine = await queue(ewa, other.key, 50);
	await ewa.drained();
	const total = receiver.total;
	const filter = ['--integration', other.key, '--reply-state', 'failed', '--since', 'PT1H'];
	t.is(await ewa.ctlJson('event', 'resend', ...filter, '--dry-run'),
	    { matched: 2500, possible: 2500, done: 0 }, 'a dry run counts');
	await sleep(500);
	t.is(receiver.total, total, 'and does nothing');
	t.is(await ewa.ctlJson('event', 'resend', '--integration', other.key, '--until', '2020-01-01T00:00:00Z',
	    '--dry-run'), { matched: 0, possible: 0, done: 0 }, 'received before then: none');
	// what takes longer than a second says how far it is: here it has to wait
	const holder = ewa.client();
	await holder.connect();
	await holder.query('begin');
	await holder.query('lock table ewa.queue in share row exclusive mode');
	const running = ewa.mustCtl('event', 'resend', ...filter);
	await waitFor(() => ewa.value(`select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock'
	    and usename = 'ewa_owner' and datname = current_database()`), 'it has begun');
	await sleep(1200);
	await holder.query('commit');
	await holder.end();
	const r = await running;
	t.like(r.stderr, /2500 events can be sent again/, 'the count comes first');
	const [, made] = /^ewactl: (\d+) of 2500 events$/m.exec(r.stderr) ?? [];
	t.within(Number(made ?? 0), 1, 2499, 'and progress where it takes long');
	t.like(r.stdout, /^2500 events are sent again$/m, 'then it is done');
	await ewa.drained();
	t.is(receiver.total - total, 2500, 'each was sent once');
	t.is(await ewa.sql(`select seq, reply_state, count(*)::int as n from ewa.outcome o
	    join ewa.integration i on i.id = o.integration_id where key = $1 group by 1, 2 order by 1, 2`, other.key),
	[{ seq: 0, reply_state: 'failed', n: 2500 }, { seq: 0, reply_state: 'sent', n: 50 },
		{ seq: 1, reply_state: 'sent', n: 2500 }], 'the first outcomes are as they were');
	t.is(await ewa.ctlJson('event', 'resend', ...filter, '--dry-run'),
	    { matched: 0, possible: 0, done: 0 }, 'the last outcome counts: none is failed any more');
	const sum = (await audit('event.resend')).filter((a) => a.key === other.key)
	    .reduce((n, a) => n + a.detail.events, 0);
	t.is(sum, 2500, 'the audit has them all');

	const again = await ewa.ctlJson('event', 'handle-again', '--integration', other.key, '--state', 'handled');
	t.is(again, { matched: 2550, possible: 2550, done: 2550 },
	    'handle again by a filter ends, though its own events finish meanwhile');
	await ewa.drained();
	t.is(await ewa.value(`select count(distinct replay_of) from ewa.event where replay_of = any($1)`,
	    [...failed, ...fine]), 2550, 'each event was made anew once');
}

await receiver.stop();
await ewa.stop();
t.done();
