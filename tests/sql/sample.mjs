// What the tests of the database share: a bench without programs, and rows
// made by hand.

import crypto from 'node:crypto';

import { Bench } from '../lib/ewa.mjs';

export const DAY_MS = 86400000;

export const database = (options = {}) =>
	Bench.start({ servers: [], responder: false, dispatchers: 0, ...options });

// A UUIDv7 of a moment.
export function uuidAt(ms) {
	const b = crypto.randomBytes(16);
	b.writeUIntBE(ms, 0, 6);
	b[6] = 0x70 | (b[6] & 0x0f);
	b[8] = 0x80 | (b[8] & 0x3f);
	const h = b.toString('hex');
	return [h.slice(0, 8), h.slice(8, 12), h.slice(12, 16), h.slice(16, 20), h.slice(20)]
	    .join('-');
}

// "20261125" of a moment.
export const dayName = (ms) => new Date(ms).toISOString().slice(0, 10).replaceAll('-', '');

// A connection of a role, closed by the caller.
export async function as(b, user) {
	const c = b.client(undefined, user);
	await c.connect();
	return c;
}

// The SQLSTATE that a statement ends with, 'none' if it succeeds.
export async function sqlstate(client, text, params) {
	try {
		await client.query(text, params);
		return 'none';
	} catch (e) {
		return e.code;
	}
}

// Settings are no matter of these tests: an integration as a row.
export async function addIntegration(b, name, more = {}) {
	const row = {
		key: crypto.createHash('sha256').update(name).digest('hex')
		    .replace(/[0189]/g, 'x').slice(0, 16),
		name,
		enabled: true,
		reply_url: 'http://127.0.0.1:9/',
		...more,
	};
	const names = Object.keys(row);
	return b.value(`insert into ewa.integration (${names})
	    values (${names.map((_, i) => `$${i + 1}`)}) returning id`,
	...Object.values(row));
}

/*
 * An event of a moment, with its queue row (queue: {} or columns) or its
 * outcome (outcome: columns); gives its id.
 */
export async function addEvent(b, { integration, at = Date.now(), body = '{"n": 1}',
	kind = 'json', queue, outcome, ...more }) {
	const id = uuidAt(at);
	const insert = (table, row) => {
		const names = Object.keys(row);
		return b.sql(`insert into ewa.${table} (${names})
		    values (${names.map((_, i) => `$${i + 1}`)})`, ...Object.values(row));
	};
	await insert('event', {
		id,
		integration_id: integration,
		received_at: new Date(at),
		deadline: new Date(at + 60000),
		content_type: 'application/json',
		headers: '{}',
		body: Buffer.from(body),
		body_length: Buffer.from(body).length,
		kind,
		...more,
	});
	if (queue)
		await insert('queue', {
			event_id: id,
			integration_id: integration,
			due_at: new Date(at),
			deadline: new Date(at + 60000),
			...queue,
		});
	if (outcome)
		await insert('outcome', {
			event_id: id,
			integration_id: integration,
			state: 'handled',
			reply_state: 'sent',
			attempts: 1,
			...outcome,
		});
	return id;
}
