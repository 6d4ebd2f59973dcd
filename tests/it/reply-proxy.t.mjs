#!/usr/bin/env node
// Replies by way of a proxy: only the one of the configuration, with
// exceptions and credentials; and no address that is not allowed is asked for.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, freePort, programPath, waitFor } from '../lib/ewa.mjs';
import { NameServer } from '../lib/dns.mjs';
import { Pki } from '../lib/pki.mjs';
import { queue } from '../lib/queued.mjs';

// The environment's proxy is none of ours.
for (const name of ['http_proxy', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'])
	process.env[name] = 'http://127.0.0.1:1';
delete process.env.no_proxy;

const dns = await NameServer.start({
	'proxy.test': ['127.0.0.1'], 'direct.test': ['127.0.0.1'], 'known.test': ['127.0.0.1'],
	'cloud.test': ['169.254.169.254'], 'dead.test': 'silent', 'secure.test': ['127.0.0.1'],
});
const receiver = await Receiver.start();
const asked = [];
let refuse = false;

const proxy = http.createServer((req, res) => {
	asked.push({ method: req.method, url: req.url, headers: req.headers });
	const { port, pathname } = new URL(req.url);
	const on = http.request({ host: '127.0.0.1', port, path: pathname, method: req.method, headers: req.headers },
	    (r) => {
		res.writeHead(r.statusCode, r.headers);
		r.pipe(res);
	});
	on.on('error', () => res.destroy());
	req.pipe(on);
});
proxy.on('connect', (req, s) => {
	asked.push({ method: 'CONNECT', url: req.url, headers: req.headers });
	s.on('error', () => {});
	if (refuse) {
		s.end('HTTP/1.1 403 Forbidden\r\nX-From: proxy\r\n\r\n');
		return;
	}
	const on = net.connect(Number(req.url.split(':')[1]), '127.0.0.1', () => {
		s.write('HTTP/1.1 200 OK\r\nX-From: proxy\r\n\r\n');
		on.pipe(s).pipe(on);
	});
	on.on('error', () => s.destroy());
});
await new Promise((resolve) => proxy.listen(0, '127.0.0.1', resolve));

const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 0,
	config: {
		reply_dns_servers: dns.address, connect_timeout: '3s',
		reply_proxy: `http://proxy.test:${proxy.address().port}`,
		reply_no_proxy: '.direct.test, 127.0.0.0/8',
	},
});
const pki = new Pki(ewa.dir);
const secret = `${ewa.dir}/proxy-secret`;
const seal = (input) => spawnSync(programPath('ewactl'), ['--config', ewa.configFile, 'secrets', 'seal'],
    { input, encoding: 'utf8' });
const sealed = seal('agent:pr0xy-canary\n');
t.is(sealed.status, 0, 'user and password of the proxy are sealed');
t.like(sealed.stdout, /^sealed:[A-Za-z0-9+/]+=*\n$/, 'as a line of text');
t.ok(!Buffer.from(sealed.stdout.slice(7), 'base64').includes('pr0xy'), 'that does not hold them');
for (const [input, what] of [['agent\n', 'without a colon'], ['', 'nothing'], [`a:${'x'.repeat(1100)}\n`, 'too long']])
	t.is(seal(input).status, 1, `${what}: refused`);
fs.writeFileSync(secret, sealed.stdout, { mode: 0o640 });
fs.chmodSync(secret, 0o640);
if (process.getuid() === 0)
	fs.chownSync(secret, 0, 0);
ewa.writeConfig({ reply_ca_file: pki.caFile, reply_proxy_credentials: secret });
await ewa.startDispatcher();

async function attempt(replyUrl, options = {}, timeoutMs = 60000) {
	const i = await ewa.integration({ replyUrl, ...options });
	const [id] = await queue(ewa, i.key, 1, { timeoutMs });
	const [a] = await waitFor(async () => {
		const all = await ewa.sql('select * from ewa.attempt where event_id = $1 order by number', id);
		return all.length > 0 ? all : null;
	}, `an attempt at ${replyUrl} is recorded`);
	await ewa.sql('delete from ewa.queue where event_id = $1', id);
	return { id, ...a };
}

