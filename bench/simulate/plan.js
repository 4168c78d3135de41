'use strict';

// What happens in one run: drawn from its seed, and a plain object, so that it can be made shorter

const { Random } = require('../consistency/random');


const internals = {
    day: 24 * 60 * 60 * 1000,

    // How often one is drawn, beside the others

    faults: {
        'cut': 4,
        'stall': 4,
        'partition': 3,
        'mute': 1,
        'slow': 3,
        'suspend': 4,
        'crash': 3,
        'restart': 2,
        'jump': 1,
        'slew': 1,
        'script-flush': 3,
        'flushall': 3,
        'redis-restart': 3,
        'failover': 3,
        'redis-pause': 2,
        'redis-jump': 1,
        'refuse': 1
    },

    // What loses data, and is left out where it cannot be made good: old revocations, where memory does not hold everything, and longer leases, where they differ

    oldLosses: ['flushall', 'redis-restart'],
    losses: ['flushall', 'redis-restart', 'failover']
};


exports.faults = Object.keys(internals.faults);


/** Of clocks: two of them are 10 % apart at most. */
exports.rates = [0.954, 1.048];


/**
 * The plan of a seed. `options` may say which faults there are, how long it takes (s), how many processes there are, their lease and how long they wait for
 * Redis (ms), how far (ms) logouts are apart, for how long (ms, of each member) news wait for more, whether there are sessions, and whether memory is too small for everything.
 */
exports.draw = function (seed, { faults, seconds, processes, lease: wanted, timeout, gap, spacing, sessions, partial = false } = {}) {

    const random = new Random(seed * 7919 + 13);
    const usual = random.pick([400, 1500, 1500, 1500]);
    const lease = wanted ?? usual;
    const isPartial = random.chance(0.1) || partial;
    const duration = (seconds ?? random.between(4, 16)) * 1000;
    const count = processes ?? 2 + random.below(4);

    const isBrief = random.chance(0.15);
    const hasLeases = random.chance(0.1);
    const patience = random.pick([100, 400, 400]);

    // Some kinds of faults at a time: all of them at once hide each other

    const excluded = [...hasLeases ? internals.losses : isPartial ? internals.oldLosses : [], ...isBrief ? ['redis-jump'] : []];
    const few = Array.from({ length: 1 + random.below(4) }, () => random.pick(exports.faults));
    const half = exports.faults.filter(() => random.chance(0.5));
    const kinds = faults ?? (random.chance(0.5) ? few : half);

    const plan = {
        seed,
        lease,
        timeout: timeout ?? patience,
        isPartial,
        max: isPartial ? 20 + random.below(100) : undefined,
        network: { base: random.between(0.05, 0.5), spread: random.between(0, 2), rare: random.chance(0.5) ? 0 : random.between(0, 0.1), most: Math.min(lease, timeout ?? patience) / 10 },

        processes: Array.from({ length: count }, () => internals.process(random, hasLeases ? random.pick([400, lease]) : lease)),
        asked: !isPartial && random.chance(0.15),

        // Redis 7.2 and later show a script's own client what it publishes behind the reply

        isPushingLast: random.chance(0.5),

        // How long (ms) what is revoked has to be remembered: in some runs for seconds, which a clock of Redis that jumps would take away

        ttl: isBrief ? random.between(2000, 6000) : 2 * 60 * 60 * 1000,
        duration,
        actions: []
    };

    internals.logouts(plan, random, gap ?? random.pick([15, 40, 40, 100, 1000]));
    internals.add(plan, random, kinds.filter((kind) => !excluded.includes(kind)));
    internals.addSessions(plan, new Random(seed * 7919 + 14), sessions);

    // In some runs the log publishes as seldom as it does for hundreds of members

    plan.spacing = spacing ?? new Random(seed * 7919 + 15).pick([0, 0, 0, 0.5, 5]);
    plan.actions.sort((a, b) => a.at - b.at);

    // Room for everything, and not for more: it is cleared for each process that starts

    plan.max ??= 2 * plan.actions.length + 100;
    return plan;
};


// In a part of the runs, people log in, renew and log out

