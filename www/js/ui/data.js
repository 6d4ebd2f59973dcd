// Loading, and following what changes.

import { useCallback, useEffect, useRef, useState } from '../dom.js';
import { get } from '../api.js';

/*
 * { value, error, loading, reload, setValue } of load(signal), again whenever
 * a dependency changes.  An earlier load that is still on its way is given up,
 * and what was there stays until the new one is.
 */
export function useLoad(load, deps) {
	const [state, setState] = useState({ loading: true });
	const run = useRef(null);
	const reload = useCallback(async () => {
		run.current?.abort();
		const mine = new AbortController();
		run.current = mine;
		setState((s) => ({ ...s, loading: true }));
		try {
			const value = await load(mine.signal);
			if (mine === run.current)
				setState({ value, loading: false });
		} catch (error) {
			if (mine === run.current)
				setState((s) => ({ ...s, error, loading: false }));
		}
	}, deps);
	useEffect(() => {
		reload();
		return () => {
			run.current?.abort();
			run.current = null;
		};
	}, [reload]);
	const setValue = (value) => setState({ value, loading: false });
	return { ...state, reload, setValue };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

// Nobody looks at a hidden page: it asks again when it is seen.
const seen = () => document.hidden ? new Promise((resolve) =>
	document.addEventListener('visibilitychange', resolve, { once: true })) : null;

/*
 * One long poll for the whole page, whoever follows: browsers open only a few
 * connections to a server.  It asks for what all of them want to know.
 */
const followers = new Set();
let poll = null; // { key, abort }

function wanted() {
	const all = [...followers].map((f) => f.query);
	const integrations = new Set(all.map((q) => q.integration ?? ''));
	return {
		event: all.map((q) => q.event).filter(Boolean).at(-1),
		integration: integrations.size === 1 ? [...integrations][0] : undefined,
	};
}

const tell = (changed) => followers.forEach((f) => f.fn.current(changed));

async function follow(query, signal) {
	let cursor;
	while (!signal.aborted) {
		const asked = performance.now();
		try {
			const answer = await get('/changes', { ...query, cursor, wait: cursor ? 25 : 0 }, signal);
			if (signal.aborted)
				return;
			// what changed between the first look and the first cursor
			// is in no answer: everybody looks once more
			if (!cursor)
				tell(['events', 'refusals', 'event']);
			else if (answer.changed.length > 0)
				tell(answer.changed);
			cursor = answer.cursor;
			// however often things change, the page looks once a second
			await pause(asked + 1000 - performance.now());
		} catch {
			await pause(3000);
		}
		await seen();
	}
}

// Begins anew where the followers want something else than before.
function arrange() {
	const query = wanted();
	const key = followers.size > 0 ? JSON.stringify(query) : null;
	if (key === (poll?.key ?? null))
		return;
	poll?.abort.abort();
	poll = key && { key, abort: new AbortController() };
	if (poll)
		follow(query, poll.abort.signal);
}

// Calls fn(changed) whenever something has; changed is a list of the API's
// words: integrations, events, refusals, event (the one of the query).
export function useChanges(fn, query = {}) {
	const latest = useRef(fn);
	latest.current = fn;
	useEffect(() => {
		const me = { fn: latest, query };
		followers.add(me);
		// views come and go together: what they want is put together once
		const timer = setTimeout(arrange, 0);
		return () => {
			clearTimeout(timer);
			followers.delete(me);
			setTimeout(arrange, 0);
		};
	}, [JSON.stringify(query)]);
}

// A list that grows by pages: { items, next, more, error, loading, reload }.
export function usePages(path, query, limit = 50) {
	const key = JSON.stringify(query);
	const first = useLoad((signal) => get(path, { ...query, limit }, signal), [path, key]);
	const [rest, setRest] = useState({ of: null, items: [], next: null });
	const mine = rest.of === first.value ? rest : { items: [], next: first.value?.next };
	const more = async () => {
		const page = await get(path, { ...query, limit, cursor: mine.next });
		setRest({ of: first.value, items: [...mine.items, ...page.items], next: page.next });
	};
	return {
		...first,
		items: [...(first.value?.items ?? []), ...mine.items],
		next: mine.next,
		more,
	};
}

// A value of the browser's that is kept: the theme and the like.
export function useStored(name, initial) {
	const [value, setValue] = useState(() => localStorage.getItem(`ewa.${name}`) ?? initial);
	const set = (v) => {
		localStorage.setItem(`ewa.${name}`, v);
		setValue(v);
	};
	return [value, set];
}
