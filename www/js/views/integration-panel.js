// One integration: properties, automations, events, audit.

import { html, useEffect, useRef, useState } from '../dom.js';
import { get, patch } from '../api.js';
import { dropGuard, href, useGuard } from '../router.js';
import { absolute, integrationState, noticeWords, plural, systemName } from '../words.js';
import { Ago, Conflict, Failure, Note, State } from '../ui/basic.js';
import { useLoad } from '../ui/data.js';
import { Panel, Tabs } from '../ui/panel.js';
import { SettingsForm, changesOf, fromIntegration, useForm } from './integration-form.js';
import { Endpoint, Examples } from './integration-endpoint.js';
import { Actions, EnableButton } from './integration-actions.js';
import { TestForm } from './integration-test.js';
import { Watch } from './integration-watch.js';
import { Automations } from './automations.js';
import { EventTab } from './event-tab.js';
import { AuditTable } from './audit.js';

function Summary({ i }) {
	const state = integrationState(i);
	return html`<dl class="pairs">
		<dt>External System</dt><dd>${systemName[i.externalSystem]}</dd>
		<dt>Enabled</dt><dd>${i.enabled ? 'Yes' : 'No'}${i.paused && html`, paused ${i.pausedUntil ?
			html`until <${Ago} at=${i.pausedUntil} />` : 'until it is resumed'}`}</dd>
		<dt>Replies</dt><dd><${State} ...${state} />${state.detail && html` <span class="loud">${state.detail}</span>`}</dd>
		${i.notices.map((n) => html`<dt>Notice</dt><dd class="warm">${noticeWords(n)} (${absolute(n.expiresAt)})</dd>`)}
		<dt>Waiting</dt><dd><a href=${href(['events'], { integration: i.key, state: 'accepted,handling' })}>${plural(i.waiting, 'event')}</a></dd>
		<dt>Created</dt><dd><${Ago} at=${i.createdAt} />${i.createdBy && html` by <bdi>${i.createdBy}</bdi>`}</dd>
		<dt>Modified</dt><dd><${Ago} at=${i.modifiedAt} />${i.modifiedBy && html` by <bdi>${i.modifiedBy}</bdi>`}</dd>
	</dl>`;
}

function Properties({ i, accept, unsaved }) {
	const before = fromIntegration(i);
	const { form, set, dirty, reset } = useForm(before);
	const [error, setError] = useState(null);
	const [saved, setSaved] = useState(false);
	const [stale, setStale] = useState(null);
	useGuard(dirty);
	useEffect(() => {
		unsaved.current = dirty;
		return () => {
			unsaved.current = false;
		};
	}, [dirty]);
	const save = async (e) => {
		e.preventDefault();
		setError(null);
		setSaved(false);
		try {
			const now = await patch(`/integrations/${i.key}`, changesOf(form, before), (stale ?? i).etag);
			dropGuard();
			setStale(null);
			setSaved(true);
			reset(fromIntegration(now));
			accept(now);
		} catch (problem) {
			if (problem.status === 412)
				setStale(await get(`/integrations/${i.key}`).catch(() => null));
			else
				setError(problem);
		}
	};
	const theirs = () => {
		reset(fromIntegration(stale));
		setStale(null);
		accept(stale);
	};
	const admin = i.role === 'admin';
	return html`<form class="stack" onSubmit=${save}>
		<${Summary} i=${i} />
		<${Endpoint} integration=${i} />
		<${Failure} error=${error} />
		${stale && html`<${Conflict} who=${stale.modifiedBy} what="this integration" theirs=${theirs} />`}
		${saved && !dirty && html`<${Note}>Saved.</${Note}>`}
		<fieldset class="plain" disabled=${!admin}>
			<${SettingsForm} form=${form} set=${set} error=${error} system=${i.externalSystem} before=${i} /></fieldset>
		${admin ? html`<div class="row save"><button class="button main" disabled=${!dirty}>Update</button>
			${dirty && html`<button class="button" type="button" onClick=${() => reset(before)}>Undo changes</button>`}</div>` :
		html`<p class="soft">Only an admin may change the settings.</p>`}
		<${Examples} integration=${i} token=${null} />
		${i.enabled && i.role !== 'viewer' && html`<${TestForm} integration=${i} />
			<${Watch} integration=${i} changed=${accept} />`}
	</form>`;
}

/*
 * `changes` counts the changes of integrations made by anybody: what is shown
 * follows them, but not under somebody's unsaved input, which a 412 tells of.
 */
export function IntegrationPanel({ id, tab, query, close, changed, changes, gone }) {
	const one = useLoad((signal) => get(`/integrations/${id}`, {}, signal), [id]);
	const unsaved = useRef(false);
	const i = one.value;
	useEffect(() => {
		if (changes > 0 && !unsaved.current)
			one.reload();
	}, [changes]);
	const accept = (now) => {
		if (now)
			one.setValue(now);
		else
			one.reload();
		changed();
	};
	const tabs = ['Properties', 'Automations', 'Events', 'Audit'].map((w) =>
		[w.toLowerCase(), w, href(['integrations', id, w.toLowerCase()], query)]);
	return html`<${Panel} title=${i?.name ?? 'Integration'} close=${close}
		buttons=${i && i.role !== 'viewer' && html`<${EnableButton} integration=${i} done=${accept} main=${!i.enabled} />
			<${Actions} integration=${i} done=${accept} gone=${gone} />`}>
		<${Failure} error=${one.error} retry=${one.reload} />
		${i && html`<${Tabs} tabs=${tabs} current=${tab} label="Integration" />
			${tab === 'properties' && html`<${Properties} key=${i.key} i=${i} accept=${accept} unsaved=${unsaved} />`}
			${tab === 'automations' && html`<${Automations} integration=${i} />`}
			${tab === 'events' && html`<${EventTab} integration=${i} changed=${accept} />`}
			${tab === 'audit' && html`<${AuditTable} query=${{ integration: i.key }} />`}`}
		${!i && one.loading && html`<p class="loading">Loading</p>`}</${Panel}>`;
}
