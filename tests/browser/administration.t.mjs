#!/usr/bin/env node
// Administration in Chromium: users and their roles, API tokens, the audit,
// one's own password; what two administrators do to each other.

import * as t from '../lib/tap.mjs';
import { Bench, waitFor } from '../lib/ewa.mjs';
import { Api, addUser, password } from '../lib/api.mjs';
import { Browser, signIn, soon } from '../lib/browser.mjs';

const ewa = await Bench.start({ dispatchers: 0 });
await addUser(ewa, 'ada', ['admin']);
const browser = await Browser.start();
const { page } = browser;
const main = page.getByRole('main');
const panel = page.getByRole('complementary');
const field = (name, within = panel) => within.getByRole('textbox', { name, exact: true });
const names = () => main.locator('.list .name').allTextContents();
const lists = (what, wanted) => waitFor(async () => JSON.stringify(await names()) === JSON.stringify(wanted), what)
    .then(() => t.ok(true, what), async () => t.is(await names(), wanted, what));
const focused = () => page.evaluate(() => document.activeElement.textContent.trim());
const focusAt = (wanted, what) => waitFor(async () => await focused() === wanted, what)
    .then(() => t.ok(true, what), async () => t.is(await focused(), wanted, what));
const told = async (text, what) => {
	await page.getByText(text).first().waitFor();
	t.ok(true, what);
};

// ---- users ---------------------------------------------------------------------------

await signIn(page, `${ewa.url()}/#/users`, 'ada', password);
await lists('who was added by ewactl is there', ['ada']);
await browser.accessible('users');
await browser.fits('users');
await page.keyboard.press('n');
await panel.getByRole('heading', { name: 'New user' }).waitFor();
await field('Name').fill('eve');
await field('Password').fill('short');
await panel.getByRole('button', { name: 'Create' }).click();
await panel.locator('[aria-invalid=true]').and(field('Password')).waitFor();
t.is(await field('Name').inputValue(), 'eve', 'a refused form keeps what was typed');
await browser.accessible('a new user with an error');
await browser.fits('a new user');
await field('Password').fill(password);
await field('Name as shown').fill('Eve Adams');
await panel.getByLabel('Team of role 1').fill('databases');
await panel.getByRole('button', { name: '+ Add role' }).click();
await panel.getByLabel('Role 2', { exact: true }).selectOption('operator');
await panel.getByLabel('Team of role 2').fill('networks');
await panel.getByRole('button', { name: 'Create' }).click();
await panel.getByRole('heading', { name: 'eve' }).waitFor();
await lists('a new user is in the list', ['ada', 'eve']);
await soon(async () => /viewer of .?databases.?, operator of .?networks/.test(await main.getByRole('row', { name: /eve/ }).textContent()), 'with the roles');
await browser.accessible('a user');
await browser.fits('a user');

// Two administrators.
const other = new Api(ewa);
await other.signIn('ada', password);
const eve = (await other.get('/users')).json.items.find((u) => u.name === 'eve');
await field('Name as shown').fill('Eve A.');
let r = await other.get(`/users/${eve.id}`);
t.is((await other.patch(`/users/${eve.id}`, { displayName: 'theirs' }, { ifMatch: r.headers.etag })).status, 200, 'somebody else changes the user');
await panel.getByRole('button', { name: 'Update' }).click();
await told('while you were editing', 'the second of two administrators is told');
t.is(await field('Name as shown').inputValue(), 'Eve A.', '... and keeps the input');
await browser.accessible('a user changed by two');
await panel.getByRole('button', { name: 'Show theirs' }).click();
await waitFor(async () => await field('Name as shown').inputValue() === 'theirs', 'theirs is shown');
await field('Name as shown').fill('Eve A.');
r = await other.get(`/users/${eve.id}`);
await other.patch(`/users/${eve.id}`, { displayName: 'theirs again' }, { ifMatch: r.headers.etag });
await panel.getByRole('button', { name: 'Update' }).click();
await panel.getByRole('button', { name: 'Save mine all the same' }).click();
await main.getByRole('cell', { name: 'Eve A.' }).waitFor();
t.is((await other.get(`/users/${eve.id}`)).json.displayName, 'Eve A.', 'mine can be saved all the same');

// A new password, and no more sign-in: both end what is open.
const theirs = await browser.open();
await signIn(theirs, `${ewa.url()}/`, 'eve', password);
await theirs.getByRole('button', { name: /Eve A\./ }).waitFor();
t.is(await (await theirs.getByRole('button', { name: 'Menu' }).click(), theirs.getByRole('navigation', { name: 'Menu' })
    .getByRole('link').allTextContents()), ['Overview', 'Events', 'Integrations', 'Audit'], 'who is no administrator of all sees no users and tokens');
await field('New password').fill('another long sentence');
await panel.getByRole('button', { name: 'Set password' }).click();
await told('sessions have ended', 'a user is given a new password');
await theirs.goto(`${ewa.url()}/#/events`);
await theirs.getByRole('dialog').waitFor();
t.ok(true, '... and open sessions end');
await panel.getByRole('checkbox', { name: 'May sign in' }).uncheck();
await panel.getByRole('button', { name: 'Update' }).click();
await main.getByRole('row', { name: /eve/ }).getByText('No', { exact: true }).waitFor();
t.is((await new Api(ewa).signIn('eve', 'another long sentence')).status, 401, 'who may not sign in is refused');

