'use strict';


const internals = {};


/** What a run came to. */
exports.figures = function (options, { history, fleet, faults, recovery, workload, elapsed, errors }) {

    const { counts, latencies } = history;
    const caches = fleet.processes.filter(({ status }) => status !== null);
    const sum = (read) => caches.reduce((total, process) => total + read(process), 0);

    const hits = sum(({ status }) => status.cache.hits);
    const misses = sum(({ status }) => status.cache.misses);

    const figures = {
        options,
        seconds: round(elapsed / 1000),
        requests: counts.requests + counts.attempts,
        logouts: history.answered,
        everywhere: counts.everywhere,
        orders: counts.orders,
        evicted: counts.evicted,
        sockets: counts.sockets,
        twice: counts.twice,
        hungUp: counts.hungUp,
        others: counts.others,
        violations: counts.violations,
        afterLoss: counts.afterLoss,
        refusals: counts.refusals,
        failures: counts.failures + fleet.crashes.length + errors.length + faults.errors.length,
        accepted: counts.accepted,
        refused: counts.refused,
        unavailable: counts.unavailable,
        unanswered: counts.unanswered,
        skipped: workload.skipped,
        unpromised: counts.unpromised,
        excused: counts.excused,
        faults: faults.counts,
        processes: fleet.processes.length,
        latency: { median: percentile(latencies, 50), p99: percentile(latencies, 99), worst: percentile(latencies, 100) },
        memory: { checks: hits + misses, asked: misses, share: share(hits, hits + misses) },
        complete: caches.filter(({ status, endedAt }) => endedAt === Infinity && status.cache.isComplete).length,
        recovery: null
    };

    const based = caches.filter(({ baseline }) => baseline !== null);
    if (based.length > 0) {
        const asked = based.reduce((total, { status, baseline }) => total + status.cache.misses - baseline.misses, 0);
        const checks = based.reduce((total, { status, baseline }) => total + status.cache.hits - baseline.hits, asked);
        const first = based.reduce((total, { firstChecks }) => total + firstChecks, 0);
        figures.repeats = { checks: checks - first, asked: Math.max(0, asked - first), share: share(checks - Math.max(asked, first), checks - first) };
    }

    if (recovery.checks.length > 0) {
        const all = [...recovery.checks, ...recovery.logouts];
        figures.recovery = {
            limit: recovery.limit,
            checks: { median: percentile(recovery.checks, 50), worst: percentile(recovery.checks, 100) },
            logouts: { median: percentile(recovery.logouts, 50), worst: percentile(recovery.logouts, 100) },
            measured: all.length,
            tooSlow: recovery.slow.length
        };
    }

    figures.isGood = figures.violations === 0 && figures.refusals === 0 && figures.failures === 0 && figures.logouts > 0;
    return { ...figures, details: { violations: history.violations, refusals: history.refusals, slow: recovery.slow, failures: [...history.failures, ...fleet.crashes, ...errors, ...faults.errors] } };
};


