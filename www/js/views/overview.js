// Overview: what became of the events over time, how long replies take, the
// backlog, the integrations that fail, and what will expire.

import { html, useRef, useState } from '../dom.js';
import { get } from '../api.js';
import { go, href } from '../router.js';
import { absolute, number, plural, span, visible } from '../words.js';
import { Ago, Failure, Num } from '../ui/basic.js';
import { Chart } from '../ui/chart.js';
import { useChanges, useLoad } from '../ui/data.js';

const spans = [['1', 'Last hour', 'PT1M', 60], ['24', 'Last 24 hours', 'PT15M', 900], ['168', 'Last 7 days', 'PT6H', 21600],
	['720', 'Last 30 days', 'P1D', 86400]];

/*
 * What became of events, the loudest first: [figure, words, colour, filter].
 * As bars upon each other they make up all that were accepted.
 */
const outcomes = [
	['failed', 'failed', '--chart-failed', { state: 'failed' }],
	['replyFailed', 'reply failed', '--chart-reply-failed', { replyState: 'failed' }],
	['replyExpired', 'reply expired', '--chart-expired', { replyState: 'expired' }],
	['waiting', 'waiting', '--chart-waiting', { state: 'accepted,handling' }],
	['done', 'done', '--chart-done', { state: 'handled' }],
];

const percentiles = [['p50', 'half', '--chart-done'], ['p95', '95 %', '--chart-expired', [6, 3]], ['p99', '99 %', '--chart-failed', [2, 3]]];

// Done is what is left: handled, and its reply sent, not asked for or cancelled.
const withDone = (f) => ({ ...f, done: Math.max(0, f.accepted - f.waiting - f.failed - f.replyFailed - f.replyExpired) });

const Swatch = ({ colour }) => html`<span class="swatch" style=${{ background: `var(${colour})` }} aria-hidden="true"></span>`;

function AsTable({ label, head, rows }) {
	return html`<details class="fold"><summary>As a table</summary><div class="table-scroll short" tabindex="0" role="region" aria-label=${label}>
		<table class="list"><thead><tr>${head.map((h, n) => html`<th scope="col" class=${n ? 'num' : ''}>${h}</th>`)}</tr></thead>
		<tbody>${rows.map((r) => html`<tr>${r.map((c, n) => html`<td class=${n ? 'num nowrap' : 'nowrap'}>${c}</td>`)}</tr>`)}</tbody></table></div></details>`;
}

// Figures under a chart, which are its legend as well: those of the whole span,
// or of the bucket that the pointer is at.
const Legend = ({ at, words, children }) => html`<div class="legend"><p class="soft small">${at ? absolute(at) : words}</p>
	<dl class="figures">${children}</dl></div>`;

function Outcomes({ report, step }) {
	const [n, setN] = useState(null);
	const buckets = report.buckets.map(withDone);
	const bucket = buckets[n];
	const figures = bucket ?? withDone(report.totals);
	const from = bucket ? bucket.at : report.from;
	const to = (at) => new Date(Date.parse(at) + step * 1000).toISOString();
	return html`<section class="card stack" aria-labelledby="by-outcome">
		<div class="row"><h2 id="by-outcome" class="grow">Events by outcome</h2>
			<p><b class="num">${number(report.totals.accepted)}</b> <span class="soft">accepted</span></p></div>
		<${Chart} label="Events by outcome over time; the same as a table below" stacked=${true} step=${step}
			times=${buckets.map((b) => Date.parse(b.at) / 1000)} point=${setN}
			pick=${(i) => go(href(['events'], { from: buckets[i].at, to: to(buckets[i].at) }))}
			series=${outcomes.map(([key, label, colour]) => ({ label, colour, values: buckets.map((b) => b[key]) }))} />
		<${Legend} at=${bucket?.at} words="In all">${[...outcomes].reverse().map(([key, label, colour, query]) => html`<div><dt><${Swatch} colour=${colour} />${label}</dt>
			<dd><${Num} n=${figures[key]} to=${href(['events'], { ...query, from, to: bucket && to(bucket.at) })} /></dd></div>`)}</${Legend}>
		<${AsTable} label="Table of events by outcome" head=${['Time', 'accepted', ...[...outcomes].reverse().map((o) => o[1])]}
			rows=${buckets.filter((b) => b.accepted > 0).reverse().map((b) => [absolute(b.at),
				html`<${Num} n=${b.accepted} to=${href(['events'], { from: b.at, to: to(b.at) })} />`,
				...[...outcomes].reverse().map(([k, , , query]) => b[k] === 0 ? '0' :
					html`<${Num} n=${b[k]} to=${href(['events'], { ...query, from: b.at, to: to(b.at) })} />`)])} />
	</section>`;
}

const ticks = (ms) => ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;

// The worst bucket says more than a mean of percentiles would.
const greatest = (buckets, p) => buckets.reduce((most, b) => Math.max(most, b.latency?.[p] ?? 0), 0);

