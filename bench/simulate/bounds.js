'use strict';

// How long (ms) a call may take at most, from what PROTOCOL.md and the timeouts say. Each is a sum of waits that follow one another, each at its longest

const { rates } = require('./plan');


const internals = {

    // What a process without a lease assumes of those of others, at least

    defaultLease: 1500,

    // Between two questions of a process without a lease

    pause: 50
};


exports.defaultLease = internals.defaultLease;


/** A check waits for a join, a confirmation and a lookup. Where its connection was lost meanwhile, it does so once more. */
exports.check = function ({ timeout }) {

    return internals.stretched(6 * timeout);
};


/**
 * A logout. One that is repeated takes two `turns`: that of a repetition which is under way, and its own.
 *
 * With a lease:
 * 1. A join, the write that is under way, and its own: a timeout each.
 * 2. Until its news are published, what was published before is spaced.
 * 3. News come before the reply to the next heartbeat, which is sent a quarter of a lease later and replied to within a lease: or the connection ends, and so does the logout.
 * 4. A patience, and the last confirmation behind one that is under way: a lease each.
 */
exports.logout = function (process, { lease, timeout, spacing, processes }, turns = 1) {

    const spaced = 2 * spacing * (processes.length + 1);
    const turn = process.isLeased ?
        3 * timeout + spaced + 1.25 * lease + internals.patience(lease) + 2 * lease :
        internals.asked({ lease: Math.max(internals.defaultLease, lease), timeout, spaced });

    return internals.stretched(turns * turn);
};


/**
 * Without a lease:
 * 1. Terms and write, both again in a new epoch, and a look where the reply was late: a timeout each.
 * 2. A look that finds the news published, a patience, the look that is under way then, and the last one.
 * 3. In an epoch that is not settled, the absence of others since the first reply, if that is longer.
 * 4. A look, and the end of that: a timeout each.
 */
internals.asked = function ({ lease, timeout, spaced }) {

    const silent = spaced + internals.pause + timeout + internals.patience(lease) + timeout + internals.pause + timeout;
    return 5 * timeout + Math.max(silent, internals.patience(1.5 * lease)) + 2 * timeout;
};


internals.patience = function (lease) {

    return lease * 1.1 + 10;
};


// By a slow clock, with timers that are late

internals.stretched = function (duration) {

    return duration / Math.min(...rates) + 10;
};
