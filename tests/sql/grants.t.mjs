#!/usr/bin/env node
// Each role may do what its program needs, and nothing else.

import * as tap from '../lib/tap.mjs';
import { addEvent, addIntegration, as, database, dayName, sqlstate } from './sample.mjs';

const b = await database();

const shared = {
	'ewa.migration': 'select',
	'ewa.integration': 'select',
	'ewa.integration_token': 'select',
	'ewa.integration_header': 'select',
	'ewa.integration_signing_secret': 'select',
	'ewa.integration_status': 'select',
	'ewa.integration_reply_secret': 'select',
	'ewa.automation': 'select',
	'ewa.automation_header': 'select',
	'ewa.event': 'select',
	'ewa.result': 'select',
	'ewa.attempt': 'select',
	'ewa.outcome': 'select',
	'ewa.queue': 'select',
	'ewa.process': 'select insert update delete',
};
const reports = Object.fromEntries(['backlog', 'certificates', 'event', 'events_by_hour', 'latency',
	'outcomes_by_integration', 'refusals', 'repeats_by_hour'].map((v) => [`report.${v}`, 'select']));
const relations = {
	ewa_responder: {
		...shared,
		'ewa.event': 'select insert',
		'ewa.queue': 'select insert update delete',
		'ewa.dedup': 'select insert update',
		'ewa.repeat': 'select insert update',
		'ewa.refusal': 'select',
		'ewa.certificate': 'select',
		'ewa.tally': 'select',
		'ewa.tally_slot': 'select',
		// the workspace
		'ewa.outcome': 'select insert',
		'ewa.audit': 'select insert',
		'ewa.integration': 'select insert update',
		'ewa.integration_status': 'select update',
		'ewa.integration_token': 'select insert update delete',
		'ewa.integration_header': 'select insert update delete',
		'ewa.integration_signing_secret': 'select insert update delete',
		'ewa.integration_reply_secret': 'select insert update delete',
		'ewa.automation': 'select insert update delete',
		'ewa.automation_header': 'select insert update delete',
		'ewa.app_user': 'select insert update',
		'ewa.app_grant': 'select insert update delete',
		'ewa.session': 'select insert update delete',
		'ewa.api_token': 'select insert update',
	},
	ewa_dispatcher: {
		...shared,
		'ewa.automation': 'select',
		'ewa.automation_header': 'select',
		'ewa.queue': 'select update delete',
		'ewa.result': 'select insert',
		'ewa.attempt': 'select insert',
		'ewa.outcome': 'select insert',
		'ewa.integration_status': 'select insert update',
		'ewa.claim': 'usage',
	},
	ewa_report: reports,
	public: {},
};
const functions = {
	ewa_responder: ['ewa.condition_check', 'ewa.condition_document', 'ewa.count_refusals',
		'ewa.jsonpath_problem', 'ewa.latency_bin', 'ewa.make_partitions', 'ewa.subject_of', 'ewa.try_jsonb',
		'ewa.uuid7_floor', 'ewa.uuid7_time'],
	ewa_dispatcher: ['ewa.condition_check', 'ewa.condition_document',
		'ewa.drop_partitions', 'ewa.drop_refusals', 'ewa.drop_repeats',
		'ewa.make_partitions', 'ewa.subject_of', 'ewa.tally_events',
		'ewa.try_jsonb', 'ewa.uuid7_floor', 'ewa.uuid7_time'],
	ewa_report: ['ewa.jsonb_problem', 'ewa.try_jsonb', 'ewa.uuid7_time',
		'report.events_by_hour', 'report.id_floor', 'report.latency',
		'report.outcomes_by_integration'],
	public: [],
};
const schemas = {
	ewa_responder: ['ewa usage'],
	ewa_dispatcher: ['ewa usage'],
	ewa_report: ['report usage'],
	public: [],
};

// ---- the catalogue says exactly this ----------------------------------------

