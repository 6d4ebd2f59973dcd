// Loading, and following what changes.

import { useCallback, useEffect, useRef, useState } from '../dom.js';
import { get } from '../api.js';

/*
 * { value, error, loading, reload, setValue } of load(signal), again whenever
 * a dependency changes.  A late answer of an earlier load is dropped, and what
 * was there stays until the new one is.
 */
export function useLoad(load, deps) {
	const [state, setState] = useState({ loading: true });
	const run = useRef(0);
	const reload = useCallback(async () => {
		const mine = ++run.current;
		const abort = new AbortController();
		setState((s) => ({ ...s, loading: true }));
		try {
			const value = await load(abort.signal);
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
			run.current++;
		};
	}, [reload]);
	const setValue = (value) => setState({ value, loading: false });
	return { ...state, reload, setValue };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

// Calls fn(changed) whenever something has: one long poll after the other.
export function useChanges(fn, query = {}) {
	const latest = useRef(fn);
	latest.current = fn;
	useEffect(() => {
		const abort = new AbortController();
		let cursor;
		const follow = async () => {
			while (!abort.signal.aborted) {
				const asked = performance.now();
				try {
					const answer = await get('/changes', { ...query, cursor, wait: cursor ? 25 : 0 }, abort.signal);
					if (cursor && answer.changed.length > 0)
						latest.current(answer.changed);
					cursor = answer.cursor;
					// however often things change, the page looks once a second
					await pause(asked + 1000 - performance.now());
				} catch {
					await pause(3000);
				}
			}
		};
		follow();
		return () => abort.abort();
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
