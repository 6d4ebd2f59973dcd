// The workspace's API as a client sees it; every answer is held against
// docs/api/openapi.yaml by ajv.  README.md beside this file says more.

import fs from 'node:fs';
import path from 'node:path';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

import { request, srcdir } from './ewa.mjs';
import * as tap from './tap.mjs';

export const documentPath = path.join(srcdir, 'docs/api/openapi.yaml');
export const document = parse(fs.readFileSync(documentPath, 'utf8'), { merge: true });

const methods = ['get', 'put', 'post', 'patch', 'delete'];
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);

// Answers may hold nothing that the document does not say: wherever a schema
// stands for a whole object, no other members are taken.
function close(node, inAllOf = false) {
	if (Array.isArray(node))
		return node.map((n) => close(n, inAllOf));
	if (node === null || typeof node !== 'object')
		return node;
	const out = Object.fromEntries(Object.entries(node)
	    .map(([k, v]) => [k, close(v, k === 'allOf')]));
	const whole = '$ref' in out || 'allOf' in out ||
	    (out.properties && out.type && [out.type].flat().includes('object'));
	if (!inAllOf && whole && !('additionalProperties' in out))
		out.unevaluatedProperties = false;
	return out;
}

const schemas = close(document.components.schemas);
for (const s of Object.values(schemas)) // these may be parts of others
	delete s.unevaluatedProperties;
ajv.addSchema({ $id: 'api', components: { schemas } });

const absolute = (node) => JSON.parse(JSON.stringify(node)
    .replaceAll('"#/components/schemas/', '"api#/components/schemas/'));
const deref = (o) => o && o.$ref ?
    o.$ref.slice(2).split('/').reduce((d, k) => d[k], document) : o;

export const operations = Object.entries(document.paths).flatMap(([p, item]) =>
	methods.filter((m) => item[m]).map((m) => ({
		method: m.toUpperCase(),
		path: p,
		id: item[m].operationId,
		role: item[m]['x-role'],
		body: item[m].requestBody,
		parameters: [...item.parameters ?? [], ...item[m].parameters ?? []].map(deref),
		responses: item[m].responses,
		pattern: new RegExp(`^${p.replace(/\{[^}]+\}/g, '[^/]+')}$`),
	})));

export function operationOf(method, p) {
	const found = operations.filter((o) => o.method === method && o.pattern.test(p));
	return found.find((o) => !o.path.includes('{')) ??
	    found.sort((a, b) => a.path.split('{').length - b.path.split('{').length)[0];
}

// operationId to the statuses that were seen.
export const seen = new Map();
const validators = new Map();

function validator(op, status, type, schema) {
	const key = `${op.id} ${status} ${type}`;
	if (!validators.has(key))
		validators.set(key, ajv.compile(absolute(close(schema))));
	return validators.get(key);
}

// What is wrong with an answer, or null.
export function complaint(op, r) {
	const response = deref(op.responses[r.status] ??
	    op.responses[`${String(r.status)[0]}XX`]);
	if (!response)
		return `${op.id}: the document has no status ${r.status}: ${r.text.slice(0, 300)}`;
	const type = (r.headers['content-type'] ?? '').split(';')[0];
	if (!response.content)
		return r.body.length === 0 ? null : `${op.id}: ${r.status} has a body`;
	const content = response.content[type];
	if (!content)
		return `${op.id}: the document has no ${type} for ${r.status}`;
	for (const [name, h] of Object.entries(response.headers ?? {}))
		if (deref(h).required !== false && !(name.toLowerCase() in r.headers) && name !== 'Retry-After')
			return `${op.id}: ${r.status} lacks the header ${name}`;
	if (!type.endsWith('json'))
		return null;
	const check = validator(op, r.status, type, content.schema);
	return check(r.json) ? null :
	    `${op.id} ${r.status}: ${ajv.errorsText(check.errors)} in ${r.text.slice(0, 600)}`;
}

/*
 * const api = new Api(bench);  await api.signIn('ada', password);
 * const r = await api.get('/integrations?q=x');   r.status, r.json, r.headers
 * await api.patch('/integrations/KEY', { name: 'y' }, { ifMatch: etag });
 */
export class Api {
	constructor(bench, { server, token, from } = {}) {
		this.bench = bench;
		this.server = server;
		this.token = token;
		this.from = from; // the client's address
		this.cookie = null;
	}

	async call(method, target, body, options = {}) {
		const headers = { ...options.headers };
		if (this.cookie !== null && options.cookie !== null)
			headers.Cookie = options.cookie ?? this.cookie;
		const token = options.token ?? this.token;
		if (token)
			headers.Authorization = `Bearer ${token}`;
		if (method !== 'GET' && !('Content-Type' in headers))
			headers['Content-Type'] = 'application/json';
		if (options.ifMatch)
			headers['If-Match'] = options.ifMatch;
		const r = await request(`${this.bench.url(this.server)}/api${target}`, {
			method,
			headers,
			path: `/api${target}`,
			body: body === undefined ? undefined :
			    typeof body === 'string' ? body : JSON.stringify(body),
			timeoutMs: options.timeoutMs,
			localAddress: this.from,
		});
		const op = operationOf(method, target.split('?')[0]);
		if (op && !options.unchecked) {
			const wrong = complaint(op, r);
			if (wrong)
				tap.ok(false, `${method} ${target} answers as the document says`, wrong);
			if (!seen.has(op.id))
				seen.set(op.id, new Set());
			seen.get(op.id).add(r.status);
		}
		return r;
	}

	get(target, options) {
		return this.call('GET', target, undefined, options);
	}

	post(target, body, options) {
		return this.call('POST', target, body, options);
	}

	put(target, body, options) {
		return this.call('PUT', target, body, options);
	}

	patch(target, body, options) {
		return this.call('PATCH', target, body, options);
	}

	delete(target, options) {
		return this.call('DELETE', target, undefined, options);
	}

	async signIn(name, password) {
		const r = await this.post('/session', { name, password });
		const set = r.headers['set-cookie']?.[0];
		if (r.status === 200)
			this.cookie = set.split(';')[0];
		return r;
	}
}

export const password = 'a long and good sentence';

// ewactl user add; roles such as ['admin'] or ['viewer:databases'].
export async function addUser(bench, name, roles, secret = password) {
	const { spawnSync } = await import('node:child_process');
	const { programPath } = await import('./ewa.mjs');
	const r = spawnSync(programPath('ewactl'), ['--config', bench.configFile,
	    'user', 'add', name, ...roles.flatMap((x) => ['--role', x])],
	{ input: `${secret}\n`, encoding: 'utf8' });
	if (r.status !== 0)
		throw new Error(`ewactl user add ${name}: ${r.stderr}`);
}

// Signed in as a new user with these roles.
export async function signedIn(bench, name, roles, options) {
	await addUser(bench, name, roles);
	const api = new Api(bench, options);
	const r = await api.signIn(name, password);
	if (r.status !== 200)
		throw new Error(`signing in: ${r.status}: ${r.text}`);
	return api;
}
