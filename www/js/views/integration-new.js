// New Integration: the form, and after Create what to do next.

import { html, useState } from '../dom.js';
import { call } from '../api.js';
import { dropGuard, go, href, useGuard } from '../router.js';
import { Code, Failure, Note } from '../ui/basic.js';
import { Panel } from '../ui/panel.js';
import { SettingsForm, blank, changesOf, useForm } from './integration-form.js';
import { Endpoint, Examples } from './integration-endpoint.js';
import { Watch } from './integration-watch.js';
import { EnableButton } from './integration-actions.js';
import { TestForm } from './integration-test.js';

const empty = { ...blank, token: '', generate: true };

function Created({ made, query, close, changed }) {
	const [integration, setIntegration] = useState(made);
	const enabled = (i) => {
		setIntegration({ ...i, token: made.token });
		changed();
	};
	return html`<${Panel} title=${integration.name} close=${close}
		buttons=${html`<a class="button" href=${href(['integrations', made.key], query)}>Properties</a>`}><div class="stack">
		<${Note}>Created. ${integration.enabled ? 'It is enabled.' : 'It is disabled: enable it when the sender is ready.'}</${Note}>
		${!integration.enabled && html`<${EnableButton} integration=${integration} done=${enabled} main=${true} />`}
		${made.token && html`<section class="stack"><h3>Platform token</h3>
			<${Code} text=${made.token} label="platform token" />
			<p class="warm">This is the only time it is shown. Keep it where the sender's secrets are kept.</p></section>`}
		<${Endpoint} integration=${integration} />
		<${Examples} integration=${integration} token=${made.token} />
		${integration.enabled && html`<${Watch} integration=${integration} changed=${enabled} />
			<${TestForm} integration=${integration} />`}
	</div></${Panel}>`;
}

export function NewIntegration({ system, query, close, changed }) {
	const { form, set, dirty } = useForm(empty);
	const [error, setError] = useState(null);
	const [made, setMade] = useState(null);
	const [busy, setBusy] = useState(false);
	useGuard(dirty && !made);
	const create = async (e) => {
		e?.preventDefault();
		setBusy(true);
		setError(null);
		const body = { name: form.name, externalSystem: system, ...changesOf(form, empty) };
		if (form.token !== '')
			body.token = form.token;
		else if (form.generate)
			body.generateToken = true;
		try {
			setMade(await call('POST', '/integrations', { body }));
			dropGuard();
			changed();
		} catch (problem) {
			setError(problem);
		}
		setBusy(false);
	};
	if (made)
		return html`<${Created} made=${made} query=${query} close=${close} changed=${changed} />`;
	return html`<${Panel} title="New Integration" close=${close}
		buttons=${html`<button class="button main" type="button" disabled=${busy} onClick=${create}>Create</button>`}>
		<form class="stack" onSubmit=${create}>
			<${Failure} error=${error} />
			<${SettingsForm} form=${form} set=${set} error=${error} system=${system} isNew=${true} />
			<div class="row"><button class="button main" disabled=${busy}>Create</button>
				<button class="button" type="button" onClick=${() => go(href(['integrations', 'new'], query))}>Back</button></div>
		</form></${Panel}>`;
}
