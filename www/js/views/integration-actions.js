// What can be done with an integration: enable, pause, copy, delete, rotate
// its token.

import { html, useState } from '../dom.js';
import { get, post, remove } from '../api.js';
import { go, href } from '../router.js';
import { plural, utc } from '../words.js';
import { Code, Dialog, Failure } from '../ui/basic.js';
import { SelectField, TextField } from '../ui/fields.js';
import { useLoad } from '../ui/data.js';

const base = (i) => `/integrations/${i.key}`;

// A button whose call may fail beside it.
function useAct(done) {
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const act = async (fn) => {
		setBusy(true);
		setError(null);
		try {
			done(await fn());
		} catch (problem) {
			setError(problem);
		}
		setBusy(false);
	};
	return { act, busy, error };
}

export function EnableButton({ integration, done, main }) {
	const { act, busy, error } = useAct(done);
	const verb = integration.enabled ? 'disable' : 'enable';
	return html`<button class=${`button ${main ? 'main' : ''}`} type="button" disabled=${busy}
		onClick=${() => act(() => post(`${base(integration)}/${verb}`))}>${integration.enabled ? 'Disable' : 'Enable'}</button>
		<${Failure} error=${error} />`;
}

const pauses = [['PT30M', '30 minutes', 30], ['PT1H', '1 hour', 60], ['PT4H', '4 hours', 240], ['P1D', '1 day', 1440],
	['at', 'until a time', null], ['', 'until somebody resumes', null]];

// What an input of the viewer's own time takes.
const localMinute = (ms) => new Date(ms - new Date(ms).getTimezoneOffset() * 60000).toISOString().slice(0, 16);

function pauseEnd(choice, time) {
	const minutes = pauses.find(([v]) => v === choice)[2];
	if (minutes !== null)
		return new Date(Date.now() + minutes * 60000).toISOString();
	const at = choice === 'at' ? new Date(time) : null;
	return at && !Number.isNaN(at.getTime()) ? at.toISOString() : null;
}

function Cost({ p, until }) {
	const costs = p ? `${plural(p.waiting, 'event waits', 'events wait')} now; ${plural(p.expiring, 'reply', 'replies')} of these would expire ` +
	    (until ? 'meanwhile.' : 'if nobody resumes before.') : '';
	return html`<p aria-live="polite" class=${p?.expiring > 0 ? 'loud' : 'soft'}>${costs}</p>`;
}

function Pause({ integration, done, close }) {
	const [choice, setChoice] = useState('PT1H');
	const [time, setTime] = useState(() => localMinute(Date.now() + 3600000));
	const until = pauseEnd(choice, time);
	const open = choice === ''; // without an end
	const preview = useLoad((signal) => open || until ? get(`${base(integration)}/pause`, { until }, signal) : null, [choice, time]);
	const { act, busy, error } = useAct((i) => {
		done(i);
		close();
	});
	return html`<${Dialog} title=${`Pause ${integration.name}`} onClose=${close}>
		<p>Events are accepted and wait; nothing is handled or sent.</p>
		<${SelectField} label="How long" value=${choice} set=${setChoice} options=${pauses.map(([v, w]) => [v, w])}
			help="Then it goes on by itself." />
		${choice === 'at' && html`<${TextField} label="Until" type="datetime-local" value=${time} set=${setTime}
			wrong=${until ? error?.fields?.until : 'Say a day and a time.'} help=${until ? `That is ${utc(until)}.` : 'In your own time zone.'} />`}
		<${Cost} p=${preview.value} until=${until} /><${Failure} error=${error ?? preview.error} />
		<div class="row"><button class="button main" type="button" disabled=${busy || (!open && !until)}
			onClick=${() => act(() => post(`${base(integration)}/pause`, { until }))}>Pause</button>
			<button class="button" type="button" onClick=${close}>Cancel</button></div></${Dialog}>`;
}

