// Calls of the API (docs/api/openapi.yaml).  Nothing else on the page fetches.
//
// A call that finds the session gone waits until somebody has signed in again
// and is then repeated, so that no input is lost.

// Faults of fields are told beside them, their JSON pointers are for programs.
function sentence({ errors = [], detail, title }) {
	if (errors.length > 1)
		return `${errors.length} fields are wrong; each says why.`;
	return errors[0]?.detail ?? detail ?? title;
}

export class Problem extends Error {
	constructor(status, body) {
		super(sentence(body) ?? `The server answered ${status}.`);
		this.status = status;
		// JSON pointer (without its first slash) to sentence
		this.fields = Object.fromEntries((body.errors ?? [])
		    .map((e) => [e.pointer.replace(/^\//, ''), e.detail]));
	}
}

const listeners = new Set();
let waiting = null;
let signIns = 0;

// fn(true) when one has to sign in, fn(false) when somebody has.
export function onSignedOut(fn) {
	listeners.add(fn);
	return () => listeners.delete(fn);
}

function signedInAgain() {
	if (!waiting) {
		waiting = {};
		waiting.promise = new Promise((resolve) => {
			waiting.resolve = resolve;
		});
		listeners.forEach((fn) => fn(true));
	}
	return waiting.promise;
}

export function signedIn() {
	const w = waiting;
	waiting = null;
	signIns++;
	listeners.forEach((fn) => fn(false));
	w?.resolve();
}

function address(path, query) {
	const q = new URLSearchParams();
	for (const [name, value] of Object.entries(query ?? {})) {
		if (value !== undefined && value !== null && value !== '' && value.length !== 0)
			q.set(name, Array.isArray(value) ? value.join(',') : value);
	}
	const s = q.toString();
	return `/api${path}${s ? `?${s}` : ''}`;
}

async function send(method, path, { query, body, etag, signal } = {}) {
	const headers = {};
	if (method !== 'GET')
		headers['Content-Type'] = 'application/json';
	if (etag)
		headers['If-Match'] = etag;
	let response;
	try {
		response = await fetch(address(path, query), {
			method, headers, signal,
			body: body === undefined ? undefined : JSON.stringify(body),
		});
	} catch (e) {
		if (e.name === 'AbortError')
			throw e;
		throw new Problem(0, { detail: 'The server cannot be reached. ' +
		    'What you typed is still here; try again.' });
	}
	return response;
}

async function result(response) {
	const type = response.headers.get('Content-Type') ?? '';
	if (!response.ok) {
		const body = type.includes('json') ? await response.json().catch(() => ({})) : {};
		throw new Problem(response.status, body);
	}
	if (response.status === 204)
		return null;
	if (!type.includes('json'))
		return response;
	const value = await response.json();
	const etag = response.headers.get('ETag');
	if (etag && value && typeof value === 'object')
		Object.defineProperty(value, 'etag', { value: etag });
	return value;
}

export async function call(method, path, options = {}) {
	for (;;) {
		const before = signIns;
		const response = await send(method, path, options);
		if (response.status !== 401 || options.signingIn)
			return result(response);
		// one that was on its way while somebody signed in is just repeated
		if (signIns === before)
			await signedInAgain();
	}
}

export const get = (path, query, signal) => call('GET', path, { query, signal });
export const post = (path, body = {}, options = {}) => call('POST', path, { ...options, body });
export const put = (path, body, options = {}) => call('PUT', path, { ...options, body });
export const patch = (path, body, etag) => call('PATCH', path, { body, etag });
export const remove = (path, etag, query) => call('DELETE', path, { etag, query });
export const text = async (path) => (await call('GET', path)).text();
export const bytesOf = async (path) => (await call('GET', path)).arrayBuffer();
