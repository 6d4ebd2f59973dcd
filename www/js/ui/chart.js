// Charts by uPlot, loaded when the first one is shown.  What they show stands
// in a table beside them too: a chart is a picture of it.

import { html, useEffect, useRef } from '../dom.js';
import { number } from '../words.js';

const HEIGHT = 220;
const counts = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7];

let loading = null;

function load() {
	loading ??= new Promise((resolve, reject) => {
		const style = document.createElement('link');
		style.rel = 'stylesheet';
		style.href = 'lib/uplot.css';
		const script = document.createElement('script');
		script.src = 'lib/uplot.js';
		script.onload = () => resolve(window.uPlot);
		script.onerror = reject;
		document.head.append(style, script);
	});
	return loading;
}

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

// Hours in the viewer's zone, and the day where one begins.
const timeWords = (plot, splits, axis, space, step) => splits.map((s) => {
	const d = new Date(s * 1000);
	return step >= 86400 || (d.getHours() === 0 && d.getMinutes() === 0) ? day.format(d) : clock.format(d);
});

// Sums from the last series up, so that the first lies on the axis.
function stack(series, length) {
	const sums = new Array(length).fill(0);
	return series.map((s) => s.values.map((v, n) => {
		sums[n] += v ?? 0;
		return sums[n];
	})).reverse();
}

function lines(series, few) {
	return series.map((s) => ({ label: s.label, stroke: colour(s.colour), width: 2, dash: s.dash, spanGaps: false,
		points: { show: few, size: 6 } }));
}

function bars(UPlot, series) {
	const paths = UPlot.paths.bars({ size: [0.8, 40], gap: 0 });
	return [...series].reverse().map((s) => ({ label: s.label, stroke: colour(s.colour), fill: colour(s.colour), width: 0, paths,
		points: { show: false } }));
}

// A logarithmic axis goes from a power of ten to another, and shows all.
const whole = (u, min, max) => min === null ? [10, 1000] :
	[10 ** Math.floor(Math.log10(min)), 10 ** Math.max(Math.ceil(Math.log10(max)), Math.floor(Math.log10(min)) + 1)];

function powers(u, axis, min, max) {
	const all = [];
	for (let v = min; v <= max * 1.001; v *= 10)
		all.push(v);
	return all;
}

function options(UPlot, { width, times, series, stacked, words, step, point, pick }) {
	const line = colour('--line');
	const axis = { stroke: colour('--ink-soft'), font: '12px system-ui, sans-serif', grid: { show: false },
		ticks: { stroke: line, width: 1, size: 4 } };
	const most = (u, min, max) => [0, Math.max(4, max * 1.05)];
	return {
		width, height: HEIGHT, legend: { show: false }, padding: [12, 12, 0, 0],
		cursor: { y: false, drag: { x: false, y: false }, points: { show: !stacked },
			bind: { click: (u, target, next) => (e) => {
				next(e);
				if (u.cursor.idx !== null)
					pick?.(u.cursor.idx);
			} } },
		// half a bar more on both sides
		scales: { x: { range: (u, min, max) => [min - step / 2, max + step / 2] }, y: stacked ? { range: most } : { distr: 3, log: 10, range: whole } },
		axes: [{ ...axis, size: 32, values: timeWords }, { ...axis, size: 64, grid: { stroke: line, width: 1 }, ticks: { show: false },
			values: (u, all) => all.map((v) => v === null ? '' : words(v)), ...stacked ? { incrs: counts } : { splits: powers, filter: (u, all) => all } }],
		series: [{}, ...(stacked ? bars(UPlot, series) : lines(series, times.length < 3 || series.every((s) =>
			s.values.filter((v) => v !== null).length < 3)))],
		hooks: { setCursor: [(u) => point?.(u.cursor.idx ?? null)] },
	};
}

/*
 * series: [{ label, colour: '--good', values, dash }, ...], one value for each
 * of the times (in seconds, `step` apart); stacked: as bars upon each other,
 * the first at the bottom; else as lines on a logarithmic scale.  point(n) tells which one the pointer is at, null:
 * none; pick(n) that it was clicked.
 */
export function Chart({ label, times, step, series, stacked, words = (n) => number(n), point, pick }) {
	const box = useRef(null);
	const told = useRef({});
	told.current = { point, pick };
	useEffect(() => {
		let plot = null;
		let gone = false;
		const draw = async () => {
			const UPlot = await load();
			if (gone)
				return;
			plot?.destroy();
			const data = stacked ? stack(series, times.length) : series.map((s) => s.values);
			plot = new UPlot(options(UPlot, { width: box.current.clientWidth, times, series, stacked, words, step,
				point: (n) => told.current.point?.(n), pick: (n) => told.current.pick?.(n) }), [times, ...data], box.current);
		};
		draw();
		const watch = new ResizeObserver(() => plot?.setSize({ width: box.current.clientWidth, height: HEIGHT }));
		watch.observe(box.current);
		const dark = matchMedia('(prefers-color-scheme: dark)');
		dark.addEventListener('change', draw);
		const theme = new MutationObserver(draw);
		theme.observe(document.documentElement, { attributeFilter: ['data-theme'] });
		return () => {
			gone = true;
			watch.disconnect();
			theme.disconnect();
			dark.removeEventListener('change', draw);
			plot?.destroy();
		};
	}, [JSON.stringify([times, series])]);
	return html`<div class=${pick ? 'chart picks' : 'chart'} ref=${box} role="img" aria-label=${label}></div>`;
}
