// Reply HTTP Headers: rows of name and value, each with a secret tick.

import { html } from '../dom.js';

const sent = 'Sent with every reply. A secret value is stored sealed and never shown again.';

// at: the place of the headers in what the API takes
export function Headers({ headers, set, wrong, at = 'replyHeaders', legend = 'Reply HTTP Headers', help = sent }) {
	const change = (n, more) => set(headers.map((h, i) => i === n ? { ...h, ...more } : h));
	const wrongOf = (n) => ['', '/name', '/value', '/secret'].map((s) => wrong[`${at}/${n}${s}`]).filter(Boolean).join(' ');
	return html`<fieldset class="field headers"><legend class="label">${legend}</legend>
		${headers.map((h, n) => html`<div class="field" key=${n}><div class="row header-row">
			<input class="input" value=${h.name} placeholder="Name" aria-label=${`Name of header ${n + 1}`}
				aria-invalid=${wrongOf(n) ? 'true' : undefined} autocomplete="off" spellcheck=${false}
				onInput=${(e) => change(n, { name: e.target.value, kept: false })} />
			<input class="input" value=${h.value} type=${h.secret ? 'password' : 'text'} autocomplete="off" spellcheck=${false}
				placeholder=${h.kept ? 'stored, type to replace' : 'Value'} aria-label=${`Value of header ${n + 1}`}
				onInput=${(e) => change(n, { value: e.target.value })} />
			<label class="check"><input type="checkbox" checked=${h.secret}
				onChange=${(e) => change(n, { secret: e.target.checked, kept: false })} /> secret</label>
			<button class="button plain icon" type="button" aria-label=${`Remove header ${n + 1}`}
				onClick=${() => set(headers.filter((_, i) => i !== n))}>×</button>
		</div>${wrongOf(n) && html`<p class="wrong">${wrongOf(n)}</p>`}</div>`)}
		<div><button class="button" type="button" disabled=${headers.length >= 50}
			onClick=${() => set([...headers, { name: '', value: '', secret: false }])}>+ Add header</button></div>
		<p class="help">${help}</p>
	</fieldset>`;
}
