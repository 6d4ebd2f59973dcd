// Overview: what became of the events over time, how long replies take, the
// backlog, and the integrations that fail.

import { html } from '../dom.js';
import { get } from '../api.js';
import { go, href } from '../router.js';
import { absolute, number, plural, span } from '../words.js';
import { Ago, Failure, Num } from '../ui/basic.js';
import { Chart } from '../ui/chart.js';
import { useChanges, useLoad } from '../ui/data.js';

const spans = [['1', '1 hour', 'PT1M'], ['24', '24 hours', 'PT15M'], ['168', '7 days', 'PT6H'], ['720', '30 days', 'P1D']];

const outcomes = [
	['replySent', 'reply sent', '--good', undefined, { replyState: 'sent' }],
	['handled', 'handled', '--accent', [6, 3], { state: 'handled' }],
	['waiting', 'waiting', '--warm', [2, 3], { state: 'accepted,handling' }],
	['replyExpired', 'reply expired', '--loud', [8, 3, 2, 3], { replyState: 'expired' }],
	['replyFailed', 'reply failed', '--loud', undefined, { replyState: 'failed' }],
	['failed', 'failed', '--loud', [3, 3], { state: 'failed' }],
];

function AsTable({ words, head, rows }) {
	return html`<details class="fold"><summary>${words}</summary><div class="table-scroll" tabindex="0" role="region" aria-label=${words}>
		<table class="list"><thead><tr>${head.map((h, n) => html`<th scope="col" class=${n ? 'num' : ''}>${h}</th>`)}</tr></thead>
		<tbody>${rows.map((r) => html`<tr>${r.map((c, n) => html`<td class=${n ? 'num' : 'nowrap'}>${c}</td>`)}</tr>`)}</tbody></table></div></details>`;
}

function Outcomes({ report }) {
	const times = report.buckets.map((b) => Date.parse(b.at) / 1000);
	return html`<section class="card stack" aria-labelledby="by-outcome"><h2 id="by-outcome">Events by outcome</h2>
		<${Chart} label="Events by outcome over time; the same as a table below" times=${times}
			series=${outcomes.map(([key, label, colour, dash]) => ({ label, colour, dash, values: report.buckets.map((b) => b[key]) }))} />
		<dl class="row figures">${outcomes.map(([key, label, , , query]) => html`<div><dt>${label}</dt><dd>
			<${Num} n=${report.totals[key]} to=${href(['events'], { ...query, from: report.from })} /></dd></div>`)}</dl>
		<${AsTable} words="Events by outcome, as a table" head=${['Time', ...outcomes.map((o) => o[1])]}
			rows=${report.buckets.filter((b) => b.accepted > 0).map((b) => [absolute(b.at), ...outcomes.map(([k]) => number(b[k]))])} />
	</section>`;
}

const percentiles = [['p50', '--good'], ['p95', '--warm', [6, 3]], ['p99', '--loud', [2, 3]]];

function Latency({ report }) {
	const times = report.buckets.map((b) => Date.parse(b.at) / 1000);
	const some = report.buckets.filter((b) => b.latency);
	return html`<section class="card stack" aria-labelledby="latency"><h2 id="latency">Accepted to replied</h2>
		<${Chart} label="Latency from accept to reply; the same as a table below" times=${times} unit=" ms"
			series=${percentiles.map(([p, colour, dash]) => ({ label: p, colour, dash, values: report.buckets.map((b) => b.latency?.[p] ?? null) }))} />
		<${AsTable} words="Latency, as a table" head=${['Time', ...percentiles.map(([p]) => p)]}
			rows=${some.map((b) => [absolute(b.at), ...percentiles.map(([p]) => span(b.latency[p]))])} />
	</section>`;
}

const Backlog = ({ b }) => html`<section class="card stack"><h2>Backlog</h2>
	<p><a href=${href(['events'], { state: 'accepted,handling' })}>${plural(b.waiting, 'event')}${b.capped ? ' and more' : ''}</a>
		${b.waiting === 0 ? ' are waiting.' : html` waiting, the oldest <${Ago} at=${b.oldestAt} />.`}</p>
	${b.late > 0 && html`<p class="loud">${plural(b.late, 'event')} of them past the deadline.</p>`}</section>`;

const Failing = ({ list }) => html`<section class="card stack"><h2>Failing integrations</h2>
	${list.length === 0 ? html`<p class="soft">None: replies arrive.</p>` : html`<ul class="plain">${list.map((f) => html`<li>
		<a href=${href(['integrations', f.integration.key])}>${f.integration.name}</a> <span class="soft">since</span> <${Ago} at=${f.since} />
		<p class="loud wrap">${f.detail}</p></li>`)}</ul>`}</section>`;

export function Overview({ route }) {
	const hours = route.query.hours ?? '24';
	const step = spans.find(([h]) => h === hours)?.[2] ?? 'PT15M';
	const report = useLoad((signal) => get('/report', { from: new Date(Date.now() - Number(hours) * 3600000).toISOString(), step }, signal), [hours]);
	let last = 0;
	useChanges((what) => {
		// figures are worth a look every ten seconds at most
		if (what.includes('events') && Date.now() - last > 10000) {
			last = Date.now();
			report.reload();
		}
	});
	const r = report.value;
	return html`<main><div class="head"><h1>Overview</h1>
		<select class="input find" aria-label="Span of time" onChange=${(e) => go(href(['overview'], { hours: e.target.value }), { replace: true })}>
			${spans.map(([h, words]) => html`<option value=${h} selected=${h === hours}>last ${words}</option>`)}</select></div>
		<${Failure} error=${report.error} retry=${report.reload} />
		${!r && report.loading && html`<p class="loading">Loading</p>`}
		${r && html`<div class="overview"><${Outcomes} report=${r} /><${Latency} report=${r} />
			<${Backlog} b=${r.backlog} /><${Failing} list=${r.failing} /></div>`}</main>`;
}
