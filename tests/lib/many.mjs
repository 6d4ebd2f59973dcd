// Integrations and finished events of this day, and what is written down about
// them, many of them, made in the database.

/*
 * `integrations` of 20 teams with `events` spread evenly over the part of the
 * day that has passed: one in 1,000 failed, one in 500 expired; a subject
 * "Disk N"; a body of `pad` bytes and some.
 */
export async function addMany(b, { integrations, events, pad = 300 }) {
	await b.sql(`insert into ewa.integration (key, name, settings_version, team)
	    select lpad(translate(n::text, '0123456789', 'abcdefghij'), 16, 'a'), 'Integration ' || n, 1, 'team' || n % 20
	    from generate_series(1000, 999 + $1::int) n`, integrations);
	const step = await b.value(`select extract(epoch from now() - date_trunc('day', now(), 'UTC'))::float8 / ($1::int + 10)`, events);
	await b.sql(`with i as (select array_agg(id order by id) as a, count(*)::int as c from ewa.integration),
	    x as (select n, now() - n * $1::float8 * interval '1 s' as at, (lpad(to_hex((extract(epoch from now())
	        * 1000 - n * $1::float8 * 1000)::bigint), 12, '0') || '70008000' || lpad(to_hex(n), 12, '0'))::uuid as id
	        from generate_series(1, $2::int) n),
	    e as (insert into ewa.event (id, integration_id, received_at, deadline, headers, body, body_length, kind)
	        select id, a[1 + n % c], at, now(), '{}', body, length(body), 'json' from x, i,
	        lateral (select convert_to('{"alert":"disk ' || n || '","pad":"' || repeat('x', $3::int) || '"}', 'UTF8') as body) y)
	    insert into ewa.outcome (event_id, integration_id, state, reply_state, subject, handled_at, finished_at, attempts)
	    select id, a[1 + n % c], case when n % 1000 = 7 then 'failed' else 'handled' end,
	        case when n % 500 = 3 then 'expired' else 'sent' end, 'Disk ' || n,
	        at + interval '5 ms', at + interval '30 ms', 1 from x, i`, step, events, pad);
	for (const table of ['event', 'outcome', 'integration'])
		await b.sql(`vacuum analyze ewa.${table}`);
	await b.sql('select ewa.tally_events(1000)');
}

/*
 * Changes, one a minute, and refusals, one a second, of all integrations; one
 * of 49 refusals is of an unknown key.
 */
export async function addRecords(b, { audit, refusals }) {
	await b.sql(`with i as (select array_agg(id order by id) as a, count(*)::int as c from ewa.integration)
	    insert into ewa.audit (at, actor, action, integration_id, detail)
	    select now() - n * interval '1 min', 'user' || n % 50,
	        'integration.' || (array['update', 'enable', 'disable'])[1 + n % 3], a[1 + n % c], '{"contact":{"from":"a","to":"b"}}'
	    from i, generate_series($1::int, 1, -1) n`, audit);
	await b.sql(`with i as (select array_agg(id order by id) as a, count(*)::int as c from ewa.integration)
	    insert into ewa.refusal (integration_id, source, reason, status, count, first_at, last_at, last_size, last_path, last_detail)
	    select case when n % 49 = 0 then 0 else a[1 + n % c] end, '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256,
	        'unauthorized', 401, n, now() - n * interval '1 min', now() - n * interval '1 s', 100, '/hooks/x', 'no token'
	    from i, generate_series(1, $1::int) n`, refusals);
	await b.sql('vacuum analyze ewa.audit');
	await b.sql('vacuum analyze ewa.refusal');
}
