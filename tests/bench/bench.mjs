#!/usr/bin/env node
// The targets of the design, measured in one run on this machine and printed
// as ratios.  Nothing here is a test: numbers depend on the machine.
//
//	apt-get install wrk nginx-light       the load, and a receiver
//	make bench                            all of it (nothing beside it)
//	tests/bench/bench.mjs accept | history | idle | through | claim | memory | automations
//
// BENCH_ROUNDS and BENCH_SECONDS: how often and how long each rate is
// measured; medians count.  BENCH_HISTORY and BENCH_WAITING: events.

import * as tap from '../lib/tap.mjs';
import { accept, history } from './accept.mjs';
import { automations, claim, idle, memory, through } from './dispatch.mjs';
import { needed, say } from './load.mjs';

tap.limit(3600);
await needed('wrk', 'nginx', 'pgbench');
const all = { automations, accept, history, idle, through, claim, memory };
const wanted = process.argv.slice(2);
const targets = [];
for (const name of wanted.length !== 0 ? wanted : Object.keys(all))
	targets.push(...await all[name]());
for (const [what, value, asked] of targets)
	say(`target: ${what}: ${value} (${asked})`);
tap.done();
