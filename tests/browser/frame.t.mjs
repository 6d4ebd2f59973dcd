#!/usr/bin/env node
// What every view has in common, in Chromium: the menu, the keyboard from
// sign-in to the first event, the focus, unsaved changes, a session that ends
// in mid-edit, themes, who is signed in by the web server, 1,000 integrations.

import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { Api, addUser, password } from '../lib/api.mjs';
import { Browser, signIn, soon } from '../lib/browser.mjs';
import { addMany } from '../lib/many.mjs';

const ewa = await Bench.start({ servers: ['lighttpd', 'apache'] });
const receiver = await Receiver.start();
await addUser(ewa, 'ada', ['admin']);
const browser = await Browser.start();
const { page } = browser;
const main = page.getByRole('main');
const panel = page.getByRole('complementary');
const field = (name, within = panel) => within.getByRole('textbox', { name, exact: true });
const press = (...keys) => keys.reduce((done, k) => done.then(() => page.keyboard.press(k)), Promise.resolve());
const name = () => page.evaluate(() => {
	const e = document.activeElement;
	return (e.getAttribute('aria-label') ?? e.labels?.[0]?.textContent ?? e.textContent).replace(/[ *]+$/, '').trim();
});
// The focus comes there, at once or after the next painting.
const focusAt = (wanted, what) => waitFor(async () => await name() === wanted, what)
    .then(() => t.ok(true, what), async () => t.is(await name(), wanted, what));
// By Tab alone, as who has no mouse does.
async function tabTo(wanted, most = 60) {
	for (let n = 0; n < most && await name() !== wanted; n++)
		await press('Tab');
	t.is(await name(), wanted, `Tab comes to ${wanted}`);
}

// ---- the main journey by keyboard alone ----------------------------------------------------

await page.goto(`${ewa.url()}/`);
await page.getByRole('dialog', { name: 'Sign in to ewa' }).locator('input:focus').waitFor();
await browser.accessible('sign in');
await browser.fits('sign in');
await page.keyboard.type('ada');
await tabTo('Password');
await page.keyboard.type(password);
await press('Enter');
await page.getByText('There is none yet').waitFor();
t.ok(true, 'signed in without a mouse');
await browser.accessible('no integration');
await browser.fits('no integration');

await tabTo('Menu');
await press('Enter');
await focusAt('Overview', 'the menu takes the focus');
await browser.accessible('menu');
await browser.fits('menu');
await press('Escape');
await page.getByRole('navigation', { name: 'Menu' }).waitFor({ state: 'detached' });
await focusAt('Menu', 'Escape closes it, and the focus is back');
await press('Enter');
await focusAt('Overview', 'it opens again');
await tabTo('Integrations');
await press('Enter');
await page.getByRole('navigation', { name: 'Menu' }).waitFor({ state: 'detached' });
await press('?');
await page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
await browser.accessible('keyboard');
await press('Escape');
await page.getByRole('dialog', { name: 'Keyboard' }).waitFor({ state: 'detached' });
await press('n');
await panel.getByRole('heading', { name: 'Select External System' }).waitFor();
await focusAt('Select External System', 'n opens a new one, and the panel has the focus');
await browser.accessible('select external system');
await browser.fits('select external system');
await tabTo('Event Webhook Async');
await press('Enter');
await panel.getByRole('heading', { name: 'New Integration' }).waitFor();
await focusAt('New Integration', 'the form has the focus');
await tabTo('Integration Name');
await page.keyboard.type('Disks');
await tabTo('Reply URL');
await page.keyboard.type(receiver.url());
await browser.accessible('new integration');
await browser.fits('new integration');
await press('Enter');
await panel.getByText('This is the only time it is shown').waitFor();
await browser.accessible('created');
await browser.fits('created');
await panel.getByRole('heading', { name: 'Disks' }).focus();
await tabTo('Enable');
await press('Enter');
await panel.getByRole('heading', { name: 'Waiting for your sender' }).waitFor();
await tabTo('Send test event');
await press('Enter');
await panel.getByText('The test has come to its end').waitFor();
t.is([receiver.requests.length, receiver.requests[0].json.test], [1, true], 'a test event without a mouse, and its reply');
await browser.accessible('waiting for a sender');
await browser.fits('waiting for a sender');
await press('Escape');
await panel.waitFor({ state: 'detached' });
await focusAt('Menu', 'Escape closes, and the focus is where it was');
await press('j');
await focusAt('Disks', 'j goes into the list');
await press('Enter');
await panel.getByRole('button', { name: 'Update' }).waitFor();
await browser.accessible('properties');
await browser.fits('properties');
await press('Escape');
await panel.waitFor({ state: 'detached' });
await focusAt('Disks', 'the focus is at the row again');
await press('/');
await focusAt('Search integrations, or an Event ID', '/ searches');

