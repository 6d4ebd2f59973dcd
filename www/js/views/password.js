// Change one's own password.

import { html, useState } from '../dom.js';
import { post } from '../api.js';
import { Dialog, Failure, Note } from '../ui/basic.js';
import { TextField } from '../ui/fields.js';

export function PasswordDialog({ close }) {
	const [current, setCurrent] = useState('');
	const [next, setNext] = useState('');
	const [error, setError] = useState(null);
	const [done, setDone] = useState(false);
	const submit = async (e) => {
		e.preventDefault();
		setError(null);
		try {
			await post('/session/password', { currentPassword: current, newPassword: next });
			setDone(true);
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<${Dialog} title="Change password" onClose=${close}>
		${done ? html`<${Note}>The password is changed. Your other sessions have ended.</${Note}>
			<button class="button main" type="button" onClick=${close}>Close</button>` :
		html`<form class="stack" onSubmit=${submit}>
			<${Failure} error=${error} />
			<${TextField} label="Current password" type="password" autocomplete="current-password"
				value=${current} set=${setCurrent} wrong=${error?.fields?.currentPassword} />
			<${TextField} label="New password" type="password" autocomplete="new-password" value=${next} set=${setNext}
				help="At least 12 characters, not your name." wrong=${error?.fields?.newPassword} />
			<div class="row"><button class="button main" disabled=${current === '' || next === ''}>Change</button>
				<button class="button" type="button" onClick=${close}>Cancel</button></div>
		</form>`}</${Dialog}>`;
}
