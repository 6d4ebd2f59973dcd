// Form fields: a label, what it takes, the control with its clear button, and
// what is wrong beside it.

import { html, useEffect, useRef, useState } from '../dom.js';

let serial = 0;

function useId() {
	const id = useRef(null);
	id.current ??= `f${++serial}`;
	return id.current;
}

export function Field({ label, required, help, wrong, echo, children }) {
	const id = useId();
	const described = [help && `${id}-help`, echo && `${id}-echo`, wrong && `${id}-wrong`]
	    .filter(Boolean).join(' ') || undefined;
	return html`<div class="field">
		<label for=${id}>${label}${required && html`<span aria-hidden="true"> *</span>`}</label>
		${children({ id, 'aria-describedby': described, 'aria-invalid': wrong ? 'true' : undefined,
			'aria-required': required ? 'true' : undefined })}
		${echo && html`<p class="help" id=${`${id}-echo`} aria-live="polite">${echo}</p>`}
		${help && html`<p class="help" id=${`${id}-help`}>${help}</p>`}
		${wrong && html`<p class="wrong" id=${`${id}-wrong`}>${wrong}</p>`}
	</div>`;
}

// Empties the field that stands before it.
const Clear = ({ label, set }) => html`<button class="button plain icon" type="button" aria-label=${`Clear ${label}`}
	onClick=${(e) => {
		set('');
		e.currentTarget.parentElement.querySelector('input, textarea').focus();
	}}>×</button>`;

export const TextField = ({ value, set, type = 'text', placeholder, extra, name, first, maxLength, inputmode, autocomplete = 'off', ...field }) => html`
	<${Field} ...${field}>${(attributes) => html`<div class="clearable">
		<input class="input" type=${type} value=${value} placeholder=${placeholder} name=${name}
			data-first=${first} maxlength=${maxLength} inputmode=${inputmode} autocomplete=${autocomplete} spellcheck=${false}
			onInput=${(e) => set(e.target.value)} ...${attributes} />
		${extra}
		${value !== '' && html`<${Clear} label=${field.label} set=${set} />`}
	</div>`}</${Field}>`;

export const AreaField = ({ value, set, placeholder, maxLength, ...field }) => html`
	<${Field} ...${field}>${(attributes) => html`<div class="clearable">
		<textarea class="input" spellcheck=${false} placeholder=${placeholder} maxlength=${maxLength}
			value=${value} onInput=${(e) => set(e.target.value)} ...${attributes}></textarea>
		${value !== '' && html`<${Clear} label=${field.label} set=${set} />`}</div>`}</${Field}>`;

// options: [[value, words], ...]
export const SelectField = ({ value, set, options, disabled, ...field }) => html`
	<${Field} ...${field}>${(attributes) => html`<select class="input" value=${value} disabled=${disabled}
		onChange=${(e) => set(e.target.value)} ...${attributes}>
		${options.map(([v, words]) => html`<option value=${v} selected=${v === value}>${words}</option>`)}
	</select>`}</${Field}>`;

export function Check({ label, value, set, help, disabled }) {
	const id = useId();
	return html`<div class="field"><div class="check">
		<input type="checkbox" id=${id} checked=${value} disabled=${disabled}
			aria-describedby=${help ? `${id}-help` : undefined}
			onChange=${(e) => set(e.target.checked)} />
		<label for=${id}>${label}</label></div>
		${help && html`<p class="help" id=${`${id}-help`}>${help}</p>`}</div>`;
}

export function Choice({ label, value, set, options, help, wrong }) {
	const id = useId();
	return html`<div class="field" role="radiogroup" aria-labelledby=${`${id}-label`}>
		<span class="label" id=${`${id}-label`}>${label}</span>
		<div class="row">${options.map(([v, words]) => html`<span class="check">
			<input type="radio" name=${id} id=${`${id}-${v}`} value=${String(v)} checked=${value === v}
				onChange=${() => set(v)} />
			<label for=${`${id}-${v}`}>${words}</label></span>`)}</div>
		${help && html`<p class="help">${help}</p>`}
		${wrong && html`<p class="wrong">${wrong}</p>`}</div>`;
}

// The verdict of a check of the API on what is being typed.
export function useVerdict(check, value, enabled = true) {
	const [verdict, setVerdict] = useState(null);
	useEffect(() => {
		if (!enabled || value === '') {
			setVerdict(null);
			return undefined;
		}
		const abort = new AbortController();
		const timer = setTimeout(async () => {
			try {
				setVerdict(await check(value, abort.signal));
			} catch {
				setVerdict(null);
			}
		}, 250);
		return () => {
			clearTimeout(timer);
			abort.abort();
		};
	}, [value, enabled]);
	return verdict;
}
