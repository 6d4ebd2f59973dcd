// A table of events.  New ones announce themselves instead of moving what is
// being read; what failed in an outage is offered to be sent again.

import { html, useEffect, useState } from '../dom.js';
import { get } from '../api.js';
import { href } from '../router.js';
import { bytes, eventState, plural } from '../words.js';
import { Ago, Empty, Failure, State } from '../ui/basic.js';
import { useChanges, useLoad, usePages } from '../ui/data.js';
import { Bulk } from './event-bulk.js';
import { Refusal } from './integration-watch.js';

function Row({ e, selected, query, short }) {
	return html`<tr aria-selected=${selected ? 'true' : undefined}>
		<td><a class="name" href=${href(['events', e.eventId], query)}><bdi>${e.subject ?? e.eventId}</bdi></a>
			${e.test && html` <span class="soft small">test</span>`}
			${e.reason && html`<span class="sub loud">${e.reason}</span>`}</td>
		<td><${State} ...${eventState(e)} /></td>
		${!short && html`<td><a href=${href(['integrations', e.integration.key])}>${e.integration.name}</a></td>`}
		<td class="nowrap"><${Ago} at=${e.receivedAt} /></td>
		<td class="num nowrap">${bytes(e.bodyBytes)} ${e.kind}</td>
		<td class="num">${e.attempts}</td>
	</tr>`;
}

// Those that have arrived since the list was read.
function useFresh(list, filter) {
	const [count, setCount] = useState(0);
	useEffect(() => setCount(0), [list.value]);
	useChanges(async (what) => {
		if (!what.includes('events') || !list.value)
			return;
		const known = new Set(list.items.map((e) => e.eventId));
		const page = await get('/events', { ...filter, cursor: list.value.previous, limit: 200 }).catch(() => null);
		if (page)
			setCount(page.items.filter((e) => !known.has(e.eventId)).length);
	}, { integration: filter.integration });
	return count;
}

function Refusals({ filter, integration }) {
	const refusals = useLoad((signal) => get('/refusals', { ...filter, limit: 50 }, signal), [filter.integration]);
	useChanges((what) => what.includes('refusals') && refusals.reload(), { integration: filter.integration });
	const items = refusals.value?.items;
	return html`<${Failure} error=${refusals.error} retry=${refusals.reload} />
		${items?.length === 0 && html`<${Empty}><p>No request was refused.</p></${Empty}>`}
		<ul class="journey">${items?.map((r) => html`<${Refusal} key=${r.id} r=${r} integration=${integration}
			fixed=${refusals.reload} />`)}</ul>`;
}

export function EventTable({ filter, selected, short, refusals, integration }) {
	const [refused, setRefused] = useState(false);
	const query = { ...filter, text: filter.text || undefined };
	const list = usePages('/events', query);
	const fresh = useFresh(list, query);
	if (refused)
		return html`<div class="stack"><div><button class="button" type="button" onClick=${() => setRefused(false)}>
			Accepted events</button></div><${Refusals} filter=${{ integration: filter.integration }} integration=${integration} /></div>`;
	return html`<div class="stack">
		${refusals && html`<div><button class="button" type="button" onClick=${() => setRefused(true)}>Refused requests</button></div>`}
		<${Bulk} filter=${query} done=${list.reload} />
		<${Failure} error=${list.error} retry=${list.reload} />
		<div class="fresh" aria-live="polite">${fresh > 0 && html`<button class="button main" type="button" onClick=${list.reload}>
			${plural(fresh, 'new event')}</button>`}</div>
		${list.value && list.items.length === 0 && html`<${Empty}>
			<p>${Object.values(filter).some(Boolean) && !short ? 'No event matches these filters.' :
				'No event has arrived yet.'}</p>
			${list.value.searched > 0 && html`<p>${plural(list.value.searched, 'event')} looked at.</p>`}
			${list.next && html`<button class="button" type="button" onClick=${list.more}>Look at older ones</button>`}
		</${Empty}>`}
		${list.items.length > 0 && html`<div class="table-scroll" tabindex="0" role="region" aria-label="Events"><table class="list">
			<thead><tr><th scope="col">Event</th><th scope="col">State</th>${!short && html`<th scope="col">Integration</th>`}
				<th scope="col">Received</th><th scope="col" class="num">Body</th><th scope="col" class="num">Attempts</th></tr></thead>
			<tbody>${list.items.map((e) => html`<${Row} key=${e.eventId} e=${e} selected=${e.eventId === selected} query=${filter} short=${short} />`)}
			</tbody></table>
			${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show older</button></div>`}
		</div>`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}
	</div>`;
}
