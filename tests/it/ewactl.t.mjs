#!/usr/bin/env node
// ewactl's commands on settings, against a real database: what they do, say
// and refuse, what the audit keeps, and that no token is stored in the clear.

import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, command, programPath, srcdir } from '../lib/ewa.mjs';
import { commandSync } from '../lib/proc.mjs';

const ewa = await Bench.start({
	servers: [], responder: false, dispatchers: 0,
	config: { public_url: 'https://hooks.example.org/ewa' },
});
const { ctl, mustCtl, ctlJson } = Object.fromEntries(
    ['ctl', 'mustCtl', 'ctlJson'].map((f) => [f, (...a) => ewa[f]('integration', ...a)]));
const show = (name) => ctlJson('show', name);
const secrets = [];

// A command is refused with this status and says all of these.
async function refuses(args, status, ...says) {
	const r = await ewa.ctl(...args);
	t.is([r.status, r.stdout], [status, ''], `refused with ${status}: ${args.join(' ')}`);
	for (const s of says)
		t.ok(r.stderr.includes(s), `and says: ${s}`, r.stderr);
	return r.stderr;
}

// ---- the program itself ------------------------------------------------------
{
	const help = await ewa.ctl('--help');
	t.is(help.status, 0, '--help');
	for (const c of ['secrets init', 'migrate', 'integration create', 'event body ID'])
		t.ok(help.stdout.includes(`  ${c}`), `help lists ${c}`);
	t.like((await ewa.ctl('--version')).stdout, /^ewactl \d+\.\d+\.\d+\n$/, '--version');
	t.like((await ewa.ctl('--show-config')).stdout,
	    /^public_url = https:\/\/hooks\.example\.org\/ewa$/m, '--show-config');
	const own = await ewa.ctl('integration', 'create', '--help');
	t.is(own.status, 0, 'a command has its own help');
	t.like(own.stdout, /--request-timeout DURATION/, 'which lists its options');
	t.like(own.stdout, /--token -/, 'and tells how a token stays out of ps');

	// the page tells all of it
	const page = fs.readFileSync(path.join(srcdir, 'docs/ewactl.1'), 'utf8');
	const all = [...help.stdout.matchAll(/^  ([a-z-]+(?: [a-z-]+)?) /gm)].map((m) => m[1]);
	t.ok(all.length > 30, 'the commands', all);
	t.is(all.filter((c) => !new RegExp(`(^\\.It Cm|Cm|,) ${c}( |$)`, 'm').test(page)), [],
	    'every command is in the manual page');
	const missing = [];
	for (const c of all) {
		const { stdout } = await ewa.ctl(...c.split(' '), '--help');
		for (const [, option] of stdout.matchAll(/^  --([a-z-]+)/gm))
			if (option !== 'help' && !new RegExp(`Fl -${option}( |$)`, 'm').test(page))
				missing.push(`${c} --${option}`);
	}
	t.is(missing, [], 'with every option');

	await refuses([], 2, 'usage: ewactl');
	await refuses(['integrations'], 2, 'no command "integrations"', 'ewactl --help');
	await refuses(['integration', 'make'], 2, 'no command "integration make"', 'integration create');
	await refuses(['--nonsense', 'migrate'], 2, '--nonsense');
	await refuses(['integration', 'list', '--nam=x', 'more'], 2, 'no option --nam');
	await refuses(['integration', 'list', 'more'], 2, 'unexpected argument "more"');
	await refuses(['integration', 'show'], 2, 'KEY|NAME is missing');
	await refuses(['integration', 'update', 'x', '--name'], 2, '--name NAME');
	await refuses(['integration', 'list', '--json=1'], 2, '--json takes no value');
	await refuses(['integration', 'create', '--name', 'a', '--name', 'b'], 2, '--name is given twice');

	fs.writeFileSync(path.join(ewa.dir, 'bad.conf'), 'database = x\nworkres = 3\n');
	const bad = await command([programPath('ewactl'), '--config',
	    path.join(ewa.dir, 'bad.conf'), 'integration', 'list']);
	t.is(bad.status, 1, 'a wrong configuration is refused');
	t.like(bad.stderr, /bad\.conf:2.*workres/, 'with its file, line and key');

	const keys = fs.readFileSync(path.join(ewa.dir, 'keys'));
	await refuses(['secrets', 'init'], 1, 'keys', 'there already');
	t.is(fs.readFileSync(path.join(ewa.dir, 'keys')), keys, 'and the key file is as it was');
	t.is(fs.statSync(path.join(ewa.dir, 'keys')).mode & 0o777, 0o640, 'its mode is 0640');
	t.is((await ewa.ctl('migrate')).status, 0, 'migrate can be run again');
}

