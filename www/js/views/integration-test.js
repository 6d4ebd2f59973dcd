// A test event from the page, and its journey step by step.

import { html, useEffect, useState } from '../dom.js';
import { get, post } from '../api.js';
import { href } from '../router.js';
import { Failure } from '../ui/basic.js';
import { AreaField, Check } from '../ui/fields.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Journey } from './journey.js';

const sample = '{"summary":"This is a test event"}';

function TestJourney({ eventId, integration }) {
	const event = useLoad((signal) => get(`/events/${eventId}`, {}, signal), [eventId]);
	const finished = event.value?.finishedAt;
	useChanges((what) => what.includes('event') && event.reload(), { event: eventId });
	useEffect(() => {
		if (finished)
			return undefined;
		const timer = setInterval(event.reload, 1000);
		return () => clearInterval(timer);
	}, [finished]);
	return html`<${Failure} error=${event.error} retry=${event.reload} />
		${event.value && html`<section class="stack" aria-label="Journey of the test event">
			<div class="row"><p role="status">${finished ? 'The test has come to its end.' : 'The test is on its way.'}</p>
				<a class="push" href=${href(['events', eventId])}>Show the event</a></div>
			<${Journey} event=${event.value} integration=${integration} /></section>`}`;
}

export function TestForm({ integration }) {
	const [body, setBody] = useState(sample);
	const [automations, setAutomations] = useState(false);
	const [reply, setReply] = useState(true);
	const [eventId, setEventId] = useState(null);
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const send = async () => {
		setBusy(true);
		setError(null);
		try {
			const made = await post(`/integrations/${integration.key}/test`,
			    { body, contentType: 'application/json', runAutomations: automations, sendReply: reply });
			setEventId(made.eventId);
		} catch (problem) {
			setError(problem);
		}
		setBusy(false);
	};
	return html`<section class="stack" aria-label="Test"><h3>Send a test event</h3>
		<${AreaField} label="Body" value=${body} set=${setBody} wrong=${error?.fields?.body} />
		<${Check} label="Run automations" value=${automations} set=${setAutomations}
			help="Off: it is recorded as handled. On: what the automations do is done for real." />
		<${Check} label="Send reply" value=${reply} set=${setReply}
			help=${integration.replyUrl === '' ? 'There is no reply URL: nothing is sent.' : 'The reply says that it is a test.'} />
		<${Failure} error=${error} />
		<div><button class="button" type="button" disabled=${busy} onClick=${send}>Send test event</button></div>
		${eventId && html`<${TestJourney} key=${eventId} eventId=${eventId} integration=${integration} />`}</section>`;
}
