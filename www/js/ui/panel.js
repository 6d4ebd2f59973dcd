// The panel on the right half: a heading with its buttons, and a body.

import { html, useEffect, useLayoutEffect, useRef, useState } from '../dom.js';

// Where the page is narrow the panel stands alone (css/frame.css).
const narrow = matchMedia('(max-width: 900px)');

function useNarrow() {
	const [is, setIs] = useState(narrow.matches);
	useEffect(() => {
		const changed = () => setIs(narrow.matches);
		narrow.addEventListener('change', changed);
		return () => narrow.removeEventListener('change', changed);
	}, []);
	return is;
}

// label: its name where the title is more than words.
export function Panel({ title, label = title, buttons, close, children }) {
	const heading = useRef(null);
	const alone = useNarrow();
	useLayoutEffect(() => heading.current.focus(), []);
	return html`<section class="panel" role=${alone ? 'main' : 'complementary'} aria-label=${label}>
		${alone && html`<h1 class="visually-hidden">ewa</h1>`}
		<header><div class="top"><h2 tabindex="-1" ref=${heading}><bdi>${title}</bdi></h2>
				<button class="button" type="button" onClick=${close}>Close</button></div>
			${buttons && html`<div class="row">${buttons}</div>`}</header>
		<div class="inner">${children}</div></section>`;
}

/*
 * Closing a panel gives the focus back to what opened it, or else to the
 * element that `fallback` selects.  Call the function that it returns when
 * what opened it goes away too.
 */
export function useReturn(open, fallback) {
	const opener = useRef(null);
	const was = useRef(false);
	if (open && !was.current)
		opener.current = document.activeElement;
	useLayoutEffect(() => {
		if (!open && was.current) {
			const { current } = opener;
			const there = current?.isConnected && current !== document.body && !current.closest('.menu');
			(there ? current : document.querySelector(fallback))?.focus();
		}
		was.current = open;
	}, [open]);
	return () => {
		opener.current = null;
	};
}

// tabs: [[name, words, address], ...]
export const Tabs = ({ tabs, current, label }) => html`<nav class="tabs" aria-label=${label}>
	${tabs.map(([name, words, to]) => html`<a href=${to} aria-current=${name === current ? 'page' : undefined}>${words}</a>`)}
</nav>`;
