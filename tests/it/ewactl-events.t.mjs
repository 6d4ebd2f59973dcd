#!/usr/bin/env node
// ewactl on events: their states as queue and outcome say, the journey, the
// list with its filters, the bytes of the body; and what deleting cancels.

import * as t from '../lib/tap.mjs';
import { command, programPath } from '../lib/ewa.mjs';
import { addEvent, database, uuidAt } from '../sql/sample.mjs';

const ewa = await database();
const owner = '00000000-0000-4000-8000-000000000001';
const replying = await ewa.integration({ name: 'replying', replyUrl: 'http://127.0.0.1:9/' });
const silent = await ewa.integration({ name: 'silent' });
const idOf = (i) => ewa.value('select id from ewa.integration where key = $1', i.key);
const R = await idOf(replying);
const S = await idOf(silent);
const T0 = Date.now() - 60000;
const soon = (ms) => new Date(Date.now() + ms);
const show = (id) => ewa.ctlJson('event', 'show', id);

const states = async (id) => {
	const e = await show(id);
	return [e.status, e.reply.state];
};

// ---- states ---------------------------------------------------------------------
const ids = {
	waiting: await addEvent(ewa, { integration: R, at: T0, queue: {} }),
	handling: await addEvent(ewa, { integration: R, at: T0 + 1,
		queue: { owner, claim: 1, due_at: soon(600000) } }),
	lapsed: await addEvent(ewa, { integration: R, at: T0 + 2,
		queue: { owner, claim: 2, due_at: soon(-1000) } }),
	retry: await addEvent(ewa, { integration: R, at: T0 + 3, queue: {
		step: 1, tries: 2, due_at: soon(600000), handled_at: new Date(T0 + 500) } }),
	sending: await addEvent(ewa, { integration: R, at: T0 + 4, queue: {
		step: 1, owner, claim: 3, due_at: soon(600000), handled_at: new Date(T0 + 500) } }),
	quiet: await addEvent(ewa, { integration: S, at: T0 + 5, queue: {} }),
	sent: await addEvent(ewa, { integration: R, at: T0 + 6, content_type: null,
		source_ip: '192.0.2.7', request_id: 'req-1', headers: '{"user-agent": ["a"]}',
		outcome: { handled_at: new Date(T0 + 800), finished_at: new Date(T0 + 2800), attempts: 2,
			subject: 'disk full' } }),
	failed: await addEvent(ewa, { integration: S, at: T0 + 7,
		outcome: { state: 'failed', reply_state: 'none', reason: 'it broke', attempts: 0 } }),
};
await ewa.sql(`insert into ewa.attempt (event_id, kind, number, claim, step, started_at, duration_ms,
    outcome, cause, detail, status, remote_address, response_headers, response_body, response_cut)
    values ($1, 'reply', 1, 5, 1, $2, 30, 'retry', 'http', 'try later', 503, '192.0.2.9',
    'retry-after: 1', $4, true),
    ($1, 'reply', 2, 6, 1, $3, 41, 'ok', null, null, 200, '192.0.2.9', null, null, false)`,
ids.sent, new Date(T0 + 900), new Date(T0 + 2700), Buffer.from('b\0\xffd', 'latin1'));

t.is(await states(ids.waiting), ['accepted', 'pending'], 'in the queue: accepted');
t.is(await states(ids.handling), ['handling', 'pending'], 'claimed: handling');
t.is(await states(ids.lapsed), ['accepted', 'pending'], 'a lease that ran out: accepted');
t.is(await states(ids.retry), ['handled', 'pending'], 'waiting for an attempt: handled, pending');
t.is(await states(ids.sending), ['handled', 'pending'], 'an attempt goes on: the same');
t.is(await states(ids.quiet), ['accepted', 'none'], 'without a reply URL: no reply');
t.is(await states(ids.sent), ['handled', 'sent'], 'finished: as the outcome says');
t.is(await states(ids.failed), ['failed', 'none'], 'failed');
{
	const retry = await show(ids.retry);
	t.ok(Date.parse(retry.reply.nextAttemptAt) > Date.now() + 60000, 'when the next attempt is due');
	t.is([retry.reply.attemptsTotal, retry.handledAt], [2, new Date(T0 + 500).toISOString()],
	    'tries and time of handling are of the queue');
	t.is((await show(ids.sending)).reply.nextAttemptAt, null, 'none planned while one goes on');
	t.is((await show(ids.quiet)).reply.deadline, null, 'no reply, no deadline');
	t.is((await show(ids.retry)).reply.deadline, new Date(T0 + 60003).toISOString(), 'a deadline');
	await ewa.sql(`insert into ewa.outcome (event_id, seq, integration_id, state, reply_state, attempts)
	    values ($1, 1, $2, 'failed', 'sent', 3)`, ids.failed, S);
	t.is(await states(ids.failed), ['failed', 'sent'], 'a later outcome counts');
	await ewa.sql('delete from ewa.outcome where event_id = $1 and seq = 1', ids.failed);
}

