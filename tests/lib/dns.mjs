// A name server on loopback (UDP), that says what the test wants.

import dgram from 'node:dgram';

const A = 1, AAAA = 28;

function readName(b, at) {
	const labels = [];
	while (b[at] !== 0) {
		labels.push(b.subarray(at + 1, at + 1 + b[at]).toString());
		at += 1 + b[at];
	}
	return [labels.join('.').toLowerCase(), at + 1];
}

function addressBytes(text) {
	if (!text.includes(':'))
		return Buffer.from(text.split('.').map(Number));
	const v4 = text.match(/^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/);
	if (v4) {
		const [a, b, c, d] = v4.slice(2).map(Number);
		text = `${v4[1]}${(a << 8 | b).toString(16)}:${(c << 8 | d).toString(16)}`;
	}
	const [head, tail] = text.split('::').map((s) => (s ? s.split(':') : []));
	const groups = tail === undefined ? head :
	    [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail];
	const out = Buffer.alloc(16);
	groups.forEach((g, i) => out.writeUInt16BE(parseInt(g, 16), 2 * i));
	return out;
}

/*
 * NameServer.start({ 'a.test': ['127.0.0.1', '::1'], 'dead.test': 'silent' })
 * A name's value: its addresses, 'nxdomain', 'servfail', 'silent', or a
 * function of how often the name was asked for that gives one of these.
 * records may be changed at any time; asked counts questions by name.
 */
export class NameServer {
	asked = {};

	static async start(records, { ttl = 0 } = {}) {
		const s = new NameServer();
		s.records = records;
		s.ttl = ttl;
		s.socket = dgram.createSocket('udp4');
		s.socket.on('message', (m, from) => s.#take(m, from));
		await new Promise((resolve) => s.socket.bind(0, '127.0.0.1', resolve));
		s.address = `127.0.0.1:${s.socket.address().port}`;
		return s;
	}

	#take(query, from) {
		const [name, end] = readName(query, 12);
		const type = query.readUInt16BE(end);
		this.asked[name] = (this.asked[name] ?? 0) + 1;
		let found = this.records[name] ?? 'nxdomain';
		if (typeof found === 'function')
			found = found(this.asked[name]);
		if (found === 'silent')
			return;
		const addresses = !Array.isArray(found) ? [] : found.filter((a) =>
			(type === AAAA && a.includes(':')) || (type === A && !a.includes(':')));
		const rcode = { nxdomain: 3, servfail: 2 }[found] ?? 0;
		const header = Buffer.alloc(12);
		query.copy(header, 0, 0, 2);
		header.writeUInt16BE(0x8580 | rcode, 2);
		header.writeUInt16BE(1, 4);
		header.writeUInt16BE(addresses.length, 6);
		const answers = addresses.map((a) => {
			const bytes = addressBytes(a);
			const rr = Buffer.alloc(12);
			rr.writeUInt16BE(0xc00c, 0);
			rr.writeUInt16BE(type, 2);
			rr.writeUInt16BE(1, 4);
			rr.writeUInt32BE(this.ttl, 6);
			rr.writeUInt16BE(bytes.length, 10);
			return Buffer.concat([rr, bytes]);
		});
		this.socket.send(Buffer.concat([header, query.subarray(12, end + 4), ...answers]),
		    from.port, from.address);
	}

	stop() {
		this.socket.close();
	}
}
