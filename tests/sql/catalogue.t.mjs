#!/usr/bin/env node
// The rules of the schema that the catalogue can hold.

import * as tap from '../lib/tap.mjs';
import { database } from './sample.mjs';

const b = await database();
const names = async (text) => (await b.sql(text)).map((r) => r.name);
const ours = `n.nspname in ('ewa', 'report')`;

tap.is(await names(`select n.nspname as name from pg_namespace n
    where ${ours} and obj_description(n.oid, 'pg_namespace') is null`), [],
'every schema has a comment');
tap.is(await names(`select c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
    and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'i')
    and obj_description(c.oid, 'pg_class') is null order by 1`), [],
'every table, view and sequence has a comment');
tap.is(await names(`select c.oid::regclass || '.' || a.attname as name
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition
    and a.attnum > 0 and not a.attisdropped
    and col_description(c.oid, a.attnum) is null order by 1`), [],
'every column has a comment');
tap.is(await names(`select p.oid::regprocedure::text as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${ours} and obj_description(p.oid, 'pg_proc') is null order by 1`), [],
'every function has a comment');
tap.is(await names(`select t.tgname as name from pg_trigger t
    join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and not t.tgisinternal
    and obj_description(t.oid, 'pg_trigger') is null order by 1`), [],
'every trigger has a comment');

tap.is(await names(`select c.oid::regclass || '.' || a.attname as name
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and a.attnum > 0 and not a.attisdropped and c.relkind <> 'i'
    and a.atttypid in ('timestamp'::regtype, 'time'::regtype, 'timetz'::regtype)
    order by 1`), [], 'times are timestamptz');
tap.is(await names(`select c.oid::regclass || '.' || a.attname as name
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and a.attnum > 0 and not a.attisdropped and c.relkind in ('r', 'p')
    and a.atttypid in ('varchar'::regtype, 'bpchar'::regtype, 'money'::regtype,
    'jsonb'::regtype) order by 1`), [], 'texts are text, and nothing is stored as jsonb');

// PostgreSQL's own names end with what they are; ours say what they hold.
tap.is(await names(`select c.conrelid::regclass || ' ' || c.conname as name
    from pg_constraint c join pg_class r on r.oid = c.conrelid
    join pg_namespace n on n.oid = r.relnamespace
    where ${ours} and not r.relispartition and c.contype in ('c', 'f', 'u', 'x')
    and c.conname ~ '(_check|_fkey|_excl|_key)[0-9]*$' order by 1`), [],
'every constraint has a name of its own');
tap.is(await names(`select c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and c.relkind in ('r', 'p') and not exists (
    select from pg_constraint k where k.conrelid = c.oid and k.contype = 'p')
    order by 1`), [], 'every table has a primary key');
tap.is(await names(`select c.oid::regclass::text as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where ${ours} and pg_get_userbyid(c.relowner) <> 'ewa_owner' order by 1`), [],
'everything belongs to the owner');
tap.is(await names(`select p.oid::regprocedure::text as name
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where ${ours} and pg_get_userbyid(p.proowner) <> 'ewa_owner' order by 1`), [],
'functions too');
tap.is(await names(`select c.relname as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public'`), [],
'schema public stays empty');
tap.is(await b.value(`select count(*) from pg_attribute where attrelid = 'ewa.event'::regclass
    and attname = 'body' and attcompression = 'l'`), 1, 'bodies are compressed with lz4');
tap.is(await b.value(`select count(distinct attcompression) from pg_attribute a
    join pg_inherits i on i.inhrelid = a.attrelid
    where i.inhparent = 'ewa.event'::regclass and a.attname = 'body'
    and a.attcompression = 'l'`), 1, 'in every partition');

await b.stop();
tap.done();
