// The panel on the right half: a heading with its buttons, and a body.

import { html, useEffect, useRef } from '../dom.js';

export function Panel({ title, buttons, close, children }) {
	const heading = useRef(null);
	useEffect(() => heading.current.focus(), []);
	return html`<aside class="panel" aria-label=${title}>
		<header><h2 tabindex="-1" ref=${heading}>${title}</h2>${buttons}
			<button class="button" type="button" onClick=${close}>Close</button></header>
		<div class="inner">${children}</div></aside>`;
}

// tabs: [[name, words, address], ...]
export const Tabs = ({ tabs, current, label }) => html`<nav class="tabs" aria-label=${label}>
	${tabs.map(([name, words, to]) => html`<a href=${to} aria-current=${name === current ? 'page' : undefined}>${words}</a>`)}
</nav>`;
