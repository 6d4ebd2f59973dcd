#!/usr/bin/env node
// Where replies go: names are resolved without holding anybody up, every
// address is checked when it is called, and only checked ones are called.

import http from 'node:http';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, freePort, sleep, waitFor } from '../lib/ewa.mjs';
import { NameServer } from '../lib/dns.mjs';
import { queue } from '../lib/queued.mjs';
import { Program } from '../lib/proc.mjs';

const dns = await NameServer.start({
	'live.test': ['127.0.0.1'],
	'six.test': ['::1'],
	'half.test': ['::1', '127.0.0.1'],
	'third.test': ['127.0.0.9', '127.0.0.8', '127.0.0.1'],
	'dead.test': 'silent',
	'broken.test': 'servfail',
	'empty.test': [],
	'cloud.test': ['169.254.169.254'],
	'mixed.test': ['127.0.0.1', '169.254.169.254'],
	'mapped.test': ['127.0.0.1', '::ffff:169.254.169.254'],
	'nat64.test': ['127.0.0.1', '64:ff9b::a9fe:a9fe'],
	'local.test': ['127.0.0.1'],
});
const receiver = await Receiver.start();
const port = receiver.port;

const open = await Bench.start({
	servers: [], responder: false,
	config: { reply_dns_servers: dns.address, connect_timeout: '4s', attempt_timeout: '8s' },
});
const strict = await Bench.start({
	servers: [], responder: false,
	config: { reply_dns_servers: dns.address, connect_timeout: '4s' },
});
// The bench's own key comes last in the file it writes: set it now.
strict.writeConfig({ reply_networks: 'private' });
await strict.dispatchers[0].stop();
strict.dispatchers.length = 0;
await strict.startDispatcher();

// An event whose reply is tried once: it is taken out of the queue then.
async function attempt(ewa, replyUrl, timeoutMs = 60000) {
	const i = await ewa.integration({ replyUrl });
	const [id] = await queue(ewa, i.key, 1, { timeoutMs });
	const [a] = await waitFor(async () => {
		const all = await ewa.sql('select * from ewa.attempt where event_id = $1 order by number', id);
		return all.length > 0 ? all : null;
	}, `an attempt at ${replyUrl} is recorded`);
	await ewa.sql('delete from ewa.queue where event_id = $1', id);
	return { id, ...a };
}

// A server that listens on one address.
async function listen(host, at = 0) {
	const server = http.createServer((req, res) => {
		req.resume();
		req.on('end', () => res.end());
	});
	await new Promise((resolve, reject) => {
		server.on('error', reject);
		server.listen(at, host, resolve);
	});
	return server;
}

{
	const a = await attempt(open, `http://live.test:${port}/x`);
	t.is([a.outcome, a.status, a.remote_address], ['ok', 200, `127.0.0.1:${port}`],
	    'a name is resolved');
	t.is(receiver.of(a.id)[0].headers.host, `live.test:${port}`, 'Host is the name');
	const b = await attempt(open, `http://LIVE.test.:${port}/`);
	t.is(b.outcome, 'ok', "with the root's dot, in capitals too");
	const c = await attempt(open, `http://localhost:${port}/`);
	t.is(c.outcome, 'ok', 'localhost, of /etc/hosts');
}

{
	const six = await listen('::1');
	const { port: at } = six.address();
	const a = await attempt(open, `http://[::1]:${at}/`);
	t.is([a.outcome, a.remote_address], ['ok', `[::1]:${at}`], 'an IPv6 address');
	const b = await attempt(open, `http://six.test:${at}/`);
	t.is([b.outcome, b.remote_address], ['ok', `[::1]:${at}`], 'a name with an AAAA only');
	six.close();
}

{
	const a = await attempt(open, `http://half.test:${port}/`);
	t.is([a.outcome, a.remote_address], ['ok', `127.0.0.1:${port}`],
	    'a dead AAAA (refused) and a live A');
	const b = await attempt(open, `http://third.test:${port}/`);
	t.is([b.outcome, b.remote_address], ['ok', `127.0.0.1:${port}`],
	    'the last of three addresses is the live one');
}