// ---- create, list, show --------------------------------------------------------
{
	t.like((await mustCtl('list')).stdout, /no integrations/, 'none yet');
	t.is(await ctlJson('list'), [], 'none yet, in JSON');

	const made = await ctlJson('create', '--name', '  Alerts  ', '--generate-token', '--enable',
	    '--request-timeout', 'PT60S', '--reply-url', 'https://example.org/in?key=5ecret-in-query',
	    '--reply-method', 'PUT', '--reply-header', 'X-Team: platform',
	    '--reply-header=Authorization: Bearer 5ecret-by-name',
	    '--secret-reply-header', 'X-Plain: 5ecret-by-wish', '--token-header', 'X-My-Token',
	    '--allow-query-token', 'yes', '--accept-malformed', 'yes', '--max-body', '64k',
	    '--repeat-window', 'PT2H', '--signing-secret', 'a secret of the sender',
	    '--signature-header', 'X-My-Signature', '--signature-rule', 'besides',
	    '--rate-limit', '50', '--rate-burst', '200',
	    '--description', 'what "it" does', '--contact', 'ops@example.org', '--team', 'Ops');
	secrets.push(made.token, '5ecret-by-name', '5ecret-by-wish');
	t.like(made.key, /^[a-z2-7]{16}$/, 'a key of 16 characters');
	t.like(made.token, /^[a-z2-7]{40}$/, 'a generated token');
	t.is(made.endpoint, `https://hooks.example.org/ewa/hooks/${made.key}`, 'the endpoint');
	const shown = await show('alerts');
	t.is(shown.token, undefined, 'the token is shown once only');
	const { createdAt, modifiedAt, settingsVersion, createdBy, modifiedBy, ...settings } = shown;
	const unknown = { status: 'unknown', since: null, cause: null, stoppedAt: null,
		stoppedReason: null, certificate: null };
	t.is(settings, {
		key: made.key, name: 'Alerts', externalSystem: 'async', enabled: true,
		paused: false, pausedUntil: null, replyStatus: unknown, endpoint: made.endpoint,
		description: 'what "it" does', contact: 'ops@example.org', team: 'Ops',
		tokenHeader: 'X-My-Token', allowQueryToken: true, acceptMalformed: true,
		maxBody: 65536, repeats: { lastDay: 0, lastAt: null }, repeatWindow: 'PT2H', signingSecrets: [{ expiresAt: null }],
		signatureHeader: 'X-My-Signature', signatureRule: 'besides', rateLimit: 50, rateBurst: 200,
		requestTimeout: 'PT1M', stopRepliesAfter: null, subject: '',
		replyUrl: 'https://example.org/in?key=5ecret-in-query', replyMethod: 'PUT',
		replyHeaders: [
			{ name: 'X-Team', secret: false, value: 'platform' },
			{ name: 'Authorization', secret: true, value: null },
			{ name: 'X-Plain', secret: true, value: null },
		],
		replySecrets: [], replyCredentials: false, clientCertificate: false,
		clientCertificateExpiresAt: null,
		tokens: [{ expiresAt: null }],
	}, 'every setting is stored, found by name in any case, secrets not shown');
	t.is([createdAt, createdBy], [modifiedAt, modifiedBy], 'created is the last change');
	t.ok(settingsVersion > 0, 'it has a version of the settings');

	const text = (await mustCtl('show', made.key)).stdout;
	t.like(text, /^Integration Name {4}Alerts$/m, 'text: aligned');
	t.like(text, /^Status +Enabled$/m, 'text: status');
	t.like(text, /^ +Authorization: \(secret\)$/m, 'text: a secret header');
	t.ok(!text.includes('5ecret-by'), 'text: no secret');

	const plain = await mustCtl('create', '--name', 'plain');
	t.like(plain.stdout, /^Status +Disabled$/m, 'blank settings: disabled');
	t.like(plain.stdout, /^Request Timeout +none: replies are tried for P1D$/m, 'no timeout');
	t.like(plain.stdout, /^Reply URL +none/m, 'no reply URL');
	t.like(plain.stdout, /^Platform Token +none$/m, 'no token');
	t.is((await show('plain')).externalSystem, 'async', 'Async unless told otherwise');

	const sync = await ctlJson('create', '--name', 'Z\u00fcrich \u{1f514}', '--external-system', 'sync',
	    '--token', 'typed-token-0123456789');
	secrets.push('typed-token-0123456789');
	t.is(sync.token, 'typed-token-0123456789', 'a typed token is told to programs');
	t.is([sync.externalSystem, sync.enabled], ['sync', false], 'a sync one');
	const typed = await mustCtl('create', '--name', 'typed', '--enable', '--token',
	    'typed-token-again-012');
	secrets.push('typed-token-again-012');
	t.ok(!typed.stdout.includes('typed-token'), 'a typed token is not shown to people');

	t.is((await ctlJson('list')).map((i) => i.name),
	    ['Alerts', 'plain', 'typed', 'Z\u00fcrich \u{1f514}'], 'list: by name');
	const lines = (await mustCtl('list')).stdout.trimEnd().split('\n');
	t.like(lines[0], /^KEY +NAME +STATUS +REPLIES +TEAM +REPLY URL$/, 'list: a head');
	const at = lines[0].indexOf('STATUS');
	t.is(lines.slice(1, 4).map((l) => l.slice(at).split(' ')[0]),
	    ['Enabled', 'Disabled', 'Enabled'], 'list: columns stand under it');

	await ewa.sql(`update ewa.integration set description = E'a\\x1b[31mb\\u0085c' where name = 'plain'`);
	t.like((await mustCtl('show', 'plain')).stdout, /^Description +a\?\[31mb\?\??c$/m,
	    'controls do not reach the terminal');
}

// ---- refusals --------------------------------------------------------------------
{
	const count = () => ewa.value('select count(*) from ewa.integration');
	const before = await count();

	await refuses(['integration', 'create'], 2, '--name is missing');
	await refuses(['integration', 'create', '--name', 'x', '--enable'], 1,
	    '--enable: an enabled integration needs a platform token or a signing secret');
	await refuses(['integration', 'create', '--name', 'x', '--token', 'a-token-of-some-length',
	    '--generate-token'], 2, '--token and --generate-token');
	const all = await refuses(['integration', 'create', '--name', ' ', '--token', 'shorttoken',
	    '--request-timeout', '60', '--reply-url', 'ftp://x/', '--reply-method', 'GET',
	    '--reply-header', 'Host: x', '--reply-header', 'nocolon', '--secret-reply-header',
	    'A B: x', '--token-header', 'X_Y', '--allow-query-token', 'maybe',
	    '--accept-malformed', '1', '--max-body', '17M', '--external-system', 'other'], 1,
	    '--name: an integration needs a name', '--token: the token has 10 characters',
	    '--request-timeout: a duration begins with P', '--reply-url: ', '--reply-method: ',
	    '--reply-header: the header Host', '--reply-header: there is no colon',
	    '--secret-reply-header: ', '--token-header: ', '--allow-query-token: "maybe"',
	    '--accept-malformed: "1"', '--max-body: ', '--external-system: "other"');
	t.is(all.trimEnd().split('\n').length, 13, 'each fault is told, each once');
	t.ok(!all.includes('shorttoken'), 'the token is not repeated');
	for (const [size, says] of [['0', '1 to'], ['1.5M', 'not a size'], ['-1', 'not a size'],
	    ['', 'not a size'], ['99999999999999', 'not a size']])
		await refuses(['integration', 'create', '--name', 'x', '--max-body', size], 1, says);
	await refuses(['integration', 'create', '--name', 'x', '--request-timeout', 'P31D'], 1,
	    'at most 30 days');
	await refuses(['integration', 'create', '--name', 'x', '--reply-header', 'X-A: 1',
	    '--reply-header', 'x-a: 2'], 1, 'given twice');
	await refuses(['integration', 'create', '--name', 'x', '--secret-reply-header', 'X-A'], 1,
	    'no value is stored for the secret header X-A');
	const { key } = await show('Alerts');
	await refuses(['integration', 'create', '--name', 'ALERTS'], 1, 'name: ', key, '"Alerts"');
	await refuses(['integration', 'update', 'plain', '--name', 'alerts'], 1, 'name: ', key);
	t.is((await show('plain')).name, 'plain', 'and it keeps its name');
	for (const verb of ['show', 'enable', 'disable', 'pause', 'resume', 'delete', 'token'])
		await refuses(['integration', verb, 'nowhere'], 1, '"nowhere"');
	await refuses(['integration', 'update', 'nowhere', '--team', 'x'], 1, '"nowhere"');
	t.is(await count(), before, 'nothing was stored');

	const notUtf8 = commandSync(['sh', '-c',
	    `exec "$0" --config "$1" integration show "$(printf '\\377')"`,
	    programPath('ewactl'), ewa.configFile]);
	t.is(notUtf8.status, 2, 'an argument that is not UTF-8');
	t.like(notUtf8.stderr, /not UTF-8/, 'is told');
}

// ---- update ------------------------------------------------------------------------
{
	const sealed = (name) => ewa.value(`select encode(h.sealed, 'hex') from ewa.integration_header h
	    join ewa.integration i on i.id = h.integration_id
	    where i.name = 'Alerts' and h.name = $1`, name);
	const before = await show('Alerts');
	const kept = await sealed('Authorization');
	const stripped = ({ modifiedAt, settingsVersion, modifiedBy, ...rest }) => rest;

	t.like((await mustCtl('update', 'Alerts', '--team', 'SRE')).stdout,
	    new RegExp(`^updated ${before.key} \\(Alerts\\)$`, 'm'), 'update says what it did');
	const after = await show('Alerts');
	t.is(stripped(after), stripped({ ...before, team: 'SRE' }), 'only what is given changes');
	t.ok(after.settingsVersion > before.settingsVersion, 'the version rises');
	t.is(await sealed('Authorization'), kept, 'a sealed value stays as it is');

	await mustCtl('update', 'Alerts', '--secret-reply-header', 'authorization',
	    '--secret-reply-header', 'X-Plain: 5ecret-anew', '--reply-header', 'X-New: 1');
	secrets.push('5ecret-anew');
	t.is((await show('Alerts')).replyHeaders.map((h) => [h.name, h.secret]),
	    [['authorization', true], ['X-Plain', true], ['X-New', false]],
	    'headers are replaced as a whole, in their order');
	t.is(await sealed('authorization'), kept, 'a name alone keeps the sealed value');
	const blank = await ctlJson('update', 'Alerts', '--reply-header', '', '--request-timeout', '',
	    '--reply-url', '', '--description', '', '--allow-query-token', 'no');
	t.is([blank.replyHeaders, blank.requestTimeout, blank.replyUrl, blank.description,
	    blank.allowQueryToken], [[], null, '', '', false], 'blank values clear');
	await mustCtl('update', 'Alerts', '--reply-header', 'X-A: 1', '--reply-header', 'X-Empty:');
	t.is((await show('Alerts')).replyHeaders[1], { name: 'X-Empty', secret: false, value: '' },
	    'a header without a value');
	t.is((await ctlJson('update', 'Alerts', '--no-reply-headers')).replyHeaders, [],
	    '--no-reply-headers');
	await refuses(['integration', 'update', 'Alerts'], 2, 'no setting is given');
	await refuses(['integration', 'update', 'Alerts', '--external-system', 'sync'], 1,
	    'fixed once', 'Event Webhook Async');
	await refuses(['integration', 'update', 'Alerts', '--team', 'x', '--reply-url', 'nothing'], 1,
	    '--reply-url: ');
	t.is((await show('Alerts')).team, 'SRE', 'one fault, and nothing changes');
}

// ---- enable, disable, pause, resume ------------------------------------------------
{
	await refuses(['integration', 'enable', 'plain'], 1, 'needs a platform token');
	t.is((await show('plain')).enabled, false, 'it stays disabled');
	t.is((await ctlJson('disable', 'Alerts')).enabled, false, 'disable');
	t.is((await ctlJson('disable', 'Alerts')).enabled, false, 'disable again');
	t.is((await ctlJson('enable', 'Alerts')).enabled, true, 'enable');

	const paused = await ctlJson('pause', 'Alerts');
	t.is([paused.paused, paused.pausedUntil, paused.enabled], [true, null, true],
	    'pause until resumed');
	t.like((await mustCtl('show', 'Alerts')).stdout, /^Status +Enabled, paused until resumed$/m,
	    'told to people');
	t.is((await ctlJson('resume', 'Alerts')).paused, false, 'resume');
	const until = await ctlJson('pause', 'Alerts', '--until', '2099-12-31T23:30:00+01:00');
	t.is(until.pausedUntil, '2099-12-31T22:30:00.000Z', 'pause until a time with a zone');
	const span = await ctlJson('pause', 'Alerts', '--for', 'PT2H');
	t.within(Date.parse(span.pausedUntil) - Date.now(), 7000000, 7200000 + 60000, 'pause for 2 h');
	await refuses(['integration', 'pause', 'Alerts', '--until', '2001-01-01T00:00:00Z'], 1, 'passed');
	await refuses(['integration', 'pause', 'Alerts', '--until', '2099-02-30T00:00:00Z'], 2,
	    'not a time', '2026-01-31T08:00:00Z');
	await refuses(['integration', 'pause', 'Alerts', '--until', '2099-01-01T00:00:00'], 2, 'zone');
	await refuses(['integration', 'pause', 'Alerts', '--for', '2h'], 2, '--for: ');
	await refuses(['integration', 'pause', 'Alerts', '--for', 'PT1H', '--until',
	    '2099-01-01T00:00:00Z'], 2, '--until and --for');
	await mustCtl('resume', 'Alerts');
}

// ---- tokens ---------------------------------------------------------------------------
{
	const token = (...args) => commandSync([programPath('ewactl'), '--config', ewa.configFile,
	    'integration', 'token', 'Alerts', ...args], { input: 'from-stdin-0123456789\nmore\n' });

	const first = await mustCtl('token', 'Alerts');
	const made = first.stdout.trimEnd().split('\n').pop();
	t.like(made, /^[a-z2-7]{40}$/, 'a generated one is shown');
	t.is((await show('Alerts')).tokens, [{ expiresAt: null }], 'the old one is gone at once');
	const second = await ctlJson('token', 'Alerts', '--keep-old', 'PT1H');
	secrets.push(made, second.token, 'from-stdin-0123456789');
	t.is(second.tokens.length, 2, 'the old one is kept');
	t.within(Date.parse(second.tokens[1].expiresAt) - Date.now(), 3500000, 3660000, 'for 1 h');
	t.is((await show('Alerts')).tokens, second.tokens, 'and so it is stored');
	t.like((await mustCtl('show', 'Alerts')).stdout, /^Platform Token +set; the old one is valid until /m,
	    'told to people');
	const third = await ctlJson('token', 'Alerts', '--keep-old', 'P30D');
	secrets.push(third.token);
	t.is(third.tokens.length, 2, 'two at most: the oldest is gone');
	t.is(await ewa.value('select count(*) from ewa.integration_token t join ewa.integration i' +
	    " on i.id = t.integration_id where i.name = 'Alerts'"), 2, 'in the database too');
	const piped = token('--token', '-');
	t.is(piped.status, 0, 'a token from standard input');
	t.ok(!piped.stdout.includes('from-stdin'), 'is not repeated');
	const nothing = commandSync([programPath('ewactl'), '--config', ewa.configFile, 'integration',
	    'token', 'Alerts', '--token', '-'], { input: '' });
	t.is([nothing.status, /no line/.test(nothing.stderr)], [1, true], 'no line: refused');
	await refuses(['integration', 'token', 'Alerts', '--token', 'has a blank in it'], 1, '--token: ');
	await refuses(['integration', 'token', 'Alerts', '--keep-old', 'P31D'], 2, '--keep-old: ');
	t.is((await show('Alerts')).tokens.length, 1, 'refused: as it was');
}

// ---- the audit -------------------------------------------------------------------------
{
	const run = (...args) => commandSync([programPath('ewactl'), '--config', ewa.configFile,
	    'integration', ...args], { env: { ...process.env, SUDO_USER: 'mona', USER: 'root' } });
	t.is(run('create', '--name', 'audited', '--generate-token', '--reply-url',
	    'https://a.example/path?q=5ecret-path', '--reply-header', 'Cookie: 5ecret-cookie').status,
	    0, 'created by mona');
	secrets.push('5ecret-cookie');
	run('update', 'audited', '--name', 'renamed', '--max-body', '2M', '--reply-url',
	    'https://b.example/', '--secret-reply-header', 'Cookie: 5ecret-cookie-2');
	run('enable', 'renamed');
	run('pause', 'renamed');
	run('resume', 'renamed');
	run('disable', 'renamed');
	run('disable', 'renamed');
	run('token', 'renamed', '--keep-old', 'PT1H');
	run('delete', 'renamed');
	const rows = await ewa.sql(`select a.actor, a.action, a.detail from ewa.audit a
	    join ewa.integration i on i.id = a.integration_id where i.name = 'renamed' order by a.id`);
	t.ok(rows.every((r) => r.actor === 'mona'), 'who: $SUDO_USER');
	t.is(rows.map((r) => r.action.replace('integration.', '')),
	    ['create', 'token', 'update', 'enable', 'pause', 'resume', 'disable', 'token', 'delete'],
	    'a row for each change, none where nothing changed');
	t.is(rows[0].detail, {
		name: { to: 'audited' }, reply_url: { to: 'https://a.example:443' },
		reply_headers: { to: ['Cookie'] },
	}, 'what a new one has; of URLs the origin, of headers the names');
	t.is(rows[2].detail, {
		name: { from: 'audited', to: 'renamed' }, max_body: { from: 1048576, to: 2097152 },
		reply_url: { from: 'https://a.example:443', to: 'https://b.example:443' },
		reply_headers: { from: ['Cookie'], to: ['Cookie'] },
	}, 'what an update changed, from and to');
	t.is(rows[4].detail, { paused_until: { from: '', to: 'resumed' } }, 'a pause');
	t.is(Object.keys(rows[7].detail), ['token', 'old_valid_until'], 'a token: that it is new');
	const audit = JSON.stringify(await ewa.sql('select * from ewa.audit'));
	t.ok(!/5ecret/.test(audit), 'no secret in the audit');
	for (const s of secrets)
		t.ok(!audit.includes(s), 'nor a token or header value');
}

// ---- two at once ------------------------------------------------------------------------
{
	const many = await Promise.all(Array.from({ length: 8 }, () =>
		ctl('create', '--name', 'once', '--generate-token')));
	t.is(many.map((r) => r.status).sort(), [0, 1, 1, 1, 1, 1, 1, 1],
	    'one name is taken by one, whoever is first');
	const updates = await Promise.all(Array.from({ length: 8 }, (_, n) =>
		ctl('update', 'once', '--description', `by ${n}`, '--team', `t${n}`)));
	t.ok(updates.some((r) => r.status === 0), 'of updates at once one goes through at least');
	t.ok(updates.every((r) => r.status === 0 || /somebody else meanwhile/.test(r.stderr)),
	    'others are told to look again');
	const { description, team } = await show('once');
	t.is(description.replace('by ', 't'), team, 'and what is stored is of one of them');
	const versions = (await ewa.sql('select settings_version v from ewa.integration')).map((r) => r.v);
	t.is(new Set(versions).size, versions.length, 'no two have the same version');
}

// ---- nothing in the clear ------------------------------------------------------------------
{
	// they were deleted meanwhile: here once more
	const live = await ctlJson('create', '--name', 'dumped', '--generate-token',
	    '--secret-reply-header', 'X-A: 5ecret-dumped');
	const dump = await command(['pg_dump', '-h', ewa.pgHost, '-U', 'postgres', ewa.database]);
	t.is(dump.status, 0, 'pg_dump');
	t.ok(dump.stdout.includes(live.key), 'which holds the integration');
	const hex = (s) => Buffer.from(s).toString('hex');
	for (const s of [...secrets, live.token, '5ecret-dumped'])
		t.ok(!dump.stdout.includes(s) && !dump.stdout.includes(hex(s)),
		    'no token and no secret header in a dump');
}

// ---- keys and database away -------------------------------------------------------------------
{
	const otherConfig = (more) => {
		const file = path.join(ewa.dir, 'other.conf');
		fs.writeFileSync(file, Object.entries({ ...ewa.config, ...more })
		    .map(([k, v]) => `${k} = ${v}\n`).join(''));
		return (...args) => command([programPath('ewactl'), '--config', file, ...args]);
	};
	const keyless = otherConfig({ key_file: path.join(ewa.dir, 'nokeys') });
	const r = await keyless('integration', 'create', '--name', 'k', '--generate-token');
	t.is([r.status, r.stdout], [1, ''], 'without a key file no token');
	t.like(r.stderr, /nokeys.*\n.*secrets init/, 'and what to do');
	t.is((await keyless('integration', 'update', 'Alerts', '--team', 'T')).status, 0,
	    'other settings need no keys');

	const away = otherConfig({ database: `host=${path.join(ewa.dir, 'nowhere')} dbname=x` });
	for (const args of [['integration', 'list'], ['integration', 'create', '--name', 'x'],
	    ['event', 'list'], ['migrate'],
	    ['event', 'body', '01890a5d-ac96-774b-bcce-b302099a8057']]) {
		const gone = await away(...args);
		t.is([gone.status, gone.stdout], [75, ''], `the database is away: ${args.join(' ')}`);
		t.like(gone.stderr, /^ewactl: database: /, 'and it says so');
	}
	const bare = otherConfig({ database: `host=${ewa.pgHost} dbname=postgres` });
	const empty = await bare('integration', 'list');
	t.is(empty.status, 1, 'a database without our schema');
	t.like(empty.stderr, /ewactl migrate/, 'and what to do');
}

await ewa.stop();
t.done();
