// What tests of automations share: a directory of programs, and making
// automations.

import fs from 'node:fs';
import path from 'node:path';

import { Bench, programPath } from './ewa.mjs';

// A bench whose dispatcher finds the programs of `programs` ({ name: text }).
export async function startBench(programs = {}, options = {}) {
	const ewa = await Bench.start({ ...options, dispatchers: 0 });
	const dir = path.join(ewa.dir, 'actions');
	// they run as nobody, where the bench is root's
	fs.chmodSync(ewa.dir, 0o755);
	fs.mkdirSync(dir);
	ewa.actionDir = dir;
	ewa.writeConfig({ action_dir: dir, action_helper: programPath('ewa-action') });
	for (const [name, text] of Object.entries(programs))
		program(ewa, name, text);
	for (let n = 0; n < (options.dispatchers ?? 1); n++)
		await ewa.startDispatcher();
	return ewa;
}

export function program(ewa, name, text, mode = 0o755) {
	const file = path.join(ewa.actionDir, name);
	fs.writeFileSync(file, text);
	fs.chmodSync(file, mode);
	return file;
}

// A directory where programs may leave marks, whoever they run as.
export function marks(ewa) {
	const dir = path.join(ewa.dir, 'marks');
	fs.mkdirSync(dir, { recursive: true });
	fs.chmodSync(dir, 0o777);
	return dir;
}

const lines = (file) => fs.existsSync(file) ?
    fs.readFileSync(file, 'utf8').split('\n').filter((l) => l !== '') : [];

// Lines of such a mark.
export const marked = (ewa, name) => lines(path.join(marks(ewa), name));

// add(ewa, integration, 'name', '--command', 'x', ...)
export function add(ewa, integration, name, ...args) {
	return ewa.ctlJson('automation', 'add', integration.key, '--name', name, ...args);
}
