// The plans that the API's own requests ran by, as PostgreSQL logs them.

import fs from 'node:fs';

// Lines for the cluster's postgresql.conf (Bench.start's pgConf).
export const planConf = ['session_preload_libraries = auto_explain', 'auto_explain.log_min_duration = -1',
	'auto_explain.log_analyze = on', 'auto_explain.log_timing = off', 'auto_explain.log_format = json',
	'log_line_prefix = \'%u \''].join('\n');

// From now on the responder's plans are logged.
export async function logPlans(b) {
	await b.sql('alter role ewa_responder set auto_explain.log_min_duration = 0');
	await b.responder.stop();
	await b.startResponder(); // with new connections
}

export const logSize = (b) => fs.statSync(b.cluster.program.log).size;

function nodesOf(plan, out = []) {
	out.push(plan);
	for (const p of plan.Plans ?? [])
		nodesOf(p, out);
	return out;
}

// [{ text, nodes }] of the statements that were logged behind `from`, without
// those of every request (who calls, what settings are new).
export function plansSince(b, from) {
	const bytes = fs.readFileSync(b.cluster.program.log).subarray(from).toString();
	return [...bytes.matchAll(/^ewa_responder LOG: {2}duration: .*plan:\n\t(\{[\s\S]*?\n\t\})/gm)]
	    .map(([, json]) => JSON.parse(json.replace(/\n\t/g, '\n')))
	    .filter((p) => !/app_user|session|settings_version >/.test(p['Query Text']))
	    .map((p) => ({ text: p['Query Text'], nodes: nodesOf(p.Plan) }));
}

// Rows that a node has read, also those it dropped.
export const rowsOf = (n) => n['Actual Loops'] * (n['Actual Rows'] + (n['Rows Removed by Filter'] ?? 0) +
    (n['Rows Removed by Index Recheck'] ?? 0));
