// The list of integrations, with the panel of one, or of a new one, beside it.

import { html, useState } from '../dom.js';
import { get } from '../api.js';
import { go, href } from '../router.js';
import { number, plural } from '../words.js';
import { Empty, Failure } from '../ui/basic.js';
import { useChanges, useLoad } from '../ui/data.js';
import { Filter } from '../ui/filter.js';
import { useGrowing } from '../ui/grow.js';
import { useKeys } from '../ui/keys.js';
import { useReturn } from '../ui/panel.js';
import { IntegrationTable } from './integration-list.js';
import { SelectSystem } from './integration-select.js';
import { NewIntegration } from './integration-new.js';
import { IntegrationPanel } from './integration-panel.js';

const panelOf = (parts) => {
	if (parts[1] === 'new')
		return parts[2] === 'async' || parts[2] === 'sync' ? 'form' : 'select';
	return parts[1] ? 'one' : null;
};

const shownOf = (pages) => pages.next ?
    `${number(pages.items.length)} of ${plural(pages.total, 'integration')}` : plural(pages.items.length, 'integration');

function Nothing({ filtered, showAll, openNew }) {
	if (filtered)
		return html`<${Empty}><p>No integration matches.</p>
			<button class="button" type="button" onClick=${showAll}>Show all</button></${Empty}>`;
	return html`<${Empty}><p>An integration is a way in for the events of one system. There is none yet.</p>
		${openNew && html`<button class="button main" type="button" onClick=${openNew}>+ New Integration</button>`}</${Empty}>`;
}

const TeamChoice = ({ teams, team, set }) => html`<select class="input find" aria-label="Team"
	onChange=${(e) => set(e.target.value)}>
	<option value="" selected=${team === ''}>All teams</option>
	${teams.map((t) => html`<option value=${t} selected=${t === team}>${t}</option>`)}</select>`;

export function Integrations({ route, session }) {
	const { q = '', team = '', sort = 'name' } = route.query;
	const panel = panelOf(route.parts);
	const pages = useGrowing('/integrations', { q, team, sort });
	const teams = useLoad((signal) => get('/teams', {}, signal), []);
	const [changes, setChanges] = useState(0);
	const canCreate = session.grants.some((g) => g.role === 'admin');
	const set = (more) => go(href(['integrations', ...route.parts.slice(1)], { ...route.query, ...more }), { replace: true });
	const close = () => go(href(['integrations'], route.query));
	const openNew = () => go(href(['integrations', 'new'], route.query));
	const forget = useReturn(panel !== null, '#new-integration');
	const reload = () => {
		pages.reload();
		teams.reload();
	};
	const gone = () => {
		forget();
		close();
		reload();
	};

	useChanges((changed) => {
		if (!changed.includes('integrations'))
			return;
		reload();
		setChanges((n) => n + 1);
	});
	useKeys({ n: () => canCreate ? openNew() : false, Escape: () => panel ? close() : false });

	const all = { query: route.query, close, changed: reload };
	return html`<div class=${panel ? 'split open' : 'split'}>
		<main>
			<div class="head"><h1>Integrations</h1>
				<span class="soft small" role="status">${pages.value && shownOf(pages)}</span>
				<${Filter} label="Filter by name, description or key" value=${q} set=${(v) => set({ q: v })} />
				${(teams.value?.items.length > 0 || team !== '') && html`<${TeamChoice} teams=${teams.value?.items ?? [team]} team=${team}
					set=${(v) => set({ team: v })} />`}
				${canCreate && html`<button class="button main" type="button" id="new-integration" onClick=${openNew}>
					+ New Integration</button>`}
			</div>
			<${Failure} error=${pages.error} retry=${pages.reload} />
			${pages.value && pages.items.length === 0 && html`<${Nothing} filtered=${q || team}
				showAll=${() => set({ q: '', team: '' })} openNew=${canCreate ? openNew : null} />`}
			${pages.items.length > 0 && html`<${IntegrationTable} pages=${pages} sort=${sort} setSort=${(s) => set({ sort: s })}
				query=${route.query} selected=${route.parts[1]} />`}
			${!pages.value && pages.loading && html`<p class="loading">Loading</p>`}
		</main>
		${panel === 'select' && html`<${SelectSystem} query=${route.query} close=${close} />`}
		${panel === 'form' && html`<${NewIntegration} key=${route.parts[2]} system=${route.parts[2]} ...${all} />`}
		${panel === 'one' && html`<${IntegrationPanel} key=${route.parts[1]} id=${route.parts[1]} tab=${route.parts[2] ?? 'properties'}
			changes=${changes} gone=${gone} ...${all} />`}
	</div>`;
}
