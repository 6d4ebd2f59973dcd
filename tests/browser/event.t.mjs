#!/usr/bin/env node
// One event in Chromium: its journey as it happens, counting down; bodies as
// text and never as markup; resend, handle again, what it waits for; the roles;
// and a test event watched step by step.

import * as t from '../lib/tap.mjs';
import { Bench, Receiver, waitFor } from '../lib/ewa.mjs';
import { addUser, password } from '../lib/api.mjs';
import { Browser, signIn, sees, soon } from '../lib/browser.mjs';

const ewa = await Bench.start();
let reply = () => ({ status: 503, headers: { 'X-Why': 'maintenance' }, body: '<b>not now</b>' });
const receiver = await Receiver.start((r) => r.url === '/ticket' ?
    { status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"ticket":"INC-4711"}' } : reply());
for (const [name, role] of [['ada', 'admin'], ['oli', 'operator'], ['vic', 'viewer']])
	await addUser(ewa, name, [role]);
const disks = await ewa.integration({ name: 'Disks', replyUrl: receiver.url(), requestTimeout: 'PT2H' });
await ewa.mustCtl('integration', 'update', disks.key, '--subject', '$.event.summary');
await ewa.mustCtl('automation', 'add', disks.key, '--name', 'Open ticket', '--http', receiver.url('/ticket'));

const browser = await Browser.start();
const { page } = browser;
const panel = page.getByRole('complementary');
const journey = panel.getByRole('region', { name: 'Journey' });
const part = (name) => panel.getByRole('button', { name, exact: true }).click();
const open = (id, on = page) => on.goto(`${ewa.url()}/#/events/${id}`);

await signIn(page, `${ewa.url()}/#/events`, 'ada', password);
await page.getByRole('heading', { name: 'Events' }).waitFor();

// ---- the journey, while it happens -----------------------------------------------------------

const body = '{"summary":"Disk 97 % full","html":"<img src=x onerror=\\"window.hit=1\\">","n":123456789012345678901234567890,"list":[1.50,2]}';
const id = await ewa.accept(disks, { json: undefined, body, headers: { 'X-Rack': 'r7 <i>' } });
await open(id);
await journey.getByText('reply 1').waitFor();
await journey.getByText(/503 from 127\.0\.0\.1/).first().waitFor();
await sees(journey.getByText('202 to 127.0.0.1'), 'accepted, by whom');
await sees(journey.getByText('Open ticket'), 'the automation');
await sees(journey.getByText('Look into the log of the receiver.').first(), 'a failed attempt says what to do');
const timers = journey.getByRole('timer');
await timers.nth(1).waitFor();
t.like((await timers.allTextContents()).at(-1), /^deadline in (2 h 00|1 h 5\d) min/, 'its deadline');
const before = await timers.first().textContent();
await waitFor(async () => await timers.first().textContent() !== before, 'it counts down');
t.ok(true, 'the next attempt counts down');
await soon(() => panel.getByRole('button', { name: 'Resend reply' }).isDisabled(), 'nothing is sent again before it is finished');
await browser.accessible('event retrying');
await journey.getByText('response body').first().click();
t.is(await journey.getByRole('region', { name: 'response body' }).first().textContent(), '<b>not now</b>', "the receiver's answer as text");
await journey.getByText('response headers').first().click();
t.like(await journey.getByRole('region', { name: 'response headers' }).first().textContent(), /X-Why: maintenance\n[^\u240d\r]*$/i, '... and its headers, a line each');
reply = () => 200;
await journey.getByText('handled').last().waitFor();
await panel.getByText('reply sent').first().waitFor();
t.ok(true, 'its end shows by itself');
await journey.getByText('output').first().click();
t.like(await journey.getByRole('region', { name: 'output' }).textContent(), /INC-4711/, 'what the automation gave');
t.is(await panel.getByRole('heading', { name: 'Disk 97 % full' }).count(), 1, 'its subject is its title');

// ---- its parts --------------------------------------------------------------------------------

const text = panel.getByRole('region', { name: 'body', exact: true });
t.like(await text.textContent(), /"n": 123456789012345678901234567890,\n  "list": \[\n    1\.50,/, 'the body laid out, its numbers untouched');
await part('As it is');
await soon(async () => await text.textContent() === body, '... or as it came');
await part('Headers');
await panel.getByText('r7 <i>').waitFor();
t.is(await panel.getByText('r7 <i>').count(), 1, 'the headers');
await part('Reply');
await panel.getByRole('region', { name: 'reply', exact: true }).waitFor();
t.is(JSON.parse(await panel.getByRole('region', { name: 'reply', exact: true }).textContent()).eventId, id, 'what its reply carries');
await part('Outcome');
await panel.getByText('handled, reply sent').waitFor();
await browser.accessible('event');
await browser.fits('event');

// ---- once more --------------------------------------------------------------------------------

const sent = receiver.of(id).length;
await panel.getByRole('button', { name: 'Resend reply' }).click();
await journey.getByText(/^resend/).waitFor();
await waitFor(() => receiver.of(id).length === sent + 1, 'the reply arrives again');
await sees(panel.getByText('The reply is sent again'), 'a reply is sent again');
await panel.getByRole('button', { name: 'Handle again' }).click();
await panel.getByText('Made from').waitFor();
t.is(await panel.getByRole('link', { name: id }).count(), 1, 'handled again: the new event says from which it was made');
await journey.getByText('from an earlier event').waitFor();

// ---- what it waits for --------------------------------------------------------------------------

await ewa.dispatchers[0].stop(); // it would know of the pause a little late
await ewa.mustCtl('integration', 'pause', disks.key);
const waits = await ewa.accept(disks, { json: { summary: 'While paused' } });
await open(waits);
await journey.getByText('on hold').waitFor();
await sees(journey.getByText('The integration is paused'), 'a paused integration is named as the cause');
await ewa.mustCtl('integration', 'resume', disks.key);
await ewa.startDispatcher();
await panel.getByText('reply sent').first().waitFor();
t.ok(true, 'and it goes on when that is resumed');

const bytes = Buffer.from([0, 255, 254, 65, 66, 67]);
const binary = await ewa.accept(disks, { json: undefined, body: bytes, type: 'application/octet-stream' });
await ewa.finished(disks, binary);
await open(binary);
await text.waitFor();
t.like(await text.textContent(), /00 ff fe 41 42 43\s+···ABC/, 'bytes that are no text are shown as bytes');
const [download] = await Promise.all([page.waitForEvent('download'), panel.getByRole('link', { name: 'Download' }).click()]);
t.is((await import('node:fs')).readFileSync(await download.path()), bytes, '... and can be saved');

// ---- roles --------------------------------------------------------------------------------------

for (const [name, may] of [['oli', true], ['vic', false]]) {
	const other = await browser.open();
	const their = other.getByRole('complementary');
	await signIn(other, `${ewa.url()}/#/events/${id}`, name, password);
	await their.getByRole('region', { name: 'Journey' }).getByText('Open ticket').waitFor();
	t.is(await their.getByRole('button', { name: 'Body', exact: true }).count(), may ? 1 : 0, `${name} sees ${may ? 'the' : 'no'} body`);
	t.is(await their.getByRole('button', { name: /Resend|Handle/ }).count(), may ? 2 : 0, `... and may send ${may ? 'it' : 'nothing'} again`);
	t.is(await their.getByText('Bodies, headers and outputs are shown to operators.').count(), may ? 0 : 1, '... and is told why');
	if (!may)
		await browser.accessible('event for a viewer', other);
	await other.context().close();
}

// ---- a test event ----------------------------------------------------------------------------------

await page.goto(`${ewa.url()}/#/integrations/${disks.key}`);
const test = panel.getByRole('region', { name: 'Test', exact: true });
t.is([await test.getByLabel('Run automations').isChecked(), await test.getByLabel('Send reply').isChecked()], [false, true],
    'a test runs no automation and sends a reply, unless told otherwise');
const steps = test.getByRole('region', { name: 'Journey of the test event' });
const replies = () => receiver.requests.filter((r) => r.url === '/reply' && r.json.test).length;
await test.getByRole('button', { name: 'Send test event' }).click();
await steps.getByText('The test has come to its end.').waitFor();
await steps.getByText('reply 1').waitFor();
t.is([await steps.getByText('Open ticket').count(), replies()], [0, 1], 'its journey, step by step, to the reply');
await test.getByLabel('Run automations').check();
await test.getByLabel('Send reply').uncheck();
await test.getByLabel('Body', { exact: true }).fill('{"summary":"Second test"}');
await test.getByRole('button', { name: 'Send test event' }).click();
await steps.getByText('Open ticket').waitFor();
await steps.getByText('The test has come to its end.').waitFor();
t.is([await steps.getByText(/^reply/).count(), replies()], [0, 1], 'with automations and without a reply');
await browser.accessible('test');
await steps.getByRole('link', { name: 'Show the event' }).click();
await panel.getByText('(test event)').waitFor();
t.ok(true, 'it is an event like others');

t.is(await page.evaluate(() => window.hit), undefined, 'nothing of a body was run');
t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
