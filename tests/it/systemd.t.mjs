#!/usr/bin/env node
// The units: systemd takes them as they are, the responder works on a socket
// that it is handed, the dispatcher tells when it is ready.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, command, programPath, srcdir, waitFor } from '../lib/ewa.mjs';
import { Program } from '../lib/proc.mjs';

const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-units-'));
t.atEnd(() => fs.rmSync(dir, { recursive: true, force: true }));
const units = ['ewa.socket', 'ewa-responder.service', 'ewa-dispatcher.service'];
for (const unit of units) {
	const text = fs.readFileSync(path.join(srcdir, 'systemd', unit), 'utf8')
	    .replace(/\/usr\/sbin\/(ewa-\w+)/g, (_, name) => programPath(name));
	fs.writeFileSync(path.join(dir, unit), text);
}
const verify = await command(['systemd-analyze', 'verify', '--man=no',
	...units.map((u) => path.join(dir, u))]);
t.is([verify.status, verify.stdout + verify.stderr], [0, ''], 'systemd-analyze verify is content');
for (const unit of units.slice(1)) {
	const r = await command(['systemd-analyze', 'security', '--offline=true', '--no-pager',
		'--threshold=20', path.join(dir, unit)]);
	t.is(r.status, 0, `${unit}: exposure is at most 2.0`);
}

// Commands of automations run in the dispatcher's unit: what docs/operations.md
// says to open for them is understood, and costs little.
{
	const dispatcher = fs.readFileSync(path.join(dir, 'ewa-dispatcher.service'), 'utf8');
	for (const setting of ['ProtectSystem=strict', 'ProtectHome=yes', 'PrivateTmp=yes', 'PrivateDevices=yes',
		'NoNewPrivileges=yes', 'MemoryDenyWriteExecute=yes'])
		t.ok(dispatcher.split('\n').includes(setting), `commands of automations run with ${setting}`);
	const [, edit] = /```ini\n(\[Service\]\n[^`]*)```/.exec(fs.readFileSync(path.join(srcdir,
	    'docs/operations.md'), 'utf8'));
	const opened = path.join(dir, 'edited', 'ewa-dispatcher.service');
	fs.mkdirSync(path.dirname(opened));
	fs.writeFileSync(opened, dispatcher.replace('\n[Install]', `\n${edit}\n[Install]`));
	const r = await command(['systemd-analyze', 'verify', '--man=no', opened]);
	t.is([r.status, r.stdout + r.stderr], [0, ''], 'what operators may open for them: verify is content');
	t.is((await command(['systemd-analyze', 'security', '--offline=true', '--no-pager', '--threshold=25',
		opened])).status, 0, 'and the exposure is at most 2.5');
}

const ewa = await Bench.start({ servers: [], responder: false, dispatchers: 0 });

// systemd-socket-activate listens and hands the socket over at the first
// connection; it says so in LISTEN_FDS, as systemd does.
const activated = new Program('systemd-socket-activate', ['systemd-socket-activate',
	`--listen=${ewa.socket}`, `--setenv=EWA_CONFIG=${ewa.configFile}`,
	programPath('ewa-responder')], { log: path.join(ewa.dir, 'activate.log') });
ewa.programs.push(activated);
await waitFor(() => fs.existsSync(ewa.socket), 'the socket is there');
await ewa.startServer('lighttpd');
const integration = await ewa.integration();
t.is((await ewa.send(integration, { json: {} })).status, 202, 'socket-activated: accepted');
t.is((await activated.stop()).code, 0, 'socket-activated: ends with status 0 on SIGTERM');

// Type=notify: systemd-notify's side is a datagram socket, which node lacks.
{
	const log = path.join(ewa.dir, 'notify.log');
	const script = `
		use IO::Socket::UNIX; use Socket;
		my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
		$| = 1; print "listening\\n"; while (defined $s->recv(my $m, 4096)) { print "$m\\n" }`;
	const socket = path.join(ewa.dir, 'notify.sock');
	const listener = new Program('notify', ['perl', '-e', script, socket], { log });
	await waitFor(() => listener.text().includes('listening'), 'the listener listens');
	const dispatcher = new Program('ewa-dispatcher',
	    [programPath('ewa-dispatcher'), '--config', ewa.configFile],
	    { log: path.join(ewa.dir, 'dispatcher.log'), env: { NOTIFY_SOCKET: socket } });
	ewa.programs.push(dispatcher);
	await waitFor(() => /^READY=1$/m.test(listener.text()), 'the dispatcher says READY=1');
	t.like(listener.text(), /^READY=1$/m, 'the dispatcher tells when it is ready');
	t.is((await dispatcher.stop()).code, 0, 'and ends with status 0 on SIGTERM');
	await waitFor(() => /^STOPPING=1$/m.test(listener.text()), 'it says STOPPING=1');
	await listener.stop();
}
await ewa.stop();
t.done();
