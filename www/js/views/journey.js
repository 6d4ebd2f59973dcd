// An event's journey as a time line.

import { html, useEffect, useState } from '../dom.js';
import { absolute, adviceFor, bytes, clockTime, countdown, span, utc, visible } from '../words.js';

const Fold = ({ words, text, cutOff }) => html`<details class="fold"><summary>${words}</summary>
	<div class="stack tight"><pre tabindex="0" role="region" aria-label=${words}>${visible(text)}</pre>
		${cutOff && html`<p class="soft small">Only its beginning is kept.</p>`}</div></details>`;

const took = (step) => step.durationMs === null || step.durationMs === undefined ? '' : `, ${span(step.durationMs)}`;

const causes = { dns: 'the host name was not found', connect: 'no connection', tls: 'TLS failed', timeout: 'no answer in time',
	blocked: 'address not allowed', protocol: 'no HTTP answer', expired: 'deadline reached' };

function replyWords(step) {
	if (step.status)
		return `${step.status}${step.remoteAddress ? ` from ${step.remoteAddress}` : ''}${took(step)}`;
	return `${causes[step.cause] ?? step.cause ?? step.outcome}${took(step)}`;
}

const outcomes = { none: 'no reply was asked for', sent: 'reply sent', failed: 'reply failed', expired: 'reply expired',
	cancelled: 'reply cancelled', pending: 'reply pending' };

// { tone, title, text } of a step.
function words(step, event) {
	switch (step.kind) {
	case 'accepted':
		return { tone: 'ok', title: event.replayOf ? 'made' : 'accepted', text: event.replayOf ? 'from an earlier event' :
			`202 to ${event.sourceIp ?? 'its sender'}, ${bytes(event.bodyBytes)} ${event.kind}` };
	case 'automation':
		return { tone: step.outcome === 'ok' ? 'ok' : step.outcome === 'failed' ? 'failed' : '', title: 'automation',
			name: step.name ?? undefined, text: step.name ? `${step.outcome}${took(step)}` :
				`attempt ${step.number ?? ''}: ${step.status ?? step.outcome}${took(step)}` };
	case 'reply':
	case 'resend':
		return { tone: step.outcome === 'ok' ? 'ok' : step.outcome === 'lease lost' ? '' : 'failed',
			title: `${step.kind} ${step.number ?? ''}`, text: replyWords(step) };
	default: {
		const bad = step.outcome === 'failed' || ['failed', 'expired'].includes(step.replyState);
		return { tone: bad ? 'failed' : 'ok', title: step.outcome === 'failed' ? 'handling failed' : step.outcome, text: outcomes[step.replyState] ?? '' };
	}
	}
}

// The first step by the clock, the others by what has passed since.
function When({ step, event, first }) {
	const since = Date.parse(step.at) - Date.parse(event.receivedAt);
	return html`<time class="when" datetime=${step.at} title=${`${absolute(step.at)} (${utc(step.at)})`}>
		${first ? clockTime(step.at) : `+${span(Math.max(0, since))}`}</time>`;
}

function Step({ step, event, first, before }) {
	const { tone, title, name, text } = words(step, event);
	const repeats = (step.kind === 'outcome' || step.name) && step.detail === before?.detail;
	const hint = tone === 'failed' && step.kind !== 'outcome' ? adviceFor(step) : null;
	return html`<li class=${tone}>
		<div class="line"><b>${title}</b>${name && html`<bdi class="wrap">${visible(name, null)}</bdi>`}
			<span class="wrap">${text}</span>
			${!(step.kind === 'automation' && step.name) && html`<${When} step=${step} event=${event} first=${first} />`}</div>
		${step.detail && !repeats && html`<p class=${`wrap ${tone === 'failed' ? 'loud' : 'soft'}`}><bdi>${visible(step.detail)}</bdi></p>`}
		${hint && html`<p class="soft small">${hint}</p>`}
		${step.output && html`<${Fold} words="output" text=${step.output} />`}
		${step.responseHeaders && html`<${Fold} words="response headers" text=${step.responseHeaders.replaceAll('\r\n', '\n').trimEnd()} />`}
		${step.responseBody && html`<${Fold} words="response body" text=${step.responseBody} cutOff=${step.responseCut} />`}
	</li>`;
}

// Why it waits, other than for its turn.
function hold(i) {
	if (!i)
		return null;
	if (i.deletedAt)
		return 'The integration was deleted.';
	if (!i.enabled)
		return 'The integration is disabled: nothing of it is handled or sent until it is enabled.';
	if (i.paused)
		return 'The integration is paused: it goes on when it is resumed.';
	return i.status?.repliesStopped ? `Replies are stopped: ${i.status.repliesStopped.reason}` : null;
}

// What comes next, counting down.
function Next({ event, integration }) {
	const [, tick] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => tick((n) => n + 1), 1000);
		return () => clearInterval(timer);
	}, []);
	if (event.finishedAt && !event.nextAttemptAt)
		return null;
	const held = hold(integration);
	const next = event.nextAttemptAt && countdown(event.nextAttemptAt);
	const title = held ? 'on hold' : !event.handledAt && !event.finishedAt ? (event.state === 'handling' ? 'handling' : 'waiting') :
	    'next attempt';
	const left = event.deadline && !event.finishedAt ? countdown(event.deadline) : undefined;
	return html`<li class="next"><div class="line"><b>${title}</b>${title === 'next attempt' && html`<span role="timer">${next ? `in ${next}` : 'now'}</span>`}
			${left && html`<span class="soft push" role="timer">deadline in ${left}</span>`}</div>
		${left === null && html`<p class="warm">Its deadline has passed: no reply is sent any more; handling goes on.</p>`}
		${held && html`<p class="soft wrap"><bdi>${held}</bdi></p>`}</li>`;
}

// The attempt of an automation that went well is told by its result.
const told = (step, n, all) => step.kind === 'automation' && !step.name && step.outcome === 'ok' &&
	all.slice(n + 1).some((s) => s.kind === 'automation' && s.name);

// Results of automations have no time of their own: they lie between accepting
// and the first reply.
const place = { accepted: 0, automation: 1 };
const inOrder = (steps) => steps.map((step, n) => [place[step.kind] ?? 2, n, step])
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , step]) => step);

export const Journey = ({ event, integration }) => html`<ol class="journey">
	${inOrder(event.journey).filter((step, n, all) => !told(step, n, all)).map((step, n, steps) => html`<${Step} key=${n} step=${step} event=${event} first=${n === 0}
		before=${steps[n - 1]} />`)}
	<${Next} event=${event} integration=${integration} /></ol>`;
