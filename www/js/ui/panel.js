// The panel on the right half: a heading with its buttons, and a body.

import { html, useEffect, useRef, useState } from '../dom.js';

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
	useEffect(() => heading.current.focus(), []);
	return html`<section class="panel" role=${alone ? 'main' : 'complementary'} aria-label=${label}>
		${alone && html`<h1 class="visually-hidden">ewa</h1>`}
		<header><h2 tabindex="-1" ref=${heading}>${title}</h2>${buttons}
			<button class="button" type="button" onClick=${close}>Close</button></header>
		<div class="inner">${children}</div></section>`;
}

// tabs: [[name, words, address], ...]
export const Tabs = ({ tabs, current, label }) => html`<nav class="tabs" aria-label=${label}>
	${tabs.map(([name, words, to]) => html`<a href=${to} aria-current=${name === current ? 'page' : undefined}>${words}</a>`)}
</nav>`;
