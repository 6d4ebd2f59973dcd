// Events put into the queue by SQL, for tests of the dispatcher alone: many at
// once, without a responder, and integrations by the dozen.

/*
 * `n` events of an integration (by key); gives their ids.  options: body(n) a
 * SQL expression of type bytea, kind, contentType, headers (an object), ring
 * (false: no doorbell), timeoutMs (of the deadline; default 24 h).
 */
export async function queue(ewa, key, n, options = {}) {
	const {
		body = `convert_to('{"n":' || n || '}', 'UTF8')`, kind = 'json',
		contentType = 'application/json', headers = {}, timeoutMs = 86400000,
	} = options;
	const rows = await ewa.sql(`
	    with i as (select id from ewa.integration where key = $1),
	    g as materialized (
		select (substr(ewa.uuid7_floor(clock_timestamp())::text, 1, 13)
		    || '-7' || substr(r, 1, 3) || '-8' || substr(r, 4, 3)
		    || '-' || substr(r, 7, 12))::uuid as id, n, ${body} as body
		from generate_series(1, $2::int) n
		cross join lateral (select md5(n || ':' || random()) as r) x),
	    e as (
		insert into ewa.event (id, integration_id, received_at, deadline,
		    content_type, headers, body, body_length, kind)
		select g.id, i.id, now(), now() + $3::bigint * interval '1 millisecond',
		    $4, $5, g.body, length(g.body), $6 from g, i
		returning id, integration_id, received_at, deadline),
	    q as (
		insert into ewa.queue (event_id, integration_id, due_at, deadline)
		select id, integration_id, received_at, deadline from e)
	    select id from e`, key, n, timeoutMs, contentType, JSON.stringify(headers), kind);
	if (options.ring !== false)
		await ewa.sql('notify ewa_event');
	return rows.map((r) => r.id);
}

// `n` further integrations with the settings of one; gives their keys.
export async function copies(ewa, key, n) {
	const rows = await ewa.sql(`
	    insert into ewa.integration (key, name, enabled, request_timeout_ms, reply_url,
		reply_method, settings_version)
	    select translate(substr(md5(n || i.key), 1, 16), '0189', 'wxyz'),
		i.name || ' ' || n, i.enabled, i.request_timeout_ms, i.reply_url,
		i.reply_method, 0
	    from ewa.integration i, generate_series(1, $2::int) n where i.key = $1
	    returning key`, key, n);
	return rows.map((r) => r.key);
}

// How many times each id came to a receiver: { missing, twice }.
export function arrivals(receiver, ids) {
	const count = new Map(ids.map((id) => [id, 0]));
	for (const r of receiver.requests) {
		const id = r.headers['webhook-id'];
		if (count.has(id))
			count.set(id, count.get(id) + 1);
	}
	const of = (f) => [...count].filter(([, n]) => f(n)).map(([id]) => id);
	return { missing: of((n) => n === 0), twice: of((n) => n > 1) };
}

// Every event has one outcome, as wanted, and nothing is queued.
export async function settled(ewa, ids, boundMs = 120000) {
	await ewa.drained(boundMs);
	return ewa.sql(`
	    select o.state, o.reply_state, count(*)::int as n
	    from unnest($1::uuid[]) e(id) left join ewa.outcome o on o.event_id = e.id
	    group by 1, 2 order by 1, 2`, ids);
}
