// A FastCGI request as no web server would send it.

import net from 'node:net';

function record(type, content) {
	const head = Buffer.alloc(8);
	head[0] = 1; // version
	head[1] = type;
	head.writeUInt16BE(1, 2); // the request's id
	head.writeUInt16BE(content.length, 4);
	return Buffer.concat([head, content]);
}

function pair(name, value) {
	const n = Buffer.from(name), v = Buffer.from(value);
	const lengths = Buffer.alloc(8);
	lengths.writeUInt32BE((n.length | 0x80000000) >>> 0, 0);
	lengths.writeUInt32BE((v.length | 0x80000000) >>> 0, 4);
	return Buffer.concat([lengths, n, v]);
}

function parse(bytes) {
	const out = [];
	for (let at = 0; at + 8 <= bytes.length;) {
		const n = bytes.readUInt16BE(at + 4);
		if (bytes[at + 1] === 6) // FCGI_STDOUT
			out.push(bytes.subarray(at + 8, at + 8 + n));
		at += 8 + n + bytes[at + 6];
	}
	const text = Buffer.concat(out).toString();
	const end = text.indexOf('\r\n\r\n');
	return {
		status: Number(/^Status: (\d+)/.exec(text)?.[1]),
		head: text.slice(0, end),
		body: text.slice(end + 4),
	};
}

/*
 * params: an object, and more: pairs, in which a name may come twice.  Gives
 * { status, head, body } of the answer.
 */
export function fcgi(socket, params, more, body, { timeoutMs = 10000 } = {}) {
	const all = [...Object.entries(params), ...more];
	const bytes = Buffer.concat([
		record(1, Buffer.from([0, 1, 0, 0, 0, 0, 0, 0])), // begin, a responder
		record(4, Buffer.concat(all.map(([n, v]) => pair(n, v)))),
		record(4, Buffer.alloc(0)),
		record(5, Buffer.from(body)),
		record(5, Buffer.alloc(0)),
	]);
	return new Promise((resolve, reject) => {
		const parts = [];
		const s = net.connect({ path: socket });
		s.setTimeout(timeoutMs, () => s.destroy(new Error('no answer')));
		s.on('data', (d) => parts.push(d));
		s.on('end', () => resolve(parse(Buffer.concat(parts))));
		s.on('error', reject);
		s.write(bytes);
	});
}
