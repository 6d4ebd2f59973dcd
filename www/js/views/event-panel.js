// One event: what became of it, its journey, its parts.

import { html, useEffect, useState } from '../dom.js';
import { get, post } from '../api.js';
import { go, href } from '../router.js';
import { absolute, cut, eventState, span, utc, visible } from '../words.js';
import { Copy, Failure, Note, State } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Panel } from '../ui/panel.js';
import { Parts } from './event-body.js';
import { Journey } from './journey.js';

const TITLE = 140;

const offset = (e, at) => span(Math.max(0, Date.parse(at) - Date.parse(e.receivedAt)));

// The times that matter, in one line.
function times(e) {
	const all = [];
	if (e.handledAt)
		all.push(`handled after ${offset(e, e.handledAt)}`);
	if (e.replyState === 'sent' && e.finishedAt)
		all.push(`replied after ${offset(e, e.finishedAt)}`);
	return all.join(', ');
}

function Facts({ e }) {
	return html`<dl class="pairs">
		<dt>State</dt><dd><${State} ...${eventState(e)} />${e.test && html` <span class="soft">(test event)</span>`}
			${e.reason && html`<p class="loud"><bdi>${visible(e.reason)}</bdi></p>`}</dd>
		<dt>Integration</dt><dd><a href=${href(['integrations', e.integration.key])}><bdi>${e.integration.name}</bdi></a></dd>
		<dt>Received</dt><dd>${absolute(e.receivedAt)} <span class="soft small nowrap">${utc(e.receivedAt)}</span>
			${times(e) && html`<p class="soft">${times(e)}</p>`}</dd>
		${e.deadline && html`<dt>Deadline</dt><dd>${absolute(e.deadline)}</dd>`}
		${e.contentType && html`<dt>Content type</dt><dd class="mono"><bdi>${visible(e.contentType, null)}</bdi></dd>`}
		${e.malformed && html`<dt>Kept as text</dt><dd><bdi>${visible(e.malformed)}</bdi></dd>`}
		${e.replayOf && html`<dt>Made from</dt><dd class="mono"><a href=${href(['events', e.replayOf])}>${e.replayOf}</a></dd>`}
		${e.requestId && html`<dt>Request id</dt><dd class="mono"><bdi>${visible(e.requestId, null)}</bdi></dd>`}
		<dt>Event ID</dt><dd class="row"><span class="mono wrap">${e.eventId}</span><${Copy} text=${e.eventId} label="Copy the Event ID" /></dd>
	</dl>`;
}

// Whether it can go on is its integration's business.
function useIntegration(e) {
	const unfinished = e && (!e.finishedAt || e.nextAttemptAt);
	const load = useLoad((signal) => unfinished ? get(`/integrations/${e.integration.key}`, {}, signal) : null, [e?.integration.key, Boolean(unfinished)]);
	useChanges((what) => unfinished && what.includes('integrations') && load.reload());
	return load.value;
}

function useVerbs(id, query, reload) {
	const [error, setError] = useState(null);
	const [said, setSaid] = useState(null);
	const [busy, setBusy] = useState(false);
	const act = (verb) => async () => {
		setError(null);
		setBusy(true);
		try {
			const made = await post(`/events/${id}/${verb}`);
			if (made.eventId === id) {
				setSaid('The reply is sent again: see the end of the journey.');
				reload();
			} else {
				go(href(['events', made.eventId], query));
			}
		} catch (problem) {
			setError(problem);
		}
		setBusy(false);
	};
	return { act, error, said, busy };
}

export function EventPanel({ id, close, query }) {
	const event = useLoad((signal) => get(`/events/${id}`, {}, signal), [id]);
	const e = event.value;
	const { act, error, said, busy } = useVerbs(id, query, event.reload);
	const integration = useIntegration(e);
	useChanges((what) => what.includes('event') && event.reload(), { event: id });
	const open = e && (!e.finishedAt || e.nextAttemptAt);
	useEffect(() => {
		if (!open)
			return undefined;
		const timer = setInterval(event.reload, 3000);
		return () => clearInterval(timer);
	}, [open]);
	const may = e && e.role !== 'viewer';
	const subject = e?.subject ? visible(e.subject, null) : null;
	return html`<${Panel} title=${subject ? html`<bdi>${cut(subject, TITLE)}</bdi>` : 'Event'} label="Event" close=${close} buttons=${may && html`
		<button class="button" type="button" disabled=${busy || open} onClick=${act('resend')}>Resend reply</button>
		<button class="button" type="button" disabled=${busy} onClick=${act('handle-again')}>Handle again</button>`}>
		<div class="stack"><${Failure} error=${error ?? event.error} retry=${event.error && event.reload} />
		${said && html`<${Note}>${said}</${Note}>`}
		${e && html`<${Facts} e=${e} />
			${subject?.length > TITLE && html`<div class="code"><pre tabindex="0" role="region" aria-label="subject">${subject}</pre></div>`}
			<section class="stack" aria-label="Journey"><h3>Journey</h3><${Journey} event=${e} integration=${integration} /></section>
			<${Parts} e=${e} />`}
		${!e && event.loading && html`<p class="loading">Loading</p>`}</div></${Panel}>`;
}
