#!/usr/bin/env node
// Each kind of action handles an event, its output travels back in the reply,
// and later ones see what earlier ones have left.

import * as t from '../lib/tap.mjs';
import { Receiver } from '../lib/ewa.mjs';
import { add, startBench } from '../lib/automations.mjs';

const ewa = await startBench({
	echo: '#!/bin/sh\nexec cat\n',
	facts: `#!/bin/sh
printf '{"args":"%s|%s","id":"%s","attempt":"%s","env":"%s"}' "$1" "$2" \
    "$EWA_EVENT_ID" "$EWA_ATTEMPT" "$(env | cut -d= -f1 | sort | tr '\\n' ' ')"
`,
	text: '#!/bin/sh\necho "two  words"; echo "and \\"a quote\\""\n',
	none: '#!/bin/sh\nexit 0\n',
	numbers: '#!/bin/sh\nprintf \'{"n" : 123456789012345678901234567890.10, "n": 1}\'\n',
	fail: '#!/bin/sh\necho out; echo "first line" >&2; echo "disk is full" >&2; exit 3\n',
	again: '#!/bin/sh\n[ "$EWA_ATTEMPT" -ge 3 ] || exit 75\necho "$EWA_ATTEMPT"\n',
});
const receiver = await Receiver.start();
const owner = ewa.client(undefined, 'ewa_owner');
await owner.connect();
await owner.query(`create function ewa_action.lookup(event jsonb) returns jsonb language sql as $$
    select jsonb_build_object('host', event #>> '{event,host}', 'results',
	jsonb_array_length(event -> 'results'), 'who', current_user, 'attempt', event -> 'attempt') $$`);
await owner.query(`create function ewa_action.broken(event jsonb) returns jsonb language plpgsql as $$
    begin raise exception 'no such customer'; end $$`);
await owner.query(`create function ewa_action.nothing(event jsonb) returns jsonb language sql as $$
    select null::jsonb $$`);
await owner.query(`create function ewa_action.peek(event jsonb) returns jsonb language plpgsql as $$
    begin reset role; return (select count(*) from ewa.integration); end $$`);

// Accepts one event and gives its reply's document.
async function reply(integration, options = {}) {
	const eventId = await ewa.accept(integration, options);
	const status = await ewa.finished(integration, eventId);
	t.is(status.reply.state, 'sent', 'a reply is sent');
	const sent = receiver.of(eventId);
	return { ...sent.at(-1).json, eventId, status, text: sent.at(-1).body.toString() };
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Facts', '--command', 'facts', '--arg', 'a b', '--arg', "$(id)'");
	const r = await reply(i);
	t.is(r.status.status, 'handled', 'handled');
	t.is(r.results.length, 1, 'one result');
	const { automation, status, output } = r.results[0];
	t.is([automation, status], ['Facts', 'ok'], 'a command is ok');
	t.is(output.id, r.eventId, 'it is told the Event ID');
	t.is(output.attempt, '1', 'and the number of the attempt');
	t.is(output.env.split(' ').filter((n) => !['', '_', 'PWD', 'SHLVL', 'OLDPWD'].includes(n)),
	    ['EWA_ATTEMPT', 'EWA_EVENT_ID', 'LANG', 'PATH'], 'nothing else is in its environment');
	t.like(output.args, /^a b\|\$\(id\)/, 'its arguments are fixed and pass no shell');
	t.ok(r.results[0].durationMs >= 0, 'how long it took');
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Echo', '--command', 'echo');
	const body = '{"host": "db1", "n":1.10, "n" : 2}';
	const r = await reply(i, { body, json: undefined });
	const seen = r.results[0].output;
	t.is(seen.eventId, r.eventId, 'the event document names the event');
	t.is(seen.integration, { key: i.key, name: i.name }, 'and its integration');
	t.is([seen.attempt, seen.automation, seen.contentType], [1, 'Echo', 'application/json'],
	    'and what is done');
	t.is(seen.results, [], 'and what was left before');
	t.is(seen.headers.authorization, undefined, 'no credentials');
	t.is(seen.receivedAt, r.receivedAt, 'when it came');
	t.ok(r.text.split(body).length === 3, 'the body goes through it byte for byte');
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Text', '--command', 'text');
	await add(ewa, i, 'None', '--command', 'none');
	await add(ewa, i, 'Numbers', '--command', 'numbers');
	const r = await reply(i);
	t.is(r.results.map((x) => [x.automation, x.status]),
	    [['Text', 'ok'], ['None', 'ok'], ['Numbers', 'ok']], 'in their order');
	t.is(r.results[0].output, 'two  words\nand "a quote"', 'an output that is no JSON is a string');
	t.is('output' in r.results[1], false, 'no output is none');
	t.ok(r.text.includes('"output":{"n" : 123456789012345678901234567890.10, "n": 1}'),
	    'JSON is embedded byte for byte');
	t.is(r.status.results.map((x) => x.automation), ['Text', 'None', 'Numbers'],
	    'the status resource shows the results too');
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'First', '--command', 'none');
	await add(ewa, i, 'Lookup', '--sql', 'lookup');
	await add(ewa, i, 'Nothing', '--sql', 'nothing');
	const r = await reply(i, { json: { host: 'db7' } });
	t.is(r.results[1].output, { host: 'db7', results: 1, who: 'ewa_action', attempt: 1 },
	    'a function of the database gets the event and earlier results');
	t.is([r.results[2].status, 'output' in r.results[2]], ['ok', false], 'NULL is no output');
}

