#!/usr/bin/env node
// Certificates that expire within 14 days are told, by ewactl, in the log, by
// the API and to analysts: those of receivers and our own.

import fs from 'node:fs';
import https from 'node:https';

import * as t from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';
import { NameServer } from '../lib/dns.mjs';
import { Pki } from '../lib/pki.mjs';
import { queue } from '../lib/queued.mjs';

const DAY_MS = 86400000;
const after = (days) => new Date(Math.floor(Date.now() / 1000) * 1000 + days * DAY_MS);
const ca = (time) => time.toISOString().replace(/[-:T]|\.\d+/g, '');
const second = (time) => time.toISOString().slice(0, 19);

const dns = await NameServer.start({ 'good.test': ['127.0.0.1'] });
const ewa = await Bench.start({
	dispatchers: 0,
	config: { reply_dns_servers: dns.address },
});
const pki = new Pki(ewa.dir);
ewa.writeConfig({ reply_ca_file: pki.caFile });
const dispatcher = await ewa.startDispatcher();

const soon = after(5);
const issue = (name, until) => pki.issue(name, { hosts: ['good.test'], to: ca(until) });
const short = issue('short', soon);
const long = issue('long', after(100));
const servers = [];
const ada = await signedIn(ewa, 'ada', ['admin']);

async function serve(pair, port = 0) {
	const server = https.createServer({
		cert: pair.cert, key: pair.key, ca: fs.readFileSync(pki.caFile), requestCert: true,
		rejectUnauthorized: false,
	}, (req, res) => {
		req.resume();
		req.on('end', () => res.end());
	});
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	servers.push(server);
	return server;
}

function close(server) {
	server.closeAllConnections?.();
	return new Promise((resolve) => server.close(resolve));
}

async function reply(integration) {
	const [id] = await queue(ewa, integration.key, 1);
	await waitFor(async () => (await ewa.value(
	    `select reply_state from ewa.outcome where event_id = $1`, id)) === 'sent', 'a reply is sent');
}
const json = (i) => ewa.ctlJson('integration', 'show', i.key);
const show = async (i) => (await ewa.mustCtl('integration', 'show', i.key)).stdout;
const seen = (i, cn) => waitFor(async () => {
	const { certificate } = (await json(i)).replyStatus;
	return certificate?.subject === `CN=${cn}` ? certificate : null;
}, `the certificate ${cn} is known`);
const warnings = (i, of) => dispatcher.text().split('\n')
	.filter((line) => /certificate expires soon/.test(line) && line.includes(i.key) && line.includes(of));

const notices = async (i) => {
	const one = (await ada.get(`/integrations/${i.key}`)).json.notices;
	const [listed] = (await ada.get('/integrations?limit=100')).json.items.filter((x) => x.key === i.key);
	t.is(listed.notices, one, 'a list tells the same notices as the integration itself');
	const report = (await ada.get('/report')).json.notices.filter((n) => n.integration.key === i.key);
	t.is(report.map(({ integration, ...n }) => n), one, 'and so does the report');
	return one;
};
const analysts = () => ewa.sql(`select integration_key as key, whose, subject, expires_at, days_left
    from report.certificates order by expires_at`);

// ---- of receivers ------------------------------------------------------------------
{
	const server = await serve(short);
	const { port } = server.address();
	const i = await ewa.integration({ replyUrl: `https://good.test:${port}/` });
	const other = await serve(long);
	const calm = await ewa.integration({ replyUrl: `https://good.test:${other.address().port}/` });
	await reply(i);
	await reply(calm);
	t.is((await seen(i, 'short')).expiresAt.slice(0, 19), second(soon), 'the expiry is known to the second');
	t.like(await show(i), new RegExp(`Certificate +that of CN=short expires on ${second(soon)}`),
	    'five days before: told with the date');
	t.is((await json(i)).replyStatus.status, 'ok', 'its status stays Ok');
	const [notice, ...more] = await notices(i);
	t.is([notice.code, notice.expiresAt.slice(0, 19), more], ['receiver-certificate', second(soon), []],
	    'by the API as a notice');
	t.like(notice.detail, new RegExp(`^the receiver's certificate \\(CN=short\\) expires on ${second(soon)}`),
	    'in a sentence');
	t.like((await ewa.mustCtl('integration', 'list')).stdout, /Enabled +Ok/, 'in the list too');
	await seen(calm, 'long');
	t.ok(!/Certificate/.test(await show(calm)), 'a hundred days before: not told');
	t.is(await notices(calm), [], 'nor by the API');
	t.is((await analysts()).map((c) => [c.key, c.whose, c.subject, c.days_left]),
	    [[i.key, 'receiver', 'CN=short', 4], [calm.key, 'receiver', 'CN=long', 99]],
	    'analysts see all of them, with the days left');

	await close(server);
	const again = await serve(short, port); // a new connection
	await reply(i);
	t.is(warnings(i, 'the receiver').length, 1, 'logged, and not with each connection');
	t.like(warnings(i, 'the receiver')[0], new RegExp(`CN=short.*${second(soon)}`), 'with name and date');
	t.is(warnings(calm, '').length, 0, 'a hundred days before: not logged');

	await close(again);
	const replaced = await serve(long, port);
	await reply(i);
	await seen(i, 'long');
	t.ok(!/Certificate/.test(await show(i)), 'after it was replaced the notice goes');
	t.is(await notices(i), [], 'that of the API too');
	await close(replaced);
}

