// Small pieces that every view uses: states, times, numbers, notes, buttons.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../dom.js';
import { absolute, ago, number, utc } from '../words.js';

const shapes = { failed: '■', expired: '◆', retrying: '▲', waiting: '○', done: '●', none: '–' };

export const State = ({ tone, word, next }) => html`
	<span class=${`state ${tone}`}><span class="shape" aria-hidden="true">${shapes[tone]}</span>
	<span>${word}${next && Date.parse(next) > Date.now() && html`, next ${' '}<${Ago} at=${next} />`}</span></span>`;

// One clock for all times that are shown.
const clocks = new Set();
setInterval(() => clocks.forEach((fn) => fn()), 5000);

// Relative, with the absolute one on hover and for screen readers.
export function Ago({ at, none = 'never' }) {
	const [, show] = useState('');
	useEffect(() => {
		const tick = () => show(at ? ago(at) : '');
		clocks.add(tick);
		return () => clocks.delete(tick);
	}, [at]);
	if (!at)
		return html`<span class="soft">${none}</span>`;
	return html`<time datetime=${at} title=${`${absolute(at)} (${utc(at)})`}
		aria-label=${`${ago(at)}, ${absolute(at)}`}>${ago(at)}</time>`;
}

export const Num = ({ n, capped, to }) => to ?
	html`<a href=${to}>${number(n, capped)}</a>` : html`<span>${number(n, capped)}</span>`;

export const Note = ({ bad, children }) => html`
	<div class=${`note ${bad ? 'bad' : 'info'}`} role=${bad ? 'alert' : 'status'}>${children}</div>`;

// What happened, what is kept, and the way to try again.
export function Failure({ error, retry }) {
	if (!error)
		return null;
	return html`<${Note} bad=${true}><div class="row"><span class="wrap">${error.message}</span>
		${retry && html`<button class="button" type="button" onClick=${retry}>Try again</button>`}
	</div></${Note}>`;
}

export const Empty = ({ children }) => html`<div class="empty">${children}</div>`;

// Without HTTPS browsers have no clipboard but for what is selected.
function copySelected(text) {
	const area = document.createElement('textarea');
	area.value = text;
	area.className = 'visually-hidden';
	document.body.append(area);
	area.select();
	const done = document.execCommand('copy');
	area.remove();
	return done;
}

async function toClipboard(text) {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		return copySelected(text);
	}
}

export function Copy({ text, label = 'Copy' }) {
	const [done, setDone] = useState(null);
	const button = useRef(null);
	const copy = async () => {
		setDone(await toClipboard(text) ? 'Copied' : 'Select it');
		button.current?.focus();
		setTimeout(() => setDone(null), 2000);
	};
	return html`<button class="button copy" type="button" ref=${button} onClick=${copy} aria-label=${label}>${done ?? 'Copy'}</button>
		<span class="visually-hidden" aria-live="polite">${done}</span>`;
}

export const Code = ({ text, label }) => html`
	<div class="code"><pre tabindex="0" role="region" aria-label=${label}>${text}</pre>
	<${Copy} text=${text} label=${`Copy ${label}`} /></div>`;

// A dialog that takes the focus at once, before anybody can type elsewhere,
// keeps it and gives it back.
export function Dialog({ title, onClose, children }) {
	const box = useRef(null);
	useLayoutEffect(() => {
		const before = document.activeElement;
		(box.current.querySelector('[data-first]') ?? box.current.querySelector('input, select, textarea, button'))?.focus();
		return () => before?.focus?.();
	}, []);
	const keys = (e) => {
		if (e.key === 'Escape' && onClose) {
			e.stopPropagation();
			onClose();
		}
		if (e.key !== 'Tab')
			return;
		const all = [...box.current.querySelectorAll('a[href], button:not(:disabled), input, select, textarea')];
		const at = all.indexOf(document.activeElement);
		const next = e.shiftKey ? at - 1 : at + 1;
		if (next < 0 || next >= all.length) {
			e.preventDefault();
			all.at(next < 0 ? -1 : 0)?.focus();
		}
	};
	return html`<div class="dialog-back" onKeyDown=${keys}>
		<div class="dialog" role="dialog" aria-modal="true" aria-label=${title} ref=${box}>
			<h2>${title}</h2>${children}</div></div>`;
}

// Inside a form: somebody else has changed it while it was edited (412).
export const Conflict = ({ who, what, theirs }) => html`<${Note} bad=${true}><div class="stack tight">
	<p>${who ? html`<bdi>${who}</bdi>` : 'Somebody'} changed ${what} while you were editing. Your input is kept.</p>
	<div class="row"><button class="button">Save mine all the same</button>
		<button class="button" type="button" onClick=${theirs}>Show theirs</button></div></div></${Note}>`;

// Asks before something that can't be taken back; act() may fail beside it.
export function Confirm({ title, verb, act, close, children }) {
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const sure = async () => {
		setBusy(true);
		setError(null);
		try {
			await act();
			close();
		} catch (problem) {
			setError(problem);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${title} onClose=${close}>${children}<${Failure} error=${error} />
		<div class="row"><button class="button danger" type="button" disabled=${busy} onClick=${sure}>${verb}</button>
			<button class="button" type="button" data-first onClick=${close}>Cancel</button></div></${Dialog}>`;
}
