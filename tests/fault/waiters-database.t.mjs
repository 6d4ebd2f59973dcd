#!/usr/bin/env node
// PostgreSQL goes away while requests wait: those whose time is up get their
// 202, the others are told when it is back and their events are handled.

import * as t from '../lib/tap.mjs';
import { Bench, sleep } from '../lib/ewa.mjs';

const ewa = await Bench.start({ ownCluster: true });
const integration = await ewa.integration();
const wait = (s, options = {}) => ewa.send(integration, { json: { s },
	headers: { Prefer: `wait=${s}` }, ...options });

await ewa.mustCtl('integration', 'pause', integration.key);
await sleep(1500);
const eventId = await ewa.accept(integration);
const short = [wait(4), wait(4, { method: 'GET', json: undefined, path: `/events/${eventId}` })];
const long = Array.from({ length: 20 }, () => wait(29));
await sleep(1000);
await ewa.cluster.stop('SIGQUIT');
const told = await Promise.all(short);
t.is(told.map((a) => [a.status, a.json.status, a.headers['preference-applied']]),
    [[202, 'accepted', 'wait=4'], [200, 'accepted', 'wait=4']],
    'time is up while the database is away: what was known is told');
await ewa.cluster.start();
await ewa.mustCtl('integration', 'resume', integration.key);
const answers = await Promise.all(long);
t.is(answers.filter((a) => a.status === 200 && a.json.status === 'handled').length, 20,
    'when it is back the others are told that theirs are handled');
t.is((await wait(20)).status, 200, 'and so are new ones');

await ewa.stop();
t.done();
