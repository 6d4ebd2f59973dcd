#!/usr/bin/env node
// What a command may do: a dispatcher that is really root runs it as nobody,
// one with capabilities without them; with limits, and without a way back.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Receiver, command, programPath, waitFor } from '../lib/ewa.mjs';
import { Program } from '../lib/proc.mjs';
import { add, startBench } from '../lib/automations.mjs';

// Root, however it is to be had: as it is, by sudo, or root of a namespace
// that has further users.
async function rootly() {
	if (process.getuid() === 0)
		return [];
	for (const as of [['sudo', '-n'], ['unshare', '-U', '--map-root-user', '--map-auto']])
		if ((await command([...as, 'setpriv', '--reuid=65534', '--regid=65534', '--clear-groups',
		    'true'])).status === 0)
			return as;
	return t.bail('neither root, nor sudo, nor a namespace with several users: ' +
	    'that commands never run as root can not be shown');
}

const as = await rootly();
const ewa = await startBench({
	who: `#!/bin/sh
exec grep -E '^(Uid|Gid|Groups|Cap...|NoNewPrivs):' /proc/self/status
`,
	limits: '#!/bin/sh\nexec cat /proc/self/limits\n',
	back: `#!/bin/sh
setpriv --reuid=0 id -u 2>/dev/null || echo refused
`,
	greedy: '#!/usr/bin/perl\nmy ($n, $x) = (200_000_000); $x = "x" x $n; print length $x;\n',
	modest: '#!/usr/bin/perl\nmy ($n, $x) = (2_000_000); $x = "x" x $n; print length $x;\n',
	files: '#!/usr/bin/perl\nmy @f; while (open my $f, "<", "/dev/null") { push @f, $f } print scalar(@f);\n',
}, { dispatchers: 0, config: { action_memory: '64M' } });
const receiver = await Receiver.start();

// A dispatcher as root with groups that a command must not have, or `args` of
// setpriv.
async function dispatcher(config, args = ['--groups=0,4,27']) {
	ewa.writeConfig(config);
	const p = new Program('ewa-dispatcher', [...as, 'setpriv', ...args, '--',
		programPath('ewa-dispatcher'), '--config', ewa.configFile],
	{ log: `${ewa.dir}/dispatcher-${ewa.programs.length}.log`, unroot: false });
	ewa.programs.push(p);
	await waitFor(() => !p.alive || p.text().includes('msg=started'), 'a dispatcher starts');
	return p;
}

async function run(name, ...args) {
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'It', '--command', name, ...args);
	const id = await ewa.accept(i);
	await waitFor(() => receiver.of(id)[0], `the reply of ${name}`);
	return { id, ...receiver.of(id)[0].json.results[0] };
}

const status = (text) => Object.fromEntries(text.trim().split('\n')
    .map((l) => [l.split(':')[0], l.slice(l.indexOf(':') + 1).trim().split(/\s+/).join(' ')]));
const none = '0000000000000000';
const bounded = (what, s, uid, gid, groups) => {
	t.is([s.Uid, s.Gid, s.Groups], [Array(4).fill(uid).join(' '), Array(4).fill(gid).join(' '), groups],
	    `${what}: users and groups`);
	t.is([s.CapInh, s.CapPrm, s.CapEff, s.CapAmb], Array(4).fill(none), `${what}: no capabilities`);
	t.is(s.NoNewPrivs, '1', `${what}: and it can gain none`);
};
const user = (name) => fs.readFileSync('/etc/passwd', 'utf8').split('\n')
    .map((l) => l.split(':')).find(([n]) => n === name);

const [, , nobody, nogroup] = user('nobody');
{
	const d = await dispatcher({});
	t.like(fs.readFileSync(`/proc/${d.pid}/status`, 'utf8'),
	    as[0] === 'sudo' ? /./ : new RegExp(`^Uid:\t${process.getuid()}\t`, 'm'), 'the dispatcher is root');
	bounded('by root', status((await run('who')).output), nobody, nogroup, nogroup);
	t.is((await run('back')).output, 'refused', 'and there is no way back to root');

	const limits = Object.fromEntries((await run('limits', '--timeout', 'PT20S')).output.split('\n').slice(1)
	    .map((l) => [l.slice(0, 26).trim(), l.slice(26).trim().split(/\s+/).slice(0, 2).join(' ')]));
	t.is([limits['Max data size'], limits['Max cpu time'], limits['Max core file size'],
		limits['Max open files'], limits['Max processes']],
	[`${64 << 20} ${64 << 20}`, '25 25', '0 0', '1024 1024', '4096 4096'], 'each of its limits is set');

	const greedy = await run('greedy');
	t.is(greedy.status, 'failed', 'a program that takes more than action_memory fails');
	t.like(greedy.error, /^exit status \d+: Out of memory/i, 'and the reply says what it said');
	const [kept] = await ewa.sql(`select outcome, cause, detail, convert_from(response_body, 'UTF8') as said
	    from ewa.attempt where event_id = $1 and kind = 'automation'`, greedy.id);
	t.is([kept.outcome, kept.cause, kept.detail], ['failed', 'command', greedy.error], 'and its attempt');
	t.like(kept.said, /out of memory/i, 'with its last words');
	t.is((await run('modest')).output, 2000000, 'one that takes less is ok');
	t.within((await run('files')).output, 500, 1024, 'files: no more than its limit');
	await d.stop();
}
{
	const [, , uid, gid] = user('daemon');
	const d = await dispatcher({ action_run_as: 'daemon' });
	bounded('action_run_as', status((await run('who')).output), uid, gid, gid);
	await d.stop();
	const wrong = await dispatcher({ action_run_as: 'no-such-user' });
	const r = await run('who');
	t.is([r.status, r.error], ['failed', 'exit status 126: ewa-action: there is no user no-such-user'],
	    'a user that does not exist: nothing is run, and that is said');
	await wrong.stop();
}
{
	// the capability lets it pass the directory of PostgreSQL's socket
	const able = ['--reuid=nobody', '--regid=nogroup', '--clear-groups',
		'--inh-caps=+dac_override', '--ambient-caps=+dac_override'];
	const d = await dispatcher({ action_run_as: '' }, able);
	t.like(fs.readFileSync(`/proc/${d.pid}/status`, 'utf8'),
	    as[0] === 'sudo' ? /./ : /^CapAmb:\t0000000000000002$/m, 'a dispatcher with a capability');
	bounded('by one with capabilities', status((await run('who')).output), nobody, nogroup, '');
	await d.stop();
	const named = await dispatcher({ action_run_as: 'nobody' }, able);
	bounded('who is action_run_as already', status((await run('who')).output), nobody, nogroup, '');
	await named.stop();
}

await receiver.stop();
await ewa.stop();
t.done();
