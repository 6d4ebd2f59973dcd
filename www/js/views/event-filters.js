// The filters of the events' list; they live in the address.

import { html } from '../dom.js';
import { get } from '../api.js';
import { useLoad } from '../ui/data.js';

const states = [['', 'Any state'], ['accepted,handling', 'waiting'], ['handled', 'handled'], ['failed', 'failed']];
const replies = [['', 'Any reply'], ['pending', 'reply pending'], ['sent', 'reply sent'], ['failed', 'reply failed'],
	['expired', 'reply expired'], ['cancelled', 'reply cancelled'], ['none', 'no reply']];
const spans = [['', 'Any time'], ['1', 'last hour'], ['24', 'last 24 hours'], ['168', 'last 7 days']];

const hoursAgo = (h) => new Date(Math.floor(Date.now() / 60000) * 60000 - h * 3600000).toISOString();

function Pick({ label, value, options, set }) {
	return html`<select class="input find" aria-label=${label} onChange=${(e) => set(e.target.value)}>
		${options.map(([v, words]) => html`<option value=${v} selected=${v === value}>${words}</option>`)}</select>`;
}

export function EventFilters({ query, set }) {
	const all = useLoad((signal) => get('/integrations', { limit: 200 }, signal), []);
	const names = (all.value?.items ?? []).map((i) => [i.key, i.name]);
	const change = (more) => set({ ...query, ...more });
	const active = Object.values(query).some((v) => v);
	return html`<div class="row filters" role="group" aria-label="Filters">
		<${Pick} label="Integration" value=${query.integration ?? ''} options=${[['', 'All integrations'], ...names]}
			set=${(integration) => change({ integration })} />
		<${Pick} label="State" value=${query.state ?? ''} options=${states} set=${(state) => change({ state })} />
		<${Pick} label="Reply" value=${query.replyState ?? ''} options=${replies} set=${(replyState) => change({ replyState })} />
		<${Pick} label="Time" value=${''} options=${query.from ? [['', `since ${query.from.slice(0, 16).replace('T', ' ')} UTC`], ...spans.slice(1), ['any', 'Any time']] : spans}
			set=${(h) => change({ from: h === 'any' || h === '' ? undefined : hoursAgo(Number(h)) })} />
		<input class="input find" type="search" aria-label="Subject begins with" placeholder="Subject" value=${query.subject ?? ''}
			onChange=${(e) => change({ subject: e.target.value })} />
		<input class="input find" type="search" aria-label="Text in the body" placeholder="Text in the body" value=${query.text ?? ''}
			onChange=${(e) => change({ text: e.target.value.length >= 2 ? e.target.value : undefined })} />
		${active && html`<button class="button plain" type="button" onClick=${() => set({})}>Clear filters</button>`}
	</div>`;
}
