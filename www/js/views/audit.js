// Audit: who changed what, and when.

import { html } from '../dom.js';
import { go, href } from '../router.js';
import { Ago, Empty, Failure } from '../ui/basic.js';
import { usePages } from '../ui/data.js';

const show = (v) => typeof v === 'object' && v !== null ? JSON.stringify(v) : String(v);

export function AuditTable({ query }) {
	const list = usePages('/audit', query);
	return html`<${Failure} error=${list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Empty}><p>Nothing has been changed.</p></${Empty}>`}
		${list.items.length > 0 && html`<div class="table-scroll" tabindex="0" role="region" aria-label="Audit"><table class="list">
			<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th>
				${!query.integration && html`<th scope="col">Integration</th>`}<th scope="col">Detail</th></tr></thead>
			<tbody>${list.items.map((a) => html`<tr key=${a.id}><td class="nowrap"><${Ago} at=${a.at} /></td><td>${a.actor}</td>
				<td>${a.action}</td>
				${!query.integration && html`<td>${a.integration && html`<a href=${href(['integrations', a.integration.key])}>${a.integration.name}</a>`}</td>`}
				<td class="small wrap">${Object.entries(a.detail).map(([k, v]) => html`<div><span class="soft">${k}</span> <bdi>${show(v)}</bdi></div>`)}</td>
			</tr>`)}</tbody></table>
			${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show older</button></div>`}</div>`}`;
}

export const Audit = ({ route }) => html`<main><div class="head"><h1>Audit</h1>
	<input class="input find" type="search" placeholder="Who" aria-label="Only changes by" value=${route.query.actor ?? ''}
		onChange=${(e) => go(href(['audit'], { ...route.query, actor: e.target.value }), { replace: true })} /></div>
	<${AuditTable} query=${route.query} /></main>`;
