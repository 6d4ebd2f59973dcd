#!/usr/bin/env node
// Without a configuration file every program says so, and how one is named:
// else its complaints are about a database that nobody has chosen.

import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { command, programPath, waitFor } from '../lib/ewa.mjs';
import { Program } from '../lib/proc.mjs';

const standard = '/etc/ewa/ewa.conf';
const says = [/no configuration file was found/, /\/etc\/ewa\/ewa\.conf/, /--config FILE/, /EWA_CONFIG/];

if (fs.existsSync(standard)) {
	t.skip('without a file', `${standard} exists here`);
} else {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-test-'));
	const bare = Object.fromEntries(Object.entries(process.env)
	    .filter(([name]) => !name.startsWith('EWA_') && !name.startsWith('PG')));
	const run = (program, args, more = {}) =>
		command([programPath(program), ...args], { env: { ...bare, PGHOST: dir, ...more } });
	const told = (r) => says.every((s) => s.test(r.stderr));

	const list = await run('ewactl', ['event', 'list']);
	t.is(list.status, 75, 'ewactl: the database is away');
	t.ok(told(list), 'ewactl: and there is no file', list.stderr);
	const create = await run('ewactl', ['integration', 'create', '--name', 'x', '--generate-token']);
	t.ok(create.status !== 0 && told(create), 'ewactl: nor a key file', create.stderr);

	const keys = path.join(dir, 'none');
	const r = await run('ewa-responder', [], { EWA_KEY_FILE: keys });
	t.is(r.status, 70, 'ewa-responder: does not start without keys');
	t.ok(r.stderr.includes(keys), 'ewa-responder: and says so', r.stderr);
	t.ok(told(r), 'ewa-responder: and there is no file', r.stderr);

	// it waits for its database, whatever is missing
	const dispatcher = async (more) => {
		const p = new Program('ewa-dispatcher', [programPath('ewa-dispatcher')],
		    { log: path.join(dir, `${Object.keys(more)}.log`), env: { PGHOST: dir, ...more }, unroot: false });
		await waitFor(() => /msg=started/.test(p.text()) || !p.alive, 'ewa-dispatcher starts');
		await p.stop();
		return { stderr: p.text() };
	};
	const waits = await dispatcher({ EWA_KEY_FILE: keys });
	t.ok(told(waits), 'ewa-dispatcher: there is no file', waits.stderr);

	// with a file that is named, only what is wrong is told
	const conf = path.join(dir, 'ewa.conf');
	fs.writeFileSync(conf, `key_file = ${keys}\n`);
	const named = { EWA_CONFIG: conf };
	for (const [program, how] of Object.entries({
		ewactl: await run('ewactl', ['event', 'list'], named),
		'ewa-responder': await run('ewa-responder', [], named),
		'ewa-dispatcher': await dispatcher(named),
	}))
		t.ok(how.stderr !== '' && !says[0].test(how.stderr),
		    `${program}: with EWA_CONFIG there is a file`, how.stderr);
	fs.rmSync(dir, { recursive: true });
}
t.done();
