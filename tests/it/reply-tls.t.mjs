#!/usr/bin/env node
// TLS with receivers: who is believed and who is not, and our own certificate.

import fs from 'node:fs';
import https from 'node:https';

import * as t from '../lib/tap.mjs';
import { Bench, freePort, waitFor } from '../lib/ewa.mjs';
import { NameServer } from '../lib/dns.mjs';
import { Pki } from '../lib/pki.mjs';
import { queue } from '../lib/queued.mjs';

const dns = await NameServer.start({ 'good.test': ['127.0.0.1'], 'other.test': ['127.0.0.1'] });
const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 0,
	config: { reply_dns_servers: dns.address },
});
const pki = new Pki(ewa.dir);
ewa.writeConfig({ reply_ca_file: pki.caFile });
await ewa.startDispatcher();

fs.mkdirSync(`${ewa.dir}/strangers`);
const strangers = new Pki(`${ewa.dir}/strangers`);
const good = pki.issue('good', { hosts: ['good.test', '127.0.0.1'] });
const servers = [];

async function serve(pair, options = {}) {
	const server = https.createServer({ cert: pair.cert, key: pair.key, ...options }, (req, res) => {
		server.seen.push({ id: req.headers['webhook-id'], cn: req.socket.getPeerCertificate().subject?.CN,
			protocol: req.socket.getProtocol(), servername: req.socket.servername });
		req.resume();
		req.on('end', () => res.end());
	});
	server.seen = [];
	server.on('tlsClientError', () => {});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	servers.push(server);
	return server;
}

async function attempt(replyUrl, integration) {
	const i = integration ?? await ewa.integration({ replyUrl });
	const [id] = await queue(ewa, i.key, 1, { timeoutMs: 60000 });
	const [a] = await waitFor(async () => {
		const all = await ewa.sql('select * from ewa.attempt where event_id = $1 order by number', id);
		return all.length > 0 ? all : null;
	}, `an attempt at ${replyUrl} is recorded`);
	await ewa.sql('delete from ewa.queue where event_id = $1', id);
	return a;
}

{
	const server = await serve(good);
	const { port } = server.address();
	const a = await attempt(`https://good.test:${port}/`);
	t.is([a.outcome, a.status], ['ok', 200], 'an authority of reply_ca_file is believed');
	t.is(server.seen[0].servername, 'good.test', 'the name is sent (SNI)');
	const b = await attempt(`https://127.0.0.1:${port}/`);
	t.is(b.outcome, 'ok', 'a certificate may name an address');
	const c = await attempt(`https://other.test:${port}/`);
	t.is([c.outcome, c.cause, c.status], ['retry', 'tls', null], 'wrong host');
	t.like(c.detail, /^TLS with 127\.0\.0\.1:\d+: .*(other\.test|name)/i, 'wrong host: in words');
	t.is(server.seen.length, 2, 'wrong host: nothing was sent');
}

for (const [what, pair, options, words] of [
	['expired', pki.issue('old', { hosts: ['good.test'], from: '20200101000000Z', to: '20210101000000Z' }),
		{}, /expired/],
	['not valid yet', pki.issue('young', { hosts: ['good.test'], from: '20900101000000Z',
		to: '20910101000000Z' }), {}, /not yet valid/],
	['self-signed', pki.selfSigned('self', ['good.test']), {}, /self.signed/],
	['of another authority', strangers.issue('stranger', { hosts: ['good.test'] }), {}, /issuer/],
	['TLS 1.1 at most', good, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1',
		ciphers: 'DEFAULT@SECLEVEL=0' }, /protocol|version/],
]) {
	const server = await serve(pair, options);
	const a = await attempt(`https://good.test:${server.address().port}/`);
	t.is([a.outcome, a.cause, a.status], ['retry', 'tls', null], `${what}: not believed, tried again`);
	t.like(a.detail, words, `${what}: in words`);
	t.is(server.seen.length, 0, `${what}: nothing was sent`);
}

// A receiver that asks for our certificate.
{
	const ours = pki.issue('ewa-client');
	const other = pki.issue('ewa-other');
	const server = await serve(good, {
		ca: fs.readFileSync(pki.caFile), requestCert: true, rejectUnauthorized: true,
	});
	const replyUrl = `https://good.test:${server.address().port}/`;
	const without = await attempt(replyUrl);
	t.is([without.outcome, without.cause, without.status], ['retry', 'tls', null],
	    'without a certificate we are turned away: cause tls');
	t.like(without.detail, /^TLS with 127.*certificate required/, 'in words');
	const older = await serve(good, { ca: fs.readFileSync(pki.caFile), requestCert: true,
		rejectUnauthorized: true, maxVersion: 'TLSv1.2' });
	t.is((await attempt(`https://good.test:${older.address().port}/`)).cause, 'tls', 'with TLS 1.2 too');
	const i = await ewa.integration({ replyUrl });
	const set = (file) => ewa.ctl('integration', 'update', i.key, '--client-certificate', file);
	t.is((await set(ours.file)).status, 0, 'a certificate with its key is taken');
	t.is([(await attempt(replyUrl, i)).outcome, server.seen.at(-1).cn], ['ok', 'ewa-client'],
	    'and shown to the receiver');
	t.is((await set(other.file)).status, 0, 'another takes its place');
	t.is([(await attempt(replyUrl, i)).outcome, server.seen.at(-1).cn], ['ok', 'ewa-other'],
	    'and no connection of the first is used for it');
	const sealed = await ewa.sql('select sealed from ewa.integration_reply_secret');
	t.is(sealed.length, 1, 'only the newest is kept');
	t.ok(!sealed[0].sealed.includes('PRIVATE KEY') && !sealed[0].sealed.includes('CERTIFICATE'),
	    'sealed at rest');
	const shown = await ewa.mustCtl('integration', 'show', i.key, '--json');
	t.is(JSON.parse(shown.stdout).clientCertificate, true, 'it is shown that there is one');
	t.ok(!shown.stdout.includes('BEGIN'), 'but not which');
	const file = `${ewa.dir}/mixed.pem`;
	for (const [what, text, words] of [
		['no key', ours.cert, /private key/], ['no certificate', ours.key, /certificate/],
		['the key of another', ours.cert + other.key, /not that of/],
		['an expired one', (({ cert, key }) => cert + key)(pki.issue('late', {
			from: '20200101000000Z', to: '20210101000000Z' })), /expired/],
		['nothing', '', /certificate/]]) {
		fs.writeFileSync(file, text);
		const r = await set(file);
		t.is(r.status, 1, `${what}: refused`);
		t.like(r.stderr, words, `${what}: in words`);
	}
	t.is((await set('/no/such/file')).status, 1, 'a missing file: refused');
	t.is((await set('')).status, 0, 'it can be taken away');
	t.is((await attempt(replyUrl, i)).outcome, 'retry', 'and then we are turned away again');
}

{
	const a = await attempt(`https://good.test:${await freePort()}/`);
	t.is([a.outcome, a.cause], ['retry', 'connect'], 'nobody listens: cause connect, not tls');
}

for (const s of servers) {
	s.closeAllConnections?.();
	s.close();
}
await ewa.stop();
dns.stop();
t.done();
