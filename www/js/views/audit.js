// Audit: who changed what, and when.

import { html } from '../dom.js';
import { go, href } from '../router.js';
import { cut, visible } from '../words.js';
import { Ago, Empty, Failure } from '../ui/basic.js';
import { usePages } from '../ui/data.js';
import { Filter } from '../ui/filter.js';
import { grantWords } from './grants.js';

const isGrants = (v) => Array.isArray(v) && v.length > 0 && v.every((g) => g?.role);
const words = (v) => isGrants(v) ? grantWords(v) :
    v === null || v === '' ? 'nothing' : v === true ? 'yes' : v === false ? 'no' :
    Array.isArray(v) && v.every((x) => typeof x === 'string') ? v.join(', ') || 'nothing' :
    typeof v === 'object' ? JSON.stringify(v) : String(v);
const Value = ({ v }) => html`<bdi>${visible(cut(words(v), 400), null)}</bdi>`;
const isChange = (v) => typeof v === 'object' && v !== null && !Array.isArray(v) &&
    Object.keys(v).length > 0 && Object.keys(v).every((k) => k === 'from' || k === 'to');

// reply_url as "reply url", user.update as "user: update"
const spaced = (name) => name.replaceAll('_', ' ').replaceAll(/[A-Z]/g, (c) => ` ${c.toLowerCase()}`).replace('.', ': ');

const Detail = ({ name, v }) => html`<div><span class="soft">${spaced(name)}</span>${' '}${!isChange(v) ? html`<${Value} v=${v} />` :
	html`${'from' in v && html`<${Value} v=${v.from} />${' '}<span class="soft" role="img" aria-label="became">→</span>${' '}`}<${Value} v=${v.to ?? null} />`}</div>`;

export function AuditTable({ query }) {
	const list = usePages('/audit', query);
	const filtered = query.actor;
	return html`<${Failure} error=${list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Empty}><p>${filtered ?
			'Nobody of this name has changed anything.' : 'Nothing has been changed.'}</p></${Empty}>`}
		${list.items.length > 0 && html`<div class="table-scroll rooms" tabindex="0" role="region" aria-label="Audit"><table class="list">
			<thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">What</th>
				${!query.integration && html`<th scope="col">Integration</th>`}<th scope="col">Detail</th></tr></thead>
			<tbody>${list.items.map((a) => html`<tr key=${a.id}><td class="nowrap"><${Ago} at=${a.at} /></td>
				<td class="wrap"><bdi>${a.actor}</bdi></td><td>${spaced(a.action)}</td>
				${!query.integration && html`<td class="wrap">${a.integration && html`<a href=${href(['integrations', a.integration.key])}>
					<bdi>${a.integration.name}</bdi></a>`}</td>`}
				<td class="small wrap">${Object.entries(a.detail).map(([k, v]) => html`<${Detail} name=${k} v=${v} />`)}</td>
			</tr>`)}</tbody></table>
			${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show older</button></div>`}</div>`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}`;
}

export const Audit = ({ route }) => html`<main><div class="head"><h1>Audit</h1>
	<${Filter} label="Only changes by" placeholder="Who" value=${route.query.actor ?? ''}
		set=${(actor) => go(href(['audit'], { ...route.query, actor }), { replace: true })} /></div>
	<${AuditTable} query=${route.query} /></main>`;