{
	// Nobody accepts, and there is no more room to wait: SYNs get no answer.
	const four = await listen('127.0.0.1');
	const { port: at } = four.address();
	const deaf = new Program('deaf', ['perl', '-MSocket=:all', '-e', `
	    my $at = pack_sockaddr_in6(${at}, inet_pton(AF_INET6, "::1"));
	    socket(my $s, AF_INET6, SOCK_STREAM, 0) or die $!;
	    setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
	    bind($s, $at) && listen($s, 0) or die $!;
	    my @c = map { socket(my $c, AF_INET6, SOCK_STREAM | SOCK_NONBLOCK, 0);
		connect($c, $at); $c } 1 .. 4;
	    syswrite STDOUT, "deaf\\n"; sleep 60`], { log: `${open.dir}/deaf.log` });
	await waitFor(() => deaf.text().includes('deaf'), 'nobody accepts on ::1');
	const started = Date.now();
	const a = await attempt(open, `http://half.test:${at}/`);
	t.is([a.outcome, a.remote_address], ['ok', `127.0.0.1:${at}`],
	    'a dead AAAA (silent) and a live A');
	t.within(a.duration_ms, 0, 3900, 'within the time to connect');
	t.diag(`a silent AAAA cost ${a.duration_ms} ms, ${Date.now() - started} ms in all`);
	await deaf.kill();
	four.close();
}

{
	const dead = await open.integration({ replyUrl: 'http://dead.test/' });
	const alive = await open.integration({ replyUrl: `http://live.test:${port}/alive` });
	const lost = await queue(open, dead.key, 200);
	await sleep(100);
	const started = Date.now();
	const ids = await queue(open, alive.key, 100);
	await open.drained(60000, alive);
	t.within(Date.now() - started, 0, 3900,
	    'a dead name with 200 events delays the replies to another by less than it is waited for');
	t.is(ids.filter((id) => receiver.of(id).length !== 1), [], 'each came once');
	const a = await waitFor(async () => (await open.sql(
	    'select * from ewa.attempt where event_id = any($1) limit 1', lost))[0], 'the dead one fails');
	t.is([a.outcome, a.cause, a.status, a.remote_address], ['retry', 'dns', null, null],
	    'cause dns, and it is tried again');
	t.like(a.detail, /^the name dead\.test can't be resolved: its name servers don't answer/,
	    'in words');
	t.within(a.duration_ms, 3500, 15000, 'after the time to connect');
	await open.mustCtl('integration', 'delete', dead.key);
}

for (const [name, why] of [['missing.test', /there is no such name$/],
	['broken.test', /name servers .*have failed$/], ['empty.test', /it has no address$/]]) {
	const a = await attempt(open, `http://${name}/`);
	t.is([a.outcome, a.cause], ['retry', 'dns'], `${name}: cause dns`);
	t.like(a.detail, why, `${name}: in words`);
}

// What the configuration does not name is not called.
for (const name of ['cloud.test', 'mixed.test', 'mapped.test', 'nat64.test']) {
	const before = receiver.total;
	const a = await attempt(open, `http://${name}:${port}/`);
	t.is([a.outcome, a.cause, a.status], ['retry', 'blocked', null], `${name}: blocked`);
	t.like(a.detail, /^an address of \S+, \S+ is not called.*reply_networks.*(169\.254|64:ff9b|ffff)/,
	    `${name}: the address, and the setting that would allow it`);
	t.is(receiver.total, before, `${name}: nothing was sent to its other addresses`);
}

// The check is made for each attempt: a name that moves is noticed.
{
	const i = await open.integration({ replyUrl: `http://rebind.test:${port}/` });
	dns.records['rebind.test'] = ['127.0.0.1'];
	const [first] = await queue(open, i.key, 1);
	await waitFor(() => receiver.of(first)[0], 'before, it is called');
	dns.records['rebind.test'] = ['10.1.2.3'];
	await sleep(1100); // a route is kept for a second
	const [second] = await queue(open, i.key, 1, { timeoutMs: 60000 });
	const [a] = await waitFor(async () => {
		const all = await open.sql('select * from ewa.attempt where event_id = $1', second);
		return all.length > 0 && all;
	}, 'afterwards it is tried');
	await open.sql('delete from ewa.queue where event_id = $1', second);
	t.is([a.cause, receiver.of(second).length], ['blocked', 0],
	    'a name that moves to another address after it was saved is blocked');
	t.like(a.detail, /10\.1\.2\.3 is not called .*the setting reply_networks/, 'with the reason');
}

