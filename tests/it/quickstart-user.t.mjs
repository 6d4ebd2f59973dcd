#!/usr/bin/env node
// ./quickstart as an ordinary user, in a directory that other users cannot
// enter: all of it runs as that user.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { checkOut, running } from '../lib/checkout.mjs';
import { freePort, request } from '../lib/ewa.mjs';

t.limit(600);

const { dir, home, tmp, quickstart, remove } = await checkOut({ asUser: true });
const user = fs.statSync(dir).uid;
t.isnt(user, 0, 'an ordinary user');
t.is(fs.statSync(dir).mode & 0o077, 0, 'in a directory that others cannot enter');
const port = await freePort();
const run = await quickstart('--port', String(port));
t.is(run.status, 0, 'it runs to its end');
if (run.status !== 0)
	t.diag(run.stdout + run.stderr);
t.like(run.stdout, /^ {2}HTTP\/1\.1 202 Accepted$/m, 'the sample event gets its 202');
t.like(run.stdout, /received it \(event \S+\):\n\n {2}\{.*"status":"handled"/, 'and its reply arrives');
t.is((await request(`http://127.0.0.1:${port}/readyz`)).status, 200, 'it is ready');
const status = await quickstart('status');
t.is(running(status.stdout).map(([name]) => name), ['lighttpd', 'responder', 'dispatcher', 'PostgreSQL'], 'all of it runs');
t.is([...new Set(running(status.stdout).map(([, pid]) => fs.statSync(`/proc/${pid}`).uid))], [user], 'as that user');
t.is((await quickstart('stop')).status, 0, 'stop');
t.is((await quickstart('status')).status, 1, 'stops it');
t.is([fs.readdirSync(home), fs.readdirSync(tmp)], [[], []], 'nothing lies outside the checkout');
remove();
t.done();
