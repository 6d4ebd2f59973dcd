// The grants of a user or an API token: rows of role and team.

import { html } from '../dom.js';

// Teams between isolates, so that none turns what follows around.
export const grantWords = (grants) => grants.length === 0 ? 'none' :
    grants.map((g) => `${g.role} of ${g.team ? `\u2068${g.team}\u2069` : 'all integrations'}`).join(', ');

export function Grants({ grants, set, wrong = {} }) {
	const change = (n, more) => set(grants.map((g, i) => i === n ? { ...g, ...more } : g));
	const told = Object.entries(wrong).filter(([at]) => at.startsWith('grants')).map(([, words]) => words);
	return html`<fieldset class="field headers"><legend class="label">Roles</legend>
		${grants.map((g, n) => html`<div class="row header-row" key=${n}>
			<select class="input" aria-label=${`Role ${n + 1}`} onChange=${(e) => change(n, { role: e.target.value })}>
				${['viewer', 'operator', 'admin'].map((r) => html`<option value=${r} selected=${r === g.role}>${r}</option>`)}</select>
			<input class="input" value=${g.team ?? ''} placeholder="all integrations" aria-label=${`Team of role ${n + 1}`}
				onInput=${(e) => change(n, { team: e.target.value || null })} />
			<button class="button plain icon" type="button" aria-label=${`Remove role ${n + 1}`}
				onClick=${() => set(grants.filter((_, i) => i !== n))}>×</button></div>`)}
		<div><button class="button" type="button" onClick=${() => set([...grants, { role: 'viewer', team: null }])}>+ Add role</button></div>
		<p class="help">Viewers see journeys without bodies; operators see bodies, test, resend, pause; admins change settings.</p>
		${told.map((words) => html`<p class="wrong">${words}</p>`)}
	</fieldset>`;
}
