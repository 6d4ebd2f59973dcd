// The web servers with the configurations that the repository ships, on a free
// port and with their files in a directory of the test's.

import fs from 'node:fs';
import path from 'node:path';

import { Program, accepts, freePort, waitFor } from './proc.mjs';

const modules = '/usr/lib/apache2/modules';

// `more`: lines behind what is shipped.  `spawn`: lighttpd starts the responder itself: { program, config }.
function lighttpdConfig({ dir, port, www, srcdir, socket, spawn, more = [] }) {
	const q = (s) => JSON.stringify(s);
	const lines = [
		`var.ewa_bind = "127.0.0.1"`,
		`var.ewa_port = ${port}`,
		`var.ewa_www = ${q(www)}`,
		`var.ewa_problems = ${q(path.join(srcdir, 'problems'))}`,
		`var.ewa_uploads = ${q(dir)}`,
		`var.ewa_log = ${q(dir)}`,
		`var.ewa_socket = ${q(socket)}`,
	];
	if (spawn) {
		lines.push(`var.ewa_program = ${q(spawn.program)}`,
		    `var.ewa_config = ${q(spawn.config)}`,
		    `include ${q(path.join(srcdir, 'lighttpd/spawn.conf'))}`);
	} else {
		lines.push('var.ewa_responder = ( "socket" => var.ewa_socket,' +
		    ' "check-local" => "disable" )');
	}
	lines.push(`include ${q(path.join(srcdir, 'lighttpd/site.conf'))}`, ...more);
	return lines.join('\n') + '\n';
}

function apacheConfig({ dir, port, www, srcdir, socket, more = [] }) {
	const wanted = ['mpm_event', 'authz_core', 'alias', 'dir', 'env', 'headers',
	    'mime', 'proxy', 'proxy_fcgi', 'reqtimeout'];
	return [
		`ServerRoot "${dir}"`,
		'ServerName localhost',
		`PidFile "${dir}/apache.pid"`,
		`DefaultRuntimeDir "${dir}"`,
		`ErrorLog "${dir}/apache-error.log"`,
		'TypesConfig /etc/mime.types',
		...wanted.map((m) => `LoadModule ${m}_module ${modules}/mod_${m}.so`),
		'ThreadsPerChild 64',
		'MaxRequestWorkers 128',
		'ServerLimit 2',
		'StartServers 1',
		`Listen 127.0.0.1:${port}`,
		`Define EWA_LISTEN 127.0.0.1:${port}`,
		`Define EWA_WWW "${www}"`,
		`Define EWA_PROBLEMS "${path.join(srcdir, 'problems')}"`,
		`Define EWA_SOCKET "${socket}"`,
		`Define EWA_LOG "${dir}"`,
		`Include "${path.join(srcdir, 'apache/ewa.conf')}"`,
		...more,
	].join('\n') + '\n';
}

/*
 * startServer('lighttpd' | 'apache', { dir, srcdir, socket, www, spawn, more }) gives
 * { program, port, url, dir, accessLog, errorLog }.
 */
export async function startServer(name, options) {
	const dir = path.join(options.dir, name);
	fs.mkdirSync(dir, { recursive: true });
	// another may take the port before the server does
	for (let tries = 3; ; tries--) {
		const port = options.port ?? await freePort();
		const program = begin(name, { ...options, dir, port });
		let listens = false;
		await waitFor(async () => !program.alive ||
		    (listens = await accepts({ host: '127.0.0.1', port })), `${name} listens`);
		if (listens && program.alive)
			return shown(name, { program, dir, port });
		if (tries === 1 || options.port)
			throw new Error(`${name} did not start:\n${program.tail()}`);
	}
}

function begin(name, options) {
	const { dir } = options;
	const conf = path.join(dir, `${name}.conf`);
	const make = name === 'apache' ? apacheConfig : lighttpdConfig;
	fs.writeFileSync(conf, make(options));
	const argv = name === 'apache' ?
	    ['apache2', '-f', conf, '-d', dir, '-DFOREGROUND'] :
	    ['lighttpd', '-D', '-f', conf];
	return new Program(name, argv, {
		log: path.join(dir, 'output.log'),
		env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
		endSignal: 'SIGTERM', // so that they end their children
	});
}

function shown(name, { program, dir, port }) {
	return {
		name,
		program,
		port,
		dir,
		url: `http://127.0.0.1:${port}`,
		accessLog: path.join(dir, name === 'apache' ? 'ewa-access.log' : 'access.log'),
		errorLog: path.join(dir, name === 'apache' ? 'ewa-error.log' : 'error.log'),
	};
}
