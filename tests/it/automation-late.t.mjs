#!/usr/bin/env node
// Handling is not cut by the deadline: a late event is handled, its reply
// expires; and a late backlog of an automation that hangs holds nobody up.

import * as t from '../lib/tap.mjs';
import { Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { add, startBench } from '../lib/automations.mjs';

const ewa = await startBench({ slow: '#!/bin/sh\nsleep 2\necho 1\n', hang: '#!/bin/sh\nsleep 600\n',
	quick: '#!/bin/sh\necho 2\n' }, { config: { active_max: 100, automation_max: 4, drain: '1s' } });
const receiver = await Receiver.start();

{
	const i = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT1S' });
	await add(ewa, i, 'Slow', '--command', 'slow');
	const status = await ewa.finished(i, await ewa.accept(i));
	t.is([status.status, status.reply.state], ['handled', 'expired'], 'handled late, not replied to');
	t.is(status.results.map((r) => r.output), [1], 'with its result');
}
{
	const bad = await ewa.integration({ replyUrl: receiver.url(), requestTimeout: 'PT1S' });
	await add(ewa, bad, 'Hang', '--command', 'hang', '--timeout', 'PT1H');
	await ewa.sendMany(bad, 300);
	await sleep(2500); // all are late now
	const good = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, good, 'Quick', '--command', 'quick');
	const ids = (await ewa.sendMany(good, 20)).map((r) => r.json.eventId);
	await waitFor(() => ids.every((id) => receiver.of(id).length === 1), 'the others are replied to', 60000);
	t.ok(true, 'a late backlog that hangs holds up nobody else');
}
await receiver.stop();
await ewa.stop();
t.done();