// ---- every field has its help and its clear button ------------------------------------------

const [key] = (await ewa.ctlJson('integration', 'list')).map((i) => i.key);
const address = (rest = '') => `${ewa.url()}/#/integrations/${key}${rest}`;
await page.goto(address());
await panel.getByText('Advanced').click();
const bare = await panel.evaluate((section) => [...section.querySelectorAll('fieldset.plain .field')]
    .filter((f) => f.querySelector('input, select, textarea') && !f.querySelector('.help') && !f.parentElement.closest('.headers'))
    .map((f) => f.textContent.slice(0, 40)));
t.is(bare, [], 'every field says what it takes');
const inputs = panel.locator('fieldset.plain .clearable').locator('input, textarea');
const unclear = [];
for (let n = 0; n < await inputs.count(); n++) {
	const input = inputs.nth(n);
	await input.fill('x');
	const clear = input.locator('xpath=..').getByRole('button', { name: /^Clear/ });
	await clear.click();
	if (await input.inputValue() !== '' || await clear.count() > 0 || !await input.evaluate((e) => e === document.activeElement))
		unclear.push(await input.evaluate((e) => e.labels[0].textContent));
}
t.ok(await inputs.count() >= 15, 'there are many fields');
t.is(unclear, [], 'every field that is typed into has its clear button, which keeps the focus there');
await browser.accessible('advanced');
await browser.fits('advanced');

// ---- unsaved changes, and a session that ends in mid-edit -------------------------------------

const asked = [];
let answer = 'dismiss';
page.on('dialog', (d) => {
	asked.push(d.type());
	(d.type() === 'beforeunload' ? d.accept() : d[answer]()).catch(() => {});
});
await panel.getByRole('button', { name: 'Undo changes' }).click();
await field('Description').fill('unsaved');
await press('Escape');
await waitFor(() => asked.length === 1, 'closing is asked about');
t.is([await field('Description').inputValue(), asked], ['unsaved', ['confirm']], 'unsaved input is asked about, and stays');
await page.goBack();
await waitFor(() => asked.length === 2, 'back is asked about');
t.is([await field('Description').inputValue(), new URL(page.url()).hash], ['unsaved', `#/integrations/${key}`], '... by the back button too');
await ewa.sql('delete from ewa.session');
await panel.getByRole('button', { name: 'Update' }).click({ timeout: 2000 }).catch(() => {});
const again = page.getByRole('dialog', { name: 'Sign in again' });
await again.waitFor();
await browser.accessible('sign in again');
await again.getByLabel('Password').fill(password);
await again.getByRole('button', { name: 'Sign in' }).click();
await again.waitFor({ state: 'detached' });
t.is(await field('Description').inputValue(), 'unsaved', 'a session that ends loses no input');
const update = panel.getByRole('button', { name: 'Update' });
if (await update.isEnabled())
	await update.click({ timeout: 2000 }).catch(() => {});
await panel.getByText('Saved.').waitFor();
t.is(await ewa.value('select description from ewa.integration where key = $1', key), 'unsaved', '... and it is saved');
answer = 'accept';
await field('Description').fill('given up');
await press('Escape');
await panel.waitFor({ state: 'detached' });
t.is(await ewa.value('select description from ewa.integration where key = $1', key), 'unsaved', 'who says so leaves without saving');

// ---- themes -----------------------------------------------------------------------------------

