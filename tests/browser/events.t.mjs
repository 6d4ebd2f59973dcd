#!/usr/bin/env node
// The list of events in Chromium: it follows what arrives and what becomes of
// it, pages both ways, filters, refused requests with their fix, and many
// events sent or handled again at once.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { addUser, password } from '../lib/api.mjs';
import { Browser, signIn, sees, soon } from '../lib/browser.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start(() => 200);
const away = await Receiver.start(() => 200);
await addUser(ewa, 'ada', ['admin']);
await addUser(ewa, 'vic', ['viewer']);
const disks = await ewa.integration({ name: 'Disks', replyUrl: receiver.url() });
const orders = await ewa.integration({ name: 'Orders', replyUrl: away.url(), requestTimeout: 'PT2S' });
for (const i of [disks, orders])
	await ewa.mustCtl('integration', 'update', i.key, '--subject', '$.event.summary');

const browser = await Browser.start();
const { page } = browser;
const main = page.getByRole('main');
const names = () => main.locator('.list .name').allTextContents();
const shows = (what, wanted) => waitFor(async () => JSON.stringify(await names()) === JSON.stringify(wanted), what)
    .then(() => t.ok(true, what), async () => t.is(await names(), wanted, what));
const pick = (label, option) => main.getByLabel(label, { exact: true }).selectOption(option);
const search = async (label, text) => {
	await main.getByLabel(label).fill(text);
	await main.getByLabel(label).press('Enter');
};

await signIn(page, `${ewa.url()}/#/events`, 'ada', password);
await main.getByText('No event has arrived yet').waitFor();
await sees(main.getByRole('link', { name: 'Go to Integrations' }), 'an empty list says what to do next');
await browser.accessible('no event');

// ---- it follows ------------------------------------------------------------------------

receiver.answer = () => 503;
await ewa.accept(disks, { json: { summary: 'Disk 0 full' } });
const state = (words) => main.locator('td.state-cell', { hasText: words }).first().waitFor();
await state('retrying');
t.ok(true, 'the first event shows by itself');
receiver.answer = () => 200;
await state('reply sent');
t.ok(true, '... and its row follows what becomes of it');

const ids = [];
for (let n = 1; n <= 60; n++)
	ids.push(await ewa.accept(disks, { json: { summary: `Disk ${n} full`, tag: n === 7 ? 'Needle-Ünique' : 'hay' } }));
await ewa.drained();
await main.getByRole('button', { name: '60 new events' }).waitFor();
t.is((await names()).length, 1, 'new events announce themselves, and nothing moves');
await main.getByRole('button', { name: '60 new events' }).click();
const disk = (from, to) => Array.from({ length: from - to + 1 }, (_, n) => `Disk ${from - n} full`);
await shows('they show when they are asked for', disk(60, 11));

// ---- pages ----------------------------------------------------------------------------

await main.getByRole('button', { name: 'Older' }).click();
await shows('the older page', disk(10, 0));
await soon(() => main.getByRole('button', { name: 'Older' }).isDisabled(), '... is the last one');
await ewa.accept(disks, { json: { summary: 'Disk 61 full' } });
await page.reload();
await shows('the page lives in the address, and stays right while events arrive', disk(10, 0));
await page.goBack();
await shows('Back leads to the newest', disk(61, 12));
await page.goForward();
await shows('... and Forward to the older', disk(10, 0));
await main.getByRole('button', { name: 'Newer' }).click();
await shows('Newer leads back', disk(60, 11));
await main.getByRole('button', { name: 'Newest' }).click();
await shows('... and Newest to the newest', disk(61, 12));
await browser.accessible('events');
await browser.fits('events');

// ---- an outage, and what was missed in it --------------------------------------------------

await away.stop();
for (let n = 1; n <= 3; n++)
	await ewa.accept(orders, { json: { summary: `Order ${n}` } });
await waitFor(async () => await ewa.value("select count(*) from ewa.outcome where reply_state = 'expired'") === 3, 'three replies expire', 30000);
await page.goto(`${ewa.url()}/#/events?integration=${disks.key}`);
await main.getByText('62 events').waitFor();
t.is(await main.getByText(/expired or failed/).count(), await main.locator('option', { hasText: 'expired or failed' }).count(),
    'nothing is offered where nothing was missed');
