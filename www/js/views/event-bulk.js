// Resend replies or handle again for all events of a filter: the count first,
// then with progress.  What was missed in an outage is offered.

import { html, useRef, useState } from '../dom.js';
import { get, post } from '../api.js';
import { href } from '../router.js';
import { number, plural } from '../words.js';
import { Dialog, Failure, Note } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { hoursAgo } from './event-filters.js';

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

const works = {
	resend: { title: 'Resend replies', help: 'The reply of each event is sent once more, outside its deadline. Automations do not run again.' },
	'handle-again': { title: 'Handle again', help: 'A new event is made of each; its automations run and its reply is sent.' },
};

// { progress, error, running, run, stop } of the calls one after the other.
function useWork(verb, filter, upTo, done) {
	const [progress, setProgress] = useState(null);
	const [error, setError] = useState(null);
	const [running, setRunning] = useState(false);
	const stopped = useRef(false);
	const run = async () => {
		let p = progress ?? { total: 0, skipped: 0, cursor: undefined };
		stopped.current = false;
		setError(null);
		setRunning(true);
		try {
			do {
				const answer = await post(`/events/${verb}`, { filter, upTo, ...p.cursor && { cursor: p.cursor } });
				p = { total: p.total + answer.done, skipped: p.skipped + answer.skipped, cursor: answer.next, over: !answer.next };
				setProgress(p);
			} while (p.cursor && !stopped.current);
		} catch (problem) {
			setError(problem);
		}
		setRunning(false);
		done();
	};
	const stop = () => {
		stopped.current = true;
	};
	return { progress, error, running, run, stop };
}

function Progress({ verb, p, count, running }) {
	const did = verb === 'resend' ? plural(p.total, 'reply is', 'replies are') + ' on the way' : plural(p.total, 'event') + ' made';
	return html`<div class="stack tight"><progress aria-label="Progress" max=${Math.max(1, count)}
			value=${p.over ? Math.max(1, count) : p.total + p.skipped}></progress>
		<p role="status">${running ? `${number(p.total + p.skipped)} of ${number(count)} done.` :
			`${p.over ? 'Finished' : 'Stopped'}: ${did}.`}
			${p.skipped > 0 && html` <span class="soft">${number(p.skipped)} passed over: not finished, without a reply URL, or disabled.</span>`}</p></div>`;
}

function Work({ verb, filter, close, done }) {
	const { title, help } = works[verb];
	const first = useLoad(() => post(`/events/${verb}`, { filter, dryRun: true }), []);
	const n = first.value;
	const { progress, error, running, run, stop } = useWork(verb, filter, n?.upTo, done);
	const go = progress ? 'Continue' : n ? `${title.split(' ')[0]} ${number(n.count, n.capped)}` : title;
	return html`<${Dialog} title=${title} onClose=${running ? null : close}>
		${!n && first.loading && html`<p class="soft">Counting</p>`}
		${n && html`<p><b>${number(n.count, n.capped)}</b> ${n.count === 1 ? 'event matches' : 'events match'} the filters. <span class="soft">${help}</span></p>`}
		<${Failure} error=${error ?? first.error} retry=${first.error && first.reload} />
		${progress && html`<${Progress} verb=${verb} p=${progress} count=${n.count} running=${running} />`}
		<div class="row">${running ? html`<button class="button" type="button" onClick=${stop}>Stop</button>` :
			html`${!progress?.over && html`<button class="button main" type="button" disabled=${!n || n.count === 0} onClick=${run}>${go}</button>`}
			<button class="button" type="button" onClick=${close}>${progress ? 'Close' : 'Cancel'}</button>`}</div></${Dialog}>`;
}

// Replies that were missed lately, unless the filters ask for them already.
function Missed({ filter, open, shown, short }) {
	const from = filter.from ?? hoursAgo(24);
	const { text, id, ...plain } = filter;
	const query = { ...plain, from, replyState: 'expired,failed' };
	const missed = useLoad((signal) => get('/events/count', query, signal), [JSON.stringify(query), shown]);
	const count = missed.value?.count ?? 0;
	// they count as missed until they are sent again
	useChanges((what) => {
		if (count > 0 && what.includes('events'))
			missed.reload();
	}, { integration: filter.integration });
	if (count === 0)
		return null;
	return html`<${Note}><div class="row"><span class="grow">${`${plural(count, 'reply', 'replies')}${missed.value.capped ? ' and more' : ''} expired or failed ${
			filter.from ? 'meanwhile' : 'in the last 24 hours'}.`}</span>
		${!short && html`<a class="button" href=${href(['events'], query)}>Show them</a>`}
		<button class="button" type="button" onClick=${() => open('resend', bulkFilter(query))}>Resend replies…</button></div></${Note}>`;
}

export function Bulk({ filter, filtered, operator, shown, short, done }) {
	const [work, setWork] = useState(null);
	const chosen = bulkFilter(filter);
	const whole = !filter.text && !filter.id;
	const open = (verb, f = chosen) => setWork({ verb, filter: f });
	const counted = useLoad((signal) => filtered && whole ? get('/events/count', filter, signal) : null,
	    [JSON.stringify(filter), shown]);
	const count = counted.value?.count ?? 0;
	return html`${operator && !filter.replyState && !filter.id && html`<${Missed} filter=${filter} open=${open} shown=${shown} short=${short} />`}
		${filtered && whole && count > 0 && html`<div class="row tools"><span class="grow soft">${plural(count, 'event')}${counted.value.capped ? ' and more' : ''}</span>
			${operator && html`<button class="button" type="button" onClick=${() => open('resend')}>Resend replies…</button>
			<button class="button" type="button" onClick=${() => open('handle-again')}>Handle again…</button>`}</div>`}
		${work && html`<${Work} ...${work} close=${() => setWork(null)} done=${done} />`}`;
}
