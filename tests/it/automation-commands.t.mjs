#!/usr/bin/env node
// Nothing that a program does harms the dispatcher: it is cut off with all its
// children, may leave its input unread, flood its output, hide its children.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Receiver, sleep, waitFor } from '../lib/ewa.mjs';
import { commandSync } from '../lib/proc.mjs';
import { add, marked, marks, program, startBench } from '../lib/automations.mjs';

const ewa = await startBench({}, {
	config: { automation_max: 250, actions_max: 600, memory_max: '128M', action_output_max: '256k' },
});
const dir = marks(ewa);
const receiver = await Receiver.start();
const programs = {
	grandchildren: `#!/bin/sh
trap '' TERM
sh -c 'trap "" TERM; echo $$ >> ${dir}/pids; sleep 600' &
setsid sh -c 'trap "" TERM; echo $$ >> ${dir}/pids; (sleep 600 & echo $! >> ${dir}/pids; wait)' &
echo $$ >> ${dir}/pids
sleep 600
`,
	left: `#!/bin/sh
setsid sleep 600 &
echo $! > ${dir}/left
echo '"done"'
`,
	unread: '#!/bin/sh\nexec sleep 1\n',
	flood: '#!/bin/sh\nexec yes flood\n',
	errors: '#!/bin/sh\nseq 1 20000 >&2; echo the end >&2; exit 1\n',
	closes: '#!/bin/sh\nexec 0<&- 1>&- 2>&-\nsleep 0.3\n',
	killed: '#!/bin/sh\nkill -KILL $$\n',
	bomb: `#!/bin/sh
for i in $(seq 30); do (setsid sh -c 'echo $$ >> ${dir}/bombs; exec sleep 600' &) ; done
sleep 600
`,
	// each of its processes leaves another behind, and ends
	hops: `#!/usr/bin/perl
exit if fork; setpgrp; my $n = 0;
while (1) { $n++; select undef, undef, undef, 0.005; if (fork) { exit }
    if ($n % 20 == 1) { open my $f, '>', '${dir}/hop' or die; print $f $n } }
`,
	size: '#!/bin/sh\nwc -c\n',
	sleeps: `#!/bin/sh\necho x >> ${dir}/sleeping\nread line < ${dir}/gate\nsleep 1\n`,
};
for (const [name, text] of Object.entries(programs))
	program(ewa, name, text);
program(ewa, 'writable', '#!/bin/sh\n', 0o777);
program(ewa, 'plain', '#!/bin/sh\n', 0o644);

const alive = (pid) => {
	try {
		process.kill(Number(pid), 0);
		return true;
	} catch {
		return false;
	}
};

async function run(name, ...args) {
	const i = await ewa.integration({ replyUrl: receiver.url(), maxBody: '16M' });
	await add(ewa, i, 'It', '--command', name, ...args);
	return i;
}

async function result(i, options) {
	const eventId = await ewa.accept(i, options);
	await waitFor(() => receiver.of(eventId)[0], `the reply of ${eventId}`, 60000, 20);
	return receiver.of(eventId)[0].json.results[0];
}

{
	const r = await result(await run('grandchildren', '--timeout', 'PT1S'));
	t.is([r.status, r.error], ['failed', 'killed at its time limit of 1 s'], 'cut off at its limit');
	const pids = marked(ewa, 'pids');
	t.ok(pids.length >= 4, 'it had children and grandchildren', pids);
	t.is(pids.filter(alive), [], 'all are gone with it, though they ignore SIGTERM and hide');
}
{
	const r = await result(await run('left'));
	t.is([r.status, r.output], ['ok', 'done'], 'a program that leaves a child behind is ok');
	t.is(marked(ewa, 'left').filter(alive), [], 'and the child goes when it ends');
}
{
	const i = await run('unread');
	const big = Buffer.from(JSON.stringify({ s: 'x'.repeat(10 << 20) }));
	const r = await result(i, { body: big, json: undefined });
	t.is(r.status, 'ok', 'an event of 10 MB for a program that reads nothing');
	const sizes = await run('size');
	const n = await result(sizes, { body: big, json: undefined });
	t.ok(n.output > 10 << 20, 'one that reads gets it whole', n);
	const s = 'y'.repeat(131072);
	const m = await result(sizes, { json: { s, t: s } });
	t.ok(m.output > 262144, 'strings of 131,072 bytes', m);
}
{
	const r = await result(await run('flood'));
	t.is([r.status, r.error], ['failed', 'its output was longer than 262144 bytes'], 'a flood is cut off');
}
{
	const i = await run('errors');
	const r = await result(i);
	t.is(r.error, 'exit status 1: the end', 'of its errors the last line is told');
	const [kept] = await ewa.sql(`select length(response_body) as n, response_cut as cut,
	    right(encode(response_body, 'escape'), 8) as last from ewa.attempt where kind = 'automation'
	    and automation = 'It' order by started_at desc limit 1`);
	t.is(kept, { n: 4096, cut: true, last: 'the end\n' }, 'and the last 4 KiB are kept');
}
t.is((await result(await run('closes'))).status, 'ok', 'one that closes its pipes early');
t.is((await result(await run('killed'))).error, 'ended by signal 9 (Killed)', 'one that is killed');
t.like((await result(await run('writable'))).error, /others than its owner may write/,
    'one that anybody may change is not run');
t.like((await result(await run('plain'))).error, /not executable/, 'nor one that is not executable');
{
	const r = await result(await run('bomb', '--timeout', 'PT2S'));
	t.is(r.status, 'failed', 'one that forks');
	const pids = marked(ewa, 'bombs');
	t.is([pids.length, pids.filter(alive)], [30, []], 'and all of its 30 are gone with it');
}
{
	await result(await run('hops'));
	const hop = () => fs.statSync(`${dir}/hop`).mtimeMs;
	const last = fs.existsSync(`${dir}/hop`) ? hop() : 0;
	await sleep(1000);
	t.is(fs.existsSync(`${dir}/hop`) ? hop() : 0, last, 'one that hops from process to process is caught');
}
for (const name of ['../left', '.left', 'a/b', ''])
	t.is((await ewa.ctl('automation', 'add', (await ewa.integration()).key, '--name', 'x',
	    '--command', name)).status, 1, `no program "${name}"`);

// 200 at once, which none leaves before all have come; others are not held up.
{
	t.is(commandSync(['mkfifo', '-m', '666', `${dir}/gate`]).status, 0, 'a gate');
	const i = await run('sleeps', '--timeout', 'PT5M');
	const quick = await run('closes');
	const before = receiver.total;
	const began = Date.now();
	await ewa.sendMany(i, 200, () => ({}), 16);
	await waitFor(() => marked(ewa, 'sleeping').length === 200, '200 run at once', 120000);
	const r = await result(quick);
	t.is(r.status, 'ok', 'another integration is handled meanwhile');
	fs.closeSync(fs.openSync(`${dir}/gate`, 'r+'));
	await waitFor(() => receiver.total === before + 201, '200 commands that sleep', 120000);
	t.diag(`200 commands that sleep: ${Date.now() - began} ms`);
	t.is(marked(ewa, 'sleeping').length, 200, 'each ran once');
}

await receiver.stop();
await ewa.stop();
t.done();
