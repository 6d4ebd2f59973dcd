// API tokens of programs.

import { html, useState } from '../dom.js';
import { call, remove } from '../api.js';
import { go, href } from '../router.js';
import { Ago, Code, Empty, Failure } from '../ui/basic.js';
import { usePages } from '../ui/data.js';
import { SelectField, TextField } from '../ui/fields.js';
import { useKeys } from '../ui/keys.js';
import { Panel } from '../ui/panel.js';
import { Grants, grantWords } from './grants.js';

function NewToken({ close, changed }) {
	const [name, setName] = useState('');
	const [days, setDays] = useState('90');
	const [grants, setGrants] = useState([{ role: 'viewer', team: null }]);
	const [error, setError] = useState(null);
	const [made, setMade] = useState(null);
	const create = async (e) => {
		e.preventDefault();
		setError(null);
		const expiresAt = days ? new Date(Date.now() + Number(days) * 86400000).toISOString() : null;
		try {
			setMade(await call('POST', '/tokens', { body: { name, grants, expiresAt } }));
			changed();
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<${Panel} title="New API token" close=${close}>
		${made ? html`<div class="stack"><${Code} text=${made.token} label="API token" />
			<p class="warm">This is the only time it is shown.</p></div>` :
		html`<form class="stack" onSubmit=${create}><${Failure} error=${error} />
			<${TextField} label="Name" required=${true} value=${name} set=${setName} wrong=${error?.fields?.name}
				help="What the audit calls it." />
			<${SelectField} label="Valid for" value=${days} set=${setDays}
				options=${[['30', '30 days'], ['90', '90 days'], ['365', '1 year'], ['', 'no end']]} />
			<${Grants} grants=${grants} set=${setGrants} />
			<div><button class="button main" disabled=${name === ''}>Create</button></div></form>`}</${Panel}>`;
}

export function Tokens({ route }) {
	const list = usePages('/tokens', {});
	const [error, setError] = useState(null);
	const isNew = route.parts[1] === 'new';
	const close = () => go(href(['tokens']));
	const openNew = () => go(href(['tokens', 'new']));
	useKeys({ n: openNew, Escape: () => isNew ? close() : false });
	const revoke = async (t) => {
		if (!confirm(`Revoke ${t.name}? Programs that use it are refused at once.`))
			return;
		await remove(`/tokens/${t.id}`).then(list.reload, setError);
	};
	return html`<div class=${isNew ? 'split open' : 'split'}><main>
		<div class="head"><h1>API tokens</h1><button class="button main" type="button" onClick=${openNew}>+ New API token</button></div>
		<${Failure} error=${error ?? list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Empty}><p>Programs use the API with a token. There is none yet.</p></${Empty}>`}
		${list.items.length > 0 && html`<div class="table-scroll" tabindex="0" role="region" aria-label="API tokens"><table class="list">
			<thead><tr><th scope="col">Name</th><th scope="col">Roles</th><th scope="col">Created</th><th scope="col">Expires</th>
				<th scope="col">Last used</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
			<tbody>${list.items.map((t) => html`<tr key=${t.id}><td class="wrap"><b>${t.name}</b></td><td>${grantWords(t.grants)}</td>
				<td><${Ago} at=${t.createdAt} /> by ${t.createdBy}</td><td><${Ago} at=${t.expiresAt} /></td><td><${Ago} at=${t.lastUsedAt} /></td>
				<td><button class="button danger" type="button" onClick=${() => revoke(t)}>Revoke</button></td></tr>`)}</tbody></table></div>`}
	</main>${isNew && html`<${NewToken} close=${close} changed=${list.reload} />`}</div>`;
}
