// The table of integrations.

import { html } from '../dom.js';
import { href } from '../router.js';
import { atTime, integrationState, noticeWords, systemName } from '../words.js';
import { Ago, Num, State } from '../ui/basic.js';

// [sort key, words, class]; the higher the number of a class "roomN" the more
// room there has to be for its column (css/frame.css).
const columns = [
	['name', 'Name'], ['externalSystem', 'External System', 'room2'], ['enabled', 'Enabled', 'room1'], ['status', 'Status'],
	[null, 'Events today', 'num'], [null, 'Last event', 'room2'], ['created', 'Created', 'room3'], ['createdBy', 'Created by', 'room3'],
	['modified', 'Modified', 'room2'], ['modifiedBy', 'Modified by', 'room3'],
];

function Head({ sort, setSort }) {
	return html`<thead><tr>${columns.map(([key, words, cls]) => {
		if (!key)
			return html`<th scope="col" class=${cls}>${words}</th>`;
		const dir = sort === key ? 'ascending' : sort === `-${key}` ? 'descending' : 'none';
		return html`<th scope="col" class=${cls} aria-sort=${dir}><button type="button"
			onClick=${() => setSort(dir === 'ascending' ? `-${key}` : key)}>${words}<span class="arrow"
			aria-hidden="true">${dir === 'ascending' ? '▲' : dir === 'descending' ? '▼' : ''}</span></button></th>`;
	})}</tr></thead>`;
}

// What stands under its status while it is paused.
const pauseWords = (i, state) => i.paused &&
    [state.word !== 'Paused' && 'paused', i.pausedUntil && `until ${atTime(i.pausedUntil)}`].filter(Boolean).join(' ');

function Row({ i, selected, query }) {
	const state = integrationState(i);
	const today = href(['events'], { integration: i.key, from: `${new Date().toISOString().slice(0, 10)}T00:00:00Z` });
	return html`<tr aria-selected=${selected ? 'true' : undefined}>
		<td class="named"><a class="name" href=${href(['integrations', i.key], query)}><bdi>${i.name}</bdi></a>
			${i.team && html`<span class="sub soft"><bdi>${i.team}</bdi></span>`}
			${state.detail && html`<span class="sub loud">${state.detail}${state.since && `, since ${atTime(state.since)}`}</span>`}
			${i.notices.map((n) => html`<span class="sub warm">${noticeWords(n)}</span>`)}</td>
		<td class="nowrap room2">${systemName[i.externalSystem]}</td>
		<td class="room1">${i.enabled ? 'Yes' : 'No'}</td>
		<td><${State} ...${state} />${pauseWords(i, state) && html`<span class="sub soft nowrap">${pauseWords(i, state)}</span>`}</td>
		<td class="num"><${Num} n=${i.eventsToday} capped=${i.eventsTodayCapped} to=${today} /></td>
		<td class="nowrap room2"><${Ago} at=${i.lastEventAt} /></td>
		<td class="nowrap room3"><${Ago} at=${i.createdAt} /></td>
		<td class="room3 wrap"><bdi>${i.createdBy}</bdi></td>
		<td class="nowrap room2"><${Ago} at=${i.modifiedAt} /></td>
		<td class="room3 wrap"><bdi>${i.modifiedBy}</bdi></td>
	</tr>`;
}

export const IntegrationTable = ({ pages, sort, setSort, query, selected }) => html`
	<div class="table-scroll rooms" tabindex="0" role="region" aria-label="Integrations">
		<table class="list"><${Head} sort=${sort} setSort=${setSort} />
		<tbody>${pages.items.map((i) => html`<${Row} key=${i.key} i=${i} query=${query} selected=${selected === i.key} />`)}</tbody></table>
		${pages.next && html`<div class="more"><button class="button" type="button" disabled=${pages.growing} onClick=${pages.more}>
			Show more</button></div>`}</div>`;
