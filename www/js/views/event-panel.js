// One event: its journey, body, headers, the reply's document.

import { html, useEffect, useState } from '../dom.js';
import { get, post, text } from '../api.js';
import { go, href } from '../router.js';
import { absolute, ago, eventState, span, utc } from '../words.js';
import { Ago, Code, Copy, Failure, Note, State } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Panel } from '../ui/panel.js';
import { Journey } from './journey.js';

function Facts({ e }) {
	const since = (at) => at && `+${span(Date.parse(at) - Date.parse(e.receivedAt))}`;
	const replied = e.replyState === 'sent' ? since(e.finishedAt) : null;
	return html`<dl class="pairs">
		<dt>State</dt><dd><${State} ...${eventState(e)} />${e.reason && html` <span class="loud">${e.reason}</span>`}</dd>
		<dt>Integration</dt><dd><a href=${href(['integrations', e.integration.key])}>${e.integration.name}</a></dd>
		<dt>Received</dt><dd>${absolute(e.receivedAt)} <span class="soft small">${utc(e.receivedAt)}</span></dd>
		${e.handledAt && html`<dt>Handled</dt><dd>${since(e.handledAt)}${replied && `, replied ${replied}`}</dd>`}
		${e.deadline && !e.finishedAt && html`<dt>Deadline</dt><dd>${ago(e.deadline)}</dd>`}
		${e.malformed && html`<dt>Kept as text</dt><dd>${e.malformed}</dd>`}
		${e.replayOf && html`<dt>Made from</dt><dd><a href=${href(['events', e.replayOf])}>${e.replayOf}</a></dd>`}
		${e.requestId && html`<dt>Request id</dt><dd>${e.requestId}</dd>`}
	</dl>`;
}

function Bytes({ path, label }) {
	const body = useLoad(() => text(path), [path]);
	if (body.error)
		return html`<p class="soft">${body.error.message}</p>`;
	return body.value === undefined ? html`<p class="loading">Loading</p>` : html`<${Code} text=${body.value} label=${label} />`;
}

const Headers = ({ headers }) => html`<dl class="pairs mono">${Object.entries(headers).map(([n, v]) =>
	html`<dt>${n}</dt><dd><bdi>${v}</bdi></dd>`)}</dl>`;

function Parts({ e }) {
	const names = e.role === 'viewer' ? ['Outcome'] : ['Body', 'Headers', 'Reply sent', 'Outcome'];
	const [part, setPart] = useState(names[0]);
	const outcomes = e.journey.filter((s) => s.kind === 'outcome');
	return html`<section class="stack"><div class="tabs" role="group" aria-label="Parts of the event">
		${names.map((n) => html`<button class="button plain" type="button" aria-pressed=${n === part ? 'true' : 'false'}
			onClick=${() => setPart(n)}>${n}</button>`)}</div>
		${part === 'Body' && (e.kind === 'binary' ? html`<p><a class="button" href=${`/api/events/${e.eventId}/body`} download>
			Download ${e.bodyBytes} bytes</a></p>` : html`<${Bytes} path=${`/events/${e.eventId}/body`} label="body" />`)}
		${part === 'Headers' && e.headers && html`<${Headers} headers=${e.headers} />`}
		${part === 'Reply sent' && html`<${Bytes} path=${`/events/${e.eventId}/reply`} label="reply" />`}
		${part === 'Outcome' && (outcomes.length === 0 ? html`<p class="soft">Not finished yet.</p>` :
			outcomes.map((o) => html`<p>${o.outcome}, reply ${o.replyState} <${Ago} at=${o.at} /></p>`))}
	</section>`;
}

export function EventPanel({ id, close, query }) {
	const event = useLoad((signal) => get(`/events/${id}`, {}, signal), [id]);
	const [error, setError] = useState(null);
	const [said, setSaid] = useState(null);
	const e = event.value;
	useChanges((what) => what.includes('event') && event.reload(), { event: id });
	useEffect(() => {
		if (!e || e.finishedAt)
			return undefined;
		const timer = setInterval(event.reload, 2000);
		return () => clearInterval(timer);
	}, [e?.finishedAt, !e]);
	const act = (verb) => async () => {
		setError(null);
		try {
			const made = await post(`/events/${id}/${verb}`);
			if (made.eventId === id) {
				setSaid('The reply is sent again.');
				event.reload();
			} else {
				go(href(['events', made.eventId], query));
			}
		} catch (problem) {
			setError(problem);
		}
	};
	const may = e && e.role !== 'viewer';
	return html`<${Panel} title=${e?.subject ?? 'Event'} close=${close} buttons=${may && html`
		<button class="button" type="button" onClick=${act('resend')}>Resend reply</button>
		<button class="button" type="button" onClick=${act('handle-again')}>Handle again</button>`}>
		<div class="stack"><div class="row mono"><span class="wrap">${id}</span><${Copy} text=${id} label="Copy the Event ID" /></div>
		<${Failure} error=${error ?? event.error} retry=${event.error && event.reload} />
		${said && html`<${Note}>${said}</${Note}>`}
		${e && html`<${Facts} e=${e} /><${Journey} event=${e} /><${Parts} e=${e} />`}
		${!e && event.loading && html`<p class="loading">Loading</p>`}</div></${Panel}>`;
}
