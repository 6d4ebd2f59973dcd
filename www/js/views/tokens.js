// API tokens of programs.

import { html, useState } from '../dom.js';
import { call, remove } from '../api.js';
import { dropGuard, go, href, useGuard } from '../router.js';
import { Ago, Code, Confirm, Empty, Failure } from '../ui/basic.js';
import { usePages } from '../ui/data.js';
import { SelectField, TextField } from '../ui/fields.js';
import { useKeys } from '../ui/keys.js';
import { Panel, useReturn } from '../ui/panel.js';
import { Grants, grantWords } from './grants.js';

function NewToken({ close, changed }) {
	const [name, setName] = useState('');
	const [days, setDays] = useState('90');
	const [grants, setGrants] = useState([{ role: 'viewer', team: null }]);
	const [error, setError] = useState(null);
	const [made, setMade] = useState(null);
	useGuard(name !== '' && !made);
	const create = async (e) => {
		e.preventDefault();
		setError(null);
		const expiresAt = days ? new Date(Date.now() + Number(days) * 86400000).toISOString() : null;
		try {
			setMade(await call('POST', '/tokens', { body: { name, grants, expiresAt } }));
			dropGuard();
			changed();
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<${Panel} title="New API token" close=${close}>
		${made ? html`<div class="stack"><${Code} text=${made.token} label="API token" />
			<p class="warm">This is the only time it is shown. Programs send it as “Authorization: Bearer …”.</p></div>` :
		html`<form class="stack" onSubmit=${create}><${Failure} error=${error} />
			<${TextField} label="Name" required=${true} value=${name} set=${setName} wrong=${error?.fields?.name} maxLength=${200}
				help="What the audit calls it." />
			<${SelectField} label="Valid for" value=${days} set=${setDays} help="After that it is refused." wrong=${error?.fields?.expiresAt}
				options=${[['30', '30 days'], ['90', '90 days'], ['365', '1 year'], ['', 'no end']]} />
			<${Grants} grants=${grants} set=${setGrants} wrong=${error?.fields} />
			<div><button class="button main" disabled=${name === ''}>Create</button></div></form>`}</${Panel}>`;
}

const List = ({ list, revoke }) => html`<div class="table-scroll rooms" tabindex="0" role="region" aria-label="API tokens"><table class="list">
	<thead><tr><th scope="col">Name</th><th scope="col" class="room1">Roles</th><th scope="col" class="room1">Created</th><th scope="col">Expires</th>
		<th scope="col" class="room1">Last used</th><th scope="col"><span class="visually-hidden">Actions</span></th></tr></thead>
	<tbody>${list.items.map((t) => html`<tr key=${t.id}><td class="wrap named"><b><bdi>${t.name}</bdi></b></td>
		<td class="wrap room1">${grantWords(t.grants)}</td>
		<td class="wrap room1"><${Ago} at=${t.createdAt} />${t.createdBy && html` by <bdi>${t.createdBy}</bdi>`}</td>
		<td class="nowrap"><${Ago} at=${t.expiresAt} /></td><td class="nowrap room1"><${Ago} at=${t.lastUsedAt} /></td>
		<td><button class="button danger" type="button" aria-label=${`Revoke ${t.name}`} onClick=${() => revoke(t)}>Revoke…</button></td></tr>`)}</tbody></table>
	${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show more</button></div>`}</div>`;

export function Tokens({ route }) {
	const list = usePages('/tokens', {});
	const [revoked, setRevoked] = useState(null);
	const isNew = route.parts[1] === 'new';
	const close = () => go(href(['tokens']));
	const openNew = () => go(href(['tokens', 'new']));
	useReturn(isNew, '#new-token');
	useKeys({ n: openNew, Escape: () => isNew ? close() : false });
	const revoke = async () => {
		await remove(`/tokens/${revoked.id}`);
		list.reload();
	};
	return html`<div class=${isNew ? 'split open' : 'split'}><main>
		<div class="head"><h1>API tokens</h1>
			<button class="button main" type="button" id="new-token" onClick=${openNew}>+ New API token</button></div>
		<${Failure} error=${list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Empty}><p>Programs use the API with a token. There is none yet.</p></${Empty}>`}
		${list.items.length > 0 && html`<${List} list=${list} revoke=${setRevoked} />`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}
	</main>${isNew && html`<${NewToken} close=${close} changed=${list.reload} />`}
	${revoked && html`<${Confirm} title=${`Revoke ${revoked.name}`} verb="Revoke" act=${revoke} close=${() => setRevoked(null)}>
		<p>Programs that use it are refused at once.</p></${Confirm}>`}</div>`;
}
