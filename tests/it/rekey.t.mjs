#!/usr/bin/env node
// Secrets at rest: a new key seals everything anew, what is in use is told, an
// old key without users may go; and no secret is found in any place but the
// request that needs it.

import crypto from 'node:crypto';
import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, command, waitFor } from '../lib/ewa.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start();
const secrets = {
	token: 'canary-token-of-the-platform',
	header: 'canary-secret-reply-header',
	authorization: 'canary-authorization',
	password: 'canary-password-in-the-url',
	signing: `whsec_${Buffer.from('canary-secret-of-the-sender-0123').toString('base64')}`,
	reply: `whsec_${Buffer.from('canary-secret-of-our-replies-123').toString('base64')}`,
	query: 'canary-query-of-the-reply-url',
};
const said = []; // all that our programs say
const ctl = async (...args) => {
	const r = await ewa.ctl(...args);
	said.push(r.stdout, r.stderr);
	return r;
};
const must = async (...args) => {
	const r = await ctl(...args);
	if (r.status !== 0)
		throw new Error(`ewactl ${args.join(' ')}: ${r.stderr}`);
	return r;
};

const url = receiver.url(`/in?key=${secrets.query}`);
const i = await ewa.integration({
	name: 'canary', token: secrets.token,
	replyUrl: url.replace('http://', `http://user:${secrets.password}@`),
	secretReplyHeaders: [`X-Plain: ${secrets.header}`],
});
const j = await ewa.integration({
	name: 'canary 2', replyUrl: receiver.url(), replyHeaders: [`Authorization: Bearer ${secrets.authorization}`],
});
await must('integration', 'signing', i.key, '--signing-secret', secrets.signing);
await must('integration', 'reply-secret', i.key, '--reply-secret', secrets.reply);

const event = await ewa.accept(i);
const s = await ewa.finished(i, event);
t.is(s.reply.state, 'sent', 'a reply with all of them');
const before = receiver.of(event)[0].headers;
t.is([before['x-plain'], before.authorization],
    [secrets.header, `Basic ${Buffer.from(`user:${secrets.password}`).toString('base64')}`],
    'it carries the secrets');

// ---- a new key -----------------------------------------------------------------
const keyFile = ewa.config.key_file;
const old = fs.readFileSync(keyFile, 'utf8');
const oldId = old.split('\n').find((l) => l && !l.startsWith('#')).split(' ')[0];
const idsOf = (table) => ewa.sql(`
    select convert_from(substr(sealed, 3, get_byte(sealed, 1)), 'UTF8') as id, count(*)::int as n
    from ewa.${table} where sealed is not null group by 1`);
fs.writeFileSync(keyFile, `fresh ${crypto.randomBytes(32).toString('base64')}\n${old}`);
t.is(await idsOf('integration_header'), [{ id: oldId, n: 2 }], 'sealed with the old key');
const first = await must('secrets', 'rekey');
t.like(first.stdout, /^5 values sealed anew under the key fresh$/m, 'rekey seals all anew');
for (const table of ['integration_header', 'integration_signing_secret', 'integration_reply_secret'])
	t.is((await idsOf(table)).map((r) => r.id), ['fresh'], `${table}: under the new key`);
// a new one belongs into the list of store/sealed.c
t.is((await ewa.sql(`select table_name as name from information_schema.columns
    where table_schema = 'ewa' and data_type = 'bytea' and column_name = 'sealed'
    and table_name <> 'automation_header' order by 1`)).map((r) => r.name),
['integration_header', 'integration_reply_secret', 'integration_signing_secret'],
'the list has all sealed columns');
t.like(first.stdout, new RegExp(`${oldId}: 2 platform tokens`), 'tokens still need the old key');
t.like(first.stdout, new RegExp(`The key ${oldId} is still used`), 'and that is said');
t.like((await must('secrets', 'rekey')).stdout, /^0 values sealed anew/, 'again: nothing is left');
t.is(await ewa.value(`select count(*) from ewa.audit where action = 'secrets.rekey'`), 1, 'audited once');

