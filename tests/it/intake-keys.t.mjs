#!/usr/bin/env node
// Equal keys from 8 connections, in batches in which they come in any order and
// more than once, some of them in doubt and sent again: no deadlock, one event a
// key, and everyone is told of the same.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, command, programPath } from '../lib/ewa.mjs';

const program = programPath('tests/it/intake-keys');
if (!fs.existsSync(program))
	t.bail(`${program} is missing: make build-tests`);

const ewa = await Bench.start({ servers: [], dispatchers: 0, responder: false });
const { key } = await ewa.ctlJson('integration', 'create', '--name', 'Keys', '--generate-token', '--enable');
const id = await ewa.value('select id from ewa.integration where key = $1', key);

const r = await command([program, ewa.config.database, 'ewa_responder', String(id)]);
t.is([r.status, r.stderr], [0, ''], 'no deadlock and no other error');
const told = JSON.parse(r.stdout);
t.diag(`${told.batches} batches, ${told.lost} of them in doubt and sent again`);
t.is([told.keys, told.wrong], [100, 0], 'of each of the 100 keys everyone was told of the same event');
t.ok(told.lost > 10, 'some batches were in doubt', told.lost);

t.is(await ewa.value('select count(*) from ewa.event'), 100, 'one event a key is stored');
t.is(await ewa.value('select count(*) from ewa.dedup'), 100, 'one row a key');
t.is(await ewa.value('select count(*) from ewa.dedup d join ewa.event e on e.id = d.event_id and e.received_at = d.received_at'),
    100, 'which names its event, and its time');
t.is(await ewa.value('select count(*) from ewa.queue q join ewa.event e on e.id = q.event_id'), 100, 'each is queued once');
t.is(await ewa.value(`select deadlocks from pg_stat_database where datname = current_database()`), 0, 'PostgreSQL saw no deadlock');
await ewa.stop();
t.done();
