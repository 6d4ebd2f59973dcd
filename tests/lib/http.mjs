// Requests with full control of what goes over the wire, and a receiver that
// records exactly what came.

import http from 'node:http';
import net from 'node:net';
import { performance } from 'node:perf_hooks';

const agents = new Map();

// One pool of kept connections for each number of connections wanted.
function agentFor(connections) {
	if (!connections)
		return false;
	if (!agents.has(connections)) {
		agents.set(connections, new http.Agent({
			keepAlive: true,
			maxSockets: connections,
		}));
	}
	return agents.get(connections);
}

// { a: 'b', c: ['d', 'e'] } or [['a', 'b'], ...] to the flat list of node.
function flat(headers) {
	const pairs = Array.isArray(headers) ? headers :
	    Object.entries(headers ?? {});
	const out = [];
	for (const [name, values] of pairs) {
		for (const value of [values].flat())
			out.push(name, String(value));
	}
	return out;
}

function has(list, name) {
	return list.some((v, i) => i % 2 === 0 && v.toLowerCase() === name);
}

/*
 * request('http://127.0.0.1:8080/hooks/k', {
 *	method, headers, body: Buffer | string, chunked: true | [Buffer, ...],
 *	timeoutMs, connections: N (keep up to N open), path (sent as it is) })
 * gives { status, reason, headers, rawHeaders, body: Buffer, text, json, ms }.
 * Rejects when there was no whole answer.
 */
export function request(url, options = {}) {
	const { method = 'GET', chunked = false, timeoutMs = 60000 } = options;
	const u = new URL(url);
	const body = options.body === undefined ? null : Buffer.from(options.body);
	const headers = flat(options.headers);
	if (!has(headers, 'host'))
		headers.unshift('Host', u.host);
	if (chunked)
		headers.push('Transfer-Encoding', 'chunked');
	else if (body !== null && !has(headers, 'content-length'))
		headers.push('Content-Length', String(body.length));
	const agent = agentFor(options.connections);
	if (agent === false && !has(headers, 'connection'))
		headers.push('Connection', 'close');

	return new Promise((resolve, reject) => {
		const started = performance.now();
		const req = http.request({
			host: u.hostname,
			port: u.port,
			path: options.path ?? u.pathname + u.search,
			method,
			headers,
			agent,
			localAddress: options.localAddress,
		});
		const timer = setTimeout(() => {
			req.destroy(new Error(`${method} ${u.pathname}: no answer in ${timeoutMs} ms`));
		}, timeoutMs);
		const fail = (e) => {
			clearTimeout(timer);
			reject(e);
		};
		req.on('error', fail);
		req.on('response', (res) => {
			const parts = [];
			res.on('data', (d) => parts.push(d));
			res.on('error', fail);
			res.on('aborted', () => fail(new Error('the answer was cut off')));
			res.on('end', () => {
				clearTimeout(timer);
				const bytes = Buffer.concat(parts);
				resolve({
					status: res.statusCode,
					reason: res.statusMessage,
					headers: res.headers,
					rawHeaders: res.rawHeaders,
					body: bytes,
					get text() {
						return bytes.toString();
					},
					get json() {
						return JSON.parse(bytes.toString());
					},
					ms: performance.now() - started,
				});
			});
		});
		const send = () => {
			if (Array.isArray(chunked))
				chunked.forEach((part) => req.write(part));
			else if (body !== null)
				for (let i = 0; i < body.length; i += 16384)
					req.write(body.subarray(i, i + 16384));
			req.end();
		};
		if (has(headers, 'expect')) {
			req.on('continue', send);
			req.flushHeaders();
		} else {
			send();
		}
	});
}

// Bytes on a connection of their own; gives everything that came back until
// the server closed or `timeoutMs` passed.
export function raw(port, bytes, { timeoutMs = 5000, end = false } = {}) {
	return new Promise((resolve, reject) => {
		const parts = [];
		const s = net.connect({ host: '127.0.0.1', port });
		const finish = () => {
			clearTimeout(timer);
			s.destroy();
			resolve(Buffer.concat(parts));
		};
		const timer = setTimeout(finish, timeoutMs);
		s.on('data', (d) => parts.push(d));
		s.on('end', finish);
		s.on('error', (e) => parts.length > 0 || e.code === 'ECONNRESET' ?
		    finish() : (clearTimeout(timer), reject(e)));
		s.on('connect', () => end ? s.end(bytes) : s.write(bytes));
	});
}

/*
 * The other side of a reply URL.  `answer(request, n)` decides (n counts from
 * 1) and may be changed at any time:
 *	200 | { status, headers, body, delayMs } | 'hang' | 'close'
 */
export class Receiver {
	requests = [];
	total = 0;
	#server;
	#port;
	#sockets = new Set();

	static async start(answer = () => 200, { keep = true, port = 0 } = {}) {
		const r = new Receiver();
		r.answer = answer;
		r.keep = keep; // false: count only, for very many
		await r.listen(port);
		return r;
	}

	async listen(port = this.#port) {
		this.#server = http.createServer((req, res) => this.#take(req, res));
		this.#server.keepAliveTimeout = 60000;
		this.#server.on('connection', (s) => {
			this.#sockets.add(s);
			s.on('close', () => this.#sockets.delete(s));
		});
		await new Promise((resolve, reject) => {
			this.#server.on('error', reject);
			this.#server.listen(port, '127.0.0.1', 4096, resolve);
		});
		this.#port = this.#server.address().port;
	}

	get port() {
		return this.#port;
	}

	url(path = '/reply') {
		return `http://127.0.0.1:${this.#port}${path}`;
	}

	#take(req, res) {
		const at = Date.now();
		const parts = [];
		req.on('data', (d) => parts.push(d));
		req.on('error', () => {});
		req.on('end', () => {
			const body = Buffer.concat(parts);
			const record = {
				at, // ms since 1970, when its head arrived
				method: req.method,
				url: req.url,
				headers: req.headers,
				rawHeaders: req.rawHeaders,
				body,
				get json() {
					return JSON.parse(body.toString());
				},
			};
			this.total++;
			if (this.keep)
				this.requests.push(record);
			this.#reply(record, res, this.answer(record, this.total));
		});
	}

	#reply(record, res, answer) {
		if (answer === 'hang')
			return;
		if (answer === 'close') {
			res.socket?.destroy();
			return;
		}
		const a = typeof answer === 'number' ? { status: answer } : answer;
		record.answered = a.status;
		setTimeout(() => {
			res.writeHead(a.status, a.headers ?? {});
			res.end(a.body ?? '');
		}, a.delayMs ?? 0);
	}

	// What came for one event.
	of(eventId) {
		return this.requests.filter((r) => r.headers['webhook-id'] === eventId);
	}

	// No one listens any more; open connections are cut.
	async stop() {
		for (const s of this.#sockets)
			s.destroy();
		await new Promise((resolve) => this.#server.close(resolve));
	}
}