const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
const system = await ground();
await page.getByRole('button', { name: 'Theme: system' }).click();
await page.getByRole('button', { name: 'Theme: light' }).click();
await page.getByRole('button', { name: 'Theme: dark' }).waitFor();
const dark = await ground();
t.isnt(dark, system, 'the theme can be chosen');
t.is(await browser.violations(), [], 'axe: the theme dark by choice');
await page.reload();
await main.getByRole('link', { name: 'Disks' }).waitFor();
t.is(await ground(), dark, '... and is kept');
await page.getByRole('button', { name: 'Theme: dark' }).click();
await page.goto(`${ewa.url()}/#/nowhere`);
await page.getByText('There is nothing at this address').waitFor();
await browser.accessible('nothing there');

// ---- 1,000 integrations ---------------------------------------------------------------------

await addMany(ewa, { integrations: 1000, events: 2000, pad: 10 });
await page.goto(`${ewa.url()}/#/integrations`);
await main.getByRole('status').getByText(/of 1,001 integrations/).waitFor();
const rows = () => main.locator('.list .name').count();
t.is(await rows(), 50, 'of 1,000 integrations a page is shown');
await browser.accessible('many integrations');
await browser.fits('many integrations');
await main.getByRole('button', { name: 'Show more' }).click();
await waitFor(async () => await rows() === 100, 'more are shown');
await main.getByRole('columnheader', { name: 'Name' }).getByRole('button').click();
await main.getByRole('link', { name: 'Integration 1999', exact: true }).waitFor();
t.is(await main.locator('.list .name').first().textContent(), 'Integration 1999', 'sorted the other way');
const took = [];
for (const [typed, wanted] of [['Integration 1500', 'Integration 1500'], ['Integration 1777', 'Integration 1777'], ['Disks', 'Disks']]) {
	const answered = page.waitForResponse((x) => x.url().includes('/api/integrations?') && x.url().includes('q='));
	await main.getByRole('searchbox').fill(typed);
	took.push((await answered).request().timing().responseEnd);
	await soon(async () => await rows() === 1 && await main.locator('.list .name').first().textContent() === wanted, `found: ${typed}`);
}
t.diag(`a search among 1,000 integrations answers the page within ${took.map((ms) => Math.round(ms)).join(', ')} ms`);
await main.getByRole('searchbox').fill('no such name');
await page.getByText('No integration matches').waitFor();
await browser.accessible('no match');
await main.getByRole('button', { name: 'Show all' }).click();
await main.getByRole('combobox', { name: 'Team' }).selectOption('team7');
await main.getByRole('status').getByText('50 integrations').waitFor();
t.ok(true, 'of one team');

// ---- signed out; signed in by the web server ---------------------------------------------------

await page.getByRole('button', { name: /^ada/ }).click();
await browser.accessible('user menu');
await page.getByRole('button', { name: 'Sign out' }).click();
await page.getByRole('dialog', { name: 'Sign in to ewa' }).waitFor();
t.is(await new Api(ewa).get('/session').then((x) => x.status), 401, 'signed out');

fs.chmodSync(ewa.dir, 0o755);
const people = path.join(ewa.dir, 'people');
fs.writeFileSync(people, `ada:{SHA}${createHash('sha1').update('web').digest('base64')}\n`);
await ewa.responder.stop();
ewa.writeConfig({ trust_remote_user: 'yes' });
await ewa.startResponder();
await ewa.servers.apache.program.stop();
const modules = ['authn_core', 'authn_file', 'auth_basic', 'authz_user'];
await ewa.startServer('apache', [...modules.map((m) => `LoadModule ${m}_module /usr/lib/apache2/modules/mod_${m}.so`),
	'<Location "/api">', 'AuthType Basic', 'AuthName web', `AuthUserFile "${people}"`, 'Require valid-user', '</Location>']);
const trusted = await browser.open({ httpCredentials: { username: 'ada', password: 'web' } });
await trusted.goto(`${ewa.url('apache')}/`);
await trusted.getByRole('link', { name: 'Disks' }).or(trusted.locator('.list .name')).first().waitFor();
t.is(await trusted.getByRole('dialog').count(), 0, 'whom the web server has signed in is not asked again');
await trusted.getByRole('button', { name: /^ada/ }).click();
t.is(await trusted.locator('#user-menu button').allTextContents(), ['Keyboard'], '... and has neither a password nor a sign-out here');
await browser.accessible('signed in by the web server', trusted);

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
