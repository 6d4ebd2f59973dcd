// The filters of the events' list; they live in the address.

import { html, useEffect, useState } from '../dom.js';
import { get } from '../api.js';
import { useLoad } from '../ui/data.js';

const states = [['', 'Any state'], ['accepted,handling', 'waiting'], ['handled', 'handled'], ['failed', 'failed']];
const replies = [['', 'Any reply'], ['pending', 'reply pending'], ['sent', 'reply sent'], ['failed', 'reply failed'],
	['expired', 'reply expired'], ['expired,failed', 'expired or failed'], ['cancelled', 'reply cancelled'], ['none', 'no reply']];
const spans = [['', 'Any time'], ['1', 'Last hour'], ['24', 'Last 24 hours'], ['168', 'Last 7 days'], ['set', 'From, to…']];

export const hoursAgo = (h) => new Date(Math.floor(Date.now() / 60000) * 60000 - h * 3600000).toISOString();

const eventId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

// A select that also shows a value that is none of its own.
function Pick({ label, value, options, set }) {
	const all = options.some(([v]) => v === value) ? options : [...options, [value, value]];
	return html`<select class="input find" aria-label=${label} onChange=${(e) => set(e.target.value)}>
		${all.map(([v, words]) => html`<option value=${v} selected=${v === value}>${words}</option>`)}</select>`;
}

// Integrations by name: a list to pick from, or with too many of them one that
// is searched while typing.
function PickIntegration({ value, set }) {
	const [q, setQ] = useState('');
	const found = useLoad((signal) => get('/integrations', { limit: 200, sort: 'name', q }, signal), [q]);
	const one = useLoad((signal) => value ? get(`/integrations/${value}`, {}, signal) : null, [value]);
	const [many, setMany] = useState(false);
	const items = found.value?.items ?? [];
	if (found.value?.next && !many)
		setMany(true);
	if (!many)
		return html`<${Pick} label="Integration" value=${value}
			options=${[['', 'All integrations'], ...items.map((i) => [i.key, i.name]),
				...value && one.value && !items.some((i) => i.key === value) ? [[value, one.value.name]] : []]} set=${set} />`;
	const typed = (e) => {
		const i = items.find((x) => x.name === e.target.value);
		setQ(e.target.value);
		if (i || e.target.value === '')
			set(i?.key ?? '');
	};
	return html`<input class="input find" type="search" list="integration-names" aria-label="Integration" placeholder="All integrations"
			value=${value ? one.value?.name ?? '' : q} onInput=${typed} />
		<datalist id="integration-names">${items.map((i) => html`<option value=${i.name}></option>`)}</datalist>`;
}

// A field whose value counts when Enter is pressed or it is left.
function Find({ label, placeholder, value, set, min = 1 }) {
	const [typed, setTyped] = useState(value);
	const [short, setShort] = useState(false);
	useEffect(() => {
		setTyped(value);
		setShort(false);
	}, [value]);
	const changed = (e) => {
		const v = e.target.value.trim();
		const few = v.length > 0 && v.length < min;
		setShort(few);
		if (!few)
			set(v);
	};
	return html`<span class="find"><input class="input" type="search" aria-label=${label} placeholder=${placeholder} value=${typed}
			maxlength="200" aria-invalid=${short ? 'true' : undefined} onInput=${(e) => setTyped(e.target.value)} onChange=${changed} />
		${short && html`<span class="wrong small" role="alert">${`at least ${min} characters`}</span>`}</span>`;
}

// datetime-local knows no zone: the viewer's is meant.
const toField = (iso) => {
	if (!iso)
		return '';
	const d = new Date(iso);
	return new Date(d - d.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};
const fromField = (v) => v ? new Date(v).toISOString() : undefined;

const Between = ({ query, change }) => html`${['from', 'to'].map((name) => html`<label class="row between">
	<span>${name === 'from' ? 'From' : 'to'}</span><input class="input" type="datetime-local" value=${toField(query[name])}
		onChange=${(e) => change({ [name]: fromField(e.target.value) })} /></label>`)}`;

function Times({ query, change }) {
	const [open, setOpen] = useState(false);
	const pick = (v) => {
		setOpen(v === 'set');
		if (v !== 'set')
			change({ from: v === '' ? undefined : hoursAgo(Number(v)), to: undefined });
	};
	const set = open || query.from || query.to;
	return html`<${Pick} label="Time" value=${set ? 'set' : ''} options=${spans} set=${pick} />
		${set && html`<${Between} query=${query} change=${change} />`}`;
}

export function EventFilters({ query, set, refused, operator }) {
	const change = (more) => set({ ...query, ...more });
	const active = Object.values(query).some((v) => v);
	const find = (v) => eventId.test(v) ? change({ id: v.toLowerCase(), subject: undefined }) : change({ subject: v, id: undefined });
	return html`<div class="filters" role="group" aria-label="Filters">
		<${PickIntegration} value=${query.integration ?? ''} set=${(integration) => change({ integration })} />
		${!refused && html`<${Pick} label="State" value=${query.state ?? ''} options=${states} set=${(state) => change({ state })} />
			<${Pick} label="Reply" value=${query.replyState ?? ''} options=${replies} set=${(replyState) => change({ replyState })} />`}
		<${Times} query=${query} change=${change} />
		${!refused && html`<${Find} label="Subject begins with, or an Event ID" placeholder="Subject or Event ID"
				value=${query.id ?? query.subject ?? ''} set=${find} />
			${operator && html`<${Find} label="Text in the body" placeholder="Text in the body" min=${2}
				value=${query.text ?? ''} set=${(text) => change({ text })} />`}`}
		${active && html`<button class="button plain" type="button" onClick=${() => set({})}>Clear filters</button>`}
	</div>`;
}