for (const role of Object.keys(relations)) {
	const got = Object.fromEntries((await b.sql(`
	    select n.nspname || '.' || c.relname as name,
	        string_agg(p, ' ' order by k) as privileges
	    from pg_class c join pg_namespace n on n.oid = c.relnamespace
	    cross join unnest(array['select', 'insert', 'update', 'delete', 'truncate',
	        'references', 'trigger']) with ordinality u(p, k)
	    where n.nspname in ('ewa', 'report') and c.relkind in ('r', 'p', 'v', 'm', 'f')
	    and has_table_privilege($1, c.oid, p)
	    group by 1
	    union all
	    select n.nspname || '.' || c.relname, string_agg(p, ' ' order by p)
	    from pg_class c join pg_namespace n on n.oid = c.relnamespace
	    cross join unnest(array['select', 'update', 'usage']) p
	    where n.nspname in ('ewa', 'report') and c.relkind = 'S'
	    and has_sequence_privilege($1, c.oid, p)
	    group by 1`, role)).map((r) => [r.name, r.privileges]));
	tap.is(got, relations[role], `${role}: tables, views and sequences, no partition`);
	tap.is((await b.sql(`select n.nspname || '.' || p.proname as name
	    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
	    where n.nspname in ('ewa', 'report') and has_function_privilege($1, p.oid, 'execute')
	    order by 1`, role)).map((r) => r.name), functions[role], `${role}: functions`);
	tap.is((await b.sql(`select n.nspname || ' ' || p as name
	    from pg_namespace n cross join unnest(array['usage', 'create']) p
	    where n.nspname in ('ewa', 'report') and has_schema_privilege($1, n.oid, p)
	    order by 1`, role)).map((r) => r.name), schemas[role], `${role}: schemas`);
}
tap.is(await b.value(`select count(*) from pg_attribute a join pg_class c on c.oid = a.attrelid
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('ewa', 'report') and a.attacl is not null`), 0,
'no column has grants of its own');
tap.is(await b.value(`select bool_or(rolsuper or rolcreatedb or rolcreaterole or rolbypassrls)
    from pg_roles where rolname ~ '^ewa_'`), false, 'no role of ewa rules the cluster');
tap.is(await b.value(`select count(*) from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('ewa', 'report') and p.prosecdef
    and not exists (select from unnest(p.proconfig) c where c ~ '^search_path=')`), 0,
'every function with its owner\'s rights sets its search_path');

// ---- and so it is -------------------------------------------------------------

const integration = await addIntegration(b, 'Grants');
const id = await addEvent(b, { integration, queue: {} });
const partition = `ewa.event_${dayName(Date.now())}`;
const refused = {
	ewa_responder: [
		'update ewa.event set test = true',
		'delete from ewa.event',
		'delete from ewa.dedup',
		'delete from ewa.repeat',
		'update ewa.outcome set attempts = 0',
		'delete from ewa.integration',
		'delete from ewa.app_user',
		'update ewa.audit set actor = \'x\'',
		'delete from ewa.audit',
		'select ewa.drop_partitions(interval \'30 days\')',
		'select nextval(\'ewa.claim\')',
		`select from ${partition}`,
		`insert into ${partition} select * from ewa.event`,
		'truncate ewa.queue',
		'create table ewa.mine (n int)',
	],
	ewa_dispatcher: [
		`insert into ewa.event select * from ewa.event where id = '${id}'`,
		'update ewa.event set test = true',
		'insert into ewa.queue select * from ewa.queue',
		'update ewa.outcome set attempts = 0',
		'delete from ewa.attempt',
		'select from ewa.dedup',
		'update ewa.integration set enabled = false',
		'update ewa.integration_token set key_id = \'x\'',
		'select from ewa.audit',
		'select nextval(\'ewa.settings_version\')',
		'select ewa.touch_settings()',
		`drop table ${partition}`,
		'create table ewa.mine (n int)',
	],
	ewa_report: [
		'select from ewa.event',
		'select from ewa.integration',
		'select from ewa.integration_token',
		'select ewa.make_partitions()',
		'select ewa.uuid7_floor(now())',
		`select from ${partition}`,
		'create view report.mine as select 1',
	],
};
for (const [role, statements] of Object.entries(refused)) {
	const c = await as(b, role);
	if (role === 'ewa_report')
		tap.is(await sqlstate(c, 'create temp table t (n int)'), '25006',
		    'ewa_report: read-only from the start');
	await c.query('set default_transaction_read_only = off');
	for (const s of statements)
		tap.is(await sqlstate(c, s), '42501', `${role} may not: ${s.slice(0, 60)}`);
	await c.end();
}

const report = await as(b, 'ewa_report');
for (const view of Object.keys(reports))
	tap.is(await sqlstate(report, `select * from ${view}`), 'none', `ewa_report reads ${view}`);
await report.end();

await b.stop();
tap.done();