for (const p of [...ewa.dispatchers])
	await p.stop();
await ewa.responder.stop();
await ewa.startResponder();
await ewa.startDispatcher();
await ewa.known(i);
const after = await ewa.accept(i);
t.is((await ewa.finished(i, after)).reply.state, 'sent', 'a reply after that');
t.is(receiver.of(after)[0].headers['x-plain'], secrets.header, 'with the same secrets');

// a token under the new key: then the old one has no users
for (const k of [i, j])
	await must('integration', 'token', k.key, '--token', k === i ? secrets.token : 'another-token-of-some-length');
t.like((await must('secrets', 'rekey')).stdout, new RegExp(`The key ${oldId} is not used any more`),
    'with new tokens the old key may go');
fs.writeFileSync(keyFile, fs.readFileSync(keyFile, 'utf8').split('\n').filter((l) => l.startsWith('fresh ')).join('\n') + '\n');
for (const p of ewa.dispatchers.filter((d) => d.alive))
	await p.stop();
await ewa.startDispatcher();
await ewa.responder.stop();
await ewa.startResponder();
await ewa.known(i);
const last = await ewa.accept(i);
t.is((await ewa.finished(i, last)).reply.state, 'sent', 'and everything works without it');

// ---- what can't be opened -----------------------------------------------------------
{
	await ewa.sql(`update ewa.integration_header set sealed = overlay(sealed placing 'lost!'::bytea from 3)
	    where integration_id = (select id from ewa.integration where key = $1)`, j.key);
	const r = await ctl('secrets', 'rekey');
	t.is(r.status, 1, 'a value whose key is missing is told');
	t.like(r.stderr, /reply-header:[0-9]+:authorization can't be opened/, 'by its name');
	t.like(r.stdout, /The key lost! is used, but it is not in/, 'with its key');
}

// ---- the canary ------------------------------------------------------------------------
{
	await must('integration', 'show', i.key);
	await must('integration', 'show', i.key, '--json');
	await must('integration', 'list', '--json');
	await must('event', 'show', event, '--json');
	await must('event', 'list', '--json');
	await ctl('integration', 'update', i.key, '--secret-reply-header', `Bad Name: ${secrets.header}`);
	await ctl('integration', 'update', i.key, '--reply-url', `ftp://user:${secrets.password}@example.org/`);
	await receiver.stop();
	const failing = await ewa.accept(i);
	await waitFor(async () => (await ewa.status(i, failing)).reply.attempts.length > 0, 'an attempt fails');
	const answers = [JSON.stringify(await ewa.status(i, failing)),
		(await ewa.send(i, { token: `${secrets.token}x` })).text,
		(await ewa.send(i, { body: '{', json: undefined })).text];
	await must('integration', 'show', i.key);
	const dump = await command(['/usr/lib/postgresql/15/bin/pg_dump', '-h', ewa.pgHost, '-U', 'postgres',
		ewa.database]);
	t.ok(dump.status === 0 && dump.stdout.includes('integration_header'), 'a dump');
	const places = {
		'what ewactl says': said.join('\n'),
		'the answers of the responder': answers.join('\n'),
		'the dump of the database': dump.stdout,
		'the logs': ewa.programs.map((p) => p.text()).join('\n'),
	};
	for (const [place, text] of Object.entries(places)) {
		for (const [name, secret] of Object.entries(secrets)) {
			// the reply URL is a setting that people read back
			if (name === 'query' && !/logs|answers/.test(place))
				continue;
			const forms = [secret, secret.replace('whsec_', ''), Buffer.from(secret).toString('base64'),
				Buffer.from(secret).toString('hex')];
			if (secret.startsWith('whsec_'))
				forms.push(Buffer.from(secret.slice(6), 'base64').toString());
			t.is(forms.filter((f) => text.includes(f)), [], `${place}: no ${name}`);
		}
	}
}

await ewa.stop();
t.done();
