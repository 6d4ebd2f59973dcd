#!/usr/bin/env node
// Subjects, test events, what would be run, and managing automations.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Receiver, waitFor } from '../lib/ewa.mjs';
import { add, startBench } from '../lib/automations.mjs';

const ewa = await startBench({ echo: '#!/bin/sh\nexec cat\n' });
const receiver = await Receiver.start();
const subjectOf = (id) => ewa.value('select subject from ewa.outcome where event_id = $1', id);

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	for (const [subject, json, want] of [
		['preset:grafana', { title: '[FIRING:1] disk' }, '[FIRING:1] disk'],
		['preset:alertmanager', { commonLabels: { alertname: 'DiskFull' } }, 'DiskFull'],
		['preset:alertmanager', { commonLabels: { alertname: 'x' }, commonAnnotations: { summary: 'Disk\n full' } }, 'Disk full'],
		['$.event.a // $.event.b', { b: 5 }, '5'],
		['$.event.a', { b: 5 }, null],
		['$.event.a', { a: 'y'.repeat(1000) }, 'y'.repeat(300)],
		['strict $.event.a.b', { a: 1 }, null],
	]) {
		await ewa.mustCtl('integration', 'update', i.key, '--subject', subject);
		const id = await ewa.accept(i, { json });
		await ewa.finished(i, id);
		t.is(await subjectOf(id), want, `${subject} of ${JSON.stringify(json).slice(0, 60)}`);
	}
	for (const wrong of ['$.event[', '$.a // $.b ===', 'preset:nobody'])
		t.is((await ewa.ctl('integration', 'update', i.key, '--subject', wrong)).status, 1,
		    `no subject: ${wrong}`);
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Echo', '--command', 'echo');
	const run = async (...args) => {
		const { eventId } = await ewa.ctlJson('integration', 'test', i.key, ...args);
		await ewa.finished(i, eventId);
		return { eventId, results: await ewa.value('select count(*) from ewa.result where event_id = $1', eventId),
			replies: receiver.of(eventId) };
	};
	const neither = await run();
	t.is([neither.results, neither.replies.length], [0, 0], 'a test event does nothing by itself');
	const reply = await run('--send-reply');
	t.is([reply.results, reply.replies.length], [0, 1], '--send-reply sends its reply');
	t.is([reply.replies[0].json.test, reply.replies[0].json.results], [true, []], 'marked as a test');
	const both = await run('--run-automations', '--send-reply');
	t.is([both.results, both.replies.length], [1, 1], 'both');
	t.is(both.replies[0].json.results[0].output.test, true, 'actions see that it is a test');
	const runs = await run('--run-automations');
	t.is([runs.results, runs.replies.length], [1, 0], '--run-automations alone sends nothing');
	t.is(await ewa.value('select coalesce(sum(events), 0)::int from report.events_by_hour'),
	    await ewa.value('select count(*) from ewa.event where not test'), 'reports leave them out');
}

{
	const i = await ewa.integration();
	const a = await add(ewa, i, 'A', '--command', 'echo', '--condition', '$.event.n == 1');
	const b = await add(ewa, i, 'B', '--sql', 'x', '--condition', '$.event.n > "x"', '--disabled');
	const c = await add(ewa, i, 'C', '--http', 'http://127.0.0.1:1/', '--position', '1');
	const order = async () => (await ewa.ctlJson('automation', 'list', i.key)).map((x) => x.name);
	t.is(await order(), ['C', 'A', 'B'], 'added at a place');
	await ewa.mustCtl('automation', 'move', String(c.id), '--position', '2');
	t.is(await order(), ['A', 'C', 'B'], 'moved');
	t.is([a.attempts, b.attempts, c.attempts, a.timeout, a.onFailure], [1, 1, 3, 'PT30S', 'stop'], 'defaults');
	const file = path.join(ewa.dir, 'event.json');
	fs.writeFileSync(file, '{"n":1}');
	const tried = await ewa.ctlJson('automation', 'try', i.key, '--body', file);
	t.is(tried.automations.map((x) => [x.automation, x.runs]), [['A', true], ['C', true], ['B', false]],
	    'try tells what would be run');
	fs.writeFileSync(file, '{"n":2}');
	const other = await ewa.mustCtl('automation', 'try', i.key, '--body', file);
	t.like(other.stdout, /^A: skipped: its condition does not hold$/m, 'and why not');
	await ewa.mustCtl('automation', 'update', String(b.id), '--enable');
	const third = await ewa.mustCtl('automation', 'try', i.key, '--body', file);
	t.like(third.stdout, /^B: skipped: its condition can't be told: /m, 'and what is wrong');
	await ewa.mustCtl('automation', 'remove', String(c.id));
	t.is((await ewa.ctlJson('automation', 'list', i.key)).map((x) => x.position), [1, 2], 'removed');
	const e = await ewa.ctl('automation', 'add', i.key, '--name', 'a', '--command', 'echo');
	t.is(e.status, 1, 'no two of one name');
	await ewa.mustCtl('integration', 'update', i.key, '--request-timeout', 'PT60S');
	const w = await ewa.mustCtl('automation', 'update', String(a.id), '--timeout', 'PT50S', '--attempts', '2');
	t.like(w.stderr, /may take 101 s, longer than the request timeout of 60 s/, 'saving warns');
	const audit = await ewa.sql('select action from ewa.audit where integration_id = (select id from ewa.integration where key = $1) order by id', i.key);
	t.ok(['add', 'move', 'update', 'remove'].every((v) => audit.some((r) => r.action === `integration.automation-${v}`)), 'audited');
}

await waitFor(async () => await ewa.value('select count(*) from ewa.queue') === 0, 'all is done');
await receiver.stop();
await ewa.stop();
t.done();