// ---- of a receiver that is left ----------------------------------------------------
{
	const first = await serve(short);
	const { port } = first.address();
	const i = await ewa.integration({ replyUrl: `https://good.test:${port}/a` });
	const move = (url) => ewa.mustCtl('integration', 'update', i.key, '--reply-url', url);
	await reply(i);
	await seen(i, 'short');
	await move(`https://good.test:${port}/b`);
	t.is((await notices(i)).length, 1, 'another path of the same receiver: the notice stays');
	const elsewhere = (await serve(long)).address().port;
	await move(`https://good.test:${elsewhere}/`);
	t.is(await notices(i), [], 'a receiver elsewhere: it goes at once, before the first reply there');
	t.ok(!/Certificate/.test(await show(i)), 'from ewactl too');
	t.is((await analysts()).filter((c) => c.key === i.key), [], 'and from the analysts\' view');
	await reply(i);
	await seen(i, 'long');
	first.closeAllConnections?.(); // a certificate is seen where one is made
	await move(`https://good.test:${port}/`);
	await reply(i);
	await seen(i, 'short');
	t.is((await notices(i)).length, 1, 'back again: it is told as before');
	await move('');
	t.is(await notices(i), [], 'no reply URL any more: it goes');
	await move(`https://good.test:${port}/`);
	t.is(await notices(i), [], 'and is not told before it is seen');
	first.closeAllConnections?.();
	await reply(i);
	await seen(i, 'short');
	t.is((await notices(i)).length, 1, 'as it then is');
}

// ---- our own -----------------------------------------------------------------------
{
	const server = await serve(long);
	const i = await ewa.integration({ replyUrl: `https://good.test:${server.address().port}/` });
	const set = (pair) => ewa.mustCtl('integration', 'update', i.key, '--client-certificate', pair.file);
	await set(issue('ours-long', after(100)));
	t.like(await show(i), /Client Certificate +set$/m, 'a hundred days before: not told');
	const until = after(3);
	await set(issue('ours', until));
	t.like(await show(i), new RegExp(`Client Certificate +set; it expires on ${second(until)}`),
	    'three days before: told with the date');
	t.is((await json(i)).clientCertificateExpiresAt.slice(0, 19), second(until), 'and as JSON');
	const [notice, ...more] = await notices(i);
	t.is([notice.code, notice.expiresAt.slice(0, 19), more], ['client-certificate', second(until), []],
	    'by the API as a notice, before the first reply');
	t.like(notice.detail, /^our client certificate \(CN=ours\) expires on /, 'in a sentence');
	await ewa.sql(`update ewa.integration_reply_secret set certificate_expires_at = now() - interval '1 h'
	    where kind = 'certificate' and certificate_subject = 'CN=ours'`);
	t.like((await notices(i))[0].detail, /CN=ours\) has expired on /, 'also when it has expired');
	await reply(i);
	await reply(i);
	t.is(warnings(i, 'of=us').length, 1, 'logged once');
	t.like(warnings(i, 'of=us')[0], /CN=ours/, 'with its name');
	await set(issue('ours-new', after(90)));
	t.like(await show(i), /Client Certificate +set$/m, 'after it was replaced the notice goes');
	t.is(await notices(i), [], 'that of the API too');
	t.is((await json(i)).replyStatus.status, 'ok', 'the status was Ok all the time');
}

for (const s of servers)
	await close(s);
await ewa.stop();
dns.stop();
t.done();