function Rotate({ integration, done, close }) {
	const [keep, setKeep] = useState('PT1H');
	const [made, setMade] = useState(null);
	const { act, busy, error } = useAct((i) => {
		setMade(i);
		done(null);
	});
	return html`<${Dialog} title="Rotate token" onClose=${close}>
		${made ? html`<p>The new platform token, shown this once:</p><${Code} text=${made.token} label="platform token" />
			<button class="button main" type="button" onClick=${close}>Close</button>` :
		html`<p>A new token is generated. Senders can use the old one for a while.</p>
			<${SelectField} label="The old token stays valid for" value=${keep} set=${setKeep}
				options=${[['', 'no time: it ends at once'], ['PT1H', '1 hour'], ['P1D', '1 day'], ['P7D', '7 days']]} />
			<${Failure} error=${error} />
			<div class="row"><button class="button main" type="button" disabled=${busy}
				onClick=${() => act(() => post(`${base(integration)}/token`, { keepOldFor: keep || null }))}>Rotate</button>
				<button class="button" type="button" onClick=${close}>Cancel</button></div>`}</${Dialog}>`;
}

function CopyOne({ integration, done, close }) {
	const [name, setName] = useState(`${integration.name} copy`);
	const { act, busy, error } = useAct((i) => {
		done(null);
		close();
		go(href(['integrations', i.key]));
	});
	return html`<${Dialog} title=${`Copy ${integration.name}`} onClose=${close}>
		<${TextField} label="Integration Name" value=${name} set=${setName} wrong=${error?.fields?.name}
			help="The copy is disabled and has no token; settings and automations are the same." />
		<${Failure} error=${error} />
		<div class="row"><button class="button main" type="button" disabled=${busy || name === ''}
			onClick=${() => act(() => post(`${base(integration)}/copy`, { name }))}>Copy</button>
			<button class="button" type="button" onClick=${close}>Cancel</button></div></${Dialog}>`;
}

function Delete({ integration, close, gone }) {
	const [name, setName] = useState('');
	const { act, busy, error } = useAct(() => {
		close();
		gone();
	});
	return html`<${Dialog} title=${`Delete ${integration.name}`} onClose=${close}>
		<p>Its endpoint refuses events from now on; ${plural(integration.waiting, 'waiting event')} will be cancelled.
			Its history stays.</p>
		<${TextField} label="Type the name of the integration" value=${name} set=${setName} />
		<${Failure} error=${error} />
		<div class="row"><button class="button danger" type="button" disabled=${busy || name !== integration.name}
			onClick=${() => act(() => remove(base(integration), integration.etag, { name }))}>Delete</button>
			<button class="button" type="button" onClick=${close}>Cancel</button></div></${Dialog}>`;
}

// gone(): it has been deleted.
export function Actions({ integration, done, gone }) {
	const [dialog, setDialog] = useState(null);
	const { act, error } = useAct(done);
	const admin = integration.role === 'admin';
	const shut = () => setDialog(null);
	const props = { integration, done, close: shut };
	const resumes = integration.paused || integration.status.repliesStopped;
	return html`${resumes ? html`<button class="button" type="button"
			onClick=${() => act(() => post(`${base(integration)}/resume`))}>Resume</button>` :
		html`<button class="button" type="button" onClick=${() => setDialog('pause')}>Pause…</button>`}
		${admin && html`<button class="button" type="button" onClick=${() => setDialog('rotate')}>Rotate token…</button>
			<button class="button" type="button" onClick=${() => setDialog('copy')}>Copy…</button>
			<button class="button danger" type="button" onClick=${() => setDialog('delete')}>Delete…</button>`}
		<${Failure} error=${error} />
		${dialog === 'pause' && html`<${Pause} ...${props} />`}
		${dialog === 'rotate' && html`<${Rotate} ...${props} />`}
		${dialog === 'copy' && html`<${CopyOne} ...${props} />`}
		${dialog === 'delete' && html`<${Delete} ...${props} gone=${gone} />`}`;
}
