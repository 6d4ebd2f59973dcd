// The bar at the top: menu, where one is, search, who one is, theme.

import { html, useEffect, useLayoutEffect, useRef, useState } from './dom.js';
import { go, href } from './router.js';
import { Dialog } from './ui/basic.js';
import { useStored } from './ui/data.js';
import { moveInList, useKeys } from './ui/keys.js';
import { PasswordDialog } from './views/password.js';

const themes = { auto: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' };

const isEventId = (s) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(s);

function useTheme() {
	const [theme, setTheme] = useStored('theme', 'auto');
	useEffect(() => {
		if (theme === 'auto')
			delete document.documentElement.dataset.theme;
		else
			document.documentElement.dataset.theme = theme;
	}, [theme]);
	const names = Object.keys(themes);
	return [theme, () => setTheme(names[(names.indexOf(theme) + 1) % names.length])];
}

function Link({ to, route, deep, children }) {
	const current = route.parts[0] === to ? 'page' : undefined;
	return html`<a href=${href([to])} class=${deep ? 'deep' : ''} aria-current=${current}>${children}</a>`;
}

const Menu = ({ route, session, shut }) => html`
	<nav class="menu" id="menu" aria-label="Menu" onClick=${(e) => e.target.closest('a') && shut()}>
		<${Link} to="overview" route=${route}>Overview</${Link}>
		<${Link} to="events" route=${route}>Events</${Link}>
		<div class="group">Administration</div>
		<div class="group deep">Settings</div>
		<${Link} to="integrations" route=${route} deep=${true}>Integrations</${Link}>
		${session.adminOfAll && html`<${Link} to="users" route=${route} deep=${true}>Users</${Link}>
			<${Link} to="tokens" route=${route} deep=${true}>API tokens</${Link}>`}
		<${Link} to="audit" route=${route}>Audit</${Link}>
	</nav>`;

const keys = [['/', 'Search'], ['n', 'New'], ['j, k', 'Next, previous in the list'], ['Enter', 'Open'],
	['Esc', 'Close'], ['?', 'This help']];

const Help = ({ close }) => html`<${Dialog} title="Keyboard" onClose=${close}>
	<dl class="pairs">${keys.map(([k, words]) => html`<dt><kbd>${k}</kbd></dt><dd>${words}</dd>`)}</dl>
	<button class="button" type="button" onClick=${close}>Close</button></${Dialog}>`;

export function Frame({ session, crumbs, route, leave, children }) {
	const [menu, setMenu] = useState(null); // 'main', 'user' or null
	const [dialog, setDialog] = useState(null);
	const [theme, nextTheme] = useTheme();
	const search = useRef(null);
	const toggle = (name) => setMenu(menu === name ? null : name);

	const bar = useRef(null);
	const opener = (name) => bar.current.querySelector(`[aria-controls="${name === 'main' ? 'menu' : 'user-menu'}"]`);
	const shut = () => {
		opener(menu).focus();
		setMenu(null);
	};

	useEffect(() => setMenu(null), [route.href]);
	useLayoutEffect(() => {
		if (menu)
			bar.current.querySelector('.menu a, .menu button')?.focus();
	}, [menu]);
	useEffect(() => {
		document.title = `${crumbs.at(-1) ?? 'ewa'} - ewa`;
	}, [crumbs.at(-1)]);
	useKeys({
		'/': () => search.current.focus(),
		'?': () => setDialog('help'),
		j: () => moveInList(1),
		k: () => moveInList(-1),
		Escape: () => menu ? shut() : false,
	});
	const find = (e) => {
		e.preventDefault();
		const q = search.current.value.trim();
		if (isEventId(q))
			go(href(['events', q.toLowerCase()]));
		else if (route.parts[0] === 'integrations')
			go(href(['integrations'], { q }));
		else
			go(href(['events'], { subject: q }));
	};
	return html`
		<header class="bar" ref=${bar} onFocusOut=${(e) => {
			// out of the menu by Tab or by a click: it is closed
			if (menu && e.relatedTarget && !e.relatedTarget.closest('.menu, [aria-controls]'))
				setMenu(null);
		}}>
			<button class="button plain icon" type="button" aria-label="Menu" aria-expanded=${menu === 'main'}
				aria-controls="menu" onClick=${() => toggle('main')}>☰</button>
			<a class="brand" href=${href(['integrations'])}>ewa</a>
			<nav class="crumbs" aria-label="Where you are">${crumbs.map((c, i) => i === crumbs.length - 1 ?
				html`<b aria-current="page">${c}</b>` : html`<span>${c} › </span>`)}</nav>
			<form class="find" role="search" onSubmit=${find}>
				<input class="input" type="search" ref=${search} placeholder="Search ( / )"
					aria-label=${route.parts[0] === 'integrations' ? 'Search integrations, or an Event ID' :
						'Search by subject, or an Event ID'} /></form>
			<button class="button plain" type="button" aria-expanded=${menu === 'user'} aria-controls="user-menu"
				onClick=${() => toggle('user')}><bdi class="me">${session.displayName || session.name}</bdi> <span aria-hidden="true">▾</span></button>
			<button class="button plain icon" type="button" aria-label=${themes[theme]} title=${themes[theme]}
				onClick=${nextTheme}>${theme === 'dark' ? '☾' : theme === 'light' ? '☀' : '◐'}</button>
			${menu === 'main' && html`<${Menu} route=${route} session=${session} shut=${shut} />`}
			${menu === 'user' && html`<div class="menu right" id="user-menu">
				${session.via === 'password' && html`<button type="button" onClick=${() => {
					setMenu(null);
					setDialog('password');
				}}>Change password</button>`}
				<button type="button" onClick=${() => setDialog('help')}>Keyboard</button>
				${session.via === 'password' && html`<button type="button" onClick=${leave}>Sign out</button>`}
			</div>`}
		</header>
		${children}
		${dialog === 'help' && html`<${Help} close=${() => setDialog(null)} />`}
		${dialog === 'password' && html`<${PasswordDialog} close=${() => setDialog(null)} />`}`;
}
