#!/usr/bin/env node
// The page shows no secret: neither what it fetches nor what it renders holds
// a token, a secret of replies, the proxy's credentials, or a URL's userinfo.

import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, freePort, programPath, waitFor } from '../lib/ewa.mjs';
import { addUser, password } from '../lib/api.mjs';
import { Browser, signIn } from '../lib/browser.mjs';

const whsec = (text) => `whsec_${Buffer.from(text).toString('base64')}`;
const secrets = {
	token: 'canary-token-of-the-platform',
	header: 'canary-secret-reply-header',
	authorization: 'canary-authorization',
	password: 'canary-password-in-the-url',
	signing: whsec('canary-secret-of-the-sender-0123'),
	reply: whsec('canary-secret-of-our-replies-123'),
	proxy: 'canary-password-of-the-proxy',
};
const receiver = await Receiver.start(() => ({ status: 500, body: 'no' }));
const ewa = await Bench.start({ dispatchers: 0 });
const proxyFile = `${ewa.dir}/proxy`;
const sealed = spawnSync(programPath('ewactl'), ['--config', ewa.configFile, 'secrets', 'seal'],
    { input: `agent:${secrets.proxy}\n`, encoding: 'utf8' });
fs.writeFileSync(proxyFile, sealed.stdout, { mode: 0o600 });
ewa.writeConfig({
	reply_proxy: `http://127.0.0.1:${await freePort()}`, reply_no_proxy: '127.0.0.0/8',
	reply_proxy_credentials: proxyFile,
});
const dispatcher = await ewa.startDispatcher();
await addUser(ewa, 'ada', ['admin']);
const i = await ewa.integration({
	name: 'canary', token: secrets.token,
	replyUrl: receiver.url('/in').replace('http://', `http://user:${secrets.password}@`),
	secretReplyHeaders: [`X-Plain: ${secrets.header}`],
});
const j = await ewa.integration({
	name: 'canary 2', replyUrl: 'http://192.168.255.254/',
	replyHeaders: [`Authorization: Bearer ${secrets.authorization}`],
});
await ewa.mustCtl('integration', 'signing', i.key, '--signing-secret', secrets.signing);
await ewa.mustCtl('integration', 'reply-secret', i.key, '--reply-secret', secrets.reply);
const events = [await ewa.accept(i), await ewa.accept(j)];
for (const [n, integration] of [i, j].entries())
	await waitFor(async () => (await ewa.status(integration, events[n])).reply.attempts.length > 0, 'an attempt fails');
t.is(receiver.requests[0].headers['x-plain'], secrets.header, 'the receiver got the secrets');
t.ok(!/can't be used/.test(dispatcher.text()), "the proxy's credentials are in use");

const browser = await Browser.start();
const { page } = browser;
const seen = new Map(); // place: text
page.on('response', (r) => r.text().then((text) => {
	seen.set(`what ${new URL(r.url()).pathname}${new URL(r.url()).search} answered`,
	    `${JSON.stringify(r.headers())}\n${text}`);
}).catch(() => {}));

await signIn(page, `${ewa.url()}/`, 'ada', password);
await page.getByRole('heading', { name: 'Integrations' }).waitFor();
const shown = () => [document.documentElement.outerHTML,
	...[...document.querySelectorAll('input, textarea, select')].map((e) => e.value)].join('\n');
for (const [view, words] of [['', 'canary 2'], [`integrations/${i.key}`, 'X-Plain'], [`integrations/${j.key}`, 'Authorization'],
	['events', events[0]], [`events/${events[0]}`, '500'], [`events/${events[1]}`, events[1].slice(0, 8)], ['audit', 'create'],
	['overview', 'canary']]) {
	await page.goto(`${ewa.url()}/#/${view}`);
	await waitFor(async () => (await page.evaluate(shown)).includes(words), `${words} in the view of ${view}`).catch((e) => t.diag(e.message));
	await page.waitForLoadState('networkidle', { timeout: 1500 }).catch(() => {}); // it may wait for changes
	seen.set(`the view /${view}`, await page.evaluate(shown));
}
for (const p of [`/api/integrations/${i.key}`, `/api/events/${events[0]}`, '/api/audit', '/api/report']) {
	const has = () => [...seen.keys()].some((k) => k.startsWith(`what ${p}`));
	await waitFor(has, p).catch(() => {});
	t.ok(has(), `the page has fetched ${p}`);
}
for (const [view, words] of [[`integrations/${i.key}`, 'X-Plain'], [`integrations/${j.key}`, 'Authorization'],
	[`events/${events[0]}`, '500']])
	t.ok(seen.get(`the view /${view}`).includes(words), `the view of ${view} shows ${words}`);

for (const [name, secret] of Object.entries(secrets)) {
	const forms = [secret, secret.replace('whsec_', ''), Buffer.from(secret).toString('base64'),
		Buffer.from(secret).toString('hex'), encodeURIComponent(secret)];
	if (secret.startsWith('whsec_'))
		forms.push(Buffer.from(secret.slice(6), 'base64').toString());
	t.is([...seen].filter(([, text]) => forms.some((f) => text.includes(f))).map(([place]) => place), [],
	    `the page holds no ${name}`);
}
t.ok(![...ewa.programs].some((p) => p.text().includes(secrets.proxy)), "no log holds the proxy's password");

await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
