// Select External System: the first step of a new integration.

import { html, useState } from '../dom.js';
import { go, href } from '../router.js';
import { systemName } from '../words.js';
import { Panel } from '../ui/panel.js';

const systems = [
	['async', 'Events arrive over HTTP, are answered 202 at once and handled in the background. ' +
	    'The handled event is posted to the reply URL.'],
	['sync', 'Events arrive over HTTP and are answered 200 with the handled event, ' +
	    'or 202 when that takes longer than the request timeout.'],
];

export function SelectSystem({ query, close }) {
	const [filter, setFilter] = useState('');
	const shown = systems.filter(([id]) => systemName[id].toLowerCase().includes(filter.toLowerCase()));
	return html`<${Panel} title="Select External System" close=${close}><div class="stack">
		<input class="input" type="search" aria-label="Filter external systems" placeholder="Filter" value=${filter}
			onInput=${(e) => setFilter(e.target.value)} />
		${shown.map(([id, words]) => html`<button class="pick" type="button" aria-label=${systemName[id]}
			aria-describedby=${`system-${id}`} onClick=${() => go(href(['integrations', 'new', id], query))}>
			<b>${systemName[id]}</b><span class="soft" id=${`system-${id}`}>${words}</span></button>`)}
		${shown.length === 0 && html`<p class="soft">No external system is named so.</p>`}
	</div></${Panel}>`;
}
