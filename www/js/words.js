// Values as people read them.

export const systemName = { async: 'Event Webhook Async', sync: 'Event Webhook Sync' };

const units = [[86400, 'd'], [3600, 'h'], [60, 'min'], [1, 's']];

export function ago(iso, now = Date.now()) {
	if (!iso)
		return 'never';
	const s = (now - Date.parse(iso)) / 1000;
	const past = s >= 0;
	const n = Math.abs(s);
	if (n < 1)
		return 'now';
	const [size, unit] = units.find(([u]) => n >= u);
	const words = `${Math.floor(n / size)} ${unit}`;
	return past ? `${words} ago` : `in ${words}`;
}

// The time until then, by the second: for what counts down.
export function countdown(iso, now = Date.now()) {
	const s = Math.ceil((Date.parse(iso) - now) / 1000);
	if (s <= 0)
		return null;
	const two = (n) => String(n).padStart(2, '0');
	if (s < 60)
		return `${s} s`;
	if (s < 3600)
		return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
	return s < 172800 ? `${Math.floor(s / 3600)} h ${two(Math.floor(s % 3600 / 60))} min` : `${Math.floor(s / 86400)} d`;
}

// Control characters as their pictures, so that they are seen; line ends and
// tabs stay where they may.
export const visible = (s, keep = /[\n\t]/) => String(s).replace(/[\u0000-\u001f\u007f]/g, (c) =>
	keep?.test(c) ? c : String.fromCodePoint(c === '\u007f' ? 0x2421 : 0x2400 + c.charCodeAt(0)));

export const cut = (s, most) => s.length > most ? `${s.slice(0, most)}…` : s;

const local = new Intl.DateTimeFormat(undefined, {
	year: 'numeric', month: '2-digit', day: '2-digit',
	hour: '2-digit', minute: '2-digit', second: '2-digit', timeZoneName: 'short',
});
const clock = new Intl.DateTimeFormat(undefined, {
	hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3,
});

const today = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const otherDay = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' });

// "10:42", or with its day where that is not today
export function atTime(iso, now = new Date()) {
	const then = new Date(iso);
	return (then.toDateString() === now.toDateString() ? today : otherDay).format(then);
}

export const absolute = (iso) => local.format(new Date(iso));
export const clockTime = (iso) => clock.format(new Date(iso));
export const utc = (iso) => `${new Date(iso).toISOString().replace('T', ' ').replace('Z', '')} UTC`;

export function span(ms) {
	if (ms === null || ms === undefined)
		return '';
	if (ms < 1000)
		return `${Math.round(ms)} ms`;
	if (ms < 60000)
		return `${(ms / 1000).toFixed(ms < 10000 ? 1 : 0)} s`;
	if (ms < 3600000)
		return `${Math.floor(ms / 60000)} min ${Math.round(ms % 60000 / 1000)} s`;
	return `${Math.floor(ms / 3600000)} h ${Math.round(ms % 3600000 / 60000)} min`;
}

export function bytes(n) {
	if (n < 1000)
		return `${n} B`;
	if (n < 1e6)
		return `${(n / 1e3).toFixed(1)} kB`;
	return `${(n / 1e6).toFixed(1)} MB`;
}

export const number = (n, capped = false) =>
	`${Number(n).toLocaleString('en')}${capped ? '+' : ''}`;

export const plural = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

/*
 * What became of an event, in order of loudness: failed, expired, retrying,
 * waiting, done.  { tone, word, next }.
 */
export function eventState(e) {
	if (e.state === 'failed')
		return { tone: 'failed', word: 'failed' };
	if (e.replyState === 'failed')
		return { tone: 'failed', word: 'reply failed' };
	if (e.replyState === 'expired')
		return { tone: 'expired', word: 'reply expired' };
	if (e.replyState === 'cancelled')
		return { tone: 'done', word: 'reply cancelled' };
	if (e.state === 'accepted')
		return { tone: 'waiting', word: 'waiting' };
	if (e.state === 'handling')
		return { tone: 'waiting', word: 'handling' };
	if (e.replyState === 'pending')
		return e.attempts > 0 ? { tone: 'retrying', word: 'retrying', next: e.nextAttemptAt } :
		    { tone: 'waiting', word: 'replying' };
	return { tone: 'done', word: e.replyState === 'sent' ? 'reply sent' : 'handled' };
}

export function integrationState(i) {
	if (i.status.repliesStopped)
		return { tone: 'failed', word: 'Replies stopped', detail: i.status.repliesStopped.reason,
		    since: i.status.repliesStopped.at };
	if (i.status.state === 'error')
		return { tone: 'failed', word: 'Error', detail: i.status.detail, since: i.status.since };
	if (i.paused)
		return { tone: 'waiting', word: 'Paused' };
	return i.status.state === 'ok' ? { tone: 'done', word: 'Ok' } : { tone: 'none', word: 'Unknown' };
}

const certificates = { 'receiver-certificate': 'The certificate of the reply URL', 'client-certificate': 'The client certificate for replies' };

export function noticeWords(n, now = Date.now()) {
	const days = Math.floor((Date.parse(n.expiresAt) - now) / 86400000);
	const when = days < 0 ? 'has expired' : days === 0 ? 'expires within a day' : `expires in ${plural(days, 'day')}`;
	return `${certificates[n.code] ?? 'A certificate'} ${when}`;
}

// What to do about an attempt that failed, after what happened.
const advice = {
	dns: 'Is the host name of the reply URL right, and known to the DNS of this server?',
	connect: (s) => `Is anything listening on ${s.remoteAddress ?? 'that address'}?`,
	tls: 'Is the certificate valid for this host, and its authority known here (reply_ca_file)?',
	timeout: 'The receiver took too long: does it answer before it works?',
	http: (s) => s.status === 401 || s.status === 403 ? 'Check the credential in the reply headers.' :
	    s.status === 404 ? 'Is the path of the reply URL right?' : 'Look into the log of the receiver.',
	blocked: 'The address is not allowed: reply_networks in the configuration names those that are.',
	protocol: 'Does an HTTP server answer on that port?',
	expired: 'The request timeout was over.',
};

export function adviceFor(step) {
	const a = advice[step.cause];
	return typeof a === 'function' ? a(step) : a ?? null;
}