const basic = `Basic ${Buffer.from('agent:pr0xy-canary').toString('base64')}`;
{
	const url = `http://known.test:${receiver.port}/a`;
	const a = await attempt(url);
	t.is([a.outcome, a.status, a.remote_address],
	    ['ok', 200, `127.0.0.1:${proxy.address().port}`], 'a reply goes through the proxy');
	t.is([asked[0]?.url, asked[0]?.headers['proxy-authorization']], [url, basic],
	    'that gets the whole URL, and its credentials');
	const b = await attempt(`http://inside.test:${receiver.port}/b`);
	t.is([b.outcome, asked.at(-1).url], ['ok', `http://inside.test:${receiver.port}/b`],
	    'a name that only the proxy knows');
	const c = await attempt(`http://dead.test:${receiver.port}/c`);
	t.is(c.outcome, 'ok', 'a name whose servers are silent here');
}

{
	const pair = pki.issue('secure', { hosts: ['secure.test'] });
	const seen = [];
	const server = https.createServer({ cert: pair.cert, key: pair.key }, (req, res) => {
		seen.push(req.headers);
		req.resume();
		req.on('end', () => res.end());
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const url = `https://secure.test:${server.address().port}/`;
	const a = await attempt(url, { secretReplyHeaders: ['X-Api-Key: only for the receiver'] });
	t.is([a.outcome, a.status], ['ok', 200], 'https goes through a tunnel');
	const [tunnel] = asked.filter((r) => r.method === 'CONNECT');
	t.is(tunnel.url, `secure.test:${server.address().port}`, 'to the name');
	t.is([tunnel.headers['x-api-key'], tunnel.headers['webhook-id']], [undefined, undefined],
	    'the proxy sees no header of the reply');
	t.is(tunnel.headers['proxy-authorization'], basic, 'but its credentials');
	t.is([seen[0]['x-api-key'], seen[0]['proxy-authorization']], ['only for the receiver', undefined],
	    'and the receiver sees the reply\'s only');
	t.ok(!a.response_headers.includes('X-From'), "the proxy's own answer is not the receiver's");
	refuse = true;
	const b = await attempt(url.replace('secure.test', 'known.test'));
	t.is([b.outcome, b.status], ['retry', null], 'a tunnel that is refused is no answer');
	t.like(b.detail, /403/, 'in words');
	refuse = false;
	server.closeAllConnections?.();
	server.close();
}

{
	const before = asked.length;
	for (const url of [`http://direct.test:${receiver.port}/`, `http://127.0.0.1:${receiver.port}/`]) {
		const a = await attempt(url);
		t.is([a.outcome, a.remote_address], ['ok', `127.0.0.1:${receiver.port}`], `${url}: an exception`);
	}
	t.is(asked.length, before, 'exceptions go past the proxy');
	for (const url of ['http://169.254.169.254/latest', 'http://cloud.test/', 'http://[::ffff:169.254.169.254]/',
		'http://10.0.0.1/']) {
		const a = await attempt(url);
		t.is([a.outcome, a.cause], ['retry', 'blocked'], `${url}: blocked`);
	}
	t.is(asked.length, before, 'the proxy is never asked for what is not allowed');
}

{
	ewa.writeConfig({ reply_proxy: `http://127.0.0.1:${await freePort()}` });
	fs.chmodSync(secret, 0o644);
	ewa.dispatchers[0].signal('SIGHUP');
	await waitFor(() => ewa.dispatchers[0].text().includes('configuration reloaded'), 'SIGHUP is obeyed');
	const a = await attempt(`http://known.test:${receiver.port}/`);
	t.is([a.outcome, a.cause], ['retry', 'connect'], 'a proxy that is away: cause connect');
	t.like(ewa.dispatchers[0].text(), /reply_proxy_credentials can't be used.*others/,
	    "credentials that others can read are not taken");
	const reloads = () => ewa.dispatchers[0].text().split('configuration reloaded').length;
	for (const [text, words] of [['agent:pr0xy-canary\n', /can't be used.*not sealed.*ewactl secrets seal/],
		['sealed:agent:pr0xy-canary\n', /can't be used.*no base64/],
		[sealed.stdout.replace(/.(.{8})\n$/, (m, end) => `${m[0] === 'A' ? 'B' : 'A'}${end}\n`),
			/can't be used/]]) {
		fs.writeFileSync(secret, text);
		fs.chmodSync(secret, 0o640);
		const before = reloads();
		const from = ewa.dispatchers[0].text().length;
		ewa.dispatchers[0].signal('SIGHUP');
		await waitFor(() => reloads() > before, 'SIGHUP is obeyed');
		t.like(ewa.dispatchers[0].text().slice(from), words, 'what is not sealed is refused, in words');
	}
	// a new key: the file is sealed anew, in its place
	fs.writeFileSync(secret, sealed.stdout);
	const keys = fs.readFileSync(ewa.config.key_file, 'utf8');
	fs.writeFileSync(ewa.config.key_file, `fresh ${Buffer.alloc(32, 7).toString('base64')}\n${keys}`);
	const rekey = await ewa.mustCtl('secrets', 'rekey');
	t.like(rekey.stdout, /fresh: 1 file of the proxy's credentials/, 'rekey seals the file anew, and says so');
	t.isnt(fs.readFileSync(secret, 'utf8'), sealed.stdout, 'it is another text');
	t.is(fs.statSync(secret).mode & 0o777, 0o640, 'with the mode of before');
	t.is(Buffer.from(fs.readFileSync(secret, 'utf8').slice(7), 'base64').subarray(2, 7).toString(), 'fresh',
	    'under the new key');
	const from = ewa.dispatchers[0].text().length;
	const before = reloads();
	ewa.dispatchers[0].signal('SIGHUP');
	await waitFor(() => reloads() > before, 'SIGHUP is obeyed');
	t.ok(!/can't be used/.test(ewa.dispatchers[0].text().slice(from)), 'and it can be used');
	fs.writeFileSync(secret, 'agent:pr0xy-canary\n');
	const r = await ewa.ctl('secrets', 'rekey');
	t.is(r.status, 1, 'rekey refuses an unsealed one');
	t.like(r.stderr, /reply_proxy_credentials can't be opened: it is not sealed/, 'in words');
	ewa.writeConfig({ reply_proxy: 'http://nowhere.test:3128' });
	const earlier = reloads();
	ewa.dispatchers[0].signal('SIGHUP');
	await waitFor(() => reloads() > earlier, 'again');
	const b = await attempt(`http://known.test:${receiver.port}/`);
	t.is([b.outcome, b.cause], ['retry', 'dns'], 'a proxy without an address: cause dns');
	t.like(b.detail, /nowhere\.test/, 'with its name');
	for (const [value, words] of [['socks5://127.0.0.1:1', /http/], ['http://u:p@127.0.0.1:1', /reply_proxy_credentials/],
		['http://127.0.0.1:1/path', /http:\/\/HOST:PORT/], ['https://127.0.0.1:1', /http:\/\/HOST:PORT/]]) {
		ewa.writeConfig({ reply_proxy: value });
		const r = await ewa.ctl('--show-config');
		t.isnt(r.status, 0, `${value}: refused when it is read`);
		t.like(r.stderr, words, 'in words');
		t.ok(!r.stderr.includes('u:p@'), 'that show no password');
	}
}
t.ok(!ewa.logs().includes('pr0xy-canary'), "the proxy's password stands in no log");

await ewa.stop();
proxy.closeAllConnections?.();
proxy.close();
await receiver.stop();
dns.stop();
t.done();
