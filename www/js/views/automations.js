// The automations of an integration: their order, their settings, and "try".

import { html, useEffect, useState } from '../dom.js';
import { get, post, put, remove } from '../api.js';
import { cut, visible } from '../words.js';
import { Confirm, Empty, Failure, Note } from '../ui/basic.js';
import { useLoad } from '../ui/data.js';
import { SelectField } from '../ui/fields.js';
import { Editor, kinds, targetOf } from './automation-editor.js';

const Tried = ({ t }) => html`<li class=${t.runs ? 'ok' : ''}><div class="line"><b><bdi>${t.name}</bdi></b>
	<span>${t.runs ? 'runs' : 'does not run'}</span></div><p class="soft wrap"><bdi>${visible(t.why, null)}</bdi></p></li>`;

// What would run for a recent event; nothing is run.
function Try({ integration, base, version }) {
	const recent = useLoad((signal) => get('/events', { integration: integration.key, limit: 20 }, signal), [integration.key]);
	const [eventId, setEventId] = useState('');
	const [tried, setTried] = useState(null);
	const [error, setError] = useState(null);
	useEffect(() => setTried(null), [version]);
	const events = recent.value?.items ?? [];
	if (events.length === 0)
		return html`<p class="soft">Once an event has arrived, you can try here what would run for it.</p>`;
	const run = async () => {
		setError(null);
		setTried(null);
		try {
			setTried(await post(`${base}/try`, { eventId: eventId || events[0].eventId }));
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<section class="card stack" aria-label="Try"><h3>Try</h3>
		<${SelectField} label="What would run for" value=${eventId || events[0].eventId} set=${(id) => {
			setEventId(id);
			setTried(null);
		}} options=${events.map((e) => [e.eventId, cut(visible(e.subject ?? e.eventId, null), 80)])}
			help="Conditions are looked at; nothing is run." />
		<div><button class="button" type="button" onClick=${run}>Try</button></div><${Failure} error=${error} />
		${tried && html`<ul class="journey" aria-label="What would run">${tried.items.map((t) => html`<${Tried} t=${t} />`)}</ul>`}</section>`;
}

function One({ a, n, last, admin, edit, move, drop }) {
	return html`<article class="card stack" aria-label=${a.name}><div class="row"><h3>${n + 1}. <bdi>${a.name}</bdi></h3>
			${!a.enabled && html`<span class="soft">disabled</span>`}</div>
		<p class="soft wrap">${kinds.find(([k]) => k === a.action.kind)[1]}: <code><bdi>${targetOf(a)}</bdi></code>,
			${a.condition ? html` when <code><bdi>${a.condition}</bdi></code>` : ' always'}</p>
		${a.warnings.map((w) => html`<${Note}>${w}</${Note}>`)}
		${admin && html`<div class="row"><button class="button" type="button" onClick=${edit}>Edit</button>
			<button class="button" type="button" disabled=${n === 0} aria-label=${`Move ${a.name} up`} onClick=${() => move(-1)}>Up</button>
			<button class="button" type="button" disabled=${n === last} aria-label=${`Move ${a.name} down`} onClick=${() => move(1)}>Down</button>
			<button class="button danger" type="button" onClick=${drop}>Remove…</button></div>`}</article>`;
}

export function Automations({ integration }) {
	const base = `/integrations/${integration.key}/automations`;
	const list = useLoad((signal) => get(base, {}, signal), [integration.key]);
	const [editing, setEditing] = useState(null); // an automation, 'new' or null
	const [dropped, setDropped] = useState(null);
	const [error, setError] = useState(null);
	const items = list.value?.items ?? [];
	const admin = integration.role === 'admin';
	const move = async (n, by) => {
		setError(null);
		const ids = items.map((a) => a.id);
		ids.splice(n + by, 0, ids.splice(n, 1)[0]);
		await put(`${base}/order`, { ids }).then(list.reload, setError);
	};
	const drop = async () => {
		await remove(`${base}/${dropped.id}`, `"${dropped.version}"`);
		list.reload();
	};
	const close = () => setEditing(null);
	const saved = () => {
		close();
		list.reload();
	};
	const editor = { base, close, done: saved };
	return html`<div class="stack"><${Failure} error=${error ?? list.error} retry=${list.reload} />
		${list.value && items.length === 0 && !editing && html`<${Empty}><p>No automations: recording an event is its handling.</p></${Empty}>`}
		${items.map((a, n) => editing?.id === a.id ? html`<${Editor} key=${a.id} automation=${editing} ...${editor} />` :
			html`<${One} key=${a.id} a=${a} n=${n} last=${items.length - 1} admin=${admin && !editing} edit=${() => setEditing(a)}
				move=${(by) => move(n, by)} drop=${() => setDropped(a)} />`)}
		${admin && editing === 'new' && html`<${Editor} ...${editor} />`}
		${admin && !editing && html`<div><button class="button" type="button" onClick=${() => setEditing('new')}>+ Add automation</button></div>`}
		${integration.role !== 'viewer' && items.length > 0 && !editing && html`<${Try} integration=${integration} base=${base}
			version=${items[0].version} />`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}
		${dropped && html`<${Confirm} title=${`Remove ${dropped.name}`} verb="Remove" act=${drop} close=${() => setDropped(null)}>
			<p>Events are handled without it from now on. What it has done stays in their journeys.</p></${Confirm}>`}</div>`;
}
