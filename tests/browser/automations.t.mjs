#!/usr/bin/env node
// The automations of an integration in Chromium: added, tried against a recent
// event, put in order, changed by two at once, removed.

import * as t from '../lib/tap.mjs';
import { Receiver, waitFor } from '../lib/ewa.mjs';
import { startBench } from '../lib/automations.mjs';
import { Api, addUser, password } from '../lib/api.mjs';
import { Browser, signIn, sees, soon } from '../lib/browser.mjs';

const ewa = await startBench({ echo: '#!/bin/sh\nexec cat\n' });
const receiver = await Receiver.start(() => ({ status: 200, headers: { 'Content-Type': 'application/json' }, body: '{"owner":"bob"}' }));
await addUser(ewa, 'ada', ['admin']);
await addUser(ewa, 'olga', ['operator']);
await addUser(ewa, 'viv', ['viewer']);
const i = await ewa.integration({ name: 'Disks' });
await ewa.mustCtl('integration', 'update', i.key, '--subject', '$.event.summary');

const browser = await Browser.start();
const { page } = browser;
const panel = page.getByRole('complementary');
const field = (name, within = panel) => within.getByRole('textbox', { name, exact: true });
const names = () => panel.getByRole('article').evaluateAll((all) => all.map((a) => a.getAttribute('aria-label')));
const order = (what, wanted) => waitFor(async () => JSON.stringify(await names()) === JSON.stringify(wanted), what)
    .then(() => t.ok(true, what), async () => t.is(await names(), wanted, what));
const at = (name) => panel.getByRole('article', { name, exact: true });

await signIn(page, `${ewa.url()}/#/integrations/${i.key}/automations`, 'ada', password);
await panel.getByText('No automations').waitFor();
t.ok(true, 'without any it says what handling is then');
await browser.accessible('no automation');

// ---- added; what is wrong is told beside its field -------------------------------------

await panel.getByRole('button', { name: '+ Add automation' }).click();
await panel.locator('input:focus').waitFor();
t.is(await page.evaluate(() => document.activeElement.labels[0].textContent.replace(' *', '')), 'Automation Name', 'the editor has the focus');
await field('Automation Name').fill('Look up owner');
await field('Condition').fill('$.event.n ==');
await panel.locator('[aria-invalid=true]').and(field('Condition')).waitFor();
t.ok(true, 'a wrong condition is told while typing');
await field('Condition').fill('$.event.n > 1');
await panel.getByLabel('Action', { exact: true }).selectOption('http');
await field('URL').fill('ftp://example.com/');
await panel.getByRole('button', { name: '+ Add header' }).click();
await panel.getByLabel('Name of header 1').fill('X-Key');
await panel.getByLabel('Value of header 1').fill('canary-value');
await panel.getByRole('checkbox', { name: 'secret' }).check();
await panel.getByRole('button', { name: 'Add', exact: true }).click();
await panel.locator('[aria-invalid=true]').and(field('URL')).waitFor();
t.is(await panel.getByLabel('Value of header 1').inputValue(), 'canary-value', 'a refused form keeps what was typed');
await browser.accessible('an automation with an error');
await browser.fits('an automation');
await field('URL').fill(receiver.url('/owner'));
await panel.getByRole('button', { name: 'Add', exact: true }).click();
await order('it is in the list', ['Look up owner']);

await panel.getByRole('button', { name: '+ Add automation' }).click();
await field('Automation Name').fill('Report');
await field('Program').fill('echo');
await field('Arguments').fill('--of\ntwo words');
await panel.getByRole('button', { name: 'Add', exact: true }).click();
await order('a second one follows it', ['Look up owner', 'Report']);
const other = new Api(ewa);
await other.signIn('ada', password);
const stored = async () => (await other.get(`/integrations/${i.key}/automations`)).json.items;
t.is((await stored())[1].action, { kind: 'command', command: 'echo', arguments: ['--of', 'two words'] }, 'arguments are lines');

// ---- tried against a recent event, and run ------------------------------------------------

await sees(panel.getByText('Once an event has arrived'), 'without an event there is none to try');
const small = await ewa.accept(i, { json: { summary: 'Small', n: 1 } });
const big = await ewa.accept(i, { json: { summary: 'Big', n: 2 } });
await ewa.finished(i, small);
await ewa.finished(i, big);
t.is(receiver.requests.map((r) => [r.url, r.headers['x-key']]), [['/owner', 'canary-value']], 'it ran for the event that it is for, with its header');
await page.reload();
const tryOut = panel.getByRole('region', { name: 'Try' });
const verdicts = () => tryOut.getByRole('listitem').evaluateAll((all) =>
	all.map((li) => [...li.querySelectorAll('.line > *')].map((e) => e.textContent.trim())));