internals.addSessions = function (plan, random, sessions = random.chance(0.4)) {

    plan.hasSessions = sessions;
    if (!sessions) {
        return;
    }

    const gap = random.pick([20, 60]);
    for (const at of internals.moments(random, plan.duration, gap)) {
        const kind = random.pick(['login', 'renew', 'renew', 'leave', 'use', 'use']);
        plan.actions.push({ at, kind, process: random.below(100), draw: random.below(1e6), isPair: random.chance(0.3) });
    }
};


internals.process = function (random, lease) {

    return { rate: random.pick([1, 1, ...exports.rates]), isTolerant: random.chance(0.3), lease };
};


internals.logouts = function (plan, random, gap) {

    for (const at of internals.moments(random, plan.duration, gap)) {
        plan.actions.push(internals.logout(random, at));
    }

    for (const at of internals.moments(random, plan.duration, 100)) {
        plan.actions.push({ at, kind: 'check', process: random.below(100), draw: random.below(1e6) });
    }
};


/** Moments (ms) that are `gap` apart in the mean. */
internals.moments = function* (random, duration, gap) {

    let at = random.between(0, gap);
    while (at < duration) {
        yield at;
        at += random.between(0, 2 * gap);
    }
};


internals.logout = function (random, at) {

    return {
        at,
        kind: 'logout',
        process: random.below(100),
        draw: random.below(1e6),
        isSession: random.chance(0.2),
        again: random.chance(0.08) ? random.below(100) : undefined,
        isSubject: random.chance(0.2)
    };
};


internals.add = function (plan, random, kinds) {

    const { lease, duration, actions } = plan;
    const bag = kinds.flatMap((kind) => new Array(internals.faults[kind]).fill(kind));
    if (bag.length === 0) {
        return;
    }

    const gap = random.pick([200, 600, 1500]);
    const span = () => random.pick([lease / 20, lease / 4, lease / 2, lease * 1.2, lease * 2.5]) * random.between(0.5, 1.5);
    for (const at of internals.moments(random, duration, gap)) {
        const kind = random.pick(bag);
        actions.push({ at, kind, process: random.below(100), span: span(), draw: random.below(1e6), ...internals.details[kind]?.(random, lease) });

        // What goes wrong goes wrong around a logout

        if (random.chance(0.5)) {
            const count = 1 + random.below(6);
            for (let i = 0; i < count; ++i) {
                actions.push(internals.logout(random, Math.max(0, at + random.between(-4, 10))));
            }
        }
    }
};


internals.details = {
    'stall': (random) => ({ way: random.pick(['in', 'out', 'both']), isLosing: random.chance(0.4), isBehind: random.chance(0.3) }),
    'partition': (random) => ({ isLosing: random.chance(0.5) }),
    'restart': (random, lease) => ({ delay: random.chance(0.5) ? random.between(0, lease) : 0 }),
    'cut': (random) => ({ isLosing: random.chance(0.5) }),
    'slow': (random, lease) => ({ by: random.pick([10, lease / 20, lease / 4, lease, 2.5 * lease]) }),
    'suspend': (random) => ({ isMachine: random.chance(0.4) }),
    'crash': (random) => ({ isSilent: random.chance(0.3) }),
    'jump': (random) => ({ by: random.pick([-1, 1]) * random.between(100, 30_000) }),
    'slew': (random) => ({ rate: random.pick([1, ...exports.rates]) }),
    'redis-jump': (random) => ({ by: random.pick([-1, 1]) * random.between(100, 30_000) }),
    'redis-restart': (random) => ({ keeps: random.chance(0.5), isLosing: random.chance(0.5) }),
    'failover': (random) => ({ lag: random.pick([0, 1, 5, 50, 400]), isSilent: random.chance(0.4), isLosing: random.chance(0.5) }),
    'refuse': (random) => ({ error: random.pick(['OOM command not allowed when used memory > \'maxmemory\'.', 'READONLY You can\'t write against a read only replica.',
        'NOREPLICAS Not enough good replicas to write.', 'MISCONF Redis is configured to save RDB snapshots']) })
};
