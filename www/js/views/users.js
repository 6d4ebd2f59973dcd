// Users: people who may sign in.

import { html, useState } from '../dom.js';
import { call, get, patch, put } from '../api.js';
import { go, href, useGuard, dropGuard } from '../router.js';
import { Ago, Conflict, Empty, Failure, Note } from '../ui/basic.js';
import { useLoad, usePages } from '../ui/data.js';
import { Check, TextField } from '../ui/fields.js';
import { Filter } from '../ui/filter.js';
import { useKeys } from '../ui/keys.js';
import { Panel, useReturn } from '../ui/panel.js';
import { Grants, grantWords } from './grants.js';

function NewUser({ close, changed }) {
	const [form, setForm] = useState({ name: '', displayName: '', password: '', grants: [{ role: 'viewer', team: null }] });
	const [error, setError] = useState(null);
	const set = (more) => setForm((old) => ({ ...old, ...more }));
	const bind = (name) => ({ value: form[name], set: (v) => set({ [name]: v }), wrong: error?.fields?.[name] });
	useGuard(form.name + form.displayName + form.password !== '');
	const create = async (e) => {
		e.preventDefault();
		setError(null);
		try {
			const { password, ...rest } = form;
			const made = await call('POST', '/users', { body: password ? form : rest });
			dropGuard();
			changed();
			go(href(['users', String(made.id)]));
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<${Panel} title="New user" close=${close}><form class="stack" onSubmit=${create}>
		<${Failure} error=${error} />
		<${TextField} label="Name" required=${true} ...${bind('name')} help="For signing in; never changes." />
		<${TextField} label="Name as shown" maxLength=${200} ...${bind('displayName')} help="Blank: the name." />
		<${TextField} label="Password" type="password" autocomplete="new-password" ...${bind('password')}
			help="At least 12 characters. Blank: only the web server can sign this user in." />
		<${Grants} grants=${form.grants} set=${(grants) => set({ grants })} wrong=${error?.fields} />
		<div><button class="button main">Create</button></div></form></${Panel}>`;
}

function Password({ user, saved }) {
	const [password, setPassword] = useState('');
	const [error, setError] = useState(null);
	const [done, setDone] = useState(false);
	const save = async () => {
		setError(null);
		setDone(false);
		try {
			await put(`/users/${user.id}/password`, { password });
			setPassword('');
			setDone(true);
			saved();
		} catch (problem) {
			setError(problem);
		}
	};
	return html`<section class="stack"><h3>Password</h3><${Failure} error=${error} />
		${done && html`<${Note}>Set. The user's sessions have ended.</${Note}>`}
		<${TextField} label="New password" type="password" autocomplete="new-password" value=${password} set=${setPassword}
			wrong=${error?.fields?.password} help="At least 12 characters." />
		<div><button class="button" type="button" disabled=${password === ''} onClick=${save}>Set password</button></div></section>`;
}

const fromUser = (u) => ({ displayName: u.displayName, enabled: u.enabled, grants: u.grants });

function Form({ user, changed }) {
	const before = fromUser(user);
	const [form, setForm] = useState(before);
	const [error, setError] = useState(null);
	const [stale, setStale] = useState(null);
	const set = (more) => setForm((old) => ({ ...old, ...more }));
	const dirty = JSON.stringify(form) !== JSON.stringify(before);
	useGuard(dirty);
	const take = (u) => {
		setForm(fromUser(u));
		setStale(null);
		changed(u);
	};
	const save = async (e) => {
		e.preventDefault();
		setError(null);
		try {
			const now = await patch(`/users/${user.id}`, form, (stale ?? user).etag);
			dropGuard();
			take(now);
		} catch (problem) {
			if (problem.status === 412)
				setStale(await get(`/users/${user.id}`).catch(() => null));
			else
				setError(problem);
		}
	};
	return html`<form class="stack" onSubmit=${save}><${Failure} error=${error} />
		${stale && html`<${Conflict} what="this user" theirs=${() => take(stale)} />`}
		<${TextField} label="Name as shown" maxLength=${200} value=${form.displayName} set=${(displayName) => set({ displayName })}
			wrong=${error?.fields?.displayName} help="Blank: the name." />
		<${Check} label="May sign in" value=${form.enabled} set=${(enabled) => set({ enabled })}
			help="Off: the sessions of this user end at once." />
		<${Grants} grants=${form.grants} set=${(grants) => set({ grants })} wrong=${error?.fields} />
		<div><button class="button main" disabled=${!dirty}>Update</button></div></form>`;
}

function One({ id, close, changed }) {
	const user = useLoad((signal) => get(`/users/${id}`, {}, signal), [id]);
	const accept = (now) => {
		user.setValue(now);
		changed();
	};
	return html`<${Panel} title=${user.value?.name ?? 'User'} close=${close}><${Failure} error=${user.error} retry=${user.reload} />
		${user.value && html`<div class="stack"><${Form} user=${user.value} changed=${accept} />
			<${Password} user=${user.value} saved=${user.reload} /></div>`}</${Panel}>`;
}

const List = ({ list, id, query }) => html`<div class="table-scroll rooms" tabindex="0" role="region" aria-label="Users"><table class="list">
	<thead><tr><th scope="col">Name</th><th scope="col" class="room1">Shown as</th><th scope="col">May sign in</th><th scope="col">Roles</th>
		<th scope="col" class="room1">Last sign-in</th></tr></thead>
	<tbody>${list.items.map((u) => html`<tr key=${u.id} aria-selected=${String(u.id) === id ? 'true' : undefined}>
		<td class="named"><a class="name" href=${href(['users', String(u.id)], query)}><bdi>${u.name}</bdi></a></td>
		<td class="wrap room1"><bdi>${u.displayName}</bdi></td><td>${u.enabled ? 'Yes' : 'No'}</td>
		<td class="wrap">${grantWords(u.grants)}</td><td class="nowrap room1"><${Ago} at=${u.lastSignInAt} /></td></tr>`)}</tbody></table>
	${list.next && html`<div class="more"><button class="button" type="button" onClick=${list.more}>Show more</button></div>`}</div>`;

export function Users({ route }) {
	const id = route.parts[1];
	const { q = '' } = route.query;
	const list = usePages('/users', { q });
	const close = () => go(href(['users'], route.query));
	const openNew = () => go(href(['users', 'new'], route.query));
	const filter = (v) => go(href(route.parts, { ...route.query, q: v }), { replace: true });
	useReturn(Boolean(id), '#new-user');
	useKeys({ n: openNew, Escape: () => id ? close() : false });
	return html`<div class=${id ? 'split open' : 'split'}><main>
		<div class="head"><h1>Users</h1><${Filter} label="Filter by name" value=${q} set=${filter} />
			<button class="button main" type="button" id="new-user" onClick=${openNew}>+ New user</button></div>
		<${Failure} error=${list.error} retry=${list.reload} />
		${list.value && list.items.length === 0 && html`<${Empty}><p>No user matches.</p>
			<button class="button" type="button" onClick=${() => filter('')}>Show all</button></${Empty}>`}
		${list.items.length > 0 && html`<${List} list=${list} id=${id} query=${route.query} />`}
		${!list.value && list.loading && html`<p class="loading">Loading</p>`}
	</main>
	${id === 'new' && html`<${NewUser} close=${close} changed=${list.reload} />`}
	${id && id !== 'new' && html`<${One} key=${id} id=${id} close=${close} changed=${list.reload} />`}</div>`;
}
