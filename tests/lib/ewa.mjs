// The test bench: PostgreSQL, the programs and web servers of one test file.
// README.md beside this file shows how it is used.

import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

import * as tap from './tap.mjs';
import { request } from './http.mjs';
import {
	Program, accepts, command, commandSync, killAll, pgScript, waitFor,
} from './proc.mjs';
import { startServer } from './servers.mjs';

export { Receiver, raw, request } from './http.mjs';
export { command, freePort, sleep, waitFor } from './proc.mjs';

export const srcdir = process.env.EWA_SRCDIR ??
    fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export const builddir = findBuild();

function findBuild() {
	const candidates = process.env.EWA_BUILDDIR ? [process.env.EWA_BUILDDIR] :
	    ['build-check', 'build', 'var/build', '.'].map((d) => path.join(srcdir, d));
	const found = candidates.find((d) => fs.existsSync(path.join(d, 'ewa-responder')));
	return path.resolve(found ?? candidates[0]);
}

export const programPath = (name) => path.join(builddir, name);

// PostgreSQL as a test sees it: a process that can be stopped and started.
class Cluster {
	constructor(dir, conf) {
		this.dir = dir;
		this.host = path.join(dir, 'sock');
		this.env = { PG_CONF: conf };
	}

	async start() {
		const made = commandSync([pgScript, 'init', this.dir],
		    { env: { ...process.env, ...this.env } });
		if (made.status !== 0)
			throw new Error(`initdb: ${made.stderr}`);
		this.program = new Program('postgres', [pgScript, 'exec', this.dir], {
			log: path.join(this.dir, 'postgres.log'),
			env: this.env,
			direct: true,
			endSignal: 'SIGQUIT',
		});
		await waitFor(async () => {
			if (!this.program.alive)
				throw new Error(`PostgreSQL: ${this.program.tail()}`);
			const c = new pg.Client({ host: this.host, user: 'postgres', database: 'postgres' });
			try {
				await c.connect();
				await c.end();
				return true;
			} catch {
				return false;
			}
		}, 'PostgreSQL answers', 60000, 50);
	}

	// SIGINT: fast; SIGQUIT: as a crash; SIGKILL: no one is told.
	stop(signal = 'SIGINT') {
		return this.program.stop(signal, 60000);
	}
}

function optionArgs(options) {
	const names = {
		name: '--name',
		token: '--token',
		requestTimeout: '--request-timeout',
		replyUrl: '--reply-url',
		replyMethod: '--reply-method',
		tokenHeader: '--token-header',
		maxBody: '--max-body',
		description: '--description',
		contact: '--contact',
		team: '--team',
		externalSystem: '--external-system',
		signingSecret: '--signing-secret',
		signatureHeader: '--signature-header',
		signatureRule: '--signature-rule',
		repeatWindow: '--repeat-window',
		rateLimit: '--rate-limit',
		rateBurst: '--rate-burst',
	};
	const flags = {
		allowQueryToken: '--allow-query-token',
		acceptMalformed: '--accept-malformed',
	};
	const args = [];
	for (const [key, value] of Object.entries(options)) {
		if (key in names)
			args.push(names[key], String(value));
		else if (key in flags)
			args.push(flags[key], value ? 'yes' : 'no');
		else if (key === 'replyHeaders')
			value.forEach((h) => args.push('--reply-header', h));
		else if (key === 'secretReplyHeaders')
			value.forEach((h) => args.push('--secret-reply-header', h));
		else if (key !== 'enabled')
			throw new Error(`no such setting of an integration: ${key}`);
	}
	return args;
}

// Of a request without a body, as GitHub signs or as signatureHeader says.
function signature({ signingSecret, signatureHeader }) {
	if (!signingSecret)
		return {};
	const mac = createHmac('sha256', signingSecret).update('').digest('hex');
	return { [signatureHeader || 'X-Hub-Signature-256']: `sha256=${mac}` };
}

let serial = 0;

export class Bench {
	servers = {};
	dispatchers = [];
	programs = []; // every one that was started, for complaints

