#!/usr/bin/env node
// Who takes its turn when woken (SCHED_BATCH): the responder's workers and the
// dispatcher's loop; not the committer, for whom all workers wait.

import fs from 'node:fs';

import * as t from '../lib/tap.mjs';
import { Bench, srcdir } from '../lib/ewa.mjs';

const SCHED_OTHER = 0, SCHED_BATCH = 3;
const WORKERS = 7;

const ewa = await Bench.start({ servers: [], config: { workers: WORKERS } });

// The policy of each thread, the 41st field of its stat.
const policies = (pid) => fs.readdirSync(`/proc/${pid}/task`).map((tid) =>
	Number(fs.readFileSync(`/proc/${pid}/task/${tid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')[38]));

const responder = policies(ewa.responder.pid);
t.is(responder.filter((p) => p === SCHED_BATCH).length, WORKERS, 'as many threads of the responder as it has workers');
t.ok(responder.filter((p) => p === SCHED_OTHER).length >= 2, 'the others are as usual', responder);
t.is(policies(ewa.dispatchers[0].pid)[0], SCHED_BATCH, "the dispatcher's loop");
for (const unit of ['responder', 'dispatcher'])
	t.like(fs.readFileSync(`${srcdir}/systemd/ewa-${unit}.service`, 'utf8'),
	    /^SystemCallFilter=~.*@resources\nSystemCallFilter=sched_setscheduler$/m, `the ${unit}'s unit lets it`);

await ewa.stop();
t.done();