{
	const called = await Receiver.start((request, n) => n === 1 ?
	    { status: 503, headers: { 'Retry-After': '0' } } :
	    { status: 200, body: '{"ticket": "OPS-17"}' });
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Ticket', '--http', called.url('/rest/issue?x=1'), '--method', 'PUT',
	    '--header', 'X-Project: OPS', '--secret-header', 'Authorization: Bearer hidden');
	await add(ewa, i, 'After', '--command', 'echo');
	const r = await reply(i);
	t.is(called.total, 2, 'an http action is tried again');
	const c = called.requests[1];
	t.is([c.method, c.url, c.headers['x-project'], c.headers.authorization],
	    ['PUT', '/rest/issue?x=1', 'OPS', 'Bearer hidden'], 'as it is configured');
	t.is(called.requests.map((q) => [q.headers['webhook-id'], q.headers['ewa-attempt'], q.json.attempt]),
	    [[r.eventId, '1', 1], [r.eventId, '2', 2]], 'with Event ID and attempt');
	t.is(r.results[0].output, { ticket: 'OPS-17' }, 'its answer is the output');
	t.is(r.results[1].output.results, [{ ...r.results[0] }], 'and the next one sees it');
	const shown = (await ewa.mustCtl('automation', 'list', i.key, '--json')).stdout;
	t.ok(!shown.includes('hidden'), 'the secret header is not shown');
	t.ok(!JSON.stringify(await ewa.sql('select * from ewa.automation_header'))
	    .includes('hidden'), 'and sealed');
	const journey = await ewa.ctlJson('event', 'show', r.eventId);
	t.is(journey.reply.attempts.filter((a) => a.kind === 'automation')
	    .map((a) => [a.number, a.outcome, a.status]),
	[[1, 'retry', 503], [2, 'ok', 200], [3, 'ok', null]], 'every attempt is recorded');
	await called.stop();
}

for (const [args, error] of [
	[['--command', 'fail'], /^exit status 3: disk is full$/],
	[['--sql', 'broken'], /^no such customer$/],
	[['--sql', 'missing'], /missing/],
	[['--sql', 'peek'], /permission denied/],
	[['--http', receiver.url('/404')], /^answered 404$/],
	[['--http', 'http://192.0.2.1/'], /192\.0\.2\.1/],
	[['--command', 'not-there'], /not-there can't be run: No such file/],
]) {
	receiver.answer = (q) => q.url === '/404' ? 404 : 200;
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Fails', ...args, '--attempts', '1');
	await add(ewa, i, 'Never', '--command', 'none');
	const r = await reply(i);
	t.is([r.status.status, r.results.length], ['failed', 1], `${args[1]}: the event fails, and ends there`);
	t.is(r.results[0].status, 'failed', 'its result has failed');
	t.like(r.results[0].error, error, 'and the reply says why');
	t.like(r.status.reason, /^Fails: /, 'so does the status');
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Fails', '--command', 'fail', '--on-failure', 'continue');
	await add(ewa, i, 'Next', '--command', 'text');
	const r = await reply(i);
	t.is(r.results.map((x) => x.status), ['failed', 'ok'], 'continue: the next one is run');
	t.is(r.status.status, 'handled', 'and the event is handled');
}

{
	const i = await ewa.integration({ replyUrl: receiver.url() });
	await add(ewa, i, 'Again', '--command', 'again', '--attempts', '3');
	const r = await reply(i);
	t.is([r.results[0].status, r.results[0].output], ['ok', 3], 'exit 75 is tried again');
	t.is(await ewa.value('select attempts from ewa.outcome where event_id = $1', r.eventId), 1,
	    'attempts of the reply are counted for themselves');
}

await owner.end();
await receiver.stop();
await ewa.stop();
t.done();
