// The keyboard: / search, n new, j k move, Enter open, Esc close, ? help.

import { useEffect, useRef } from '../dom.js';

const typing = (e) => e.target.closest?.('input, textarea, select, [contenteditable]');

export function useKeys(handlers) {
	const latest = useRef(handlers);
	latest.current = handlers;
	useEffect(() => {
		const pressed = (e) => {
			if (e.ctrlKey || e.metaKey || e.altKey || e.defaultPrevented)
				return;
			if (document.querySelector('[aria-modal="true"]'))
				return;
			if (typing(e) && e.key !== 'Escape')
				return;
			const fn = latest.current[e.key];
			if (fn && fn(e) !== false)
				e.preventDefault();
		};
		document.addEventListener('keydown', pressed);
		return () => document.removeEventListener('keydown', pressed);
	}, []);
}

// j and k go through the links of a list.
export function moveInList(step) {
	const links = [...document.querySelectorAll('main .list .name')];
	if (links.length === 0)
		return false;
	const at = links.indexOf(document.activeElement);
	links[Math.max(0, Math.min(links.length - 1, at + step))].focus();
	return true;
}
