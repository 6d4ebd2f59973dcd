-- ewa.count_refusals: adds to the counts of refused requests.
--
-- An integration has at most 200 rows, and 1,000 lie under no integration;
-- beyond that sources are counted together as "other" (one row a reason).
-- Writers take turns, so the bound holds with any number of responders.  The
-- commit is not waited for: counts are no events.
--
-- Parameters: arrays of equal length; times as milliseconds ago.
-- Returns: nothing.
-- Calls: nothing.  Tables: ewa.refusal (inserts, updates).
create or replace function ewa.count_refusals(
	integration_ids integer[],
	sources text[],
	reasons text[],
	statuses integer[],
	counts bigint[],
	first_ago bigint[],
	last_ago bigint[],
	sizes bigint[],
	paths text[],
	details text[]
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
	perform set_config('synchronous_commit', 'off', true);
	lock table ewa.refusal in share row exclusive mode;
	with i as (
		select *
		from unnest(integration_ids, sources, reasons, statuses, counts,
			first_ago, last_ago, sizes, paths, details)
		as t(integration_id, source, reason, status, n, since, ago, size, path, detail)
	),
	room as (
		select x.integration_id,
			case x.integration_id when 0 then 1000 else 200 end
			- (select count(*) from ewa.refusal r
				where r.integration_id = x.integration_id) as n
		from (select distinct i.integration_id from i) x
	),
	known as (
		select i.*, r.source is not null as is_known,
			row_number() over (
				partition by i.integration_id, r.source is not null
				order by i.source, i.reason, i.status
			) as place
		from i
		left join ewa.refusal r using (integration_id, source, reason, status)
	),
	bounded as (
		select k.integration_id, k.reason, k.status, k.n, k.since, k.ago,
			k.size, k.path, k.detail,
			case when k.is_known or k.place <= room.n then k.source else 'other' end as source
		from known k
		join room using (integration_id)
	)
	insert into ewa.refusal as old (integration_id, source, reason, status,
		count, first_at, last_at, last_size, last_path, last_detail)
	select b.integration_id, b.source, b.reason, b.status, sum(b.n)::bigint,
		now() - max(b.since) * interval '1 millisecond',
		now() - min(b.ago) * interval '1 millisecond',
		(array_agg(b.size order by b.ago))[1],
		(array_agg(b.path order by b.ago))[1],
		(array_agg(b.detail order by b.ago))[1]
	from bounded b
	group by b.integration_id, b.source, b.reason, b.status
	order by 1, 2, 3, 4
	on conflict (integration_id, source, reason, status) do update set
		count = old.count + excluded.count,
		last_at = greatest(old.last_at, excluded.last_at),
		last_size = excluded.last_size,
		last_path = excluded.last_path,
		last_detail = excluded.last_detail;
end
$$;
comment on function ewa.count_refusals(integer[], text[], text[], integer[], bigint[],
	bigint[], bigint[], bigint[], text[], text[]) is
	'Adds to the counts of refused requests, within the bound of rows';
