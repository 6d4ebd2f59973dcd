// Requests that were refused, each with its fix in one click where there is
// one.

import { html, useState } from '../dom.js';
import { get, patch } from '../api.js';
import { href } from '../router.js';
import { bytes, plural, visible } from '../words.js';
import { Ago, Empty, Failure, Note } from '../ui/basic.js';
import { useChanges, usePages } from '../ui/data.js';

const shows = [['', 'Accepted'], ['refused', 'Refused']];

// Accepted events, or the requests that were refused.
export const ShowChoice = ({ value, set }) => html`<div class="choice" role="group" aria-label="Show">
	${shows.map(([v, words]) => html`<button class="button" type="button" aria-pressed=${v === value ? 'true' : 'false'}
		onClick=${() => set(v)}>${words}</button>`)}</div>`;

function Fix({ r, fixed }) {
	const [error, setError] = useState(null);
	const [busy, setBusy] = useState(false);
	const fix = async () => {
		setBusy(true);
		setError(null);
		try {
			const now = await get(`/integrations/${r.integration.key}`);
			fixed(await patch(`/integrations/${r.integration.key}`, r.fix.change, now.etag));
		} catch (problem) {
			setError(problem);
		}
		setBusy(false);
	};
	return html`<button class="button" type="button" disabled=${busy} onClick=${fix}>${r.fix.words}</button>
		<${Failure} error=${error} />`;
}

// fixed(integration) is called when its fix was taken; null: no fix is offered.
export const Refusal = ({ r, fixed, named }) => html`<li class="failed">
	<div class="line"><b class="loud">${r.status}</b>
		${named && (r.integration ? html`<a class="wrap" href=${href(['integrations', r.integration.key])}><bdi>${r.integration.name}</bdi></a>` :
		html`<span class="soft">unknown key</span>`)}
		<span class="when"><${Ago} at=${r.lastAt} /></span></div>
	<p class="wrap"><bdi>${visible(r.reason, null)}</bdi></p>
	<p class="soft small wrap">${plural(r.count, 'time')} from <bdi>${r.source}</bdi>
		${r.count > 1 && html`, first <${Ago} at=${r.firstAt} />`}
		${r.lastBytes !== null && `, ${bytes(r.lastBytes)}`}${r.lastPath && html`, <bdi class="mono">${visible(r.lastPath, null)}</bdi>`}</p>
	${r.fix && r.integration && fixed && html`<div class="stack tight start"><${Fix} r=${r} fixed=${fixed} /></div>`}</li>`;

// integration: the one whose tab this is; without one, each tells its own.
export function RefusalList({ filter, integration, changed }) {
	const { integration: key, from } = filter;
	const list = usePages('/refusals', { integration: key, from });
	const [done, setDone] = useState(null);
	useChanges((what) => what.includes('refusals') && list.reload(), { integration: key });
	const fixed = (now) => {
		setDone(now);
		list.reload();
		changed?.(now);
	};
	const may = !integration || integration.role === 'admin';
	return html`<div class="stack"><${Failure} error=${list.error} retry=${list.reload} />
		${done && html`<${Note}>Changed: <bdi>${done.name}</bdi> takes such requests from now on. Ask the sender to send again.</${Note}>`}
		${list.value && list.items.length === 0 && html`<${Empty}><p>No request was refused${from && ' in this time'}.</p>
			<p>What senders get wrong (token, body, size) is counted here, with what to do.</p></${Empty}>`}
		${list.items.length > 0 && html`<ul class="journey card apart">${list.items.map((r) => html`<${Refusal} key=${r.id} r=${r}
			named=${!integration} fixed=${may ? fixed : null} />`)}</ul>`}
		${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show older</button></div>`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}</div>`;
}
