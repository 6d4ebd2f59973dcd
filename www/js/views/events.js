// Events: the list with its filters, and one event beside it.  Filters and
// page live in the address.

import { html } from '../dom.js';
import { go, href } from '../router.js';
import { useKeys } from '../ui/keys.js';
import { EventFilters } from './event-filters.js';
import { EventTable } from './event-list.js';
import { EventPanel } from './event-panel.js';
import { RefusalList, ShowChoice } from './refusal-list.js';

export function Events({ route, session }) {
	const id = route.parts[1];
	const { show = '', at, ...filter } = route.query;
	const operator = session.grants.some((g) => g.role !== 'viewer');
	const list = (query, options) => go(href(['events'], query), options);
	const close = () => list(route.query);
	useKeys({ Escape: () => id ? close() : false });
	return html`<div class=${id ? 'split open' : 'split'}>
		<main><div class="head"><h1>Events</h1>
				<${ShowChoice} value=${show} set=${(v) => list({ show: v, integration: filter.integration, from: filter.from })} /></div>
			<${EventFilters} query=${filter} refused=${show === 'refused'} operator=${operator}
				set=${(q) => list({ show, ...q }, { replace: true })} />
			${show === 'refused' ? html`<${RefusalList} filter=${filter} />` :
			html`<${EventTable} filter=${filter} selected=${id} operator=${operator} at=${at}
				turn=${(cursor) => list({ ...filter, at: cursor })} clear=${() => list({})} />`}</main>
		${id && html`<${EventPanel} key=${id} id=${id} close=${close} query=${route.query} />`}
	</div>`;
}
