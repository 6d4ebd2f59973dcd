// A chart by uPlot, loaded when the first one is shown.

import { html, useEffect, useRef } from '../dom.js';

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

// series: [{ label, colour: '--good', values, dash }, ...]; times in seconds.
export function Chart({ label, times, series, unit }) {
	const box = useRef(null);
	useEffect(() => {
		let plot = null;
		let gone = false;
		const draw = async () => {
			const UPlot = await load();
			if (gone)
				return;
			const ink = colour('--ink-soft');
			const line = colour('--line');
			const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
			plot?.destroy();
			plot = new UPlot({
				width: box.current.clientWidth,
				height: 240,
				axes: [axis, { ...axis, size: 60, values: (_, v) => v.map((n) => `${n}${unit ?? ''}`) }],
				series: [{}, ...series.map((s) => ({ label: s.label, stroke: colour(s.colour), width: 2, dash: s.dash,
					points: { show: times.length < 3 } }))],
			}, [times, ...series.map((s) => s.values)], box.current);
		};
		draw();
		const watch = new ResizeObserver(() => plot?.setSize({ width: box.current.clientWidth, height: 240 }));
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
	return html`<div class="chart" ref=${box} role="img" aria-label=${label}></div>`;
}
