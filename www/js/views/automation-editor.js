// One automation as a form: a new one, or an old one changed.

import { html, useLayoutEffect, useRef, useState } from '../dom.js';
import { get, patch, post } from '../api.js';
import { useGuard } from '../router.js';
import { Conflict, Failure } from '../ui/basic.js';
import { AreaField, Check, SelectField, TextField, useVerdict } from '../ui/fields.js';
import { Headers } from './integration-headers.js';

const checkPath = (value) => post('/checks/jsonpath', { value });
export const kinds = [['command', 'Run a program'], ['http', 'Call an address'], ['sql', 'Call an SQL function']];
export const targetOf = (a) => a.action.command ?? a.action.url ?? a.action.function;

const fresh = { name: '', enabled: true, condition: '', kind: 'command', target: '', arguments: '', method: 'POST', headers: [],
	timeLimit: 'PT30S', attempts: '1', onFailure: 'stop' };

const fromAutomation = (a) => ({
	name: a.name, enabled: a.enabled, condition: a.condition, kind: a.action.kind, target: targetOf(a),
	arguments: (a.action.arguments ?? []).join('\n'), method: a.action.method ?? 'POST',
	headers: (a.action.headers ?? []).map((h) => ({ ...h, kept: h.secret, value: h.value ?? '' })),
	timeLimit: a.timeLimit, attempts: String(a.attempts), onFailure: a.onFailure,
});

function actionOf(f) {
	if (f.kind === 'command')
		return { kind: 'command', command: f.target, arguments: f.arguments === '' ? [] : f.arguments.split('\n') };
	if (f.kind === 'sql')
		return { kind: 'sql', function: f.target };
	const headers = f.headers.filter((h) => h.name !== '' || h.value !== '').map((h) => ({
		name: h.name, secret: h.secret, value: h.kept && h.value === '' ? null : h.value,
	}));
	return { kind: 'http', url: f.target, method: f.method, headers };
}

const bodyOf = (f) => ({ name: f.name, enabled: f.enabled, condition: f.condition, action: actionOf(f), timeLimit: f.timeLimit,
	attempts: Number(f.attempts), onFailure: f.onFailure });

const targets = {
	command: ['Program', 'The name of a file in action_dir. It gets the event on its standard input; what it prints is the output.'],
	http: ['URL', 'Gets the event; the JSON that it answers is the output. The addresses of reply URLs are allowed.'],
	sql: ['Function', 'A function of the schema ewa_action that takes and gives jsonb.'],
};

function Action({ f, set, bind, wrong }) {
	const target = wrong['action/command'] ?? wrong['action/url'] ?? wrong['action/function'] ?? wrong.action;
	return html`<${SelectField} label="Action" ...${bind('kind')} options=${kinds} help="What is done with the event." />
		<${TextField} label=${targets[f.kind][0]} required=${true} maxLength=${2048} ...${bind('target')} wrong=${target} help=${targets[f.kind][1]} />
		${f.kind === 'command' && html`<${AreaField} label="Arguments" ...${bind('arguments')} wrong=${wrong['action/arguments']}
			help="One a line, as they are: no shell reads them." />`}
		${f.kind === 'http' && html`<${SelectField} label="Method" ...${bind('method')} options=${[['POST', 'POST'], ['PUT', 'PUT']]}
				help="How the event is sent." />
			<${Headers} headers=${f.headers} set=${(headers) => set({ headers })} wrong=${wrong} at="action/headers" legend="HTTP Headers"
				help="Sent with every call. A secret value is stored sealed and never shown again." />`}`;
}

// { error, stale, save, mine, theirs } of what is written to the API.
function useSave({ base, automation, f, done }) {
	const [error, setError] = useState(null);
	const [stale, setStale] = useState(null);
	const save = async (e) => {
		e?.preventDefault();
		e?.stopPropagation();
		setError(null);
		try {
			if (automation)
				await patch(`${base}/${automation.id}`, bodyOf(f), stale?.etag ?? `"${automation.version}"`);
			else
				await post(base, bodyOf(f));
			done();
		} catch (problem) {
			if (problem.status === 412)
				setStale(await get(`${base}/${automation.id}`).catch(() => null));
			else
				setError(problem);
		}
	};
	return { error, stale, setStale, save };
}

export function Editor({ base, automation, close, done }) {
	const [before, setBefore] = useState(() => automation ? fromAutomation(automation) : fresh);
	const [f, setF] = useState(before);
	const box = useRef(null);
	const set = (more) => setF((old) => ({ ...old, ...more }));
	const { error, stale, setStale, save } = useSave({ base, automation, f, done });
	const wrong = error?.fields ?? {};
	const bind = (name) => ({ value: f[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	const path = useVerdict(checkPath, f.condition);
	useGuard(JSON.stringify(f) !== JSON.stringify(before));
	useLayoutEffect(() => box.current.querySelector('input').focus(), []);
	const theirs = () => {
		setBefore(fromAutomation(stale));
		setF(fromAutomation(stale));
		setStale(null);
	};
	return html`<form class="card stack" onSubmit=${save} ref=${box} aria-label=${automation ? 'Automation' : 'New automation'}>
		<h3>${automation ? html`<bdi>${before.name}</bdi>` : 'New automation'}</h3>
		<${Failure} error=${error} />
		${stale && html`<${Conflict} what="this integration or its automations" theirs=${theirs} />`}
		<${TextField} label="Automation Name" required=${true} maxLength=${200} ...${bind('name')} help="As journeys and replies call it." />
		<${Check} label="Enabled" value=${f.enabled} set=${(enabled) => set({ enabled })} help="Off: it is left out." />
		<${TextField} label="Condition" placeholder="$.event.status == &quot;firing&quot;" maxLength=${4000} ...${bind('condition')}
			wrong=${wrong.condition ?? (path && !path.valid ? path.detail : null)}
			help="A jsonpath predicate over event, headers, integration, contentType, results. Blank: always." />
		<${Action} f=${f} set=${set} bind=${bind} wrong=${wrong} />
		<${TextField} label="Time limit" placeholder="e.g. PT30S" ...${bind('timeLimit')} help="Of one attempt, ISO 8601, at most PT1H." />
		<${TextField} label="Attempts" inputmode="numeric" ...${bind('attempts')}
			help="How often it is tried, at most 20. Handling is at least once: an action can run again." />
		<${SelectField} label="When it fails" ...${bind('onFailure')} help="After the last attempt."
			options=${[['stop', 'the event fails'], ['continue', 'go on with the next']]} />
		<div class="row"><button class="button main">${automation ? 'Update' : 'Add'}</button>
			<button class="button" type="button" onClick=${close}>Cancel</button></div></form>`;
}