await page.goto(`${ewa.url()}/#/events`);
await main.getByText('3 replies expired or failed in the last 24 hours.').waitFor();
t.ok(true, 'what was missed is offered');
await main.getByRole('link', { name: 'Show them' }).click();
await shows('... and shown', ['Order 3', 'Order 2', 'Order 1']);
await away.listen();
away.answer = () => ({ status: 200, delayMs: 1500 });
await page.goBack();
await main.getByRole('button', { name: 'Resend replies…' }).click();
const dialog = page.getByRole('dialog');
await dialog.getByText('3 events match').waitFor();
t.is(away.total, 0, 'the count comes first');
await browser.accessible('resend');
await dialog.getByRole('button', { name: 'Resend 3' }).click();
await dialog.getByText('Finished: 3 replies are on the way.').waitFor();
await sees(dialog.getByRole('progressbar'), 'with its progress');
await waitFor(() => away.total === 3, 'the replies arrive');
await dialog.getByRole('button', { name: 'Close' }).click();
await main.getByText(/replies expired or failed in/).waitFor({ state: 'hidden' });
t.ok(true, 'the offer ends with them');

await page.goto(`${ewa.url()}/#/events?integration=${orders.key}`);
await main.getByRole('button', { name: 'Handle again…' }).click();
await dialog.getByText('3 events match').waitFor();
await dialog.getByRole('button', { name: 'Handle 3' }).click();
await dialog.getByText('Finished: 3 events made.').waitFor();
await dialog.getByRole('button', { name: 'Close' }).click();
await main.getByText('handled again').nth(2).waitFor();
t.is(await ewa.value('select count(*) from ewa.event where replay_of is not null'), 3, 'three are handled again');

// ---- filters ------------------------------------------------------------------------------

await page.goto(`${ewa.url()}/#/events`);
await pick('Integration', 'Disks');
await main.getByText('62 events').waitFor();
await shows('by integration', disk(61, 12));
await search('Subject begins with', 'disk 5');
await shows('by the beginning of the subject', [...disk(59, 50), 'Disk 5 full']);
await search('Subject begins with', ids[2].toUpperCase());
await shows('by Event ID', ['Disk 3 full']);
await search('Subject begins with', '');
await search('Text in the body', 'n');
await main.getByText('at least 2 characters').waitFor();
t.ok(true, 'too short a text is told');
await search('Text in the body', 'needle-ünique');
await shows('by a text in the body', ['Disk 7 full']);
await search('Text in the body', 'nowhere at all');
await main.getByText('No event matches. 62 events looked at.').waitFor();
await browser.accessible('no match');
await main.getByRole('button', { name: 'Clear filters' }).last().click();
await main.locator('.list .name').first().waitFor();
t.is((await names()).length, 50, 'filters are cleared');
await pick('Reply', 'reply expired');
await main.getByText('No event matches').waitFor();
await pick('Reply', 'reply sent');
await pick('State', 'failed');
await main.getByText('No event matches').waitFor();
await pick('State', 'handled');
await main.locator('.list .name').first().waitFor();
t.ok(true, 'by state and reply state');
await pick('Time', 'Last hour');
await main.locator('.list .name').first().waitFor();
t.ok(await main.getByLabel('From').inputValue(), 'a span of time is shown as what it means');
await main.getByLabel('From').fill('2099-01-01T00:00');
await main.getByText('No event matches').waitFor();
t.ok(true, 'by time');
t.like(page.url(), /from=2098-12-31T23%3A00/, "... in the viewer's zone");

// ---- refused requests ------------------------------------------------------------------------

await page.goto(`${ewa.url()}/#/events`);
await main.getByRole('button', { name: 'Refused' }).click();
await main.getByText('No request was refused').waitFor();
await ewa.send(disks, { token: null, path: `?token=${disks.token}`, json: { n: 0 } });
await main.getByText('the token came in the query').waitFor();
t.ok(true, 'a refused request shows by itself');
await ewa.send({ ...disks, path: '/hooks/aaaaaaaaaaaaaaaa' }, { json: { n: 0 } });
await main.getByText('unknown key').waitFor();
t.ok(true, 'one for an unknown key too');
await browser.accessible('refused');
await browser.fits('refused');
await main.getByRole('button', { name: /allow that here/ }).click();
await main.getByText('takes such requests from now on').waitFor();
await waitFor(async () => (await ewa.send(disks, { token: null, path: `?token=${disks.token}`, json: { summary: 'let in' } })).status === 202,
    'the fix lets it in');
t.ok(true, 'one click lets it in');

// ---- who may see what --------------------------------------------------------------------------

const other = await browser.open();
await signIn(other, `${ewa.url()}/#/events`, 'vic', password);
await other.locator('.list .name').first().waitFor();
t.is(await other.getByLabel('Text in the body').count(), 0, 'a viewer has no search in bodies');
await other.goto(`${ewa.url()}/#/events?integration=${disks.key}`);
await other.getByText('63 events').waitFor();
t.is(await other.getByRole('button', { name: /Resend|Handle/ }).count(), 0, '... and sends nothing again');
await other.goto(`${ewa.url()}/#/events?show=refused`);
await other.getByText('the token came in the query').waitFor();

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await away.stop();
await ewa.stop();
t.done();
