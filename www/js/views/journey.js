// An event's journey as a time line.

import { html, useEffect, useState } from '../dom.js';
import { adviceFor, ago, bytes, clockTime, span, utc } from '../words.js';

const Fold = ({ words, text }) => html`<details class="fold"><summary>${words}</summary>
	<div class="stack"><pre tabindex="0">${text}</pre></div></details>`;

function words(step, event) {
	switch (step.kind) {
	case 'accepted':
		return { tone: 'ok', title: 'accepted', text: `202 to ${event.sourceIp ?? 'its sender'}, ${bytes(event.bodyBytes)} ${event.kind}` };
	case 'automation':
		return { tone: step.outcome === 'ok' ? 'ok' : step.outcome === 'failed' ? 'failed' : '',
			title: 'automation', text: `${step.name}: ${step.outcome}${step.durationMs !== null ? `, ${span(step.durationMs)}` : ''}` };
	case 'reply':
	case 'resend': {
		const what = step.status ? `${step.status} from ${step.remoteAddress ?? 'the receiver'}` : step.cause ?? step.outcome;
		return { tone: step.outcome === 'ok' ? 'ok' : 'failed', title: `${step.kind} ${step.number ?? ''}`,
			text: `${what}${step.durationMs !== null ? `, ${span(step.durationMs)}` : ''}` };
	}
	default:
		return { tone: step.outcome === 'failed' ? 'failed' : 'ok', title: step.outcome,
			text: step.replyState === 'none' ? 'no reply was asked for' : `reply ${step.replyState}` };
	}
}

function Step({ step, event }) {
	const { tone, title, text } = words(step, event);
	const hint = tone === 'failed' ? adviceFor(step) : null;
	return html`<li class=${tone}>
		<div class="line"><b>${title}</b><span class="wrap">${text}</span>
			<time datetime=${step.at} title=${utc(step.at)}>${clockTime(step.at)}</time></div>
		${step.detail && html`<p class=${`wrap ${tone === 'failed' ? 'loud' : 'soft'}`}>${step.detail}</p>`}
		${hint && html`<p class="soft small">${hint}</p>`}
		${step.output && html`<${Fold} words="output" text=${step.output} />`}
		${(step.responseHeaders || step.responseBody) && html`<${Fold} words="response"
			text=${`${step.responseHeaders ?? ''}\n${step.responseBody ?? ''}${step.responseCut ? '\n(cut)' : ''}`} />`}
	</li>`;
}

// What comes next, counting down.
function Next({ event }) {
	const [, tick] = useState(0);
	useEffect(() => {
		const timer = setInterval(() => tick((n) => n + 1), 1000);
		return () => clearInterval(timer);
	}, []);
	if (event.finishedAt)
		return null;
	return html`<li><div class="line"><b>${event.nextAttemptAt ? `next attempt ${ago(event.nextAttemptAt)}` : 'waiting'}</b>
		${event.deadline && html`<span class="soft">deadline ${ago(event.deadline)}</span>`}</div></li>`;
}

export const Journey = ({ event }) => html`<ol class="journey">
	${event.journey.map((step, n) => html`<${Step} key=${n} step=${step} event=${event} />`)}
	<${Next} event=${event} /></ol>`;
