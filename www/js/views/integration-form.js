// The settings of an integration as a form: for a new one and for an old one.

import { html, useState } from '../dom.js';
import { post } from '../api.js';
import { systemName } from '../words.js';
import { Check, Choice, SelectField, TextField, useVerdict } from '../ui/fields.js';
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
	repeatWindow: 'P1D', stopRepliesAfter: '', signingSecret: '', replySecret: '',
};

export function fromIntegration(i) {
	const f = { signingSecret: '', replySecret: '' };
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
	for (const name of ['signingSecret', 'replySecret']) {
		if (form[name] !== '')
			body[name] = form[name];
	}
	return body;
}

const checkTimeout = (value) => post('/checks/request-timeout', { value });
const checkUrl = (value) => post('/checks/reply-url', { value });
const checkPath = (value) => post('/checks/jsonpath', { value });

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
		help="What senders show as their credential: type at least 16 characters, or generate one. It is shown once."
		extra=${html`<button class="button" type="button" aria-pressed=${form.generate ? 'true' : 'false'}
			onClick=${() => set({ generate: !form.generate, token: '' })}>${form.generate ? 'Will be generated' : 'Generate'}</button>`} />`;
}

function Main({ form, set, wrong, system, isNew }) {
	const timeout = useVerdict(checkTimeout, form.requestTimeout);
	const url = useVerdict(checkUrl, form.replyUrl);
	const bind = (name) => ({ value: form[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	return html`
		<${TextField} label="Integration Name" required=${true} maxLength=${200} ...${bind('name')}
			help="How people will recognise it; unique." />
		<div class="field"><span class="label">External System</span><span>${systemName[system]}</span></div>
		<${Choice} label="Status" value=${form.enabled} set=${(enabled) => set({ enabled })} wrong=${wrong.enabled}
			options=${[[false, 'Disabled'], [true, 'Enabled']]}
			help="Disabled: events are refused. Enabled needs a platform token or a signing secret." />
		${isNew && html`<${Token} form=${form} set=${set} wrong=${wrong.token} />`}
		<${TextField} label="Request Timeout" placeholder="e.g. PT60S" ...${bind('requestTimeout')} echo=${timeoutEcho(timeout)}
			wrong=${wrong.requestTimeout ?? (timeout && !timeout.valid ? timeout.detail : null)}
			help="Blank: replies are tried for 24 hours. After it no reply is sent; handling goes on." />
		<${TextField} label="Reply URL" type="url" placeholder="https://" maxLength=${2048} ...${bind('replyUrl')}
			echo=${urlEcho(url)} wrong=${wrong.replyUrl ?? urlWrong(url)}
			help="Where the handled event is sent. Blank: no reply." />
		<${SelectField} label="Reply HTTP Method" ...${bind('replyMethod')} options=${[['POST', 'POST'], ['PUT', 'PUT']]} />
		<${Headers} headers=${form.replyHeaders} set=${(replyHeaders) => set({ replyHeaders })} wrong=${wrong} />`;
}

function Advanced({ form, set, wrong, before }) {
	const path = useVerdict(checkPath, form.subject);
	const bind = (name) => ({ value: form[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	const secretSet = (name) => before?.[name] ? 'One is set; typing replaces it.' : 'None is set.';
	return html`<details class="fold"><summary>Advanced</summary><div class="stack">
		<${TextField} label="Description" maxLength=${2000} ...${bind('description')} />
		<${TextField} label="Contact" maxLength=${2000} ...${bind('contact')} help="Whom to ask about the sender." />
		<${TextField} label="Team" maxLength=${2000} ...${bind('team')} help="Who sees it: roles are granted by team." />
		<${TextField} label="Subject" placeholder="$.commonLabels.alertname" ...${bind('subject')}
			wrong=${wrong.subject ?? (path && !path.valid ? path.detail : null)}
			help="A jsonpath that picks the line by which people recognise an event." />
		<${TextField} label="Token Header" ...${bind('tokenHeader')} help="The header in which senders show the token." />
		<${Check} label="Allow the token in the URL" value=${form.allowQueryToken} set=${(v) => set({ allowQueryToken: v })}
			help="?token=…, for senders that can't send a header. Tokens in URLs end up in logs of other systems." />
		<${Check} label="Accept malformed bodies" value=${form.acceptMalformed} set=${(v) => set({ acceptMalformed: v })}
			help="What is declared as JSON and is not is kept as text instead of refused." />
		<${TextField} label="Largest body in bytes" ...${bind('maxBodyBytes')} help="At most 16777216 (16 MiB)." />
		<${TextField} label="Signing Secret" type="password" autocomplete="new-password" ...${bind('signingSecret')}
			help=${`Senders sign with it (Standard Webhooks, GitHub). ${secretSet('signingSecretSet')}`} />
		<${TextField} label="Signature Header" ...${bind('signatureHeader')}
			help="Blank: webhook-signature and X-Hub-Signature-256." />
		<${SelectField} label="With a signing secret" ...${bind('signatureRule')} options=${[
			['either', 'the token or a signature'], ['besides', 'the token and a signature'], ['instead', 'a signature, no token']]} />
		<${TextField} label="Events a second" ...${bind('rateLimit')} help="Above it 503 with Retry-After. Blank: no limit." />
		<${TextField} label="Burst" ...${bind('rateBurst')} help="How many at once. Blank: as events a second." />
		<${TextField} label="Repeats are known for" ...${bind('repeatWindow')}
			help="By Idempotency-Key and senders' delivery ids. Blank: not looked for." />
		<${TextField} label="Reply Secret" type="password" autocomplete="new-password" ...${bind('replySecret')}
			help=${`Replies are signed with it (Standard Webhooks). ${secretSet('replySecretSet')}`} />
		<${TextField} label="Stop replies after failing for" ...${bind('stopRepliesAfter')}
			help="ISO 8601, e.g. P1D. Blank: never." />
	</div></details>`;
}

// { form, set, dirty, reset } of a form that began as `before`.
export function useForm(before) {
	const [form, setForm] = useState(before);
	return {
		form,
		set: (more) => setForm((f) => ({ ...f, ...more })),
		dirty: JSON.stringify(form) !== JSON.stringify(before),
		reset: setForm,
	};
}

export const SettingsForm = ({ form, set, error, system, isNew, before }) => html`
	<div class="stack">
		<${Main} form=${form} set=${set} wrong=${error?.fields ?? {}} system=${system} isNew=${isNew} />
		<${Advanced} form=${form} set=${set} wrong=${error?.fields ?? {}} before=${before} />
	</div>`;
