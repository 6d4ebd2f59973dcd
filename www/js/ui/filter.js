// What one types to see less of a list: it is asked for after a pause of the
// typing, and follows the address.

import { html, useEffect, useRef, useState } from '../dom.js';

export function Filter({ value, set, label, placeholder = 'Filter' }) {
	const [typed, setTyped] = useState(value);
	const timer = useRef(null);
	const told = useRef(value);
	const tell = (v) => {
		clearTimeout(timer.current);
		told.current = v;
		if (v !== value)
			set(v);
	};
	useEffect(() => {
		if (value !== told.current) {
			told.current = value;
			setTyped(value);
		}
	}, [value]);
	useEffect(() => () => clearTimeout(timer.current), []);
	return html`<input class="input find" type="search" aria-label=${label} placeholder=${placeholder} value=${typed}
		maxlength="200" autocomplete="off" spellcheck=${false}
		onInput=${(e) => {
			const v = e.target.value;
			setTyped(v);
			clearTimeout(timer.current);
			timer.current = setTimeout(() => tell(v), 200);
		}}
		onKeyDown=${(e) => e.key === 'Enter' && tell(e.target.value)} />`;
}
