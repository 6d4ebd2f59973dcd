// The page: who is signed in, the frame, and which view the address means.

import { html, render, useEffect, useState } from './dom.js';
import { call, get, onSignedOut, signedIn } from './api.js';
import { go, href, useRoute } from './router.js';
import { Frame } from './frame.js';
import { SignIn } from './views/sign-in.js';
import { Integrations } from './views/integrations.js';
import { Events } from './views/events.js';
import { Overview } from './views/overview.js';
import { Users } from './views/users.js';
import { Tokens } from './views/tokens.js';
import { Audit } from './views/audit.js';
import { Empty } from './ui/basic.js';

const views = {
	integrations: { view: Integrations, crumbs: ['Administration', 'Settings', 'Integrations'] },
	events: { view: Events, crumbs: ['Events'] },
	overview: { view: Overview, crumbs: ['Overview'] },
	users: { view: Users, crumbs: ['Administration', 'Settings', 'Users'] },
	tokens: { view: Tokens, crumbs: ['Administration', 'Settings', 'API tokens'] },
	audit: { view: Audit, crumbs: ['Administration', 'Audit'] },
};

const Nothing = () => html`<main><div class="head"><h1>Nothing here</h1></div><${Empty}><p>There is nothing at this address.</p>
	<a class="button" href=${href(['integrations'])}>Go to Integrations</a></${Empty}></main>`;

function App() {
	const route = useRoute();
	const [session, setSession] = useState(null);
	const [asked, setAsked] = useState(false);

	useEffect(() => onSignedOut(setAsked), []);
	useEffect(() => {
		get('/session').then(setSession).catch(() => setAsked(true));
	}, []);
	useEffect(() => {
		if (route.parts.length === 0)
			go(href(['integrations']), { replace: true });
	}, [route.href]);

	const entered = (s) => {
		setSession(s);
		signedIn();
	};
	const leave = async () => {
		await call('DELETE', '/session').catch(() => {});
		setSession(null);
		setAsked(true);
	};
	const known = views[route.parts[0] ?? 'integrations'];
	const View = known?.view ?? Nothing;
	return html`
		${session && html`<${Frame} session=${session} crumbs=${known?.crumbs ?? []} route=${route} leave=${leave}>
			<${View} route=${route} session=${session} /></${Frame}>`}
		${!session && !asked && html`<p class="loading">Loading</p>`}
		${asked && html`<${SignIn} again=${session} entered=${entered} />`}`;
}

render(html`<${App} />`, document.getElementById('app'));
