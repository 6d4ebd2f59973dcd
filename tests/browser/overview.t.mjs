#!/usr/bin/env node
// The overview in Chromium: two charts that are readable as tables too, every
// number a way to its events, backlog, failing integrations, certificates.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { addUser, password } from '../lib/api.mjs';
import { Browser, signIn, sees } from '../lib/browser.mjs';

const ewa = await Bench.start();
const receiver = await Receiver.start((r) => r.json.event.refuse ? 400 : 200);
await addUser(ewa, 'ada', ['admin']);
const disks = await ewa.integration({ name: 'Disks', replyUrl: receiver.url() });
const shop = await ewa.integration({ name: 'Shop' });
const vault = await ewa.integration({ name: 'Vault', replyUrl: 'https://127.0.0.1:9/' });
const gone = await ewa.integration({ name: 'Gone', replyUrl: 'http://127.0.0.1:9/', requestTimeout: 'PT1S' });

const browser = await Browser.start();
const { page } = browser;
const card = (name) => page.getByRole('region', { name });
const figure = (name) => card('Events by outcome').locator('.figures > div', { hasText: name }).locator('dd');

await signIn(page, `${ewa.url()}/#/overview`, 'ada', password);
await page.getByText('None: replies arrive.').waitFor();
await sees(page.getByText('Nothing waits.'), 'with nothing to tell it is calm');
await page.locator('canvas').nth(1).waitFor();
await browser.accessible('overview without events');

for (let n = 0; n < 5; n++)
	await ewa.accept(disks, { json: { n } });
await ewa.accept(disks, { json: { refuse: true } });
await ewa.accept(shop);
await ewa.accept(gone);
await ewa.drained();
await waitFor(async () => await ewa.value(`select count(*) from ewa.integration_status s join ewa.integration i on i.id = s.integration_id
    where s.state = 'error' and i.key = $1`, gone.key) === 1, 'the failing one is known to fail');
// two that wait, the first for an hour, and a certificate that ends in five days
for (const p of ewa.dispatchers)
	await p.stop();
await ewa.accept(shop);
await ewa.accept(shop);
await ewa.sql(`insert into ewa.integration_status (integration_id, state, certificate_subject, certificate_expires_at)
    select id, 'ok', 'CN=hook.example.org', now() + interval '5 days' from ewa.integration where key = $1
    on conflict (integration_id) do update set certificate_subject = excluded.certificate_subject,
    certificate_expires_at = excluded.certificate_expires_at`, vault.key);
await page.goto(`${ewa.url()}/#/overview?hours=1`);
await page.reload();
const figures = async () => Object.fromEntries(await Promise.all(['done', 'waiting', 'reply expired', 'reply failed']
    .map(async (name) => [name, (await figure(name).textContent()).trim()])));
const wanted = { done: '6', waiting: '2', 'reply expired': '1', 'reply failed': '1' };
await waitFor(async () => await figure('waiting').count() === 1 && JSON.stringify(await figures()) === JSON.stringify(wanted), 'the figures are there')
    .catch(() => {});
t.is(await figures(), wanted, 'what became of the events');

// ---- charts and tables ------------------------------------------------------------------

t.is(await page.locator('.chart canvas').count(), 2, 'two charts');
const drawn = (n) => page.locator('.chart canvas').nth(n).evaluate((c) => c.getContext('2d').getImageData(0, 0, c.width, c.height)
    .data.some((v, k) => k % 4 === 3 && v !== 0));
for (const n of [0, 1])
	await waitFor(() => drawn(n), 'the chart is drawn');
t.ok(true, 'both are drawn');
await card('Events by outcome').getByText('As a table').click();
const rows = await card('Events by outcome').locator('tbody tr').evaluateAll((all) =>
	all.map((r) => [...r.cells].slice(1).map((c) => Number(c.textContent))));
t.is(rows.reduce((sums, r) => sums.map((s, n) => s + r[n]), [0, 0, 0, 0, 0, 0]), [10, 6, 2, 1, 1, 0], 'the table says the same');
await card('From accepted to replied').getByText('As a table').click();
t.like(await card('From accepted to replied').locator('tbody td').nth(1).textContent(), /^[\d.]+ m?s$/, 'latencies as a table');
t.like(await card('From accepted to replied').locator('.figures dd').first().textContent(), /^[\d.]+ m?s$/, '... and at a glance');
await browser.accessible('overview');
await browser.fits('overview');

// The pointer over a bar says what that one holds.
const over = card('Events by outcome').locator('.u-over');
const box = await over.boundingBox();
await over.hover({ position: { x: box.width / 2, y: box.height / 2 } });
await card('Events by outcome').locator('.legend').getByText('In all').waitFor({ state: 'hidden' });
t.like(await card('Events by outcome').locator('.legend > p').textContent(), /\d\d\/\d\d\/\d{4}/, 'the figures of one bar');
await page.mouse.move(0, 0);
await card('Events by outcome').getByText('In all').waitFor();

// ---- from numbers to events ----------------------------------------------------------------

await figure('reply failed').getByRole('link').click();
await page.getByRole('heading', { name: 'Events' }).waitFor();
await page.getByRole('main').locator('.list .name').first().waitFor();
t.is(await page.getByRole('main').locator('.list .name').count(), 1, 'a number leads to its events');
await page.goBack();
await card('Backlog').getByRole('link', { name: '2', exact: true }).click();
await page.getByRole('heading', { name: 'Events' }).waitFor();
await page.getByRole('main').locator('.list .name').nth(1).waitFor();
t.is(await page.getByRole('main').locator('.list .name').count(), 2, 'the backlog too');
await page.goBack();
await card('Failing integrations').getByRole('link', { name: 'Gone' }).waitFor();
t.like(await card('Failing integrations').textContent(), /Gone.*connection refused by 127\.0\.0\.1:9/, 'what fails, and why');
t.like(await card('Certificates').textContent(), /Vault.*expires in 4 d.*CN=hook\.example\.org/, 'a certificate that expires soon');
await card('Failing integrations').getByRole('link', { name: 'Gone' }).click();
await page.getByRole('complementary').getByRole('heading', { name: 'Gone' }).waitFor();
t.ok(true, 'a failing integration is one click away');

await page.goBack();
const asked = page.waitForRequest(/\/api\/report.*step=P1D/);
await page.getByLabel('Span of time').selectOption('Last 30 days');
await asked;
t.like(page.url(), /hours=720/, 'the span of time lives in the address');

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
