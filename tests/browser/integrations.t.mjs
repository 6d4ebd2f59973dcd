#!/usr/bin/env node
// The workspace in Chromium: sign in, the documented way to Integrations, a
// new integration from Select External System to the first event, its settings
// changed, disabled, and deleted; nothing that a person types is lost.

import { spawnSync } from 'node:child_process';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, programPath, waitFor } from '../lib/ewa.mjs';
import { Browser, signIn, sees, soon } from '../lib/browser.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const receiver = await Receiver.start();
const password = 'correct horse battery';
const added = spawnSync(programPath('ewactl'), ['--config', ewa.configFile, 'user', 'add', 'ada', '--role', 'admin'],
    { input: `${password}\n`, encoding: 'utf8' });
t.is(added.status, 0, 'the first administrator is added by ewactl') || t.diag(added.stderr);

const browser = await Browser.start();
const { page } = browser;
const panel = page.getByRole('complementary');

await signIn(page, `${ewa.url()}/`, 'ada', 'wrong password');
t.ok(await page.getByRole('alert').textContent(), 'a wrong password is told');
await signIn(page, `${ewa.url()}/`, 'ada', password);
await page.getByRole('heading', { name: 'Integrations' }).waitFor();
await page.getByText('There is none yet').waitFor();
t.ok(true, 'an empty list says what to do');
await browser.accessible('empty list');

// The menu at the top left, Administration, Settings, Integrations.
await page.getByRole('button', { name: 'Menu' }).click();
t.is(await page.getByRole('navigation', { name: 'Menu' }).getByText(/Administration|Settings|Integrations/).allTextContents(),
    ['Administration', 'Settings', 'Integrations'], 'the menu leads there');
await page.getByRole('navigation', { name: 'Menu' }).getByRole('link', { name: 'Integrations' }).click();

await page.getByRole('button', { name: '+ New Integration' }).first().click();
await page.getByRole('heading', { name: 'Select External System' }).waitFor();
await browser.accessible('Select External System');
await panel.getByRole('searchbox').fill('nothing');
t.is(await panel.getByRole('button', { name: /Event Webhook/ }).count(), 0, 'the systems can be filtered');
await panel.getByRole('searchbox').fill('');
t.is(await panel.getByRole('button', { name: /Event Webhook/ }).evaluateAll((all) => all.map((b) => b.getAttribute('aria-label'))),
    ['Event Webhook Async', 'Event Webhook Sync'], 'Async and Sync are there');
await page.reload();
await panel.getByRole('button', { name: 'Event Webhook Async' }).click();

