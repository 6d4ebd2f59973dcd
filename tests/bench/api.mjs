#!/usr/bin/env node
// How long the API's lists take with 1,000 integrations and 1,000,000 events
// of this day.  Not a test: it takes minutes.  docs/performance.md has what
// came out.
//
//	EWA_BUILDDIR=build tests/bench/api.mjs [REQUEST...]

import { Bench } from '../lib/ewa.mjs';
import { signedIn } from '../lib/api.mjs';
import { addMany } from '../lib/many.mjs';
import { limit } from '../lib/tap.mjs';

limit(1800);
const b = await Bench.start({ dispatchers: 0 });
const ada = await signedIn(b, 'ada', ['admin']);
await addMany(b, { integrations: 1000, events: 1000000 });
const key = await b.value('select key from ewa.integration where name = $1', 'Integration 1500');
const asked = process.argv.slice(2);
const targets = asked.length > 0 ? asked : ['/integrations', '/integrations?sort=-modified&limit=200',
	'/integrations?sort=status&limit=200', '/integrations?q=15&limit=200', '/teams', '/events', '/events?limit=200',
	`/events?integration=${key}`, '/events?state=failed', '/events?replyState=expired', '/events?state=accepted',
	'/events?replyState=none', '/events?team=team7', '/events?test=true', '/events?subject=disk',
	'/events?subject=disk%2012345', '/events?subject=x', '/events?text=disk%2012345', '/events?text=nowhere',
	'/events?text=%C3%BCberall', `/events?text=nowhere&integration=${key}`, '/events/count', '/events/count?state=failed',
	'/report', '/report?team=team7', `/report?integration=${key}`, '/changes', '/audit', '/refusals', '/users', '/tokens'];
console.log('| request | items | median ms | greatest ms |\n|---|---|---|---|');
for (const target of targets) {
	const times = [];
	let r;
	for (let n = 0; n < 9; n++) {
		const began = performance.now();
		r = await ada.get(target);
		times.push(Math.round(performance.now() - began));
		if (r.status !== 200)
			throw new Error(`${target}: ${r.status}: ${r.text}`);
	}
	times.sort((x, y) => x - y);
	console.log(`| \`${target}\` | ${r.json.items?.length ?? ''} | ${times[4]} | ${times[8]} |`);
}
await b.stop();
process.exit(0);
