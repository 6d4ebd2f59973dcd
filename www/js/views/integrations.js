// The list of integrations, with the panel of one, or of a new one, beside it.

import { html, useEffect, useRef } from '../dom.js';
import { get } from '../api.js';
import { go, href } from '../router.js';
import { integrationState, systemName } from '../words.js';
import { Ago, Empty, Failure, Num, State } from '../ui/basic.js';
import { useChanges, useLoad, usePages } from '../ui/data.js';
import { useKeys } from '../ui/keys.js';
import { SelectSystem } from './integration-select.js';
import { NewIntegration } from './integration-new.js';
import { IntegrationPanel } from './integration-panel.js';

const columns = [
	['name', 'Name'], ['externalSystem', 'External System'], ['enabled', 'Enabled'], ['status', 'Status'],
	[null, 'Events today', 'num'], [null, 'Last event'], ['created', 'Created'], ['createdBy', 'Created by'],
	['modified', 'Modified'], ['modifiedBy', 'Modified by'],
];

function Head({ sort, setSort }) {
	return html`<thead><tr>${columns.map(([key, words, cls]) => {
		if (!key)
			return html`<th scope="col" class=${cls}>${words}</th>`;
		const dir = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none';
		return html`<th scope="col" aria-sort=${dir}><button type="button"
			onClick=${() => setSort(dir === 'ascending' ? `-${key}` : key)}>${words}
			<span aria-hidden="true">${dir === 'ascending' ? ' ▲' : dir === 'descending' ? ' ▼' : ''}</span>
		</button></th>`;
	})}</tr></thead>`;
}

function Row({ i, selected, query }) {
	const state = integrationState(i);
	const today = href(['events'], { integration: i.key, from: `${new Date().toISOString().slice(0, 10)}T00:00:00Z` });
	return html`<tr aria-selected=${selected ? 'true' : undefined}>
		<td><a class="name" href=${href(['integrations', i.key], query)}>${i.name}</a>
			${i.team && html`<span class="sub soft">${i.team}</span>`}
			${state.detail && html`<span class="sub loud">${state.detail}</span>`}</td>
		<td class="nowrap">${systemName[i.externalSystem]}</td>
		<td>${i.enabled ? 'Yes' : 'No'}</td>
		<td><${State} ...${state} /></td>
		<td class="num"><${Num} n=${i.eventsToday} capped=${i.eventsTodayCapped} to=${today} /></td>
		<td class="nowrap"><${Ago} at=${i.lastEventAt} /></td>
		<td class="nowrap"><${Ago} at=${i.createdAt} /></td>
		<td>${i.createdBy}</td>
		<td class="nowrap"><${Ago} at=${i.modifiedAt} /></td>
		<td>${i.modifiedBy}</td>
	</tr>`;
}

const panelOf = (parts) => {
	if (parts[1] === 'new')
		return parts[2] === 'async' || parts[2] === 'sync' ? 'form' : 'select';
	return parts[1] ? 'one' : null;
};

export function Integrations({ route, session }) {
	const { q = '', team = '', sort = 'name' } = route.query;
	const panel = panelOf(route.parts);
	const query = { q, team, sort };
	const pages = usePages('/integrations', query);
	const teams = useLoad((signal) => get('/teams', {}, signal), []);
	const newButton = useRef(null);
	const wasOpen = useRef(false);
	const canCreate = session.grants.some((g) => g.role === 'admin');
	const set = (more) => go(href(['integrations', ...route.parts.slice(1)], { ...route.query, ...more }), { replace: true });
	const close = () => go(href(['integrations'], route.query));
	const openNew = () => go(href(['integrations', 'new'], route.query));

	useChanges((changed) => changed.includes('integrations') && pages.reload());
	useKeys({ n: () => canCreate ? openNew() : false, Escape: () => panel ? close() : false });
	useEffect(() => {
		if (!panel && wasOpen.current)
			newButton.current?.focus();
		wasOpen.current = panel !== null;
	}, [panel]);

	return html`<div class=${panel ? 'split open' : 'split'}>
		<main>
			<div class="head"><h1>Integrations</h1>
				<input class="input find" type="search" aria-label="Filter by name, description or key" placeholder="Filter"
					value=${q} onInput=${(e) => set({ q: e.target.value })} />
				${teams.value?.items.length > 0 && html`<select class="input find" aria-label="Team"
					onChange=${(e) => set({ team: e.target.value })}>
					<option value="">All teams</option>
					${teams.value.items.map((t) => html`<option value=${t} selected=${t === team}>${t}</option>`)}</select>`}
				${canCreate && html`<button class="button main" type="button" ref=${newButton} onClick=${openNew}>
					+ New Integration</button>`}
			</div>
			<${Failure} error=${pages.error} retry=${pages.reload} />
			${pages.value && pages.items.length === 0 && html`<${Empty}>
				${q || team ? html`<p>No integration matches.</p>
					<button class="button" type="button" onClick=${() => set({ q: '', team: '' })}>Show all</button>` :
				html`<p>An integration is a way in for the events of one system. There is none yet.</p>
					${canCreate && html`<button class="button main" type="button" onClick=${openNew}>
						+ New Integration</button>`}`}</${Empty}>`}
			${pages.items.length > 0 && html`<div class="table-scroll" tabindex="0" role="region" aria-label="Integrations">
				<table class="list"><${Head} sort=${sort} setSort=${(s) => set({ sort: s })} />
				<tbody>${pages.items.map((i) => html`<${Row} key=${i.key} i=${i} query=${route.query}
					selected=${route.parts[1] === i.key} />`)}</tbody></table>
				${pages.next && html`<div class="more"><button class="button" type="button" onClick=${pages.more}>
					Show more of ${pages.value.total}</button></div>`}</div>`}
			${!pages.value && pages.loading && html`<p class="loading">Loading</p>`}
		</main>
		${panel === 'select' && html`<${SelectSystem} query=${route.query} close=${close} />`}
		${panel === 'form' && html`<${NewIntegration} key=${route.parts[2]} system=${route.parts[2]} query=${route.query}
			close=${close} changed=${pages.reload} />`}
		${panel === 'one' && html`<${IntegrationPanel} key=${route.parts[1]} id=${route.parts[1]} tab=${route.parts[2] ?? 'properties'}
			query=${route.query} close=${close} changed=${pages.reload} />`}
	</div>`;
}
