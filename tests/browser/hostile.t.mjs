#!/usr/bin/env node
// Hostile strings in everything that the page shows: scripts, bidirectional
// controls, control characters, thousands of characters, bytes that are no
// UTF-8.  Nothing of it is run, moves the layout, or turns what stands beside
// it around.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, request, waitFor } from '../lib/ewa.mjs';
import { addUser, password, signedIn } from '../lib/api.mjs';
import { Browser, signIn } from '../lib/browser.mjs';

const RLO = '\u202e';
const script = '<script>window.hit=1</script><img src=x onerror="window.hit=2">\'"><svg onload=window.hit=3>';
const evil = `${RLO}${script}`;
const long = (n) => `${evil}${'W'.repeat(n - evil.length)}`;
const controls = '\u0001\u001b[31m\u0007\u200b';
const latin = (s) => Buffer.from(s).toString('latin1'); // as bytes of a header

// ---- in every field ----------------------------------------------------------------------

const ewa = await Bench.start();
const ada = await signedIn(ewa, 'ada', ['admin']);
const receiver = await Receiver.start((r) => r.url === '/action' ?
    { status: 200, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ out: long(3000) }) } :
    { status: 400, headers: { 'X-Answer': latin(evil) }, body: Buffer.concat([Buffer.from(long(9000)), Buffer.from([0, 0xff, 0xc0, 0x80])]) });

const must = (r, wanted) => {
	if (r.status !== wanted)
		throw new Error(`expected ${wanted}, got ${r.status}: ${r.text}`);
	return r.json;
};
const made = must(await ada.post('/integrations', {
	name: long(200), description: long(2000), contact: long(2000), team: evil,
	replyUrl: receiver.url(), subject: '$.event.subject', generateToken: true,
	replyHeaders: [{ name: 'X-Evil', value: long(1000) }],
}), 201);
must(await ada.post(`/integrations/${made.key}/enable`), 200);
const other = must(await ada.post('/integrations', { name: `${evil} 2`, generateToken: true }), 201);
must(await ada.post(`/integrations/${other.key}/enable`), 200);
must(await ada.post(`/integrations/${made.key}/automations`, {
	name: long(200), action: { kind: 'http', url: receiver.url('/action'), method: 'POST', headers: [{ name: 'X-Plain', value: evil }] },
}), 201);
must(await ada.post('/users', { name: 'eve', displayName: long(200), password, grants: [{ role: 'viewer', team: evil }] }), 201);
must(await ada.post('/tokens', { name: `${evil}${'W'.repeat(20)}`, grants: [{ role: 'viewer', team: evil }] }), 201);
await addUser(ewa, 'viv', ['viewer']);

const i = { ...made, path: `/hooks/${made.key}` };
const j = { ...other, path: `/hooks/${other.key}` };
for (const x of [i, j])
	await waitFor(async () => (await ewa.send(x, { method: 'GET' })).status === 200, 'the responder knows it');
const ids = [];
for (const options of [
	{ json: { subject: long(10000), deep: [script, controls] } },
	{ json: { subject: `${controls}${evil}` }, headers: { 'X-Evil': latin(evil), 'X-Long': 'W'.repeat(3000) } },
	{ body: long(10000), type: `text/plain; x="${script.replaceAll('"', "'")}"` },
	{ body: Buffer.concat([Buffer.from(evil), Buffer.from([0xff, 0xfe, 0xc0, 0x80, 0, 1])]), type: 'text/html' },
	{ body: `${evil}${controls}`, type: 'text/html' },
])
	ids.push(await ewa.accept(i, { json: undefined, ...options }));
await ewa.drained();
await ewa.send(i, { token: null, path: `/${encodeURIComponent(evil)}`, json: {} });
await ewa.send(j, { token: null, path: `?token=${j.token}&x=${encodeURIComponent(script)}`, json: {} });
await ewa.send(j, { body: `{"${evil}`, json: undefined });
await request(`${ewa.url()}/hooks/${encodeURIComponent(evil)}`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });

// ---- what the page makes of it --------------------------------------------------------------

const browser = await Browser.start();
const { page } = browser;
page.on('dialog', (d) => {
	browser.complaints.push(`dialog: ${d.message().slice(0, 80)}`);
	d.dismiss().catch(() => {});
});

