#!/usr/bin/env node
// settings_version: visible in its order, and told to the caches.

import * as tap from '../lib/tap.mjs';
import { sleep, waitFor } from '../lib/ewa.mjs';
import { addIntegration, as, database } from './sample.mjs';

const b = await database();
const [one, two] = [await addIntegration(b, 'One'), await addIntegration(b, 'Two')];
const version = (id) => b.value('select settings_version from ewa.integration where id = $1', id);
const newest = () => b.value('select max(settings_version) from ewa.integration');

const v = [await version(one), await version(two)];
tap.ok(v[0] > 0 && v[1] > v[0], 'a new integration takes the next version');
await b.sql('update ewa.integration set settings_version = 1, description = \'x\' where id = $1', one);
tap.ok(await version(one) > v[1], 'a change takes the next, whatever it asked for');

// Two changes overlap: the second waits, so none is seen before a lower one.
const listener = await as(b, 'ewa_dispatcher');
const heard = [];
listener.on('notification', (n) => heard.push(n));
await listener.query('listen ewa_settings');
const a = await as(b, 'ewa_owner');
const c = await as(b, 'ewa_owner');
const before = await newest();
await a.query('begin');
const first = (await a.query(`update ewa.integration set description = 'a' where id = $1
    returning settings_version::int as v`, [one])).rows[0].v;
await c.query('begin');
let done = false;
const pending = c.query(`update ewa.integration set description = 'c' where id = $1
    returning settings_version::int as v`, [two]).then((r) => {
	done = true;
	return r.rows[0].v;
});
await waitFor(async () => await b.value(`select count(*) from pg_locks
    where locktype = 'advisory' and not granted`) > 0, 'the second change waits');
tap.is(done, false, 'a second change waits for the first to end');
tap.is(await newest(), before, 'and no version is seen before its commit');
await a.query('commit');
const next = await pending;
tap.ok(next > first, 'the later commit has the greater version');
tap.is(await newest(), first, 'the first is visible, the second not yet');
await c.query('commit');
tap.is(await newest(), next, 'then the second');
await waitFor(async () => heard.length >= 2, 'both were notified');
tap.is(heard.map((n) => `${n.channel}:${n.payload}`), ['ewa_settings:', 'ewa_settings:'],
    'each commit tells the caches, without payload');

// A change that is rolled back tells nobody and leaves no lock.
await a.query('begin');
await a.query('update ewa.integration set description = \'r\' where id = $1', [one]);
await a.query('rollback');
await sleep(200);
tap.is(heard.length, 2, 'a rolled-back change is not told');
await c.query('set lock_timeout = \'20s\'');
await c.query('update ewa.integration set description = \'d\' where id = $1', [two]);
tap.ok(await newest() > next, 'and keeps nobody waiting');

for (const client of [a, c, listener])
	await client.end();
await b.stop();
tap.done();