exports.print = function (figures, start) {

    const { options, latency, memory, recovery, repeats, faults } = figures;
    const kinds = Object.entries(faults).map(([kind, count]) => `${kind} ${count}`);
    const faultCount = Object.values(faults).reduce((total, count) => total + count, 0);

    const rows = [
        ['design', internals.design(figures)],
        ['seed, seconds, processes', `${options.seed}, ${figures.seconds}, ${options.processes} (${figures.processes} in the end)`],
        ['logouts answered', `${figures.logouts}, of them ${figures.everywhere} everywhere, ${figures.orders} ordered by a provider and ${figures.evicted} by a login`],
        ['attempts of them', `${figures.sockets} over a socket, ${figures.twice} twice at once, ${figures.hungUp} by a client that hung up, ${figures.others} in the other strategy`],
        ['requests', `${figures.requests}: ${figures.accepted} accepted, ${figures.refused} refused, ${figures.unavailable} × 503, ${figures.unanswered} unanswered`],
        ['ACCEPTED AFTER THE LOGOUT', `${figures.violations}${figures.afterLoss ? `, ${figures.afterLoss} of them after Redis had lost its data` : ''}`],
        ['WRONGLY REFUSED', `${figures.refusals}`],
        ['OTHER FAILURES', `${figures.failures}`],
        ['not counted', `${figures.excused} after all knowledge was lost, ${figures.unpromised} after a 401 to a repeated logout`],
        ['faults', `${faultCount}${kinds.length > 0 ? `: ${kinds.join(', ')}` : ''}`],
        ['logout', `median ${latency.median} ms, p99 ${latency.p99} ms, worst ${latency.worst} ms`],
        ['checks answered from memory', `${memory.share} %, ${memory.asked} of ${memory.checks} asked`]
    ];

    if (repeats) {
        rows.push(['repeated checks, partial cache', `${repeats.share} % from memory, ${repeats.asked} of ${repeats.checks} asked`]);
    }

    if (recovery) {
        const text = ({ median, worst }) => `median ${median} ms, worst ${worst} ms`;
        rows.push(['recovery of checks', text(recovery.checks)]);
        rows.push(['recovery of logouts', text(recovery.logouts)]);
        rows.push(['recovery past the limit', `${recovery.tooSlow} of ${recovery.measured} (limit ${recovery.limit} ms)`]);
    }

    const width = Math.max(...rows.map(([name]) => name.length));
    console.log(`\n${rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`).join('\n')}\n`);

    const { violations, refusals, failures, slow } = figures.details;
    internals.list('Accepted after the logout', violations, figures.violations, (each) => internals.incident(each, start));
    internals.list('Wrongly refused', refusals, figures.refusals, (each) => internals.incident(each, start));
    internals.list('Other failures', failures, failures.length, (each) => `  ${JSON.stringify(each)}`);
    internals.list('Slow to recover', slow, slow.length, (each) => internals.delay(each, start));
    console.log(figures.isGood ? 'The promise held.' : 'THE PROMISE DID NOT HOLD.');
};


internals.design = function ({ options, complete }) {

    const { naive, lease, cache, topology, persist } = options;
    const redis = topology === 'redis' ? `Redis ${persist ? 'that keeps' : 'without'} its data` : topology;
    const blacklist = naive ? 'naive: cache with a time to live' :
        lease === false ? 'no lease: each check asks' :
            `lease ${lease} ms, cache ${cache ?? 'by default'} (complete in ${complete} of ${options.processes})`;
    return `${blacklist}; ${redis}`;
};


internals.list = function (title, list, count, text) {

    if (list.length > 0) {
        console.log(`${title}:\n${list.slice(0, 10).map(text).join('\n')}${count > 10 ? `\n  … ${count} in all` : ''}\n`);
    }
};


internals.incident = function ({ token, subject, route, process, processStartedAt, issuedAt, loggedOutBy, loggedOutAt, startedAt, answeredAt, late, body, knowers, faults, logs, deeds, entries }, start) {

    const moment = internals.moments(start);
    return [
        `  token ${token} of ${subject}, ${route} at process ${process} (since ${moment(processStartedAt)})`,
        `      issued ${moment(issuedAt)}, logged out ${loggedOutBy ? `by ${loggedOutBy} at ${moment(loggedOutAt)}` : 'never'}; known to ${knowers.join(', ') || 'nobody'}`,
        `      began ${moment(startedAt)} (${late.toFixed(1)} ms late), answered ${moment(answeredAt)}: ${body}`,
        ...deeds.map((deed) => `      ${deed.what} ${moment(deed.begin)} – ${moment(deed.end)} at process ${deed.process}: ${deed.status ?? 'under way'}`),
        ...entries.map(({ name, cutoff }) => `      on the blacklist, read afterwards: ${name}${internals.reach(cutoff, moment)}`),
        internals.context(faults, logs, moment)
    ].join('\n');
};


internals.delay = function ({ what, process, since, duration, faults, logs }, start) {

    const moment = internals.moments(start);
    return `  ${what} at process ${process}: ${duration.toFixed(0)} ms after ${moment(since)}\n${internals.context(faults, logs, moment)}`;
};


// A cut-off is by the wall clock of Redis, which is this machine's. One without a date ends everything

internals.reach = function (cutoff, moment) {

    if (cutoff === undefined || cutoff === Number.MAX_SAFE_INTEGER) {
        return '';
    }

    return `, what was issued until ${moment(cutoff - performance.timeOrigin)}`;
};


internals.context = function (faults, logs, moment) {

    return [
        ...faults.map(({ text, begin, end }) => `      fault ${moment(begin)} – ${moment(end)}: ${text}`),
        ...logs.map(({ at, text }) => `      log ${moment(at)}: ${text}`)
    ].join('\n');
};


internals.moments = function (start) {

    return (at) => (Number.isFinite(at) ? `${((at - start) / 1000).toFixed(3)} s` : '…');
};


const percentile = function (values, percent) {

    const sorted = Array.from(values).sort((a, b) => a - b);
    return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * percent / 100))] ?? NaN);
};


const round = (number) => Math.round(number * 10) / 10;

const share = (part, whole) => Math.round(part / whole * 10_000) / 100;
