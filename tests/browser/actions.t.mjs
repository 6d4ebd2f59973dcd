#!/usr/bin/env node
// What is done with an integration in Chromium: paused with what that costs,
// its token rotated, copied, deleted; the examples for senders; refused
// requests in its Events; notices of certificates.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, command, request, waitFor } from '../lib/ewa.mjs';
import { addUser, password } from '../lib/api.mjs';
import { Browser, signIn, sees, soon } from '../lib/browser.mjs';
import { queue } from '../lib/queued.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start(() => 503);
await addUser(ewa, 'ada', ['admin']);
const i = await ewa.integration({ name: 'Disks', replyUrl: receiver.url(), requestTimeout: 'PT30M' });
await queue(ewa, i.key, 3, { timeoutMs: 1800000 });
await queue(ewa, i.key, 4, { timeoutMs: 86400000 });

const browser = await Browser.start();
const { page } = browser;
const main = page.getByRole('main');
const panel = page.getByRole('complementary');
const dialog = page.getByRole('dialog');
const button = (name, within = panel) => within.getByRole('button', { name, exact: true });
const field = (name, within = panel) => within.getByRole('textbox', { name, exact: true });
const state = () => ewa.ctlJson('integration', 'show', i.key);

await signIn(page, `${ewa.url()}/#/integrations/${i.key}`, 'ada', password);

// ---- paused: what it costs is said before ---------------------------------------------

await button('Pause…').click();
await dialog.getByText('3 replies of these would expire meanwhile').waitFor();
await sees(dialog.getByText('7 events wait'), 'an hour: how many replies of what waits would expire');
await dialog.getByLabel('How long').selectOption('30 minutes');
await dialog.getByLabel('How long').selectOption('until somebody resumes');
await dialog.getByText('7 replies of these would expire if nobody resumes before').waitFor();
t.ok(true, 'without an end: all of them');
await dialog.getByLabel('How long').selectOption('until a time');
await browser.accessible('pause');
await browser.fits('pause');
await dialog.getByLabel('Until', { exact: true }).fill('');
await dialog.getByText('Say a day and a time').waitFor();
await soon(() => button('Pause', dialog).isDisabled(), 'no time is told beside its field');
const year = new Date().getUTCFullYear() + 1;
await dialog.getByLabel('Until', { exact: true }).fill(`${year}-02-03T04:05`);
await dialog.getByText(`That is ${year}-02-03 03:05:00`).waitFor();
t.ok(true, 'the time is the viewer’s, with UTC beside it');
await button('Pause', dialog).click();
await dialog.waitFor({ state: 'detached' });
await main.getByText(/paused until 3 Feb/i).waitFor();
t.ok(true, 'the list says so, beside its error');
const paused = await state();
t.is([paused.paused, new Date(paused.pausedUntil).toISOString()], [true, `${year}-02-03T03:05:00.000Z`], 'it is paused until then');
await browser.accessible('paused');
await button('Resume').click();
await button('Pause…').waitFor();
t.is((await state()).paused, false, 'resumed');

// ---- the token ---------------------------------------------------------------------------

await button('Rotate token…').click();
await browser.accessible('rotate token');
await dialog.getByLabel(/stays valid/).selectOption('1 day');
await button('Rotate', dialog).click();
const token = (await dialog.getByRole('region', { name: 'platform token' }).textContent()).trim();
await browser.accessible('token rotated');
await button('Close', dialog).click();
await waitFor(async () => (await ewa.send(i, { token, json: {} })).status === 202, 'the new token is taken');
t.is((await ewa.send(i, { json: {} })).status, 202, 'the old one still is');
t.ok(!(await page.content()).includes(token), 'it was shown once');

// ---- examples: each as that sender sends ----------------------------------------------------