for (const [subject, wanted] of [['Small', 'does not run'], ['Big', 'runs']]) {
	await tryOut.getByLabel('What would run for').selectOption({ label: subject });
	await tryOut.getByRole('button', { name: 'Try' }).click();
	const all = JSON.stringify([['Look up owner', wanted], ['Report', 'runs']]);
	await soon(async () => JSON.stringify(await verdicts()) === all, `tried against a recent event: ${subject}`);
	t.ok((await tryOut.getByRole('listitem').first().getByRole('paragraph').textContent()).length > 5, '... with the reason');
}
t.is(receiver.requests.length, 1, 'trying runs nothing');
await browser.accessible('automations tried');
await browser.fits('automations');

// ---- order ------------------------------------------------------------------------------------

await soon(() => panel.getByRole('button', { name: 'Move Look up owner up' }).isDisabled(), 'the first is not moved up');
await panel.getByRole('button', { name: 'Move Report up' }).click();
await order('one is moved up', ['Report', 'Look up owner']);

// ---- changed: secrets stay, two at once, unsaved input ---------------------------------------

await at('Look up owner').getByRole('button', { name: 'Edit' }).click();
t.is([await panel.getByLabel('Value of header 1').inputValue(), await panel.getByLabel('Value of header 1').getAttribute('placeholder')],
    ['', 'stored, type to replace'], 'a secret is not read back');
await field('Time limit').fill('PT7S');
const asked = [];
page.on('dialog', (d) => {
	asked.push(d.message());
	(d.type() === 'beforeunload' ? d.accept() : d.dismiss()).catch(() => {});
});
await panel.getByRole('link', { name: 'Audit', exact: true }).click();
await waitFor(() => asked.length > 0, 'unsaved input is asked about');
t.is(await field('Time limit').inputValue(), 'PT7S', 'leaving unsaved input is asked about, and it stays');
const [report] = await stored();
t.is((await other.patch(`/integrations/${i.key}/automations/${report.id}`, { condition: '$.event.n < 9' },
    { ifMatch: `"${report.version}"` })).status, 200, 'somebody else changes the automations');
await panel.getByRole('button', { name: 'Update', exact: true }).click();
await panel.getByText('while you were editing').waitFor();
t.is(await field('Time limit').inputValue(), 'PT7S', 'the second of two is told, and keeps the input');
await browser.accessible('automations changed by two');
await panel.getByRole('button', { name: 'Save mine all the same' }).click();
await order('saved all the same', ['Report', 'Look up owner']);
t.is((await stored()).map((a) => [a.condition, a.timeLimit]), [['$.event.n < 9', 'PT30S'], ['$.event.n > 1', 'PT7S']], 'both changes are there');
const again = await ewa.accept(i, { json: { n: 5 } });
await ewa.finished(i, again);
t.is(receiver.requests.at(-1).headers['x-key'], 'canary-value', 'the secret header was kept');

// ---- removed -----------------------------------------------------------------------------------

await at('Report').getByRole('button', { name: 'Remove…' }).click();
const dialog = page.getByRole('dialog', { name: 'Remove Report' });
await dialog.locator('button:focus').waitFor();
t.is(await dialog.locator('button:focus').textContent(), 'Cancel', 'the safe answer has the focus');
await browser.accessible('an automation to be removed');
await page.keyboard.press('Escape');
await dialog.waitFor({ state: 'detached' });
t.is(await names(), ['Report', 'Look up owner'], 'Escape removes nothing');
await at('Report').getByRole('button', { name: 'Remove…' }).click();
await dialog.getByRole('button', { name: 'Remove' }).click();
await order('removed', ['Look up owner']);

// ---- who may do less ------------------------------------------------------------------------------

for (const [name, tries] of [['olga', 1], ['viv', 0]]) {
	const theirs = await browser.open();
	await signIn(theirs, `${ewa.url()}/#/integrations/${i.key}/automations`, name, password);
	const aside = theirs.getByRole('complementary');
	await aside.getByRole('article').waitFor();
	if (tries)
		await aside.getByRole('button', { name: 'Try' }).waitFor();
	t.is([await aside.getByRole('button', { name: /Edit|Remove|Add|Move/ }).count(), await aside.getByRole('button', { name: 'Try' }).count()],
	    [0, tries], `${name} sees them, changes none, and tries ${tries ? 'them' : 'none'}`);
}

t.is(browser.complaints, [], 'no console error, no CSP violation');
await browser.stop();
await receiver.stop();
await ewa.stop();
t.done();
