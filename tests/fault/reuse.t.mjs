#!/usr/bin/env node
// Connections are reused: 10,000 replies to one host open no more of them than
// its window, and descriptors and memory stay as they are.  EWA_REPLIES says
// another number.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, freePort, sleep, waitFor } from '../lib/ewa.mjs';
import { Program, accepts } from '../lib/proc.mjs';
import { queue } from '../lib/queued.mjs';

const replies = Number(process.env.EWA_REPLIES ?? 10000);
const window = 32;
t.limit(900);
const ewa = await Bench.start({ servers: [], responder: false, config: { window_max: window } });

// a sink that notes the number of the connection of each request
const port = await freePort();
const log = path.join(ewa.dir, 'sink.log');
const conf = path.join(ewa.dir, 'nginx.conf');
fs.writeFileSync(conf, `daemon off;
master_process off;
pid ${ewa.dir}/nginx.pid;
error_log ${ewa.dir}/nginx.err;
events {}
http {
	log_format connection '$connection';
	access_log ${log} connection buffer=64k flush=1s;
	keepalive_requests 1000000;
	client_body_temp_path ${ewa.dir}/nginx-body;
	proxy_temp_path ${ewa.dir}/nginx-proxy;
	fastcgi_temp_path ${ewa.dir}/nginx-fastcgi;
	uwsgi_temp_path ${ewa.dir}/nginx-uwsgi;
	scgi_temp_path ${ewa.dir}/nginx-scgi;
	server { listen 127.0.0.1:${port}; location / { return 200; } }
}
`);
const nginx = new Program('nginx', ['/usr/sbin/nginx', '-c', conf], { log: path.join(ewa.dir, 'nginx.out') });
await waitFor(() => accepts({ host: '127.0.0.1', port }), 'nginx listens');

const i = await ewa.integration({ replyUrl: `http://127.0.0.1:${port}/` });
const pid = ewa.dispatchers[0].pid;
const descriptors = () => fs.readdirSync(`/proc/${pid}/fd`).length;
const rssKb = () => Number(/VmRSS:\s+([0-9]+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
const send = async (n) => {
	for (let left = n; left > 0; left -= 5000)
		await queue(ewa, i.key, Math.min(left, 5000));
	await ewa.drained(600000);
};

await send(Math.floor(replies / 5)); // everything has come to its size
const before = { descriptors: descriptors(), rss: rssKb() };
const begun = Date.now();
await send(replies - Math.floor(replies / 5));
const ms = Date.now() - begun;
const after = { descriptors: descriptors(), rss: rssKb() };
await sleep(1500);
const lines = fs.readFileSync(log, 'utf8').trim().split('\n');
const connections = new Set(lines).size;
t.diag(`${replies} replies over ${connections} connections; descriptors ${before.descriptors}, ` +
    `then ${after.descriptors}; resident ${before.rss} kB, then ${after.rss} kB; the last part in ${ms} ms`);
t.is(lines.length, replies, 'each reply was sent once');
t.within(connections, 1, window, 'over no more connections than the window has room for');
t.within(after.descriptors, 0, before.descriptors + window, 'descriptors stay as they are');
t.within(after.rss, 0, before.rss * 1.15 + 2048, 'memory too');

await nginx.stop('SIGQUIT');
await ewa.stop();
t.done();
