// Resend replies or handle again for all events of a filter: the count first,
// then with progress.

import { html, useState } from '../dom.js';
import { get, post } from '../api.js';
import { plural } from '../words.js';
import { Dialog, Failure, Note } from '../ui/basic.js';
import { useLoad } from '../ui/data.js';

const names = ['integration', 'team', 'state', 'replyState', 'from', 'to', 'subject', 'test'];
const lists = ['state', 'replyState'];

function bulkFilter(query) {
	const filter = {};
	for (const name of names) {
		if (query[name])
			filter[name] = lists.includes(name) ? query[name].split(',') : query[name];
	}
	return filter;
}

function Work({ verb, title, filter, close, done }) {
	const first = useLoad(() => post(`/events/${verb}`, { filter, dryRun: true }), []);
	const [progress, setProgress] = useState(null);
	const [error, setError] = useState(null);
	const run = async () => {
		let cursor;
		let total = 0;
		let skipped = 0;
		try {
			do {
				const body = { filter, upTo: first.value.upTo, ...cursor && { cursor } };
				const answer = await post(`/events/${verb}`, body);
				total += answer.done;
				skipped += answer.skipped;
				cursor = answer.next;
				setProgress({ total, skipped, over: !cursor });
			} while (cursor);
			done();
		} catch (problem) {
			setError(problem);
		}
	};
	const n = first.value;
	return html`<${Dialog} title=${title} onClose=${close}>
		${n && html`<p>${plural(n.count, 'event')}${n.capped ? ' and more' : ''} match.</p>`}
		<${Failure} error=${error ?? first.error} />
		${progress && html`<div role="status"><progress max=${n.count} value=${progress.total + progress.skipped}></progress>
			<p>${plural(progress.total, 'event')} done, ${progress.skipped} passed over.</p>
			${progress.over && html`<${Note}>Finished.</${Note}>`}</div>`}
		<div class="row">${!progress && html`<button class="button main" type="button" disabled=${!n || n.count === 0} onClick=${run}>
			${title}</button>`}
			<button class="button" type="button" onClick=${close}>${progress?.over ? 'Close' : 'Cancel'}</button></div></${Dialog}>`;
}

export function Bulk({ filter, done }) {
	const [work, setWork] = useState(null);
	const chosen = bulkFilter(filter);
	const expired = useLoad((signal) => get('/events/count', { ...filter, text: undefined, replyState: 'expired,failed' }, signal),
	    [JSON.stringify(filter)]);
	const missed = filter.replyState ? 0 : expired.value?.count ?? 0;
	const anyFilter = Object.keys(chosen).length > 0;
	const open = (verb, title, f = chosen) => setWork({ verb, title, filter: f });
	return html`${missed > 0 && html`<${Note}><div class="row"><span>${plural(missed, 'reply', 'replies')}
			${expired.value.capped ? ' and more' : ''} expired or failed.</span>
			<button class="button" type="button" onClick=${() => open('resend', 'Resend replies', { ...chosen, replyState: ['expired', 'failed'] })}>
				Resend replies…</button></div></${Note}>`}
		${anyFilter && !filter.text && html`<div class="row">
			<button class="button" type="button" onClick=${() => open('resend', 'Resend replies')}>Resend replies of these…</button>
			<button class="button" type="button" onClick=${() => open('handle-again', 'Handle again')}>Handle these again…</button></div>`}
		${work && html`<${Work} ...${work} close=${() => setWork(null)} done=${done} />`}`;
}
