// A table of events, a page at a time.  New ones announce themselves instead
// of moving what is being read; what is shown follows what becomes of it.

import { html, useEffect, useState } from '../dom.js';
import { get } from '../api.js';
import { href } from '../router.js';
import { bytes, cut, eventState, number, plural, visible } from '../words.js';
import { Ago, Empty, Failure, State } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Bulk } from './event-bulk.js';

const PAGE = 50;
const LOOK = 200; // as many as one answer holds

const movedOn = { tone: 'none', word: 'has moved on' };

function Row({ e, selected, query, short }) {
	return html`<tr aria-selected=${selected ? 'true' : undefined}>
		<td><a class="name clamp" href=${href(['events', e.eventId], query)}><bdi>${e.subject ? visible(cut(e.subject, 300), null) :
				html`<span class="mono">${e.eventId}</span>`}</bdi></a>
			${(e.test || e.replayOf) && html`<span class="sub soft">${[e.test && 'test event', e.replayOf && 'handled again'].filter(Boolean).join(', ')}</span>`}
			${!short && html`<span class="sub soft only-narrow"><bdi>${e.integration.name}</bdi></span>`}
			<span class="sub only-small"><${State} ...${e.gone ? movedOn : eventState(e)} /></span>
			${e.reason && html`<span class="sub loud clamp"><bdi>${visible(e.reason, null)}</bdi></span>`}</td>
		<td class="state-cell"><${State} ...${e.gone ? movedOn : eventState(e)} /></td>
		${!short && html`<td class="not-narrow"><a class="clamp" href=${href(['integrations', e.integration.key])}><bdi>${e.integration.name}</bdi></a></td>`}
		<td class="nowrap"><${Ago} at=${e.receivedAt} /></td>
		<td class="num nowrap not-narrow">${bytes(e.bodyBytes)}</td>
		<td class="num not-narrow">${e.attempts}</td>
	</tr>`;
}

// A search of bodies that found nothing may have ended early, by their size:
// it goes on once, so that the end is known for an end.
const SEARCHED = 10000;

async function readPage(query, signal) {
	const page = await get('/events', { ...query, limit: PAGE }, signal);
	if (page.items.length > 0 || !page.next || page.searched >= SEARCHED)
		return page;
	const rest = await get('/events', { ...query, limit: PAGE, cursor: page.next }, signal);
	return { ...rest, searched: page.searched + rest.searched };
}

/*
 * { ...the page, items, fresh }: `fresh` events have come since the newest page
 * was read.  Its rows are looked up again whenever something changes; one that
 * no longer fits the filters stays where it is, and says so.
 */
function useEvents(filter, at) {
	const key = JSON.stringify([filter, at]);
	const page = useLoad((signal) => readPage({ ...filter, cursor: at }, signal), [key]);
	const [live, setLive] = useState({ of: null, fresh: 0, now: new Map() });
	useChanges(async (what) => {
		const was = page.value;
		if (!what.includes('events') || !was)
			return;
		if (at || was.items.length === 0) {
			if (!filter.text || !at)
				page.reload();
			return;
		}
		// bodies are looked through for new events only
		const look = await get('/events', { ...filter, limit: LOOK, cursor: filter.text && was.previous }).catch(() => null);
		if (!look)
			return;
		const now = new Map(look.items.map((e) => [e.eventId, e]));
		const shown = new Set(was.items.map((e) => e.eventId));
		const oldest = filter.text ? null : look.items.at(-1)?.eventId ?? '';
		for (const e of was.items)
			if (oldest !== null && !now.has(e.eventId) && (e.eventId > oldest || look.next === null))
				now.set(e.eventId, { ...e, gone: true });
		setLive({ of: was, now, fresh: look.items.filter((e) => !shown.has(e.eventId) && e.eventId > was.items.at(-1).eventId).length });
	}, { integration: filter.integration });
	const mine = live.of === page.value ? live : { fresh: 0, now: new Map() };
	return {
		...page,
		fresh: mine.fresh,
		items: (page.value?.items ?? []).map((e) => mine.now.get(e.eventId) ?? e),
	};
}

// Newer and older; a newer page that is not full is the newest.
function Turn({ list, at, turn }) {
	const [busy, setBusy] = useState(false);
	if (!list.value || (!at && !list.value.next))
		return null;
	const newer = async () => {
		setBusy(true);
		const probe = await get('/events', { ...list.filter, cursor: list.value.previous, limit: PAGE }).catch(() => null);
		setBusy(false);
		turn(probe && probe.items.length === PAGE ? list.value.previous : undefined);
	};
	return html`<nav class="turn" aria-label="Pages">
		<button class="button" type="button" disabled=${!at} onClick=${() => turn(undefined)}>Newest</button>
		<button class="button" type="button" disabled=${!at || busy} onClick=${newer}>← Newer</button>
		<button class="button" type="button" disabled=${!list.value.next} onClick=${() => turn(list.value.next)}>Older →</button></nav>`;
}

function Nothing({ list, filtered, at, turn, clear }) {
	const { searched, next } = list.value;
	if (!filtered && !at)
		return html`<${Empty}><p>No event has arrived yet.</p>
			<p>Senders post to the endpoint of an integration; what they send shows here at once.</p>
			<a class="button" href=${href(['integrations'])}>Go to Integrations</a></${Empty}>`;
	return html`<${Empty}><p>No event matches${next ? ' so far' : ''}.${searched > 0 ? ` ${plural(searched, 'event')} looked at.` : ''}</p>
		<div class="row">${next && html`<button class="button main" type="button" onClick=${() => turn(next)}>Look at older ones</button>`}
			${clear && filtered && html`<button class="button" type="button" onClick=${clear}>Clear filters</button>`}</div></${Empty}>`;
}

export function EventTable({ filter, selected, short, operator, at, turn, clear }) {
	const query = Object.fromEntries(Object.entries(filter).filter(([, v]) => v));
	const list = useEvents(query, at);
	const filtered = Object.keys(query).length > (short ? 1 : 0);
	const reload = () => {
		list.reload();
		document.querySelector('main')?.scrollIntoView();
	};
	useEffect(() => {
		if (at)
			scrollTo(0, 0);
	}, [at]);
	return html`<div class="stack">
		<${Bulk} filter=${query} filtered=${filtered} operator=${operator} shown=${list.value} short=${short} done=${list.reload} />
		<${Failure} error=${list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Nothing} list=${list} filtered=${filtered} at=${at} turn=${turn} clear=${clear} />`}
		<div><div class="fresh" aria-live="polite">${list.fresh > 0 && html`<button class="button main" type="button" onClick=${reload}>
			${list.fresh >= LOOK ? `${number(LOOK, true)} new events` : plural(list.fresh, 'new event')}</button>`}</div>
		${list.items.length > 0 && html`<div class="table-scroll events" tabindex="0" role="region" aria-label="Events"
				aria-busy=${list.loading ? 'true' : undefined}><table class="list">
			<thead><tr><th scope="col">Event</th><th scope="col" class="state-cell">State</th>${!short && html`<th scope="col" class="not-narrow">Integration</th>`}
				<th scope="col">Received</th><th scope="col" class="num not-narrow">Body</th><th scope="col" class="num not-narrow">Attempts</th></tr></thead>
			<tbody>${list.items.map((e) => html`<${Row} key=${e.eventId} e=${e} selected=${e.eventId === selected}
				query=${short ? {} : { ...query, at }} short=${short} />`)}
			</tbody></table></div>`}</div>
		<${Turn} list=${{ ...list, filter: query }} at=${at} turn=${turn} />
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}
	</div>`;
}
