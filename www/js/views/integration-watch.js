// Waiting for your sender: what arrives, live, refusals included, each with
// its fix in one click.

import { html, useState } from '../dom.js';
import { get, patch } from '../api.js';
import { href } from '../router.js';
import { eventState } from '../words.js';
import { Ago, Failure, State } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';

export function Refusal({ r, integration, fixed }) {
	const [error, setError] = useState(null);
	const fix = async () => {
		try {
			const now = await get(`/integrations/${r.integration.key}`);
			fixed(await patch(`/integrations/${r.integration.key}`, r.fix.change, now.etag));
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<li class="failed"><div class="line"><b class="loud">${r.status}</b>
		<span class="wrap">${r.reason}</span><${Ago} at=${r.lastAt} /></div>
		<p class="soft small">from ${r.source}, ${r.count} time${r.count === 1 ? '' : 's'}${r.lastPath && `, ${r.lastPath}`}</p>
		${r.fix && fixed && integration?.role === 'admin' && html`<button class="button" type="button" onClick=${fix}>${r.fix.words}</button>`}
		<${Failure} error=${error} /></li>`;
}

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
	return html`<section class="stack" aria-label="Waiting for your sender">
		<h3>${arrived.length > 0 ? 'Your sender has arrived' : 'Waiting for your sender'}</h3>
		${arrived.length + refused.length === 0 && html`<p class="soft">Whatever reaches the endpoint shows here at once,
			also what is refused.</p>`}
		<ul class="journey" aria-live="polite">
			${arrived.map((e) => html`<li class="ok" key=${e.eventId}><div class="line">
				<a href=${href(['events', e.eventId])}>${e.subject ?? e.eventId}</a>
				<${State} ...${eventState(e)} /><${Ago} at=${e.receivedAt} /></div></li>`)}
			${refused.map((r) => html`<${Refusal} key=${r.id} r=${r} integration=${integration} fixed=${changed} />`)}
		</ul></section>`;
}