// ---- show ---------------------------------------------------------------------------
{
	const { reply, ...e } = await show(ids.sent);
	t.is(e, {
		eventId: ids.sent, status: 'handled', kind: 'json',
		receivedAt: new Date(T0 + 6).toISOString(), handledAt: new Date(T0 + 800).toISOString(),
		finishedAt: new Date(T0 + 2800).toISOString(),
		integration: { key: replying.key, name: 'replying' }, subject: 'disk full', reason: null,
		malformed: null, contentType: null, bodyLength: 8, sourceIp: '192.0.2.7',
		requestId: 'req-1', test: false, differsFrom: null, replayOf: null, headers: { 'user-agent': ['a'] },
		results: [], outcomes: [{ seq: 0, status: 'handled', reply: 'sent', reason: null,
			finishedAt: new Date(T0 + 2800).toISOString(), attempts: 2 }],
	}, 'JSON: all of the event but its body');
	t.is(reply.attempts, [
		{ kind: 'reply', number: 1, startedAt: new Date(T0 + 900).toISOString(), durationMs: 30,
			outcome: 'retry', cause: 'http', detail: 'try later', status: 503,
			remoteAddress: '192.0.2.9', responseHeaders: 'retry-after: 1',
			responseBody: 'b\0\ufffdd', responseCut: true },
		{ kind: 'reply', number: 2, startedAt: new Date(T0 + 2700).toISOString(), durationMs: 41,
			outcome: 'ok', cause: null, detail: null, status: 200, remoteAddress: '192.0.2.9',
			responseHeaders: null, responseBody: null, responseCut: false },
	], 'JSON: its attempts');
	const text = (await ewa.mustCtl('event', 'show', ids.sent)).stdout;
	t.like(text, /^Event ID {5}[0-9a-f-]{36}$/m, 'text: aligned');
	t.is(text.slice(text.indexOf('Journey')).trimEnd().split('\n').map((l) => l.trimEnd()), [
		'Journey',
		'  +0.000 s  accepted',
		'  +0.794 s  handled',
		'  +0.894 s  reply attempt 1  retry, http 503, in 30 ms, 192.0.2.9: try later',
		'  +2.694 s  reply attempt 2  ok, http 200, in 41 ms, 192.0.2.9',
		'  +2.794 s  finished         handled, reply sent',
	], 'text: the journey, with times from the receipt');
	t.like((await ewa.mustCtl('event', 'show', ids.retry)).stdout, /next attempt +planned$/m,
	    'text: what is planned');
	t.like((await ewa.mustCtl('event', 'show', ids.failed)).stdout, /^Reason +it broke$/m,
	    'text: why it failed');
	const upper = await ewa.ctl('event', 'show', ids.sent.toUpperCase());
	t.is(upper.status, 0, 'an id in upper case');
}

// ---- refusals -----------------------------------------------------------------------
for (const [args, status, says] of [
	[['show', uuidAt(T0)], 1, 'there is no event'],
	[['body', uuidAt(T0)], 1, 'there is no event'],
	[['show', 'nonsense'], 2, 'not an Event ID'],
	[['show'], 2, 'ID is missing'],
	[['list', '--state', 'done'], 2, 'accepted, handling, handled, failed'],
	[['list', '--reply-state', 'done'], 2, 'none, pending, sent'],
	[['list', '--limit', '0'], 2, '1 to 1000'],
	[['list', '--limit', '1001'], 2, '1 to 1000'],
	[['list', '--limit', '5x'], 2, '1 to 1000'],
	[['list', '--since', 'yesterday'], 2, '--since: '],
	[['list', '--integration', 'nowhere'], 1, '"nowhere"'],
]) {
	const r = await ewa.ctl('event', ...args);
	t.is([r.status, r.stdout], [status, ''], `refused with ${status}: event ${args.join(' ')}`);
	t.ok(r.stderr.includes(says), `and says: ${says}`, r.stderr);
}
{
	const r = await ewa.ctl('event', 'list', '--state', 'x', '--limit', 'y', '--since', 'z');
	t.is(r.stderr.trimEnd().split('\n').length, 3, 'three faults are told at once');
}

