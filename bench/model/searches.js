'use strict';

const internals = {
    all: ['BREAKS', 'FLUSHES', 'CRASHES', 'RESTARTS', 'ROLLBACKS', 'SILENCES', 'STOPS', 'SKIPS', 'GHOSTS']
};


/**
 * What is searched. Kinds of faults: BREAKS (a connection), FLUSHES (FLUSHALL, connections stay), CRASHES (a process, which starts again), RESTARTS (the
 * server, without data), ROLLBACKS (the server, with its data or older ones), SILENCES (the same, and nobody closes the connections to the one before), STOPS (a process
 * leaves and starts again; its `leave` may come late), SKIPS (news that do not arrive), GHOSTS (an `open` that arrives after its connection is gone).
 *
 * BATCHES: a write may be published later than it is done. SLOW_OPENS: time passes between the sending of `open` and its execution. SWEEPS: silent
 * members are removed. ASKING: the writer is a process with `lease: false`.
 */
exports.searches = [
    {
        name: 'All faults, two processes',
        flags: ['N=2', 'FAULTS=2', ...internals.all, 'SLOW_OPENS', 'BATCHES', 'SWEEPS'],
        isQuick: true
    },
    {
        name: 'Two writers',
        flags: ['N=2', 'R=2', 'FAULTS=1', 'BREAKS', 'FLUSHES', 'RESTARTS']
    },
    {
        name: 'Two revocations of one writer',
        flags: ['N=2', 'R=2', 'ONE_WRITER', 'FAULTS=1', 'BREAKS', 'FLUSHES', 'RESTARTS', 'BATCHES']
    },
    {
        name: 'Two revocations, and the removal of silent members',
        flags: ['N=2', 'R=2', 'ONE_WRITER', 'FAULTS=0', 'SWEEPS', 'BATCHES'],
        isQuick: true
    },
    {
        name: 'A writer without a lease',
        flags: ['N=3', 'ASKING', 'FAULTS=2', 'BREAKS', 'FLUSHES', 'RESTARTS', 'ROLLBACKS', 'BATCHES'],
        isQuick: true
    },
    {
        name: 'A writer without a lease, all faults',
        flags: ['N=2', 'ASKING', 'FAULTS=3', ...internals.all, 'SLOW_OPENS', 'BATCHES'],
        isQuick: true
    },
    {
        name: 'Three faults',
        flags: ['N=2', 'FAULTS=3', ...internals.all, 'SLOW_OPENS']
    },
    {
        name: 'All faults, three processes',
        flags: ['N=3', 'FAULTS=1', ...internals.all]
    },
    {
        name: 'Stops and breaks, three processes',
        flags: ['N=3', 'FAULTS=2', 'STOPS', 'BREAKS', 'SWEEPS'],
        isQuick: true
    },
    {
        name: 'Lost data, three processes',
        flags: ['N=3', 'FAULTS=2', 'RESTARTS', 'ROLLBACKS']
    },
    {
        name: 'FLUSHALL and crashes, three processes',
        flags: ['N=3', 'FAULTS=2', 'FLUSHES', 'CRASHES']
    },
    {
        name: 'Far out',
        flags: ['N=3', 'FAULTS=2', 'BREAKS', 'FLUSHES', 'CRASHES', 'ROLLBACKS', 'SWEEPS'],
        bits: 33
    }
];


internals.two = ['N=2', 'FAULTS=2', ...internals.all, 'SLOW_OPENS', 'BATCHES', 'SWEEPS'];

internals.asking = ['N=2', 'ASKING', 'FAULTS=2', 'BREAKS', 'FLUSHES', 'RESTARTS', 'BATCHES'];

internals.twoRevocations = ['N=2', 'R=2', 'ONE_WRITER', 'FAULTS=0', 'SWEEPS'];


/** What makes it right, each with a search that goes wrong without it. */
exports.guards = [
    { flag: 'NO_POSITION_BY_LOG', flags: internals.twoRevocations, text: 'Positions are given by the log, not by the writer, whose writes may overtake each other' },
    { flag: 'NO_EPOCH_OF_WRITE', flags: internals.two, text: 'A write, and what is said of it, names its epoch' },
    { flag: 'NO_EPOCH_OF_CONFIRM', flags: internals.two, text: 'A confirmation names its epoch, and is refused in another one' },
    { flag: 'NO_HISTORY', flags: internals.two, text: 'A server that was restarted or promoted gets a new epoch, also where the old one came back with the data' },
    { flag: 'NO_GAP', flags: internals.two, text: 'A process that has applied less than was published has lost news, and joins anew' },
    { flag: 'NO_LEASE_FROM_SENDING', flags: internals.two, text: 'A lease runs from the sending of the confirmation, not from its reply' },
    { flag: 'NO_CLOCK_FIRST', flags: internals.two, text: 'A request looks at the clock first, then at memory' },
    { flag: 'NO_TRUST_DROPPED', flags: internals.two, text: 'A process that joins anew trusts its memory no more, before its old entry in the registry goes' },
    { flag: 'NO_INCARNATION', flags: internals.two, text: 'A leave is of one incarnation: it does not take out the process that has started again' },
    { flag: 'NO_PATIENCE', flags: internals.two, text: 'Patience is longer than a lease, however the clocks drift' },
    { flag: 'NO_PATIENCE_FROM_NEWS', flags: internals.two, text: 'Patience begins when the revocation has been published, not when it is written' },
    { flag: 'NO_LAST_CONFIRM', flags: internals.two, text: 'After a wait of patience the writer confirms once more, in the same epoch' },
    { flag: 'NO_DONE_UNDER_LEASE', flags: internals.two, text: 'A writer says done only while it holds a lease: what it heard is not older' },
    { flag: 'NO_YOUNG_EPOCH', flags: internals.two, text: 'An epoch that is younger than a lease is waited for: processes of the last one may hold leases' },
    { flag: 'NO_YOUNG_EPOCH', flags: internals.asking, text: 'The same, by a writer with lease: false beside processes with leases' },
    { flag: 'NO_PROOF_LAST', flags: internals.two, text: 'What was heard before that wait is over does not count: the writer confirms once more' },
    { flag: 'NO_LEAST_PUBLISHED', flags: internals.asking, text: 'What was not published is not confirmed, even where there are no members' },
    { flag: 'NO_WRITE_BACK', flags: internals.two, text: 'A process writes back what the server lacks, before it confirms' },
    { flag: 'NO_RESTORED_AT_ONCE', flags: internals.two, text: 'What is written back is published at once' },
    { flag: 'NO_SETTLING', flags: internals.two, text: 'A process that held no lease does not trust an epoch that nobody has settled' },
    { flag: 'NO_ABSENCE', flags: internals.two, text: 'And it waits half a lease longer: who knows more may have to notice first that its server is silent' },
    { flag: 'NO_KNOWER_ONCE', flags: internals.two, text: 'A lease exempts from that once: open has taken the entry out that the lease was kept by' },
    { flag: 'NO_KNOWER_UNTIL_OPENED', flags: internals.two, text: 'And it has to run until open is answered' },
    { flag: 'NO_SWEEP_PATIENCE', flags: internals.two, text: 'A suspected member is removed when each lease from before the suspicion has run out, no earlier' },
    { flag: 'NO_SUSPICION_CLEARED', flags: internals.twoRevocations, text: 'And not if it has confirmed since' }
];
