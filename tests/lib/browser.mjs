// Debian's Chromium, driven by playwright-core, for tests of the page.  Every
// console error, page error and CSP violation is kept as a complaint.

import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

import * as t from './tap.mjs';
import { waitFor } from './proc.mjs';

const require = createRequire(import.meta.url);
const axe = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export class Browser {
	complaints = [];

	static async start(options = {}) {
		const b = new Browser();
		b.browser = await chromium.launch({
			executablePath: '/usr/bin/chromium',
			args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
				'--disable-background-networking', '--disable-component-update', '--disable-sync'],
		});
		t.atEnd(() => b.browser.close());
		b.page = await b.open(options);
		return b;
	}

	// A page with a session of its own; what it complains about is kept.
	async open({ width = 1280, height = 900, scheme = 'light', httpCredentials } = {}) {
		const context = await this.browser.newContext({
			viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'Europe/Berlin',
			httpCredentials,
		});
		const page = await context.newPage();
		page.setDefaultTimeout(40000);
		page.on('pageerror', (e) => this.complaints.push(`error: ${e.message}`));
		page.on('console', (m) => {
			// a refused call is the page's business, and told there
			if (m.type() === 'error' && !/Failed to load resource.*4\d\d/.test(m.text()))
				this.complaints.push(`console: ${m.text()}`);
		});
		return page;
	}

	// Violations of axe-core in what is shown, as words.
	async violations(page = this.page) {
		const found = await page.evaluate(`${axe}; axe.run({ resultTypes: ['violations'] })`);
		return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
	}

	// The same in both colour schemes, asserted, with a screenshot of each.
	async accessible(name, page = this.page) {
		for (const colorScheme of ['light', 'dark']) {
			await page.emulateMedia({ colorScheme });
			t.is(await this.violations(page), [], `axe: ${name}, ${colorScheme}`);
			await this.shot(`${name.replaceAll(/[^a-z0-9]+/gi, '-')}-${colorScheme}`, page);
		}
		await page.emulateMedia({ colorScheme: 'light' });
	}

	// Nothing makes the page scroll sideways, at this width and at 360 px.
	async fits(name, page = this.page) {
		const before = page.viewportSize();
		const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		const at = [await wide()];
		await page.setViewportSize({ width: 360, height: 740 });
		at.push(await wide());
		await this.shot(`${name.replaceAll(/[^a-z0-9]+/gi, '-')}-narrow`, page);
		await page.setViewportSize(before);
		t.ok(at.every((n) => n <= 0), `nothing is too wide: ${name}`, at.join(', '));
	}

	// A screenshot, where EWA_SCREENSHOTS names a directory for them.
	async shot(name, page = this.page) {
		const dir = process.env.EWA_SCREENSHOTS;
		if (dir)
			await page.screenshot({ path: path.join(dir, `${name}.png`) });
	}

	stop() {
		return this.browser.close();
	}
}

export async function signIn(page, url, name, password) {
	await page.goto(url);
	await page.getByLabel('Name', { exact: true }).fill(name);
	await page.getByLabel('Password', { exact: true }).fill(password);
	await page.getByRole('button', { name: 'Sign in' }).click();
}

// It is there, now or soon.
export const sees = (locator, name) => locator.waitFor().then(() => t.ok(true, name), (e) => t.ok(false, name, e.message));

// holds() is true, now or soon.
export const soon = (holds, name) => waitFor(holds, name).then(() => t.ok(true, name), (e) => t.ok(false, name, e.message));