function Latency({ report, step }) {
	const [n, setN] = useState(null);
	const some = report.buckets.filter((b) => b.latency);
	const bucket = report.buckets[n]?.latency ? report.buckets[n] : null;
	return html`<section class="card stack" aria-labelledby="latency">
		<h2 id="latency">From accepted to replied</h2>
		<${Chart} label="Latency from accepted to replied over time; the same as a table below" step=${step} words=${ticks}
			times=${report.buckets.map((b) => Date.parse(b.at) / 1000)} point=${setN}
			series=${percentiles.map(([p, label, colour, dash]) => ({ label, colour, dash, values: report.buckets.map((b) => b.latency?.[p] ?? null) }))} />
		<${Legend} at=${bucket?.at} words="At worst">${percentiles.map(([p, label, colour]) => html`<div><dt><${Swatch} colour=${colour} />${label} within</dt>
			<dd>${some.length === 0 ? html`<span class="soft">no reply</span>` : span(bucket ? bucket.latency[p] : greatest(some, p))}</dd></div>`)}</${Legend}>
		<${AsTable} label="Table of latencies" head=${['Time', ...percentiles.map(([, label]) => `${label} within`)]}
			rows=${[...some].reverse().map((b) => [absolute(b.at), ...percentiles.map(([p]) => span(b.latency[p]))])} />
	</section>`;
}

const Backlog = ({ b }) => html`<section class="card stack tight" aria-labelledby="backlog"><h2 id="backlog">Backlog</h2>
	${b.waiting === 0 ? html`<p class="soft">Nothing waits.</p>` : html`<p><span class="figure"><${Num} n=${b.waiting} capped=${b.capped} to=${href(['events'], { state: 'accepted,handling' })} /></span>
		${` ${b.waiting === 1 ? 'event waits' : 'events wait'}`}</p>
		${b.oldestAt && html`<p class="soft">The oldest arrived <${Ago} at=${b.oldestAt} />.</p>`}`}
	${b.late > 0 && html`<p class="loud">${plural(b.late, 'event')} past the deadline: no reply is sent for ${b.late === 1 ? 'it' : 'them'} any more.</p>`}</section>`;

const To = ({ i }) => html`<a href=${href(['integrations', i.key])}><bdi>${i.name}</bdi></a>`;

const Failing = ({ list }) => html`<section class="card stack tight" aria-labelledby="failing"><h2 id="failing">Failing integrations</h2>
	${list.length === 0 ? html`<p class="soft">None: replies arrive.</p>` : html`<ul class="plain">${list.map((f) => html`<li>
		<div class="row"><span class="grow wrap"><${To} i=${f.integration} /></span><span class="soft small">began <${Ago} at=${f.since} /></span></div>
		<p class="loud small wrap"><bdi>${visible(f.detail ?? '')}</bdi></p></li>`)}</ul>`}</section>`;

const Notices = ({ list }) => html`<section class="card stack tight" aria-labelledby="notices"><h2 id="notices">Certificates</h2>
	<ul class="plain">${list.map((n) => html`<li><div class="row"><span class="grow wrap"><${To} i=${n.integration} /></span>
			<span class=${Date.parse(n.expiresAt) < Date.now() ? 'loud small' : 'warm small'}>${Date.parse(n.expiresAt) < Date.now() ? 'expired' : 'expires'} <${Ago} at=${n.expiresAt} /></span></div>
		<p class="soft small wrap"><bdi>${visible(n.detail)}</bdi></p></li>`)}</ul></section>`;

export function Overview({ route }) {
	const hours = spans.some(([h]) => h === route.query.hours) ? route.query.hours : '24';
	const [, , name, step] = spans.find(([h]) => h === hours);
	const report = useLoad((signal) => get('/report', { from: new Date(Date.now() - Number(hours) * 3600000).toISOString(), step: name }, signal), [hours]);
	const last = useRef(0);
	useChanges((what) => {
		// figures are worth a look every ten seconds at most
		if (what.includes('events') && Date.now() - last.current > 10000) {
			last.current = Date.now();
			report.reload();
		}
	});
	const r = report.value;
	return html`<main><div class="head"><h1>Overview</h1>
		<select class="input find" aria-label="Span of time" onChange=${(e) => go(href(['overview'], { hours: e.target.value }), { replace: true })}>
			${spans.map(([h, words]) => html`<option value=${h} selected=${h === hours}>${words}</option>`)}</select></div>
		<${Failure} error=${report.error} retry=${report.reload} />
		${!r && report.loading && html`<p class="loading">Loading</p>`}
		${r && html`<div class="overview charts"><${Outcomes} report=${r} step=${step} /><${Latency} report=${r} step=${step} /></div>
			<div class="overview"><${Backlog} b=${r.backlog} /><${Failing} list=${r.failing} />
				${r.notices?.length > 0 && html`<${Notices} list=${r.notices} />`}</div>`}</main>`;
}
