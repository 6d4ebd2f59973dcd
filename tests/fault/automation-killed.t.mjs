#!/usr/bin/env node
// A dispatcher that is killed in the middle of an event's automations: what
// has finished is not run again, the rest follows; one that is stopped gives
// the event back.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Receiver, waitFor } from '../lib/ewa.mjs';
import { add, marked, marks, program, startBench } from '../lib/automations.mjs';

const ewa = await startBench({}, { config: { lease: '5s', drain: '1s' } });
const dir = marks(ewa);
program(ewa, 'step', `#!/bin/sh
echo "$EWA_EVENT_ID" >> ${dir}/step$1
[ -e ${dir}/go ] || sleep "$2"
echo "$1"
echo "$EWA_EVENT_ID" >> ${dir}/ended$1
`);
const receiver = await Receiver.start();
const count = (name, id) => marked(ewa, name).filter((l) => l === id).length;

async function threeSteps() {
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'one', '--command', 'step', '--arg', '1', '--arg', '0');
	await add(ewa, i, 'two', '--command', 'step', '--arg', '2', '--arg', '600', '--timeout', 'PT1H');
	await add(ewa, i, 'three', '--command', 'step', '--arg', '3', '--arg', '0');
	return i;
}

for (const how of ['SIGKILL', 'SIGTERM']) {
	const i = await threeSteps();
	const id = await ewa.accept(i);
	await waitFor(() => count('step2', id) === 1, 'the second step runs');
	t.is(await ewa.sql('select name, status from ewa.result where event_id = $1', id),
	    [{ name: 'one', status: 'ok' }], 'the first result is recorded already');
	// longer than a lease: it is renewed
	await new Promise((resolve) => setTimeout(resolve, 7000));
	t.is(count('step2', id), 1, 'its lease is kept while it runs');
	const d = ewa.dispatchers.at(-1);
	if (how === 'SIGKILL')
		await d.kill();
	else
		await d.stop();
	fs.writeFileSync(`${dir}/go`, '');
	await ewa.startDispatcher();
	const status = await ewa.finished(i, id);
	t.is(status.status, 'handled', `${how}: the event is handled all the same`);
	t.is(['step1', 'step2', 'step3'].map((s) => count(s, id)), [1, 2, 1],
	    'step 1 ran once, steps 2 and 3 follow');
	t.is(count('ended2', id), 1, 'the program of the dispatcher that ended has ended with it');
	t.is(receiver.of(id).length, 1, 'one reply');
	t.is(receiver.of(id)[0].json.results.map((r) => r.output), [1, 2, 3], 'with all three results');
	fs.rmSync(`${dir}/go`);
}

await receiver.stop();
await ewa.stop();
t.done();
