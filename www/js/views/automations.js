// The automations of an integration: their order, their settings, and "try".

import { html, useState } from '../dom.js';
import { get, patch, post, put, remove } from '../api.js';
import { Empty, Failure, Note } from '../ui/basic.js';
import { useLoad } from '../ui/data.js';
import { Check, SelectField, TextField, useVerdict } from '../ui/fields.js';

const checkPath = (value) => post('/checks/jsonpath', { value });
const kinds = [['command', 'Run a program'], ['http', 'Call an address'], ['sql', 'Call an SQL function']];

const fresh = { name: '', enabled: true, condition: '', kind: 'command', target: '', arguments: '', method: 'POST',
	timeLimit: 'PT30S', attempts: '1', onFailure: 'stop' };

function fromAutomation(a) {
	const { kind } = a.action;
	return { ...a, kind, attempts: String(a.attempts), target: a.action.command ?? a.action.url ?? a.action.function,
		arguments: (a.action.arguments ?? []).join('\n'), method: a.action.method ?? 'POST', headers: a.action.headers };
}

function actionOf(f) {
	if (f.kind === 'command')
		return { kind: 'command', command: f.target, arguments: f.arguments === '' ? [] : f.arguments.split('\n') };
	if (f.kind === 'sql')
		return { kind: 'sql', function: f.target };
	return { kind: 'http', url: f.target, method: f.method, ...f.headers && { headers: f.headers } };
}

const targets = { command: ['Program', 'A file name in action_dir.'], http: ['URL', 'Gets the event; its JSON is the output.'],
	sql: ['Function', 'A function of the schema ewa_action, jsonb to jsonb.'] };

