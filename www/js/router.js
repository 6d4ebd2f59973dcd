// Addresses: everything behind the "#".  Back, forward and reload work, and a
// view with unsaved changes is asked before it is left.

import { useEffect, useLayoutEffect, useState } from './dom.js';

let guard = null;
let shown = location.hash;

const place = (hash) => hash.replace(/^#/, '').split('?')[0];

function parse(hash) {
	const [path, query = ''] = hash.replace(/^#/, '').split('?');
	return {
		parts: path.split('/').filter(Boolean).map(decodeURIComponent),
		query: Object.fromEntries(new URLSearchParams(query)),
		href: hash,
	};
}

export function href(parts, query = {}) {
	const q = new URLSearchParams(Object.entries(query)
	    .filter(([, v]) => v !== undefined && v !== null && v !== '')).toString();
	return `#/${parts.map(encodeURIComponent).join('/')}${q ? `?${q}` : ''}`;
}

export function go(to, { replace = false } = {}) {
	if (to === location.hash)
		return;
	if (replace)
		location.replace(to);
	else
		location.hash = to;
}

// While there is something unsaved, leaving the place is asked about; other
// filters of it are not.  At once, not after the next painting: a key may come
// before that.
export function useGuard(dirty) {
	useLayoutEffect(() => {
		if (!dirty)
			return undefined;
		const fn = () => confirm('There are changes that are not saved. Leave them?');
		const unload = (e) => e.preventDefault();
		guard = fn;
		addEventListener('beforeunload', unload);
		return () => {
			if (guard === fn)
				guard = null;
			removeEventListener('beforeunload', unload);
		};
	}, [dirty]);
}

// Saved: the next change of the address is not asked about.
export function dropGuard() {
	guard = null;
}

export function useRoute() {
	const [route, setRoute] = useState(() => parse(location.hash));
	useEffect(() => {
		const changed = () => {
			if (location.hash === shown)
				return;
			if (place(location.hash) !== place(shown)) {
				if (guard && !guard()) {
					history.pushState(null, '', shown || '#/');
					return;
				}
				guard = null;
			}
			shown = location.hash;
			setRoute(parse(shown));
		};
		addEventListener('hashchange', changed);
		return () => removeEventListener('hashchange', changed);
	}, []);
	return route;
}
