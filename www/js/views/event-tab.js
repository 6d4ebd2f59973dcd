// The events of one integration, in its panel: accepted or refused.

import { html, useState } from '../dom.js';
import { href } from '../router.js';
import { EventTable } from './event-list.js';
import { RefusalList, ShowChoice } from './refusal-list.js';

export function EventTab({ integration, changed }) {
	const [show, setShow] = useState('');
	const [at, setAt] = useState(undefined);
	const filter = { integration: integration.key };
	return html`<div class="stack"><div class="row"><${ShowChoice} value=${show} set=${setShow} />
			<a class="push" href=${href(['events'], { ...filter, show })}>Filter and search</a></div>
		${show === 'refused' ? html`<${RefusalList} filter=${filter} integration=${integration} changed=${changed} />` :
		html`<${EventTable} filter=${filter} short=${true} operator=${integration.role !== 'viewer'} at=${at} turn=${setAt} />`}</div>`;
}