function Editor({ base, automation, close, done }) {
	const [f, setF] = useState(automation ? fromAutomation(automation) : fresh);
	const [error, setError] = useState(null);
	const set = (more) => setF({ ...f, ...more });
	const wrong = error?.fields ?? {};
	const bind = (name) => ({ value: f[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	const path = useVerdict(checkPath, f.condition);
	const save = async (e) => {
		e.preventDefault();
		e.stopPropagation();
		setError(null);
		const body = { name: f.name, enabled: f.enabled, condition: f.condition, action: actionOf(f), timeLimit: f.timeLimit,
			attempts: Number(f.attempts), onFailure: f.onFailure };
		try {
			if (automation)
				await patch(`${base}/${automation.id}`, body, (await get(`${base}/${automation.id}`)).etag);
			else
				await post(base, body);
			done();
		} catch (problem) {
			setError(problem);
		}
	};
	const target = wrong['action/command'] ?? wrong['action/url'] ?? wrong['action/function'] ?? wrong.action;
	return html`<form class="card stack" onSubmit=${save}><h3>${automation ? f.name : 'New automation'}</h3>
		<${Failure} error=${error} />
		<${TextField} label="Automation Name" required=${true} ...${bind('name')} />
		<${Check} label="Enabled" value=${f.enabled} set=${(enabled) => set({ enabled })} />
		<${TextField} label="Condition" placeholder="$.event.status == &quot;firing&quot;" ...${bind('condition')}
			wrong=${wrong.condition ?? (path && !path.valid ? path.detail : null)}
			help="A jsonpath predicate over event, headers, integration, contentType, results. Blank: always." />
		<${SelectField} label="Action" ...${bind('kind')} options=${kinds} />
		<${TextField} label=${targets[f.kind][0]} required=${true} value=${f.target} set=${(v) => set({ target: v })} wrong=${target}
			help=${targets[f.kind][1]} />
		${f.kind === 'http' && html`<${SelectField} label="Method" ...${bind('method')} options=${[['POST', 'POST'], ['PUT', 'PUT']]} />`}
		<${TextField} label="Time limit" ...${bind('timeLimit')} help="ISO 8601, at most PT1H." />
		<${TextField} label="Attempts" ...${bind('attempts')} help="Handling is at least once: an action can run again." />
		<${SelectField} label="When it fails" ...${bind('onFailure')} options=${[['stop', 'the event fails'], ['continue', 'go on with the next']]} />
		<div class="row"><button class="button main">${automation ? 'Update' : 'Add'}</button>
			<button class="button" type="button" onClick=${close}>Cancel</button></div></form>`;
}

function Try({ integration, base }) {
	const recent = useLoad((signal) => get('/events', { integration: integration.key, limit: 20 }, signal), [integration.key]);
	const [eventId, setEventId] = useState('');
	const [tried, setTried] = useState(null);
	const [error, setError] = useState(null);
	const events = recent.value?.items ?? [];
	const run = async () => {
		setError(null);
		try {
			setTried(await post(`${base}/try`, { eventId: eventId || events[0].eventId }));
		} catch (problem) {
			setError(problem);
		}
	};
	if (events.length === 0)
		return html`<p class="soft">Once an event has arrived, you can try here what would run for it.</p>`;
	return html`<section class="card stack"><h3>Try</h3>
		<${SelectField} label="What would run for" value=${eventId || events[0].eventId} set=${setEventId}
			options=${events.map((e) => [e.eventId, e.subject ?? e.eventId])} />
		<div><button class="button" type="button" onClick=${run}>Try</button></div><${Failure} error=${error} />
		${tried && html`<ul class="journey">${tried.items.map((t) => html`<li class=${t.runs ? 'ok' : ''}><div class="line"><b><bdi>${t.name}</bdi></b>
			<span>${t.runs ? 'runs' : 'does not run'}</span></div><p class="soft wrap">${t.why}</p></li>`)}</ul>`}</section>`;
}

export function Automations({ integration }) {
	const base = `/integrations/${integration.key}/automations`;
	const list = useLoad((signal) => get(base, {}, signal), [integration.key]);
	const [editing, setEditing] = useState(null);
	const [error, setError] = useState(null);
	const items = list.value?.items ?? [];
	const admin = integration.role === 'admin';
	const act = (fn) => fn().then(list.reload, setError);
	const move = (n, by) => {
		const ids = items.map((a) => a.id);
		ids.splice(n + by, 0, ids.splice(n, 1)[0]);
		return act(() => put(`${base}/order`, { ids }));
	};
	const drop = (a) => confirm(`Remove ${a.name}?`) &&
	    act(async () => remove(`${base}/${a.id}`, (await get(`${base}/${a.id}`)).etag));
	const saved = () => {
		setEditing(null);
		list.reload();
	};
	const close = () => setEditing(null);
	return html`<div class="stack"><${Failure} error=${error ?? list.error} retry=${list.reload} />
		${list.value && items.length === 0 && !editing && html`<${Empty}><p>No automations: recording an event is its handling.</p></${Empty}>`}
		${items.map((a, n) => editing === a.id ? html`<${Editor} key=${a.id} base=${base} automation=${a} close=${close} done=${saved} />` :
			html`<article class="card stack" key=${a.id}><div class="row"><h3>${n + 1}. <bdi>${a.name}</bdi></h3>
				${!a.enabled && html`<span class="soft">disabled</span>`}</div>
				<p class="soft wrap">${kinds.find(([k]) => k === a.action.kind)[1]}: <code>${a.action.command ?? a.action.url ?? a.action.function}</code>,
					${a.condition ? html` when <code>${a.condition}</code>` : ' always'}</p>
				${a.warnings.map((w) => html`<${Note}>${w}</${Note}>`)}
				${admin && html`<div class="row"><button class="button" type="button" onClick=${() => setEditing(a.id)}>Edit</button>
					<button class="button" type="button" disabled=${n === 0} aria-label=${`Move ${a.name} up`} onClick=${() => move(n, -1)}>Up</button>
					<button class="button" type="button" disabled=${n === items.length - 1} aria-label=${`Move ${a.name} down`} onClick=${() => move(n, 1)}>Down</button>
					<button class="button danger" type="button" onClick=${() => drop(a)}>Remove…</button></div>`}</article>`)}
		${admin && (editing === 'new' ? html`<${Editor} base=${base} close=${close} done=${saved} />` :
			html`<div><button class="button" type="button" onClick=${() => setEditing('new')}>+ Add automation</button></div>`)}
		${integration.role !== 'viewer' && items.length > 0 && html`<${Try} integration=${integration} base=${base} />`}</div>`;
}