// Close gives the focus back, to the row or to the button.
await panel.getByRole('button', { name: 'Close' }).click();
await panel.waitFor({ state: 'detached' });
await main.getByRole('link', { name: 'eve' }).focus();
await page.keyboard.press('Enter');
await panel.getByRole('heading', { name: 'eve' }).waitFor();
await page.keyboard.press('Escape');
await panel.waitFor({ state: 'detached' });
await focusAt('eve', 'Escape closes, and the focus is where it was');
await main.getByRole('searchbox').fill('nobody');
await told('No user matches', 'users are filtered');
await main.getByRole('button', { name: 'Show all' }).click();
await lists('... and all are shown again', ['ada', 'eve']);

// ---- API tokens ------------------------------------------------------------------------------

await page.goto(`${ewa.url()}/#/tokens`);
await told('There is none yet', 'without a token it says what they are for');
await browser.accessible('no token');
await main.getByRole('button', { name: '+ New API token' }).click();
await field('Name').fill('deploy');
await panel.getByLabel('Role 1', { exact: true }).selectOption('operator');
await browser.accessible('a new token');
await browser.fits('a new token');
await panel.getByRole('button', { name: 'Create' }).click();
const token = (await panel.getByRole('region', { name: 'API token' }).textContent()).trim();
t.is((await new Api(ewa, { token }).get('/integrations')).status, 200, 'the token that is shown works');
await browser.accessible('a token shown once');
await panel.getByRole('button', { name: 'Close' }).click();
await panel.waitFor({ state: 'detached' });
await focusAt('+ New API token', 'Close gives the focus back');
await main.getByRole('cell', { name: /in 90 d/ }).or(main.getByText('deploy')).first().waitFor();
t.ok(!(await page.content()).includes(token), 'it is shown once');
await browser.accessible('tokens');
await browser.fits('tokens');
await main.getByRole('button', { name: 'Revoke deploy' }).click();
const sure = page.getByRole('dialog', { name: 'Revoke deploy' });
await browser.accessible('a token to be revoked');
await sure.getByRole('button', { name: 'Cancel' }).click();
t.is((await new Api(ewa, { token }).get('/integrations')).status, 200, 'Cancel revokes nothing');
await main.getByRole('button', { name: 'Revoke deploy' }).click();
await sure.getByRole('button', { name: 'Revoke' }).click();
await told('There is none yet', 'revoked');
t.is((await new Api(ewa, { token }).get('/integrations')).status, 401, '... and refused');

// ---- the audit -----------------------------------------------------------------------------------

const made = (await other.post('/integrations', { name: 'Disks', generateToken: true })).json;
await other.patch(`/integrations/${made.key}`, { contact: 'ops@example.com' }, { ifMatch: `"${made.version}"` });
await page.goto(`${ewa.url()}/#/audit`);
await main.getByRole('row').nth(8).waitFor();
const row = await main.getByRole('row').nth(1).textContent();
t.like(row, /ada.*update.*Disks.*contact.*nothing.*→.*ops@example\.com/, 'the audit says who changed what, from what to what');
t.like(await main.getByRole('table').textContent(), /user: update.*display name Eve A\..*grants viewer of .?databases/, 'changes of users are in it, in words');
await browser.accessible('audit');
await browser.fits('audit');
await main.getByRole('link', { name: 'Disks' }).first().click();
await panel.getByRole('heading', { name: 'Disks' }).waitFor();
t.ok(true, 'it leads to the integration');
await page.goBack();
await main.getByRole('searchbox').fill('nobody');
await told('Nobody of this name', 'it can be filtered by who');
await main.getByRole('searchbox').fill('ada');
await main.getByRole('row').nth(8).waitFor();
t.ok(!(await page.content()).includes(password), 'it holds no password');

// ---- one's own password ------------------------------------------------------------------------------

const mine = page.getByRole('dialog', { name: 'Change password' });
await page.getByRole('button', { name: 'ada' }).click();
await page.getByRole('button', { name: 'Change password' }).click();
await mine.getByLabel('Current password', { exact: true }).fill('wrong');
await mine.getByLabel('New password', { exact: true }).fill('a third good sentence');
await mine.getByRole('button', { name: 'Change', exact: true }).click();
await mine.locator('[aria-invalid=true]').or(mine.getByRole('alert')).first().waitFor();
t.ok(true, 'a wrong current password is told');
await browser.accessible('change password');
await browser.fits('change password');
await mine.getByLabel('Current password', { exact: true }).fill(password);
await mine.getByRole('button', { name: 'Change', exact: true }).click();
await told('Your other sessions have ended', 'the password is changed');
await mine.getByRole('button', { name: 'Close' }).click();
t.is((await other.get('/session')).status, 401, 'other sessions have ended');
t.is((await new Api(ewa).signIn('ada', 'a third good sentence')).status, 200, 'the new one signs in');
await page.reload();
await main.getByRole('row').nth(2).waitFor();
t.ok(true, 'the own session goes on');

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await ewa.stop();
t.done();