const example = async (name) => {
	await button(name).click();
	return panel.getByRole('region', { name: `${name} example` }).textContent();
};
const url = `${ewa.url()}/hooks/${i.key}`;
for (const [name, pattern] of [['Alertmanager', /webhook_configs:[\s\S]*type: Bearer\s+credentials: PLATFORM-TOKEN/],
	['Grafana', /Scheme: Bearer[\s\S]*Credentials: PLATFORM-TOKEN/], ['Zabbix', /Bearer token: PLATFORM-TOKEN/],
	['GitLab', /Secret token: PLATFORM-TOKEN/], ['curl', /X-Platform-Token: PLATFORM-TOKEN/]]) {
	const text = await example(name);
	t.ok(text.includes(url) && pattern.test(text), `the example for ${name}`, text);
}
const ran = await command(['sh', '-c', (await example('curl')).replace('PLATFORM-TOKEN', token)]);
t.like(ran.stdout, /^HTTP\/1\.1 202 /, 'the curl example works when it is pasted');
await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
await panel.getByRole('button', { name: 'Copy endpoint' }).click();
await panel.getByRole('button', { name: 'Copy endpoint' }).getByText('Copied').waitFor();
t.is(await page.evaluate(() => navigator.clipboard.readText()), url, 'the endpoint is copied');

// ---- refused requests, a filter of its events ------------------------------------------------

await request(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' });
await panel.getByRole('link', { name: 'Events', exact: true }).click();
await panel.locator('.list .name').first().waitFor();
await browser.accessible('events of one integration');
await button('Refused').click();
await panel.getByRole('listitem').filter({ hasText: '401' }).waitFor();
t.ok(true, 'refused requests are a filter of its events');
await browser.accessible('refused of one integration');
await browser.fits('refused of one integration');

// ---- certificates that expire ------------------------------------------------------------------

const mails = await ewa.integration({ name: 'Mails', replyUrl: 'https://hooks.example/in' });
await ewa.sql(`insert into ewa.integration_status (integration_id, state, certificate_subject, certificate_expires_at)
    select id, 'ok', 'CN=hooks.example', now() + interval '5 days 1 hour' from ewa.integration where key = $1
    on conflict (integration_id) do update set certificate_subject = excluded.certificate_subject,
        certificate_expires_at = excluded.certificate_expires_at`, mails.key);
await page.goto(`${ewa.url()}/#/integrations/${mails.key}`);
await page.reload();
await main.getByText('The certificate of the reply URL expires in 5 days').waitFor();
t.ok(true, 'the list tells of a certificate that expires soon');
await sees(panel.getByText(/expires in 5 days \(/), '... and the integration, with the time');
await browser.accessible('a certificate expires');

// ---- copied, deleted ---------------------------------------------------------------------------

await page.goto(`${ewa.url()}/#/integrations/${i.key}`);
await panel.getByRole('heading', { name: 'Disks' }).waitFor();
await button('Copy…').click();
await browser.accessible('copy an integration');
await field('Integration Name', dialog).fill('Disks');
await button('Copy', dialog).click();
await dialog.locator('[aria-invalid=true]').waitFor();
t.ok(true, 'a name that is taken is told beside its field');
await field('Integration Name', dialog).fill('Disks of Rome');
await button('Copy', dialog).click();
await panel.getByRole('heading', { name: 'Disks of Rome' }).waitFor();
await waitFor(async () => (await ewa.ctlJson('integration', 'list')).length === 3, 'it is there');
const copy = (await ewa.ctlJson('integration', 'list')).find((x) => x.name === 'Disks of Rome');
t.is([copy.enabled, copy.replyUrl], [false, receiver.url()], 'the copy is disabled, and has the settings');
await button('Delete…').click();
await browser.accessible('delete');
await field('Type the name of the integration', dialog).fill('Disks of Rom');
await soon(() => button('Delete', dialog).isDisabled(), 'not the whole name: not deleted');
await field('Type the name of the integration', dialog).fill('Disks of Rome');
await button('Delete', dialog).click();
await panel.waitFor({ state: 'detached' });
await main.getByRole('status').getByText('2 integrations', { exact: true }).waitFor();
t.is((await ewa.ctlJson('integration', 'list')).map((x) => x.name).sort(), ['Disks', 'Mails'], 'deleted');

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
