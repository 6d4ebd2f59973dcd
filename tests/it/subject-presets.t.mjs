#!/usr/bin/env node
// Every preset of the subject finds the line by which people recognise an
// event, in what its sender really sends: the cases, and each path.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, srcdir } from '../lib/ewa.mjs';

const { cases } = JSON.parse(fs.readFileSync(new URL('cases.json', import.meta.url)));
const given = (name) => {
	const { request } = cases.find((c) => c.name === name);
	return { body: Buffer.from(request.body_base64, 'base64'), type: request.headers['Content-Type'] ?? null };
};
const json = (o) => ({ body: JSON.stringify(o), type: 'application/json' });

// preset: [what is sent, the subject]...
const senders = {
	alertmanager: [[given('alertmanager-v4'), 'DiskFull'],
		[json({ commonAnnotations: { summary: 'Disk 97 % full' }, groupKey: 'k' }), 'Disk 97 % full'],
		[json({ groupKey: '{}:{a="b"}', commonLabels: {} }), '{}:{a="b"}']],
	appdynamics: [[json({ name: 'CPU high', displayName: 'x' }), 'CPU high'], [json({ displayName: 'Slow calls' }), 'Slow calls']],
	azure: [[json({ schemaId: 'azureMonitorCommonAlertSchema', data: { essentials: { alertRule: 'Disk on db-1' } } }), 'Disk on db-1'],
		[json({ subject: '/vm/1' }), '/vm/1']],
	cloudevents: [[given('cloudevent-structured'), 'com.example.someevent'],
		[json({ specversion: '1.0', type: 't', subject: 'order 4711' }), 'order 4711'],
		[{ ...json({ a: 1 }), headers: { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'order.made' } }, 'order.made'],
		[{ ...json({ a: 1 }), headers: { 'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/s', 'ce-type': 't', 'ce-subject': 'o 1' } }, 'o 1']],
	datadog: [[json({ title: '[Triggered] CPU' }), '[Triggered] CPU'], [json({ event_title: 'CPU' }), 'CPU']],
	eventbridge: [[json({ 'detail-type': 'EC2 state', detail: { title: 'stopped' } }), 'stopped'],
		[json({ 'detail-type': 'EC2 state', detail: {} }), 'EC2 state']],
	github: [[given('github-push'), 'fix \u00e9 body \u{1F680}'], [json({ action: 'opened', issue: { title: 'It burns' } }), 'It burns'],
		[json({ action: 'opened', pull_request: { title: 'Water' } }), 'Water'], [json({ action: 'created' }), 'created']],
	gitlab: [[given('gitlab-token'), 'pipeline'], [json({ object_kind: 'issue', object_attributes: { title: 'It burns' } }), 'It burns'],
		[json({ object_kind: 'build', object_attributes: { name: 'deploy' } }), 'deploy']],
	grafana: [[json({ title: '[FIRING:1] disk' }), '[FIRING:1] disk'], [json({ ruleName: 'disk' }), 'disk']],
	pagerduty: [[json({ event: { event_type: 'incident.triggered', data: { title: 'DB down' } } }), 'DB down'],
		[json({ event: { event_type: 'pagey.ping', data: {} } }), 'pagey.ping']],
	sentry: [[json({ data: { event: { title: 'TypeError' } } }), 'TypeError'], [json({ data: { issue: { title: 'Oops' } } }), 'Oops'],
		[json({ message: 'm' }), 'm']],
	sns: [[given('sns-notification'), JSON.parse(given('sns-notification').body).Subject], [json({ Message: 'only this' }), 'only this']],
	solarwinds: [[json({ AlertName: 'Node down' }), 'Node down'], [json({ alert_name: 'Node up' }), 'Node up']],
	splunk: [[json({ search_name: 'Errors' }), 'Errors']],
	statuscake: [[given('statuscake-form'), given('statuscake-form').body.toString()]],
	zabbix: [[given('zabbix-connector-ndjson'),
		given('zabbix-connector-ndjson').body.toString().replace(/\s+/g, ' ').trim().slice(0, 300)],
	[json({ name: 'High CPU' }), 'High CPU']],
};

const ewa = await Bench.start();
const help = (await ewa.mustCtl('integration', 'update', '--help')).stdout;
const listed = /preset:NAME:([a-z, \n]+)/.exec(help)[1].match(/[a-z]+/g);
t.is(Object.keys(senders).filter((n) => !listed.includes(n)), [], 'each of them is listed');
for (const [preset, all] of Object.entries(senders)) {
	const i = await ewa.integration();
	await ewa.mustCtl('integration', 'update', i.key, '--subject', `preset:${preset}`);
	for (const [options, want] of all) {
		const id = await ewa.accept(i, { json: undefined, ...options });
		await ewa.finished(i, id);
		t.is(await ewa.value('select subject from ewa.outcome where event_id = $1', id), want,
		    `${preset}: ${want.slice(0, 60)}`);
	}
}
const source = fs.readFileSync(path.join(srcdir, 'src/domain/automation.c'), 'utf8');
const known = [...source.slice(source.indexOf('subject_presets[] = {')).matchAll(/^\t\{"([a-z]+)", /gm)].map((m) => m[1]);
t.is(Object.keys(senders).sort(), known.sort(), 'and there is no preset that is not tried');

await ewa.stop();
t.done();
