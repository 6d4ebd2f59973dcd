// The settings of an integration as a form: for a new one and for an old one.

import { html, useState } from '../dom.js';
import { post } from '../api.js';
import { systemName } from '../words.js';
import { Choice, SelectField, TextField, useVerdict } from '../ui/fields.js';
import { Advanced } from './integration-advanced.js';
import { Headers } from './integration-headers.js';

const plain = ['name', 'enabled', 'requestTimeout', 'replyUrl', 'replyMethod', 'description', 'contact', 'team',
	'subject', 'tokenHeader', 'allowQueryToken', 'acceptMalformed', 'maxBodyBytes', 'signatureHeader',
	'signatureRule', 'rateLimit', 'rateBurst', 'repeatWindow', 'stopRepliesAfter'];
const numbers = ['maxBodyBytes', 'rateLimit', 'rateBurst'];
const maybeNull = ['requestTimeout', 'rateLimit', 'rateBurst', 'repeatWindow', 'stopRepliesAfter'];

export const blank = {
	name: '', enabled: false, requestTimeout: '', replyUrl: '', replyMethod: 'POST', replyHeaders: [], description: '',
	contact: '', team: '', subject: '', tokenHeader: 'X-Platform-Token', allowQueryToken: false, acceptMalformed: false,
	maxBodyBytes: '1048576', signatureHeader: '', signatureRule: 'either', rateLimit: '', rateBurst: '',
	repeatWindow: 'P1D', stopRepliesAfter: '', signingSecret: '', replySecret: '', replyCertificate: '',
};

// Those that are never read back: "" leaves them as they are, null removes.
const secrets = ['signingSecret', 'replySecret', 'replyCertificate'];

export function fromIntegration(i) {
	const f = Object.fromEntries(secrets.map((name) => [name, '']));
	for (const name of plain)
		f[name] = typeof i[name] === 'boolean' ? i[name] : String(i[name] ?? '');
	f.replyHeaders = i.replyHeaders.map((h) => ({ ...h, kept: h.secret, value: h.value ?? '' }));
	return f;
}

function valueOf(form, name) {
	const v = form[name];
	if (maybeNull.includes(name) && v === '')
		return null;
	return numbers.includes(name) ? Number(v) : v;
}

const headersOf = (form) => form.replyHeaders.filter((h) => h.name !== '' || h.value !== '').map((h) => ({
	name: h.name, secret: h.secret, value: h.kept && h.value === '' ? null : h.value,
}));

// What differs from `before`, as the API takes it.
export function changesOf(form, before) {
	const body = {};
	for (const name of plain) {
		if (form[name] !== before[name])
			body[name] = valueOf(form, name);
	}
	if (JSON.stringify(form.replyHeaders) !== JSON.stringify(before.replyHeaders))
		body.replyHeaders = headersOf(form);
	for (const name of secrets) {
		if (form[name] !== '')
			body[name] = form[name];
	}
	return body;
}

const checkTimeout = (value) => post('/checks/request-timeout', { value });
const checkUrl = (value) => post('/checks/reply-url', { value });

function timeoutEcho(v) {
	if (!v)
		return null;
	return v.valid ? `That is ${v.words}.` : null;
}

function urlEcho(v) {
	if (!v || !v.valid)
		return null;
	return { allowed: 'This address may be called.', 'at-sending': 'The name is looked up and checked when a reply is sent.',
		none: null, refused: null }[v.reach];
}

function urlWrong(v) {
	if (!v)
		return null;
	if (!v.valid || v.reach === 'refused')
		return `${v.detail}${v.setting ? ` The setting ${v.setting} of the configuration would allow it.` : ''}`;
	return null;
}

function Token({ form, set, wrong }) {
	return html`<${TextField} label="Platform Token" type=${form.generate ? 'text' : 'password'} value=${form.token}
		set=${(token) => set({ token, generate: false })} wrong=${wrong} autocomplete="new-password"
		placeholder=${form.generate ? 'will be generated' : ''}
		help="What senders show as their credential. Type at least 16 characters, or have one generated. It is shown once, after Create."
		extra=${html`<button class="button" type="button" aria-pressed=${form.generate ? 'true' : 'false'}
			onClick=${() => set({ generate: !form.generate, token: '' })}>Generate</button>`} />`;
}

const methodHelp = 'How the handled event is sent to the reply URL: most receivers want POST.';

function Main({ form, set, wrong, system, isNew }) {
	const timeout = useVerdict(checkTimeout, form.requestTimeout);
	const url = useVerdict(checkUrl, form.replyUrl);
	const bind = (name) => ({ value: form[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	return html`
		<${TextField} label="Integration Name" required=${true} maxLength=${200} ...${bind('name')}
			help="How people will recognise it. No other integration may have the same." />
		<div class="field"><span class="label">External System</span><span>${systemName[system]}</span></div>
		<${Choice} label="Status" value=${form.enabled} set=${(enabled) => set({ enabled })} wrong=${wrong.enabled}
			options=${[[false, 'Disabled'], [true, 'Enabled']]}
			help="Disabled: events are refused. Enabled needs a platform token or a signing secret." />
		${isNew && html`<${Token} form=${form} set=${set} wrong=${wrong.token} />`}
		<${TextField} label="Request Timeout" placeholder="e.g. PT60S" ...${bind('requestTimeout')} echo=${timeoutEcho(timeout)}
			wrong=${wrong.requestTimeout ?? (timeout && !timeout.valid ? timeout.detail : null)}
			help=${system === 'sync' ? 'How long a sender is kept waiting for the handled event. After it no reply is sent; handling goes on.' :
				'Blank: replies are tried for 24 hours. After it no reply is sent; handling goes on.'} />
		<${TextField} label="Reply URL" type="url" placeholder="https://" maxLength=${2048} ...${bind('replyUrl')}
			echo=${urlEcho(url)} wrong=${wrong.replyUrl ?? urlWrong(url)}
			help="Where the handled event is sent. Blank: no reply." />
		<${SelectField} label="Reply HTTP Method" ...${bind('replyMethod')} help=${methodHelp} options=${[['POST', 'POST'], ['PUT', 'PUT']]} />
		<${Headers} headers=${form.replyHeaders} set=${(replyHeaders) => set({ replyHeaders })} wrong=${wrong} />`;
}

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

// What somebody has changed in `form` stays, the rest is as it is now.
const rebased = (form, then, now) => Object.fromEntries(Object.keys(form).map((k) =>
	[k, same(form[k], then[k]) && k in now ? now[k] : form[k]]));

const at = (state, before) => same(state.base, before) ? state :
    { base: before, form: rebased(state.form, state.base, before) };

// { form, set, dirty, reset } of a form of what is `before`, which may change
// while somebody edits.
export function useForm(before) {
	const [state, setState] = useState({ base: before, form: before });
	const { form } = at(state, before);
	return {
		form,
		set: (more) => setState((s) => ({ base: before, form: { ...at(s, before).form, ...more } })),
		dirty: !same(form, before),
		reset: (to) => setState({ base: before, form: to }),
	};
}

export const SettingsForm = ({ form, set, error, system, isNew, before }) => html`
	<div class="stack">
		<${Main} form=${form} set=${set} wrong=${error?.fields ?? {}} system=${system} isNew=${isNew} />
		<${Advanced} form=${form} set=${set} wrong=${error?.fields ?? {}} before=${before} />
	</div>`;
