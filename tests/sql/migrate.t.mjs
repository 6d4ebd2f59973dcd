#!/usr/bin/env node
// ewactl migrate: once, again, two at a time, and what it refuses.

import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import * as tap from '../lib/tap.mjs';
import { command, programPath, srcdir } from '../lib/ewa.mjs';
import { as, database, sqlstate } from './sample.mjs';

const b = await database();
const sha256 = (text) => crypto.createHash('sha256').update(text).digest('hex');

// The bench has migrated its database once.
const applied = await b.sql(`select name, checksum from ewa.migration
    union all select name, checksum from ewa.repeatable order by name`);
const files = ['grants.sql', ...['migrations', 'functions', 'views'].flatMap((d) =>
	fs.readdirSync(path.join(srcdir, 'sql', d)).map((f) => `${d}/${f}`))].sort();
tap.is(applied.map((r) => r.name).sort(), files, 'every file below sql/ is applied');
tap.is(applied.filter((r) => r.checksum !==
    sha256(fs.readFileSync(path.join(srcdir, 'sql', r.name)))).map((r) => r.name),
[], 'the embedded text is the file\'s, byte for byte');

const again = await b.ctl('migrate');
tap.is(again.status, 0, 'it can be run again', again.stderr);
tap.like(again.stdout, /nothing to do/, 'and then has nothing to do');
tap.is(again.stderr, '', 'without a word on stderr');

// ---- two at once, on a fresh database -------------------------------------

const su = b.client('postgres');
await su.connect();
const second = `${b.database}_two`;
await su.query(`create database ${second} owner ewa_owner`);
const env = { ...process.env, EWA_DATABASE: `host=${b.pgHost} dbname=${second}` };
const both = await Promise.all([1, 2, 3].map(() =>
	command([programPath('ewactl'), '--config', b.configFile, 'migrate'], { env })));
tap.is(both.map((r) => r.status), [0, 0, 0], 'three at once succeed',
    both.map((r) => r.stderr).join('\n'));
tap.is(both.filter((r) => /applied migrations\//.test(r.stdout)).length, 1,
    'one of them applies the migrations');

// ---- what has changed is applied again --------------------------------------

await b.sql('drop function ewa.drop_repeats(integer)');
await b.sql('update ewa.repeatable set checksum = repeat(\'0\', 64) where name = $1',
    'functions/drop_repeats.sql');
const repaired = await b.ctl('migrate');
tap.is(repaired.stdout.match(/^applied .*/gm),
    ['applied functions/drop_repeats.sql', 'applied grants.sql'],
    'a function whose text has changed is applied, and the grants follow');
const dispatcher = await as(b, 'ewa_dispatcher');
tap.is(await sqlstate(dispatcher, 'select ewa.drop_repeats(1)'), 'none',
    'the function that was made anew has its grants');
await dispatcher.end();

// ---- refusals ----------------------------------------------------------------

const [{ checksum }] = await b.sql('select checksum from ewa.migration where version = 1');
const setChecksum = (c) =>
	b.sql('update ewa.migration set checksum = $1 where version = 1', c);
await setChecksum('f'.repeat(64));
const changed = await b.ctl('migrate');
tap.is(changed.status, 1, 'a migration that was applied with another text is refused');
tap.like(changed.stderr, /migration 1 was applied with another text/, 'and it says so');
await setChecksum(checksum);

await b.sql(`insert into ewa.migration (version, name, checksum)
    values (9999, 'migrations/9999_future.sql', repeat('0', 64))`);
const newer = await b.ctl('migrate');
tap.is(newer.status, 1, 'a database that is newer than the program is refused');
tap.like(newer.stderr, /9999/, 'and the message names the migration');
await b.sql('delete from ewa.migration where version = 9999');

// ---- a file that fails leaves nothing behind ----------------------------------

await b.sql('create view public.in_the_way as select * from report.backlog');
await b.sql('drop view report.backlog cascade');
await b.sql('create view report.backlog as select 1 as other');
await b.sql('update ewa.repeatable set checksum = repeat(\'0\', 64) where name = $1',
    'views/backlog.sql');
const failed = await b.ctl('migrate');
tap.is(failed.status, 1, 'a file that can\'t be applied ends the run');
tap.like(failed.stderr, /views\/backlog\.sql/, 'and the message names the file');
tap.is(await b.value('select checksum from ewa.repeatable where name = $1', 'views/backlog.sql'),
    '0'.repeat(64), 'it is not recorded as applied');
await b.sql('drop view report.backlog');
const mended = await b.ctl('migrate');
tap.is(mended.status, 0, 'once the cause is gone, the next run applies it', mended.stderr);

await su.query(`drop database ${second}`);
await su.end();
await b.stop();
tap.done();
