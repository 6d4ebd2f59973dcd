#!/usr/bin/env node
// Conditions decide what is run, whatever they are and take; actions and
// conditions without an end are cut off, and keep only their own events
// waiting.

import * as t from '../lib/tap.mjs';
import { Receiver, waitFor } from '../lib/ewa.mjs';
import { add, startBench } from '../lib/automations.mjs';

const ewa = await startBench({ yes: '#!/bin/sh\necho 1\n' }, { config: { condition_timeout: '3s' } });
const receiver = await Receiver.start();
const owner = ewa.client(undefined, 'ewa_owner');
await owner.connect();
await owner.query(`create function ewa_action.hang(event jsonb) returns jsonb language plpgsql as $$
    begin perform pg_sleep(600); return null; end $$`);
await owner.query(`create function ewa_action.stubborn(event jsonb) returns jsonb language plpgsql as $$
    begin loop begin perform pg_sleep(600); exception when query_canceled then null; end; end loop; end $$`);
await owner.query(`create function ewa_action.messy(event jsonb) returns jsonb language plpgsql as $$
    begin perform set_config('ewa.secret', 'left', false); perform pg_advisory_lock(7);
    return to_jsonb(current_setting('search_path')); end $$`);
await owner.query(`create function ewa_action.event_of(event jsonb) returns jsonb language sql as $$
    select jsonb_build_object('type', jsonb_typeof(event -> 'event')) $$`);
await owner.end();

async function results(i, options = {}) {
	const eventId = await ewa.accept(i, options);
	await waitFor(() => receiver.of(eventId)[0], `the reply of ${eventId}`, 60000, 20);
	return receiver.of(eventId)[0].json.results;
}

const body = { status: 'firing', n: 5, alerts: [{ s: 'a' }, { s: 'b' }], flag: false };
const cases = [
	['$.event.status == "firing"', true],
	['$.event.status == "resolved"', false],
	['$.event.n > 3 && $.event.alerts[*].s == "b"', true],
	['$.event.alerts[*] ? (@.s == "b")', true],
	['$.event.alerts[*] ? (@.s == "c")', false],
	['exists($.event.alerts)', true],
	['$.event.flag', false],
	['$.event.missing', false],
	['$.contentType starts with "application/json"', true],
	['$.headers."x-kind" == "yes"', true],
	['$.integration.name like_regex "^Conditions"', true],
	['$.results.size() == 0', true],
	['$.results[*].status == "ok"', false],
	['$.event.n > "x"', false, /unknown/],
	['strict $.event.missing == 1', false],
	['strict $.event.missing.deeper', false, /key/],
	['$.event.n.datetime() < "x".datetime()', false, /./],
];
{
	const i = await ewa.integration({ name: 'Conditions', replyUrl: receiver.url() });
	for (const [n, [condition]] of cases.entries())
		await add(ewa, i, `c${n}`, '--command', 'yes', '--condition', condition, '--on-failure', 'continue');
	await add(ewa, i, 'later', '--command', 'yes', '--condition', '$.results[*].output == 1');
	const all = await results(i, { json: body, headers: { 'X-Kind': 'yes' } });
	// those that look at results see what ran before them
	cases[11][1] = false;
	cases[12][1] = true;
	for (const [n, [condition, holds, problem]] of cases.entries()) {
		t.is(all[n].status, holds ? 'ok' : 'skipped', condition);
		if (problem)
			t.like(all[n].error, problem, 'and why it could not be told');
	}
	t.is(all.at(-1).status, 'ok', 'a condition sees the outputs of earlier automations');
}
for (const [what, options, want] of [
	['a text is a string', { body: 'disk full', type: 'text/plain' }, 'string'],
	['bytes are null', { body: Buffer.from([0xff, 0xfe, 0]), type: 'application/octet-stream' }, 'null'],
	['JSON that can be no jsonb is null', { body: '{"a":"\\u0000"}' }, 'null'],
]) {
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'is', '--command', 'yes', '--condition', `$.event.type() == "${want}"`);
	await add(ewa, i, 'sql', '--sql', 'event_of');
	const all = await results(i, { ...options, json: undefined });
	t.is(all[0].status, 'ok', what);
	t.is(all[1].status, 'ok', 'and a function of the database can be called with it');
}

for (const [condition, place] of [
	['$.event.a === 1', 11], ['$.event.a = 1', 11], ['$.event. ', 10],
	['$.event ? (@.a == )', 19], ['$.event.a like_regex 5', 22],
]) {
	const r = await ewa.ctl('automation', 'add', (await ewa.integration()).key, '--name', 'x',
	    '--command', 'yes', '--condition', condition);
	t.is(r.status, 1, `refused: ${condition}`);
	t.like(r.stderr, new RegExp(`condition, character ${place}: `), 'with the place');
}

// Without an end.
const deep = JSON.stringify(Array.from({ length: 300 }, (_, n) => ({ a: [n, [n, [n, [n]]]] })));
{
	const bad = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, bad, 'slow', '--command', 'yes',
	    '--condition', '$.event.** ? (exists($.event.** ? (exists($.event.** ? (@ == "none")))))');
	const good = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, good, 'quick', '--command', 'yes', '--condition', '$.event.n == 1');
	const began = Date.now();
	const slow = results(bad, { body: deep, json: undefined });
	const quick = await Promise.all(Array.from({ length: 10 }, () => results(good)));
	t.diag(`beside an endless condition: ${Date.now() - began} ms`);
	t.is(quick.map((r) => r[0].status), Array(10).fill('ok'), 'others are handled beside an endless condition');
	t.is((await slow)[0], { ...(await slow)[0], status: 'skipped',
		error: 'condition: it took too long and was cut off' }, 'which is false');
}
{
	const bad = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, bad, 'hang', '--sql', 'hang', '--timeout', 'PT1S');
	const worse = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, worse, 'stubborn', '--sql', 'stubborn', '--timeout', 'PT1S');
	const good = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, good, 'messy', '--sql', 'messy');
	const hanging = [...Array.from({ length: 8 }, () => results(bad)), results(worse)];
	const quick = await Promise.all(Array.from({ length: 5 }, () => results(good)));
	t.is(quick.map((r) => r[0].output), Array(5).fill('ewa_action, public'),
	    'functions of others are called beside pg_sleep');
	for (const r of await Promise.all(hanging))
		t.is([r[0].status, /cut off at its time limit of 1 s|no answer from the database/.test(r[0].error)],
		    ['failed', true], 'pg_sleep is cut off');
	await waitFor(async () => await ewa.value(`select count(*) from pg_stat_activity
	    where usename = 'ewa_action' and state = 'active'`) === 0, 'and its server process ends', 60000);
	t.is(await ewa.value(`select count(*) from pg_locks where locktype = 'advisory' and objid = 7`), 0,
	    'locks that functions leave are released');
}

await receiver.stop();
await ewa.stop();
t.done();
