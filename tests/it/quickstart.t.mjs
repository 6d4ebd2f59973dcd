#!/usr/bin/env node
// ./quickstart from a clone: it builds, starts everything on a port of its own
// and shows an event all the way; a second run changes nothing; status, stop;
// README's first steps; and nothing is left outside the checkout.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { checkOut, running } from '../lib/checkout.mjs';
import { command, freePort, request } from '../lib/ewa.mjs';

t.limit(840);

const { top, home, tmp, env, quickstart, remove } = await checkOut();

// ---- the first run -----------------------------------------------------------------

const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const none = await quickstart('status');
t.is(none.status, 1, 'status before: nothing runs');
const first = await quickstart('--port', String(port));
t.is(first.status, 0, 'it runs to its end');
if (first.status !== 0)
	t.diag(first.stdout + first.stderr);
t.like(first.stdout, /^ {2}HTTP\/1\.1 202 Accepted$/m, 'the sample event gets its 202');
const shown = JSON.parse(/^ {2}(\{"eventId".*\})$/m.exec(first.stdout)[1]);
t.is(/^ {2}Location: (.*)$/mi.exec(first.stdout)?.[1], shown.statusUrl, 'with its Location');
t.ok(shown.statusUrl.startsWith(`${url}/hooks/`), 'which is under the port that was chosen', shown.statusUrl);
const told = /received it \(event \S+\):\n\n((?: {2}.*\n)+)/.exec(first.stdout)?.[1].replace(/^ {2}/gm, '') ?? 'null';
const reply = JSON.parse(told);
const sample = fs.readFileSync(path.join(top, 'var/sample/alertmanager.json'), 'utf8');
t.is([reply?.eventId, reply?.status], [shown.eventId, 'handled'], 'the reply of that event arrives, handled');
t.ok(told.includes(`"event":${sample.trim()}`), 'with the payload inside, byte for byte', told);
t.ok(first.stdout.includes(`Ready: ${url}\n`), 'it says where it is ready');

// ---- what scripts go on from ----------------------------------------------------------

const vars = fs.readFileSync(path.join(top, 'var/quickstart.env'), 'utf8');
t.is(vars.match(/^\w+(?==)/gm), ['EWA_URL', 'EWA_CONFIG', 'EWACTL'], 'var/quickstart.env has its variables');
const shell = (script) => command(['bash', '-ec', script], { cwd: top, env });
const list = await shell('. var/quickstart.env; $EWACTL --config $EWA_CONFIG event list --json');
t.is(JSON.parse(list.stdout).map((e) => e.status ?? e.state), ['handled', 'handled'],
    'two events: the sample, and its reply in the second integration');
t.is((await request(`${url}/readyz`)).status, 200, 'it is ready');
t.like((await request(`${url}/`)).text, /<title>/, 'the workspace is served');

// ---- status, and once more -------------------------------------------------------------

const status = await quickstart('status');
t.is([status.status, running(status.stdout).map(([name]) => name)],
    [0, ['lighttpd', 'responder', 'dispatcher', 'PostgreSQL']], 'status: what runs');
t.ok(status.stdout.includes(`${url} is ready`), 'and where', status.stdout);
const again = await quickstart();
t.is(again.status, 0, 'it can be run again');
if (again.status !== 0)
	t.diag(again.stdout + again.stderr);
t.ok(/202 Accepted/.test(again.stdout) && again.stdout.includes(`Ready: ${url}\n`),
    'on the same port, and shows another event');
t.is(running((await quickstart('status')).stdout), running(status.stdout), 'nothing was started anew');
const integrations = await shell('. var/quickstart.env; $EWACTL --config $EWA_CONFIG integration list --json');
t.is(JSON.parse(integrations.stdout).map((i) => i.name).sort(), ['Sample', 'Sample replies'],
    'there are still two integrations');

// ---- README's first steps, as they stand there -------------------------------------------

const readme = fs.readFileSync(path.join(top, 'README.md'), 'utf8');
const steps = /^## First steps$([^]*?)^## /m.exec(readme)[1];
const blocks = [...steps.matchAll(/(?:^ {4}.*\n)+/gm)].map((m) => m[0].replace(/^ {4}/gm, ''));
const block = (text) => {
	const found = blocks.find((b) => b.includes(text));
	t.ok(found, `README has: ${text}`);
	return found ?? 'false';
};
const prepare = `shopt -s expand_aliases\n${block('. var/quickstart.env')}`;
const made = await shell(`${prepare}\n${block('integration create')}`);
t.is(made.status, 0, 'README: an integration is made', made.stderr);
const key = /\/hooks\/([a-z2-7]{16})\b/.exec(made.stdout)?.[1];
const token = /once:\n(\S+)/.exec(made.stdout)?.[1];
const fill = (text, id) => text.replaceAll('KEY', key).replace(/\bTOKEN\b/g, token).replaceAll('EVENT-ID', id);
const send = `for n in $(seq 200); do
	answer=$(${fill(block('disk full')).trim()} -sS); case $answer in *' 202 '*) break;; esac; sleep 0.2
done; printf '%s' "$answer"`;
const sent = await shell(`${prepare}\n${send}`);
t.like(sent.stdout, /^HTTP\/1\.1 202 Accepted/, 'README: the event is accepted');
const eventId = /"eventId":"([^"]+)"/.exec(sent.stdout)?.[1];
const looked = await shell(`${prepare}\n${fill(block('event show'), eventId)}`);
t.is(looked.status, 0, 'README: what became of it', looked.stderr);
t.ok(looked.stdout.includes(`{"eventId":"${eventId}"`) && looked.stdout.endsWith('{"alert": "disk full"}'),
    'is told, and its bytes as they came', looked.stdout);
const automated = await shell(`${prepare}\n${block('automation add').replace(' --send-reply', '')}`);
t.is(automated.status, 0, 'README: an automation', automated.stdout + automated.stderr);

// ---- the end ------------------------------------------------------------------------------

const stopped = await quickstart('stop');
t.is(stopped.status, 0, 'stop');
const runs = ([, pid]) => {
	try { // one that has ended may wait to be reaped
		return !/^State:\s*Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
	} catch {
		return false;
	}
};
t.is(running(status.stdout).filter(runs), [], 'stops all of it');
t.is((await quickstart('status')).status, 1, 'which status says');
t.is([fs.readdirSync(home), fs.readdirSync(tmp)], [[], []], 'nothing lies outside the checkout');
if (fs.existsSync(path.join(top, '.git')))
	t.is((await command(['git', '-C', top, 'status', '--porcelain'])).stdout, '', 'and nothing in it that git would see');
remove();
t.done();