let tried = 0;
// Every way to write loopback, where only private networks are called.
for (const host of ['127.0.0.1', '127.1', '0x7f.1', '017700000001', '2130706433', '127.0.0.1.',
	'[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[0:0:0:0:0:ffff:7f00:1]',
	'[::127.0.0.1]', '[64:ff9b::7f00:1]', '[2002:7f00:1::1]', '0.0.0.0', '0', 'localhost',
	'LocalHost', 'localhost.', 'local.test', 'half.test', '127.0.0.1%2e']) {
	const before = receiver.total;
	const made = await strict.ctl('integration', 'create', '--name', `${++tried} to ${host}`,
	    '--reply-url', `http://${host}:${port}/`, '--generate-token', '--enable', '--json');
	if (made.status !== 0) {
		t.like(made.stderr, /reply-url/, `${host}: refused when it is saved`);
		continue;
	}
	const { key } = JSON.parse(made.stdout);
	const [id] = await queue(strict, key, 1, { timeoutMs: 60000 });
	const [a] = await waitFor(async () => {
		const all = await strict.sql('select * from ewa.attempt where event_id = $1', id);
		return all.length > 0 && all;
	}, `${host} is tried`);
	await strict.sql('delete from ewa.queue where event_id = $1', id);
	t.is([a.cause, a.status, a.remote_address], ['blocked', null, null], `${host}: blocked`);
	t.like(a.detail, /is not called .*reply_networks/, `${host}: with the setting's name`);
	t.is(receiver.total, before, `${host}: nothing arrives`);
}

for (const url of ['ftp://127.0.0.1/', 'file:///etc/passwd', 'gopher://127.0.0.1:70/', '//127.0.0.1/',
	'127.0.0.1', 'http:/127.0.0.1/', 'http:127.0.0.1', 'http://', 'http://127.0.0.1:99999/',
	'http://127.0.0.1:0/', 'http://[::1', 'http://[fe80::1%25eth0]/', 'http://a b/', 'http://a/#x',
	'javascript:alert(1)']) {
	const r = await strict.ctl('integration', 'create', '--name', `to ${url}`, '--reply-url', url);
	t.is(r.status, 1, `${url}: refused when it is saved`);
}

// A route is kept for as long as its TTL says, within bounds.
{
	dns.ttl = 3600;
	dns.records['long.test'] = ['127.0.0.1'];
	const i = await open.integration({ replyUrl: `http://long.test:${port}/` });
	for (let n = 0; n < 20; n++)
		await queue(open, i.key, 5);
	await open.drained(60000, i);
	t.within(dns.asked['long.test'], 2, 80, '100 replies, and the name servers are asked now and then');
	dns.ttl = 0;
}

// The configuration is read again: the new networks and servers count.
{
	open.writeConfig({ reply_networks: '10.0.0.0/8' });
	open.dispatchers[0].signal('SIGHUP');
	await waitFor(() => open.dispatchers[0].text().includes('configuration reloaded'), 'SIGHUP is obeyed');
	const a = await attempt(open, `http://live.test:${port}/`);
	t.is(a.cause, 'blocked', 'after SIGHUP the new reply_networks count');
	open.writeConfig({ reply_networks: '10.0.0.0/33' });
	const r = await open.ctl('--show-config');
	t.isnt(r.status, 0, 'a wrong network is told when the configuration is read');
	t.like(r.stderr, /reply_networks/, 'with its key');
	open.writeConfig({ reply_networks: '127.0.0.0/8, ::1/128' });
}

await open.stop();
await strict.stop();
await receiver.stop();
dns.stop();
t.done();