// ---- list ---------------------------------------------------------------------------
{
	const list = async (...args) => (await ewa.ctlJson('event', 'list', ...args))
	    .map((e) => Object.keys(ids).find((k) => ids[k] === e.eventId));
	t.is(await list(), Object.keys(ids).reverse(), 'the newest first');
	t.is(await list('--limit', '2'), ['failed', 'sent'], 'at most so many');
	t.is(await list('--integration', 'silent'), ['failed', 'quiet'], 'of one integration, by name');
	t.is(await list('--integration', silent.key), ['failed', 'quiet'], 'or key');
	t.is(await list('--state', 'accepted'), ['quiet', 'lapsed', 'waiting'], 'by state');
	t.is(await list('--state', 'handling'), ['handling'], 'by a state of the moment');
	t.is(await list('--reply-state', 'pending', '--state', 'handled'), ['sending', 'retry'], 'by both');
	t.is(await list('--since', new Date(T0 + 6).toISOString()), ['failed', 'sent'], 'since a time');
	t.is((await list('--since', 'PT1H')).length, 8, 'since so long ago');
	t.is(await list('--since', 'PT1S'), [], 'nothing since then');
	const one = (await ewa.ctlJson('event', 'list', '--integration', 'replying', '--limit', '1'))[0];
	t.is([one.reply.attemptsTotal, one.subject, one.headers, one.reply.attempts],
	    [2, 'disk full', undefined, undefined], 'in short');
	const lines = (await ewa.mustCtl('event', 'list')).stdout.trimEnd().split('\n');
	t.like(lines[0], /^RECEIVED +EVENT ID +STATUS +REPLY +ATTEMPTS +INTEGRATION +SUBJECT$/, 'text: a head');
	t.is(lines.length, 9, 'text: a line for each');
	t.like(lines[2], /handled +sent +2 +replying +disk full$/, 'text: what it shows');
	const none = await ewa.mustCtl('event', 'list', '--state', 'failed', '--reply-state', 'sent');
	t.like(none.stdout, /no such events/, 'text: none');
	t.is(none.stderr, '', 'and all were looked at');
}

// ---- body ---------------------------------------------------------------------------
for (const [what, body] of [
	['JSON with odd numbers', Buffer.from('{"n":123456789012345678901234567890,"n":1.0e0}')],
	['NUL and bytes that are no text', Buffer.from([0, 255, 0, 13, 10, 128])],
	['1 MiB', Buffer.alloc(1 << 20, 'x')],
	['nothing', Buffer.alloc(0)],
]) {
	const id = await addEvent(ewa, { integration: S, at: T0 - 5000, body, queue: {} });
	const r = await ewa.ctl('event', 'body', id);
	t.is([r.status, r.bytes.equals(body)], [0, true], `the bytes as received: ${what}`);
	await ewa.sql('delete from ewa.queue where event_id = $1', id);
}
{
	const r = await command(['sh', '-c', '"$0" --config "$1" event body "$2" > /dev/full',
	    programPath('ewactl'), ewa.configFile, ids.sent]);
	t.is(r.status, 1, 'output that can not be written is an error');
}

// ---- delete -------------------------------------------------------------------------
{
	// more than one batch, in no order of time
	await ewa.sql(`with n as (
	    select (lpad(to_hex($2::bigint - n), 12, '0') || '7000' || '8' || lpad(to_hex(n), 15, '0'))::uuid as id
	    from generate_series(1, 2500) n),
	    e as (insert into ewa.event (id, integration_id, received_at, deadline, headers, body,
	        body_length, kind) select id, $1, now(), now(), '{}', 'x', 1, 'text' from n)
	    insert into ewa.queue (event_id, integration_id, due_at, deadline)
	    select id, $1, now() - random() * interval '1 h', now() from n`, R, T0);
	const others = await ewa.value('select count(*) from ewa.queue where integration_id <> $1', R);
	t.is((await ewa.ctl('integration', 'delete', 'replying')).status, 0, 'deleted');
	t.is(await ewa.value('select count(*) from ewa.queue where integration_id = $1', R), 0,
	    'nothing of it is queued');
	t.is(await ewa.value('select count(*) from ewa.queue'), others, 'what is of others stays');
	t.is(await states(ids.waiting), ['failed', 'cancelled'], 'not handled yet: failed, cancelled');
	t.is(await states(ids.retry), ['handled', 'cancelled'], 'handled: its reply is cancelled');
	t.is(await states(ids.sent), ['handled', 'sent'], 'finished: as it was');
	const retry = await show(ids.retry);
	t.is([retry.reason, retry.reply.attemptsTotal, retry.handledAt],
	    ['the integration was deleted', 2, new Date(T0 + 500).toISOString()], 'with the reason');
	t.is(await ewa.value(`select count(*) from ewa.outcome where integration_id = $1
	    and reply_state = 'cancelled'`, R), 2505, 'one outcome for each');
	t.is(await ewa.value('select count(*) from ewa.integration_token where integration_id = $1', R), 0,
	    'its token is gone');
	t.is((await ewa.ctl('integration', 'show', 'replying')).status, 1, 'it is not found any more');
	t.is((await ewa.ctlJson('integration', 'list')).map((i) => i.name), ['silent'], 'nor listed');
	const again = await ewa.integration({ name: 'replying' });
	t.isnt(again.key, replying.key, 'its name is free, its key is not used again');
	const late = await addEvent(ewa, { integration: R, at: T0 + 9, queue: {} });
	await ewa.mustCtl('integration', 'delete', 'silent');
	t.is(await states(late), ['failed', 'cancelled'], 'what came in late is cancelled by the next');
	t.is(await ewa.value('select count(*) from ewa.queue'), 0, 'and nothing is left');
	t.is(await states(ids.quiet), ['failed', 'none'], 'without a reply URL nothing was to be sent');
}

await ewa.stop();
t.done();
