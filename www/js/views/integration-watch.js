// Waiting for your sender: what arrives, live, refusals included, each with
// its fix in one click.

import { html, useState } from '../dom.js';
import { get } from '../api.js';
import { href } from '../router.js';
import { cut, eventState, visible } from '../words.js';
import { Ago, Failure, State } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Refusal } from './refusal-list.js';

const Arrived = ({ e }) => html`<li class="ok"><div class="line">
	<a class="wrap" href=${href(['events', e.eventId])}><bdi>${e.subject ? visible(cut(e.subject, 200), null) : e.eventId}</bdi></a>
	<${State} ...${eventState(e)} />${e.test && html`<span class="soft">test event</span>`}
	<span class="when"><${Ago} at=${e.receivedAt} /></span></div></li>`;

export function Watch({ integration, changed }) {
	const [since] = useState(() => new Date(Date.now() - 60000).toISOString());
	const query = { integration: integration.key, from: since, limit: 10 };
	const events = useLoad((signal) => get('/events', query, signal), [integration.key]);
	const refusals = useLoad((signal) => get('/refusals', query, signal), [integration.key]);
	useChanges((what) => {
		if (what.includes('events'))
			events.reload();
		if (what.includes('refusals'))
			refusals.reload();
	}, { integration: integration.key });
	const arrived = events.value?.items ?? [];
	const refused = refusals.value?.items ?? [];
	const sent = arrived.some((e) => !e.test);
	const fixed = (now) => {
		refusals.reload();
		changed(now);
	};
	return html`<section class="stack" aria-label="Waiting for your sender">
		<h3>${sent ? 'Your sender has arrived' : 'Waiting for your sender'}</h3>
		${arrived.length + refused.length === 0 && html`<p class="soft">Whatever reaches the endpoint shows here at once,
			also what is refused.</p>`}
		<${Failure} error=${events.error ?? refusals.error} />
		<ul class="journey" aria-live="polite">
			${arrived.map((e) => html`<${Arrived} key=${e.eventId} e=${e} />`)}
			${refused.map((r) => html`<${Refusal} key=${r.id} r=${r} fixed=${integration.role === 'admin' ? fixed : null} />`)}
		</ul></section>`;
}
