#!/usr/bin/env node
// docs/senders.md: every ewactl and curl command on the page is run as it
// stands, and answered as it says beside it.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, command, programPath, srcdir } from '../lib/ewa.mjs';

const page = fs.readFileSync(path.join(srcdir, 'docs/senders.md'), 'utf8');
const ewa = await Bench.start();
const out = path.join(ewa.dir, 'answer');

// A block of shell as the page has it; ewactl and curl are ours.
function shell(text, env) {
	return command(['bash', '-c', `
ewactl() { "$EWACTL" --config "$CONFIG" "$@" --json; }
curl() { command curl -sS -m 30 -o "$OUT" -w '%{http_code}' "$@"; }
set -e
${text}`], { env: { ...process.env, EWACTL: programPath('ewactl'), CONFIG: ewa.configFile,
		OUT: out, SECRET: 'a-secret-of-the-senders-0123456789', ...env } });
}

// The page's commands in their order: { section, text, answer }.
const steps = [];
let section = '';
for (const [, heading, text, answer] of page.matchAll(
    /^## (.+)$|^```sh\n([\s\S]*?)^```\n(?:\nAnswer: `(\d+)`)?/gm)) {
	if (heading)
		section = heading;
	else if (!/^(aws|az) /.test(text))
		steps.push({ section, text, answer: answer && Number(answer) });
}
const curls = steps.filter((s) => /^curl /m.test(s.text));
t.is((page.match(/^curl /gm) ?? []).length, curls.length, 'every curl command is one of these');
t.is(curls.filter((s) => !s.answer).map((s) => s.text), [], 'each has its answer beside it');

// Each integration holds for the commands up to the next.
let integration;
for (const s of steps) {
	if (/^ewactl /.test(s.text)) {
		const r = await shell(s.text, {});
		if (!t.is(r.status, 0, `${s.section}: ${s.text.split('\n')[0]}`))
			t.diag(r.stderr);
		integration = JSON.parse(r.stdout);
	}
	s.integration = integration;
}
await ewa.integration(); // who knows this one knows those before it
for (const s of curls) {
	const { endpoint, token = '', key } = s.integration;
	const events = () => ewa.value(`select count(*) from ewa.event e
	    join ewa.integration i on i.id = e.integration_id where i.key = $1`, key);
	const before = await events();
	const r = await shell(s.text, { ENDPOINT: ewa.url() + endpoint, TOKEN: token });
	const name = `${s.section}: ${s.answer}`;
	if (!t.is([r.status, Number(r.stdout.trim())], [0, s.answer], name)) {
		t.diag(s.text + r.stderr);
		t.diag(fs.readFileSync(out, 'utf8'));
		continue;
	}
	const answer = JSON.parse(fs.readFileSync(out, 'utf8'));
	const stored = await events() - before;
	if (s.answer === 202)
		t.is([stored, typeof answer.eventId], [1, 'string'], `${name}: an event`);
	else if (s.answer >= 400)
		t.is([stored, typeof answer.error], [0, 'string'], `${name}: none, with the reason`);
	else if (answer.eventId !== undefined)
		t.is([stored, answer.status], [1, 'handled'], `${name}: the handled event`);
	else
		t.is(stored, 0, `${name}: no event`);
}
await ewa.drained();

// What PLATFORM says of the senders is on the page.
for (const name of ['Prometheus Alertmanager', 'Grafana', 'Zabbix connector', 'AWS SNS',
	'Amazon EventBridge', 'Azure Monitor', 'Datadog', 'PagerDuty', 'Sentry', 'GitHub',
	'GitLab', 'Splunk', 'StatusCake', 'AppDynamics and SolarWinds'])
	t.ok(curls.some((s) => s.section === name), `${name} has a command`);

await ewa.stop();
t.done();
