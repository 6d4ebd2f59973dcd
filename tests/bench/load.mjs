// Load by wrk, and a receiver that costs next to nothing (nginx).

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as tap from '../lib/tap.mjs';
import { command, freePort } from '../lib/ewa.mjs';
import { Program, accepts, waitFor } from '../lib/proc.mjs';

export const SECONDS = Number(process.env.BENCH_SECONDS ?? 3);
export const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 9);
export const say = (s) => process.stdout.write(s + '\n');
export const round = (n) => Math.round(n * 100) / 100;

const script = fileURLToPath(new URL('post.lua', import.meta.url));

// SQL: a UUID that begins with its time, as an event's id does.
export const newId = `(lpad(to_hex((extract(epoch from clock_timestamp()) * 1000)::bigint), 12, '0')
    || substr(replace(gen_random_uuid()::text, '-', ''), 13))::uuid`;

export async function needed(...programs) {
	for (const name of programs)
		if ((await command(['sh', '-c', `command -v ${name}`])).status !== 0)
			tap.bail(`${name} is missing: the benchmark needs the Debian packages wrk, nginx-light and postgresql`);
}

// Events posted over `connections` for `seconds`: { accepted, rate, p99Ms, ... }.
export async function post(url, integration, seconds, connections = 32) {
	const r = await command(['wrk', '-t1', `-c${connections}`, `-d${seconds}s`,
	    '--timeout', '20s', '-s', script, url + integration.path],
	    { env: { ...process.env, EWA_TOKEN: integration.token } });
	const line = r.stdout.split('\n').find((l) => l.startsWith('{'));
	if (!line)
		throw new Error(`wrk: ${r.stdout}${r.stderr}`);
	const result = JSON.parse(line);
	return { ...result, rate: result.accepted / result.seconds };
}

export async function startSink(dir) {
	const port = await freePort();
	const conf = path.join(dir, 'sink.conf');
	fs.writeFileSync(conf, `
daemon off;
worker_processes 1;
pid ${dir}/sink.pid;
error_log ${dir}/sink-error.log;
events { worker_connections 1024; }
http {
	access_log off;
	client_body_temp_path ${dir}/sink-body;
	proxy_temp_path ${dir}/sink-proxy;
	fastcgi_temp_path ${dir}/sink-fastcgi;
	uwsgi_temp_path ${dir}/sink-uwsgi;
	scgi_temp_path ${dir}/sink-scgi;
	keepalive_requests 1000000;
	server {
		listen 127.0.0.1:${port};
		location / { return 200; }
	}
}
`);
	const program = new Program('nginx', ['nginx', '-c', conf, '-p', dir, '-e',
	    path.join(dir, 'sink-error.log')], { log: path.join(dir, 'sink.log') });
	await waitFor(() => accepts({ host: '127.0.0.1', port }), 'the receiver listens');
	return { program, url: `http://127.0.0.1:${port}/` };
}

export function rssMiB(program) {
	const status = fs.readFileSync(`/proc/${program.pid}/status`, 'utf8');
	return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024;
}

export const median = (values) =>
	[...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

// As after hours of work: PostgreSQL writes into files of its log that it has
// written before, where a fresh one makes and syncs 16 MB of zeros a second.
export async function settle(b) {
	for (let n = 0; n < 2; n++) {
		await b.sql(`select pg_logical_emit_message(true, 'bench', repeat('x', 1000000))
		    from generate_series(1, 500)`);
		await b.sql('checkpoint');
	}
}
