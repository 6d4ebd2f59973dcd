// The parts of an event: its body, headers, the document of its reply.  All of
// it came from outside and is shown as text.

import { html, useState } from '../dom.js';
import { bytesOf, text } from '../api.js';
import { layOut } from '../json.js';
import { bytes, number, visible } from '../words.js';
import { Ago, Copy } from '../ui/basic.js';
import { useLoad } from '../ui/data.js';

const SHOWN = 100000; // characters; more only when asked for
const DUMPED = 256;

// Text of any length; as it is, or laid out where it is JSON.
function Text({ value, label, download }) {
	const [whole, setWhole] = useState(false);
	const laidOut = value.length <= SHOWN ? layOut(value) : null;
	const [raw, setRaw] = useState(false);
	const shown = laidOut !== null && !raw ? laidOut : value;
	return html`<div class="stack tight"><div class="row">
			${laidOut !== null && laidOut !== value && html`<div class="choice" role="group" aria-label="Layout">
				<button class="button" type="button" aria-pressed=${raw ? 'false' : 'true'} onClick=${() => setRaw(false)}>Laid out</button>
				<button class="button" type="button" aria-pressed=${raw ? 'true' : 'false'} onClick=${() => setRaw(true)}>As it is</button></div>`}
			<span class="push row">${download && html`<a class="button" href=${download} download>Download</a>`}
				<${Copy} text=${value} label=${`Copy ${label}`} /></span></div>
		<div class="code"><pre tabindex="0" role="region" aria-label=${label}>${visible(whole ? shown : shown.slice(0, SHOWN))}</pre></div>
		${shown.length > SHOWN && !whole && html`<div class="row"><span class="soft">The first ${number(SHOWN)} of ${number(shown.length)} characters.</span>
			<button class="button" type="button" onClick=${() => setWhole(true)}>Show all</button></div>`}</div>`;
}

function Loaded({ load, children }) {
	if (load.error)
		return html`<p class="soft">${load.error.message}</p>`;
	return load.value === undefined ? html`<p class="soft">Loading</p>` : children(load.value);
}

function TextFrom({ path, label, download, state }) {
	const load = useLoad(() => text(path), [path, state]);
	return html`<${Loaded} load=${load}>${(value) => html`<${Text} value=${value} label=${label} download=${download && `/api${path}`} />`}</${Loaded}>`;
}

function dump(buffer) {
	const all = [...new Uint8Array(buffer).slice(0, DUMPED)];
	const lines = [];
	for (let n = 0; n < all.length; n += 8) {
		const row = all.slice(n, n + 8);
		lines.push(`${n.toString(16).padStart(4, '0')}  ${row.map((b) => b.toString(16).padStart(2, '0')).join(' ').padEnd(23)}  ${
			row.map((b) => b > 31 && b < 127 ? String.fromCharCode(b) : '·').join('')}`);
	}
	return lines.join('\n');
}

function Bytes({ path, size }) {
	const load = useLoad(() => bytesOf(path), [path]);
	return html`<div class="stack tight"><div class="row"><span class="soft">${bytes(size)}, neither JSON nor text</span>
			<a class="button push" href=${`/api${path}`} download>Download</a></div>
		<${Loaded} load=${load}>${(value) => html`<div class="code"><pre class="dump" tabindex="0" role="region" aria-label="body">${dump(value)}</pre></div>
			${size > DUMPED && html`<p class="soft small">The first ${DUMPED} bytes.</p>`}`}</${Loaded}></div>`;
}

function Headers({ headers }) {
	const all = Object.entries(headers ?? {});
	return all.length === 0 ? html`<p class="soft">None were kept.</p>` : html`<dl class="pairs mono">${all.map(([n, v]) =>
		html`<dt class="wrap"><bdi>${visible(n, null)}</bdi></dt><dd><bdi>${visible(v, null)}</bdi></dd>`)}</dl>`;
}

function Body({ e }) {
	const path = `/events/${e.eventId}/body`;
	return e.kind === 'binary' ? html`<${Bytes} path=${path} size=${e.bodyBytes} />` :
		html`<${TextFrom} path=${path} label="body" download=${true} />`;
}

const Reply = ({ e }) => html`<div class="stack tight">${e.replyState === 'none' && html`<p class="soft">No reply was asked for. It would carry this:</p>`}
	<${TextFrom} path=${`/events/${e.eventId}/reply`} label="reply" state=${e.state} /></div>`;

function Outcome({ e }) {
	const all = e.journey.filter((s) => s.kind === 'outcome');
	return all.length === 0 ? html`<p class="soft">It is not finished yet.</p>` : html`<dl class="pairs">${all.map((o) =>
		html`<dt><${Ago} at=${o.at} /></dt><dd>${o.outcome}, ${o.replyState === 'none' ? 'no reply' : `reply ${o.replyState}`}
			${o.detail && html`<span class="loud wrap">: <bdi>${visible(o.detail)}</bdi></span>`}</dd>`)}</dl>`;
}

const parts = { Body, Headers: ({ e }) => html`<${Headers} headers=${e.headers} />`, Reply, Outcome };

export function Parts({ e }) {
	const viewer = e.role === 'viewer';
	const names = viewer ? ['Outcome'] : Object.keys(parts);
	const [name, setName] = useState(names[0]);
	const Part = parts[name];
	return html`<section class="stack" aria-label="Parts of the event"><div class="tabs" role="group" aria-label="Part">
		${names.map((n) => html`<button type="button" aria-pressed=${n === name ? 'true' : 'false'} onClick=${() => setName(n)}>${n}</button>`)}</div>
		<${Part} e=${e} />
		${viewer && html`<p class="soft small">Bodies, headers and outputs are shown to operators.</p>`}</section>`;
}