	/*
	 * options:
	 *	servers      ['lighttpd'] (default), ['lighttpd', 'apache'] or []
	 *	dispatchers  how many to start (default 1)
	 *	responder    false: none (default true)
	 *	spawn        true: lighttpd starts the responder itself
	 *	ownCluster   true: a PostgreSQL of its own, that may be killed
	 *	pgConf       lines for its postgresql.conf (implies ownCluster)
	 *	config       { key: value } for ewa.conf besides the bench's own
	 *	www          the directory of static files (default: the build's site/)
	 */
	static async start(options = {}) {
		const b = new Bench(options);
		try {
			await b.#start();
		} catch (e) {
			tap.diag(b.logs());
			throw e;
		}
		return b;
	}

	constructor(options) {
		this.options = options;
		for (const p of ['ewa-responder', 'ewa-dispatcher', 'ewactl'])
			if (!fs.existsSync(programPath(p)))
				tap.bail(`${programPath(p)} is missing: build first, or set EWA_BUILDDIR`);
		this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'ewa-test-'));
		this.socket = path.join(this.dir, 'responder.sock');
		this.configFile = path.join(this.dir, 'ewa.conf');
		this.database = `ewa_${process.pid}_${++serial}`;
		this.www = options.www ?? path.join(builddir, 'site');
		tap.atEnd(() => this.#cleanUp());
		tap.whenFailed(() => this.#showLogs());
	}

	async #start() {
		const { servers = ['lighttpd'], dispatchers = 1, responder = true } = this.options;
		await this.#startCluster();
		await this.#makeDatabase();
		this.writeConfig();
		await this.mustCtl('secrets', 'init');
		await this.mustCtl('migrate');
		if (responder && !this.options.spawn)
			await this.startResponder();
		for (const name of servers)
			await this.startServer(name);
		for (let i = 0; i < dispatchers; i++)
			await this.startDispatcher();
	}

	async #startCluster() {
		const shared = process.env.EWA_TEST_PG;
		if (shared && !this.options.ownCluster && !this.options.pgConf) {
			this.pgHost = shared;
			return;
		}
		this.cluster = new Cluster(path.join(this.dir, 'pg'), this.options.pgConf ?? '');
		await this.cluster.start();
		this.pgHost = this.cluster.host;
		const roles = await command(['psql', '-X', '-q', '-v', 'ON_ERROR_STOP=1',
		    '-h', this.pgHost, '-U', 'postgres', '-d', 'postgres',
		    '-f', path.join(srcdir, 'sql/roles.sql')]);
		if (roles.status !== 0)
			throw new Error(`roles.sql: ${roles.stderr}`);
	}

	async #makeDatabase() {
		const c = this.client('postgres');
		await c.connect();
		await c.query(`create database ${this.database} owner ewa_owner`);
		await c.end();
		this.pool = new pg.Pool({
			host: this.pgHost, user: 'postgres', database: this.database, max: 4,
		});
		this.pool.on('error', () => {}); // PostgreSQL may be killed by the test
	}

	// A connection of the test's own; user may be one of ewa's roles.
	client(database = this.database, user = 'postgres') {
		const c = new pg.Client({ host: this.pgHost, user, database });
		c.on('error', () => {});
		return c;
	}

	// Rows, as objects.
	async sql(text, ...params) {
		return (await this.pool.query(text, params)).rows;
	}

	// The first column of the first row; bigint comes as a number.
	async value(text, ...params) {
		const { rows, fields } = await this.pool.query(text, params);
		if (rows.length === 0)
			return null;
		const v = rows[0][fields[0].name];
		return fields[0].dataTypeID === 20 && v !== null ? Number(v) : v;
	}

	// Keys of this call stay for later ones.
	writeConfig(more = {}) {
		this.config = {
			database: `host=${this.pgHost} dbname=${this.database}`,
			key_file: path.join(this.dir, 'keys'),
			reply_networks: '127.0.0.0/8, ::1/128',
			...this.options.config,
			...this.config,
			...more,
		};
		fs.writeFileSync(this.configFile, Object.entries(this.config)
		    .map(([k, v]) => `${k} = ${v}\n`).join(''));
	}

	#program(name, args = []) {
		const p = new Program(name, [programPath(name), '--config', this.configFile, ...args], {
			log: path.join(this.dir, `${name}-${++serial}.log`),
		});
		this.programs.push(p);
		return p;
	}

	async startResponder() {
		this.responder = this.#program('ewa-responder', ['--socket', this.socket]);
		await waitFor(async () => {
			if (!this.responder.alive)
				throw new Error(`ewa-responder did not start:\n${this.responder.tail()}`);
			return accepts({ path: this.socket });
		}, 'ewa-responder listens');
		return this.responder;
	}

	async startDispatcher() {
		const p = this.#program('ewa-dispatcher');
		this.dispatchers.push(p);
		// until it has its handlers, a signal would end what starts it
		await waitFor(() => !p.alive || /msg=started/.test(p.text()),
		    'ewa-dispatcher starts');
		return p;
	}

	// more: lines for its configuration
	async startServer(name, more) {
		this.servers[name] = await startServer(name, {
			more,
			dir: this.dir,
			srcdir,
			socket: this.socket,
			www: this.www,
			spawn: this.options.spawn && name === 'lighttpd' ?
			    { program: programPath('ewa-responder'), config: this.configFile } : null,
		});
		this.programs.push(this.servers[name].program);
		return this.servers[name];
	}

	// http://127.0.0.1:PORT of a server, by default of the first.
	url(server = Object.keys(this.servers)[0]) {
		return this.servers[server].url;
	}

	// ewactl: { status, stdout, bytes, stderr }.
	ctl(...args) {
		return command([programPath('ewactl'), '--config', this.configFile, ...args]);
	}

	async mustCtl(...args) {
		const r = await this.ctl(...args);
		if (r.status !== 0)
			throw new Error(`ewactl ${args.join(' ')}: ${r.status}: ${r.stderr}`);
		return r;
	}

	async ctlJson(...args) {
		return JSON.parse((await this.mustCtl(...args, '--json')).stdout);
	}

	/*
	 * A new integration, enabled unless { enabled: false }, with a generated
	 * token unless one is given (null: none, for one with a signingSecret):
	 * { key, name, endpoint, token, path }.
	 * Settings as in optionArgs; replyHeaders: ['Name: value', ...].
	 */
	async integration(options = {}) {
		const o = { name: `Integration ${++serial}`, ...options };
		const { token, ...settings } = o;
		const args = ['integration', 'create', ...optionArgs(settings)];
		if (token)
			args.push('--token', token);
		if (token === undefined)
			args.push('--generate-token');
		if (o.enabled !== false)
			args.push('--enable');
		const made = await this.ctlJson(...args);
		const integration = {
			...made, token: token ?? made.token ?? null, path: `/hooks/${made.key}`,
			signingSecret: o.signingSecret,
		};
		await this.known(integration);
		return integration;
	}

	// The responder follows changes within a second: wait for a new one.
	async known(integration) {
		if (Object.keys(this.servers).length === 0 || this.responder?.alive === false)
			return;
		await waitFor(async () => (await this.send(integration, {
			method: 'GET',
			path: '/events/00000000-0000-7000-8000-000000000000',
			headers: signature(integration),
		})).status === 404, `the responder knows ${integration.name}`);
	}

	async update(integration, options) {
		await this.mustCtl('integration', 'update', integration.key, ...optionArgs(options));
	}

	/*
	 * A request to an integration's endpoint, by default a POST of JSON with
	 * its token as Bearer.  options: server, method, token (null: none),
	 * headers, body, json, type (null: no Content-Type), path (behind the
	 * endpoint), and request()'s own.
	 */
	send(integration, options = {}) {
		const {
			server, method = 'POST', token = integration.token, json,
			type = 'application/json',
		} = options;
		const pairs = [];
		if (token !== null)
			pairs.push(['Authorization', `Bearer ${token}`]);
		const own = options.headers ?? {};
		const given = Array.isArray(own) ? own : Object.entries(own);
		const body = json !== undefined ? JSON.stringify(json) : options.body;
		if (body !== undefined && type !== null &&
		    !given.some(([n]) => n.toLowerCase() === 'content-type'))
			pairs.push(['Content-Type', type]);
		return request(this.url(server) + integration.path, {
			...options,
			path: integration.path + (options.path ?? ''),
			method,
			headers: [...pairs, ...given],
			body,
		});
	}

	// Sends and expects the 202; gives the Event ID.
	async accept(integration, options = {}) {
		const r = await this.send(integration, { json: { n: 1 }, ...options });
		if (r.status !== 202)
			throw new Error(`expected 202, got ${r.status}: ${r.text}`);
		return r.json.eventId;
	}

	/*
	 * `n` requests, `connections` at a time; options(i) makes the i-th.  Gives
	 * the answers in order; one that failed on the way is { error }.
	 */
	async sendMany(integration, n, options = () => ({}), connections = 16) {
		const answers = new Array(n);
		let next = 0;
		const worker = async () => {
			while (next < n) {
				const i = next++;
				try {
					answers[i] = await this.send(integration,
					    { json: { n: i }, connections, ...options(i) });
				} catch (error) {
					answers[i] = { error };
				}
			}
		};
		await Promise.all(Array.from({ length: connections }, worker));
		return answers;
	}

	// The status resource of an event.
	async status(integration, eventId, server) {
		const r = await this.send(integration,
		    { method: 'GET', path: `/events/${eventId}`, server });
		if (r.status !== 200)
			throw new Error(`status of ${eventId}: ${r.status}: ${r.text}`);
		return r.json;
	}

	// Waits until the event has an outcome; gives its status.
	async finished(integration, eventId, boundMs = 60000) {
		let last;
		await waitFor(async () => {
			last = await this.status(integration, eventId);
			return ['handled', 'failed'].includes(last.status) &&
			    last.reply.state !== 'pending';
		}, `event ${eventId} is finished`, boundMs, 50).catch((e) => {
			throw new Error(`${e.message}; last: ${JSON.stringify(last)}`);
		});
		return last;
	}

	// Nothing is queued any more, for one integration or for all.
	async drained(boundMs = 120000, integration) {
		await waitFor(async () => await this.value(
		    `select count(*) from ewa.queue q join ewa.integration i on i.id = q.integration_id
		     where $1::text is null or i.key = $1`, integration?.key ?? null) === 0,
		    'the queue is empty', boundMs, 50);
	}

	logs() {
		const out = [];
		for (const p of [...this.programs, ...(this.cluster?.program ? [this.cluster.program] : [])])
			if (fs.existsSync(p.log))
				out.push(`--- ${p.name} (${p.pid})`, p.tail());
		for (const s of Object.values(this.servers))
			if (fs.existsSync(s.errorLog))
				out.push(`--- ${s.name} error log`,
				    fs.readFileSync(s.errorLog, 'utf8').split('\n').slice(-8).join('\n'));
		return out.join('\n');
	}

	#showLogs() {
		if (!this.shown)
			tap.diag(this.logs());
		this.shown = true;
	}

	/*
	 * Stops everything in order and asserts that each program ended as it
	 * should: by itself never, on SIGTERM with status 0, and without a
	 * sanitizer's report.
	 */
	async stop() {
		for (const s of Object.values(this.servers))
			await s.program.stop(s.name === 'lighttpd' ? 'SIGINT' : 'SIGTERM');
		const ours = this.programs.filter((p) => p.name.startsWith('ewa-'));
		await Promise.all(ours.filter((p) => p.alive).map(async (p) => {
			p.last = await p.stop('SIGTERM');
		}));
		const complaints = this.programs.map((p) => p.complaint() ??
		    (p.last && p.last.code !== 0 ?
			`${p.name} ended with ${p.last.signal ?? p.last.code}` : null));
		tap.is(complaints.filter((c) => c !== null), [],
		    'every program ended as it should');
		await this.pool.end();
		if (this.cluster) {
			await this.cluster.stop('SIGQUIT'); // it is thrown away: no checkpoint
		} else {
			const c = this.client('postgres');
			await c.connect();
			await c.query(`drop database ${this.database} with (force)`);
			await c.end();
		}
	}

	#cleanUp() {
		killAll();
		if (process.env.EWA_KEEP)
			tap.diag(`kept: ${this.dir}`);
		else
			fs.rmSync(this.dir, { recursive: true, force: true, maxRetries: 5 });
	}
}