// Text with a bidirectional control that shares its block with other text and
// is not isolated from it.
const loose = () => {
	const found = [];
	const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walk.nextNode(); node; node = walk.nextNode()) {
		if (!node.data.includes('\u202e') || node.parentElement.closest('option, script, style, textarea'))
			continue;
		let e = node.parentElement;
		const style = () => getComputedStyle(e);
		const isolates = () => style().display === 'inline' && /isolate|plaintext/.test(style().unicodeBidi);
		while (e !== document.body && style().display === 'inline' && !isolates())
			e = e.parentElement;
		if (!isolates() && e.textContent.trim() !== node.data.trim())
			found.push(`${e.tagName}.${e.className}: ${e.textContent.slice(0, 60)}`);
	}
	return found;
};

async function looks(name, ready, { narrow = true } = {}) {
	await ready;
	await page.locator('.loading').waitFor({ state: 'detached' });
	await browser.shot(`hostile-${name.replaceAll(/\W+/g, '-')}`);
	t.is(await page.evaluate(() => [window.hit, document.querySelectorAll('#app script, #app svg, #app img').length]), [undefined, 0],
	    `nothing is run: ${name}`);
	t.is(await page.evaluate(loose), [], `it is isolated: ${name}`);
	if (narrow)
		await browser.fits(`hostile ${name}`);
}

const to = (hash) => page.goto(`${ewa.url()}/#/${hash}`);
const panel = page.getByRole('complementary');

await signIn(page, `${ewa.url()}/`, 'ada', password);
await looks('integrations', page.getByRole('main').locator('.list .name').nth(1).waitFor());
await to(`integrations/${made.key}`);
await looks('integration', panel.getByRole('button', { name: 'Update' }).waitFor());
t.is(await panel.getByRole('textbox', { name: 'Integration Name', exact: true }).inputValue(), long(200), 'a name is kept as it is');
await to(`integrations/${made.key}/automations`);
await looks('automations', panel.getByText('WWWW').nth(1).waitFor());
await to(`integrations/${made.key}/events`);
await looks('events of one', panel.locator('.list .name').nth(4).waitFor());
await to(`integrations/${made.key}/audit`);
await looks('audit of one', panel.getByText('create').first().waitFor());

await to('events');
await looks('events', page.getByRole('main').locator('.list .name').nth(4).waitFor());
await to('events?show=refused');
await looks('refused', page.getByText('the token came in the query').waitFor());
for (const [n, id] of ids.entries()) {
	await to(`events/${id}`);
	const part = (name) => panel.getByRole('button', { name, exact: true }).click();
	await looks(`event ${n + 1}`, panel.getByRole('region', { name: 'body', exact: true }).waitFor());
	if (n === 4)
		t.like(await panel.getByRole('region', { name: 'body', exact: true }).textContent(),
		    /\u2401\u241b\[31m\u2407/, 'control characters show as their pictures');
	if (n > 1)
		continue;
	await part('Headers');
	await looks(`headers of event ${n + 1}`, panel.locator('dl.mono').waitFor(), { narrow: n === 1 });
	await part('Reply');
	await looks(`reply of event ${n + 1}`, panel.getByRole('region', { name: 'reply', exact: true }).waitFor(), { narrow: false });
	await panel.locator('details.fold').evaluateAll((all) => all.forEach((d) => {
		d.open = true;
	}));
	await looks(`all of event ${n + 1}`, panel.getByRole('region', { name: 'response body' }).first().waitFor());
}
await panel.getByRole('button', { name: 'Handle again' }).click();
await panel.getByText('Made from').waitFor();
await looks('handled again', page.waitForTimeout(0), { narrow: false });

await to('overview');
await looks('overview', page.getByRole('region', { name: 'Failing integrations' }).getByRole('link').first().waitFor());
await to('users');
await looks('users', page.getByText('eve').first().waitFor());
await to('tokens');
await looks('tokens', page.getByText('WWWW').first().waitFor());
await to('audit');
await looks('audit', page.getByText('token.create').or(page.getByText('create')).first().waitFor());

await to(`events?subject=${encodeURIComponent(evil)}`);
await looks('an address', page.getByText('1 event', { exact: true }).waitFor());
await to(`events/${encodeURIComponent(evil)}`);
await looks('an address of nothing', page.getByRole('alert').first().waitFor());

// Who has such a name sees it in the frame.
const eve = await browser.open();
await signIn(eve, `${ewa.url()}/`, 'eve', password);
await eve.getByRole('heading', { name: 'Integrations' }).waitFor();
t.is(await eve.evaluate(() => [window.hit, document.documentElement.scrollWidth > innerWidth]), [undefined, false], 'a name in the frame');
await browser.fits('hostile name', eve);

t.is(browser.complaints, [], 'no dialog, no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
