// Sign in; over the view that is there when a session has ended in between.

import { html, useState } from '../dom.js';
import { call } from '../api.js';
import { Dialog, Failure } from '../ui/basic.js';
import { TextField } from '../ui/fields.js';

export function SignIn({ again, entered }) {
	const [name, setName] = useState(again?.name ?? '');
	const [password, setPassword] = useState('');
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState(null);
	const submit = async (e) => {
		e.preventDefault();
		setBusy(true);
		setError(null);
		try {
			entered(await call('POST', '/session', { body: { name, password }, signingIn: true }));
		} catch (problem) {
			setError(problem);
			setBusy(false);
		}
	};
	return html`<${Dialog} title=${again ? 'Sign in again' : 'Sign in to ewa'}>
		${again && html`<p class="soft">Your session has ended. What you typed is kept.</p>`}
		<form class="stack" onSubmit=${submit}>
			<${Failure} error=${error} />
			<${TextField} label="Name" name="username" autocomplete="username" value=${name} set=${setName} />
			<${TextField} label="Password" type="password" name="password" first=${again !== null} autocomplete="current-password"
				value=${password} set=${setPassword} />
			<button class="button main" disabled=${busy || name === '' || password === ''}>
				${busy ? 'Signing in' : 'Sign in'}</button>
		</form></${Dialog}>`;
}
