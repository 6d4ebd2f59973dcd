// Events: the list with its filters, and one event beside it.

import { html } from '../dom.js';
import { go, href } from '../router.js';
import { useKeys } from '../ui/keys.js';
import { EventFilters } from './event-filters.js';
import { EventTable } from './event-list.js';
import { EventPanel } from './event-panel.js';

export function Events({ route }) {
	const id = route.parts[1];
	const close = () => go(href(['events'], route.query));
	useKeys({ Escape: () => id ? close() : false });
	return html`<div class=${id ? 'split open' : 'split'}>
		<main><div class="head"><h1>Events</h1></div>
			<${EventFilters} query=${route.query} set=${(q) => go(href(['events'], q), { replace: true })} />
			<${EventTable} filter=${route.query} selected=${id} /></main>
		${id && html`<${EventPanel} key=${id} id=${id} close=${close} query=${route.query} />`}
	</div>`;
}
