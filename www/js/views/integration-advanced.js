// The settings that most integrations leave as they are.

import { html } from '../dom.js';
import { post } from '../api.js';
import { AreaField, Check, SelectField, TextField, useVerdict } from '../ui/fields.js';

// A subject is several paths, or the name of a set of them.
async function checkSubject(value) {
	for (const path of value.startsWith('preset:') ? [] : value.split(' // ')) {
		const verdict = await post('/checks/jsonpath', { value: path });
		if (!verdict.valid)
			return verdict;
	}
	return { valid: true, detail: null };
}

const subjectHelp = 'The line by which people recognise an event: a jsonpath over the event, several parted by “ // ”, or preset:alertmanager.';

function SecretField({ name, set, form, isSet, area, help, label, wrong }) {
	const Kind = area ? AreaField : TextField;
	const state = !isSet ? '' : form[name] === null ? ' The one that is set will be removed.' : ' One is set; typing replaces it.';
	return html`<div class="stack tight"><${Kind} label=${label} type="password" autocomplete="new-password" value=${form[name] ?? ''}
		set=${(v) => set({ [name]: v })} wrong=${wrong[name]} help=${`${help}${state}`} />
		${isSet && html`<${Check} label=${`Remove the ${label.toLowerCase()}`} value=${form[name] === null}
			set=${(v) => set({ [name]: v ? null : '' })} />`}</div>`;
}

const rules = [['either', 'the token or a signature'], ['besides', 'the token and a signature'], ['instead', 'a signature, no token']];

export function Advanced({ form, set, wrong, before }) {
	const path = useVerdict(checkSubject, form.subject);
	const bind = (name) => ({ value: form[name], set: (v) => set({ [name]: v }), wrong: wrong[name] });
	const secret = (name) => ({ name, form, set, wrong, isSet: before?.[`${name}Set`] ?? false });
	const told = Object.keys(wrong).some((name) => !['name', 'enabled', 'token', 'requestTimeout', 'replyUrl', 'replyMethod'].includes(name) &&
		!name.startsWith('replyHeaders'));
	return html`<details class="fold" open=${told || undefined}><summary>Advanced</summary><div class="stack">
		<h3>About it</h3>
		<${TextField} label="Description" maxLength=${2000} ...${bind('description')} help="What its events are about." />
		<${TextField} label="Contact" maxLength=${2000} ...${bind('contact')} help="Whom to ask about the sender." />
		<${TextField} label="Team" maxLength=${2000} ...${bind('team')} help="Who sees it: roles are granted by team." />
		<${TextField} label="Subject" placeholder="$.event.title" maxLength=${1000} ...${bind('subject')}
			wrong=${wrong.subject ?? (path && !path.valid ? path.detail : null)} help=${subjectHelp} />
		<h3>What is accepted</h3>
		<${TextField} label="Token Header" maxLength=${256} ...${bind('tokenHeader')} help="A header in which senders may show the token, besides Authorization." />
		<${Check} label="Allow the token in the URL" value=${form.allowQueryToken} set=${(v) => set({ allowQueryToken: v })}
			help="?token=…, for senders that can't send a header. Tokens in URLs end up in logs of other systems." />
		<${SecretField} label="Signing Secret" ...${secret('signingSecret')}
			help="Senders sign with it (Standard Webhooks, GitHub). At least 16 characters." />
		<${TextField} label="Signature Header" maxLength=${256} ...${bind('signatureHeader')}
			help="Blank: webhook-signature and X-Hub-Signature-256." />
		<${SelectField} label="With a signing secret senders show" ...${bind('signatureRule')} options=${rules}
			help="Without a signing secret it is always the token." />
		<${Check} label="Accept malformed bodies" value=${form.acceptMalformed} set=${(v) => set({ acceptMalformed: v })}
			help="What is declared as JSON and is not is kept as text instead of refused." />
		<${TextField} label="Largest body in bytes" inputmode="numeric" ...${bind('maxBodyBytes')} help="At most 16777216 (16 MiB)." />
		<${TextField} label="Events a second" inputmode="numeric" ...${bind('rateLimit')} help="Above it senders get 503 with Retry-After. Blank: no limit." />
		<${TextField} label="Burst" inputmode="numeric" ...${bind('rateBurst')} help="How many at once. Blank: as events a second." />
		<${TextField} label="Repeats are known for" placeholder="e.g. P1D" ...${bind('repeatWindow')}
			help="By Idempotency-Key and senders' delivery ids; ISO 8601, at most P30D. Blank: not looked for." />
		<h3>Replies</h3>
		<${SecretField} label="Reply Secret" ...${secret('replySecret')}
			help="Replies are signed with it (Standard Webhooks): whsec_ and base64 of 24 to 64 bytes." />
		<${SecretField} label="Client Certificate" area=${true} ...${secret('replyCertificate')}
			help="PEM: certificate, chain and private key, shown to the receiver of replies." />
		<${TextField} label="Stop replies after failing for" placeholder="e.g. P1D" ...${bind('stopRepliesAfter')}
			help="ISO 8601; then none is sent until somebody resumes. Blank: never." />
	</div></details>`;
}