// What is wrong is told beside its field.
await panel.getByRole('textbox', { name: 'Request Timeout', exact: true }).fill('60');
await panel.getByText(/PT60S for 60 seconds/).waitFor();
t.ok(true, 'a wrong Request Timeout is told while typing');
await panel.getByRole('textbox', { name: 'Request Timeout', exact: true }).fill('PT90S');
await panel.getByText('1 minute 30 seconds').waitFor();
t.ok(true, 'a right one is echoed in words');
await panel.getByRole('textbox', { name: 'Reply URL', exact: true }).fill('ftp://example.com/');
await panel.getByText(/http:\/\/ or https:\/\//).first().waitFor();
t.ok(true, 'a wrong Reply URL is told while typing');
await panel.getByRole('textbox', { name: 'Reply URL', exact: true }).fill(receiver.url());
await panel.getByRole('button', { name: 'Create' }).first().click();
await panel.getByRole('textbox', { name: 'Integration Name', exact: true }).and(page.locator('[aria-invalid=true]')).waitFor();
t.is(await panel.getByRole('textbox', { name: 'Reply URL', exact: true }).inputValue(), receiver.url(), 'a refused form keeps what was typed');
await browser.accessible('the form with an error');

const hostile = '<img src=x onerror=alert(1)> ‮evil';
await panel.getByRole('textbox', { name: 'Integration Name', exact: true }).fill(hostile);
await panel.getByRole('button', { name: '+ Add header' }).click();
await panel.getByLabel('Name of header 1').fill('X-Source');
await panel.getByLabel('Value of header 1').fill('ewa');
await panel.getByRole('button', { name: 'Create' }).first().click();
await panel.getByText('This is the only time it is shown').waitFor();
const token = (await panel.getByRole('region', { name: 'platform token' }).textContent()).trim();
const endpoint = (await panel.getByRole('region', { name: 'endpoint', exact: true }).textContent()).trim();
t.ok(token.length >= 16, 'the token is shown once');
await sees(panel.getByText('It is disabled'), 'it is disabled at first');
await browser.accessible('created');
await panel.getByRole('button', { name: 'Enable' }).click();
await panel.getByRole('heading', { name: 'Waiting for your sender' }).waitFor();

// A sender with the token in the URL is refused, and let in by one click.
const url = new URL(endpoint);
const key = url.pathname.split('/').pop();
const i = { key, token, path: url.pathname };
await waitFor(async () => (await ewa.send(i, { method: 'GET' })).status === 200, 'the responder knows it');
await ewa.send(i, { token: null, path: `?token=${token}`, json: { n: 0 } });
await panel.getByRole('button', { name: /allow/i }).click();
await waitFor(async () => (await ewa.send(i, { token: null, path: `?token=${token}`, json: { summary: 'disk full' } })).status === 202,
    'the fix lets it in');
await panel.getByRole('heading', { name: 'Your sender has arrived' }).waitFor();
t.ok(true, 'the sender is seen to arrive');
await waitFor(() => receiver.requests.length > 0, 'the reply arrives');
t.is(receiver.requests[0].headers['x-source'], 'ewa', 'the reply carries the header');

// Properties: changed, and the list follows.
await panel.getByRole('link', { name: 'Properties' }).click();
await panel.getByRole('textbox', { name: 'Integration Name', exact: true }).fill('Disks');
await panel.getByRole('button', { name: 'Update' }).click();
await panel.getByText('Saved.').waitFor();
await page.getByRole('main').getByRole('link', { name: 'Disks' }).waitFor();
t.ok(true, 'the list shows the new name');
await browser.accessible('properties');
for (const tab of ['Automations', 'Events', 'Audit']) {
	await panel.getByRole('link', { name: tab, exact: true }).click();
	await page.locator('.panel .loading').waitFor({ state: 'detached' });
	await browser.accessible(`tab ${tab}`);
}

// Close gives the focus back; the keyboard opens again.
await panel.getByRole('button', { name: 'Close' }).click();
await page.locator('button:focus').getByText('+ New Integration').waitFor();
t.ok(true, 'Close returns the focus');

// Two administrators: the second is told, and keeps what was typed.
await page.getByRole('link', { name: 'Disks' }).click();
await panel.getByText('Advanced').click();
await panel.getByRole('textbox', { name: 'Description', exact: true }).fill('mine');
await ewa.mustCtl('integration', 'update', key, '--description', 'theirs');
await panel.getByRole('button', { name: 'Update' }).click();
await panel.getByText(/changed this integration while you were/).waitFor();
t.is(await panel.getByRole('textbox', { name: 'Description', exact: true }).inputValue(), 'mine', 'a conflict keeps what was typed');
await panel.getByRole('button', { name: 'Save mine all the same' }).click();
await panel.getByText('Saved.').waitFor();

// The session ends in mid-edit: sign in again, and the change is saved.
await panel.getByRole('textbox', { name: 'Contact', exact: true }).fill('ops@example.com');
await ewa.sql('delete from ewa.session');
const update = panel.getByRole('button', { name: 'Update' });
// the page may find out by itself before this
await update.click({ timeout: 2000 }).catch(() => {});
const dialog = page.getByRole('dialog', { name: 'Sign in again' });
await dialog.locator('input[type=password]:focus').waitFor();
t.ok(true, 'the password is asked for at once');
await dialog.getByLabel('Password').fill(password);
await dialog.getByRole('button', { name: 'Sign in' }).click();
await dialog.waitFor({ state: 'hidden' });
t.is(await panel.getByRole('textbox', { name: 'Contact', exact: true }).inputValue(), 'ops@example.com',
    'an expired session loses no input');
await update.click({ timeout: 2000 }).catch(() => {});
await waitFor(async () => await ewa.value('select contact from ewa.integration where key = $1', key) === 'ops@example.com',
    'it is saved after signing in again');
await panel.getByText('Saved.').waitFor();

// Deleted, with its name typed.
await panel.getByRole('button', { name: 'Delete…' }).click();
const really = page.getByRole('dialog', { name: /Delete/ });
await soon(() => really.getByRole('button', { name: 'Delete' }).isDisabled(), 'Delete wants the name');
await really.getByRole('textbox').fill('Disks');
await really.getByRole('button', { name: 'Delete' }).click();
await page.getByText('There is none yet').waitFor();
t.ok(true, 'deleted');

// The main way once more, through Apache, in the dark and narrow.
const narrow = await browser.open({ width: 360, height: 740, scheme: 'dark' });
await signIn(narrow, `${ewa.url('apache')}/`, 'ada', password);
await narrow.getByRole('button', { name: '+ New Integration' }).first().click();
await narrow.getByRole('button', { name: 'Event Webhook Sync' }).click();
await narrow.getByRole('textbox', { name: 'Integration Name', exact: true }).fill('Narrow');
await narrow.getByRole('button', { name: 'Create' }).first().click();
await narrow.getByText('This is the only time it is shown').waitFor();
t.is(await browser.violations(narrow), [], 'axe: created, dark and narrow, through Apache');
t.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing is wider than 360 px');
await browser.shot('narrow', narrow);

const text = async (name) => (await narrow.getByRole('region', { name, exact: true }).textContent()).trim();
const second = { token: await text('platform token'), path: new URL(await text('endpoint')).pathname };
await narrow.getByRole('button', { name: 'Enable' }).first().click();
await narrow.getByRole('heading', { name: 'Waiting for your sender' }).waitFor();
const viaApache = { server: 'apache' };
await waitFor(async () => (await ewa.send(second, { ...viaApache, method: 'GET' })).status === 200, 'the responder knows it');
t.is((await ewa.send(second, { ...viaApache, token: 'not the token', json: {} })).status, 401, 'a wrong token is refused');
t.like(`${(await ewa.send(second, { ...viaApache, json: { summary: 'disk full' } })).status}`, /^20[02]$/, 'the right one is let in');
await narrow.getByRole('heading', { name: 'Your sender has arrived' }).waitFor();
t.ok(true, 'the sender is seen to arrive, through Apache');
await narrow.getByRole('link', { name: 'Properties' }).click();
await narrow.getByRole('textbox', { name: 'Integration Name', exact: true }).fill('Renamed');
await narrow.getByRole('button', { name: 'Update' }).click();
await narrow.getByText('Saved.').waitFor();
await narrow.getByRole('link', { name: 'Events', exact: true }).click();
await narrow.locator('.panel .list .name').first().click();
await narrow.getByText('disk full').first().waitFor();
t.ok(await narrow.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'one event is no wider either');
t.is(await browser.violations(narrow), [], 'axe: one event, dark and narrow, through Apache');
await browser.shot('narrow-event', narrow);

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
