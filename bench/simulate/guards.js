'use strict';

// Guards of the protocol, and how each is taken out. Those that the model has are named as there. With `faults` it is looked for: they make its loss show sooner


module.exports = [
    {
        name: 'NO_TRUST_DROPPED: trust goes on during a join',
        faults: ['cut'],
        file: 'lib/blacklist/join.ts',
        find: '    lease.suspend();\n    const wasWhole = memory.begin();',
        replace: '    const wasWhole = true;'
    },
    {
        name: 'NO_LEASE_FROM_SENDING: the lease runs from the reply',
        faults: ['slow', 'stall'],
        file: 'lib/blacklist/member.ts',
        find: 'this.lease.renew(mark);',
        replace: 'this.lease.renew(this.lease.mark());'
    },
    {
        name: 'NO_WALL_CLOCK: a suspended machine keeps its lease',
        faults: ['suspend'],
        file: 'lib/blacklist/lease.ts',
        find: 'return this.#clock.now() < this.#until && Date.now() < this.#wallUntil;',
        replace: 'return this.#clock.now() < this.#until;'
    },
    {
        name: 'NO_DRIFT: clocks do not differ',
        faults: ['partition'],
        draw: { processes: 2, gap: 100 },
        file: 'lib/blacklist/lease.ts',
        find: 'return lease * 1.1 + 10;',
        replace: 'return lease;'
    },
    {
        name: 'NO_PATIENCE: silent members are not waited for',
        faults: ['partition', 'stall'],
        file: 'lib/blacklist/lease.ts',
        find: 'return lease * 1.1 + 10;',
        replace: 'return lease / 4;'
    },
    {
        name: 'NO_PATIENCE_FROM_NEWS: silent members are waited for from the write on',
        faults: ['partition', 'stall'],
        draw: { lease: 400, processes: 3, spacing: 100 },
        file: 'lib/blacklist/propagation.ts',
        find: 'this.applied(this.#writer.applied);\n        if (least >= position) {',
        replace: 'wait.isPatient = true;\n        this.#after(wait, this.#writer.lease.patience, () => this.#prove(wait));\n        this.applied(this.#writer.applied);\n        if (least >= position) {'
    },
    {
        name: 'NO_HISTORY: a restarted server goes on with its epoch',
        faults: ['failover', 'crash'],
        file: 'lib/store/blacklist-scripts.ts',
        find: 'if not epoch or known ~= history then',
        replace: 'if not epoch then'
    },
    {
        name: 'NO_EPOCH_OF_WRITE: a write counts in any epoch',
        faults: ['flushall', 'stall', 'slow'],
        file: 'lib/store/blacklist-scripts.ts',
        find: 'if current ~= ARGV[2] then return false end\n\nlocal position, published = append(ARGV[1]',
        replace: 'if not current then return false end\nlocal position, published = append(ARGV[1]'
    },
    {
        name: 'NO_EPOCH_OF_CONFIRM: a confirmation counts in any epoch',
        faults: ['flushall', 'stall', 'partition'],
        file: 'lib/store/blacklist-scripts.ts',
        find: 'if current ~= epoch then return false end\n\nif suspected',
        replace: 'if not current then return false end\n\nif suspected'
    },
    {
        name: 'NO_SUSPICION_CLEARED: a confirmation clears no suspicion',
        faults: ['suspend', 'stall', 'partition'],
        file: 'lib/store/blacklist-scripts.ts',
        find: 'if suspected then redis.call(\'HDEL\', suspects, id) end',
        replace: ''
    },
    {
        name: 'NO_INCARNATION: an id for a process',
        faults: ['restart', 'slow'],
        draw: { timeout: 100 },
        file: 'lib/store/link.ts',
        find: '${randomBytes(9).toString(\'base64url\')}`;\n};',
        replace: 'always`;\n};'
    },
    {
        name: 'NO_WRITE_BACK: what is lost is not written back',
        faults: ['redis-restart', 'flushall'],
        file: 'lib/blacklist/join.ts',
        find: 'await writeBack.run(() => memory.read(link));',
        replace: 'await memory.read(link);'
    },
    {
        name: 'recent news that are forgotten with the rest',
        faults: ['failover'],
        draw: { partial: true, processes: 2, gap: 15 },
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#recent.add(revocations);\n',
        replace: ''
    },
    {
        name: 'NO_SETTLING: a young epoch is trusted at once',
        faults: ['redis-restart', 'failover', 'slow'],
        file: 'lib/blacklist/join.ts',
        find: 'if (!isSettled && !knowsAll) {',
        replace: 'if (link.id === \'\') {'
    },
    {
        name: 'NO_KNOWER_UNTIL_OPENED: a lease that has run out says that all is known',
        faults: ['partition', 'flushall'],
        draw: { processes: 2, lease: 400, gap: 40 },
        file: 'lib/blacklist/join.ts',
        find: 'const knowsAll = wasWhole && isLeaseRunning();',
        replace: 'const knowsAll = wasWhole && isLeaseRunning !== null;'
    },
    {
        name: 'NO_GAP: lost news are not missed',
        faults: ['mute'],
        file: 'lib/blacklist/member.ts',
        find: 'if (first > this.#applied + 1) {',
        replace: 'if (this.#epoch === \'\') {'
    },
    {
        name: 'NO_GAP_OF_CONFIRM: lost news are not missed by a confirmation',
        faults: ['mute'],
        file: 'lib/blacklist/member.ts',
        find: 'if (confirmed.published > this.#applied) {',
        replace: 'if (this.#epoch === \'\') {'
    },
    {
        name: 'NO_APPLICATION: news are confirmed and not applied',
        faults: [],
        file: 'lib/blacklist/member.ts',
        find: '        this.memory.take(news);',
        replace: ''
    },
    {
        name: 'NO_YOUNG_EPOCH: members of an earlier epoch are not waited for',
        faults: ['flushall', 'partition'],
        file: 'lib/blacklist/propagation.ts',
        find: 'youth > 0 && !written.isSettled',
        replace: 'youth < 0'
    },
    {
        name: 'NO_LAST_CONFIRM: no confirmation comes last',
        faults: ['stall', 'redis-restart', 'flushall'],

        // Before anything was called done, no process has to keep it when data are lost

        draw: { processes: 2, gap: 4000, seconds: 4 },
        file: 'lib/blacklist/propagation.ts',
        find: '        this.#writer.confirm().then(() => {\n\n            if (this.#writer.lease.isHeld) {',
        replace: '        Promise.resolve().then(() => {\n\n            if (wait) {'
    },
    {
        name: 'NO_SWEEP_PATIENCE: who is suspected is removed at once',
        faults: ['partition', 'stall'],
        file: 'lib/blacklist/propagation.ts',
        find: 'this.#later(lease.patience, () => {\n\n                this.#isSweeping',
        replace: 'this.#later(0, () => {\n\n                this.#isSweeping'
    },
    {
        name: 'NO_SWEEP_PATIENCE, without a lease',
        faults: ['partition', 'stall'],
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'await pause(this.#options.clock, patient);',
        replace: ''
    },
    {
        name: 'a suspicion that a later one replaces',
        faults: ['crash'],
        file: 'lib/store/blacklist-scripts.ts',
        find: 'if not suspicion then\n',
        replace: 'if suspicion ~= ARGV[3] then\n'
    },
    {
        name: 'a write that a lost connection leaves waiting',
        faults: ['cut'],
        file: 'lib/blacklist/propagation.ts',
        find: 'this.#waits.forEach((wait) => this.#end(wait, () => wait.reject(error)));',
        replace: ''
    },
    {
        name: 'a check without a lease',
        faults: ['partition', 'suspend'],
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'if (latest === forever || isHeld && this.#cache.areCurrent(keys)) {',
        replace: 'if (latest === forever || this.#cache.areCurrent(keys)) {'
    },
    {
        name: 'without a lease: an epoch that is lost meanwhile',
        faults: ['flushall', 'failover', 'partition'],
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            if (!progress) {\n                throw begunAnew();\n            }\n',
        replace: '            if (!progress) {\n                return { published: Infinity, least: Infinity, isSettled: true, lease: 0 };\n            }\n'
    },
    {
        name: 'without a lease: members of an earlier epoch are not waited for',
        faults: ['flushall', 'slow'],
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'if (!first.isSettled) {',
        replace: 'if (epoch === \'\') {'
    },
    {
        name: 'without a lease: a silent member is never removed',
        faults: ['crash'],
        draw: { processes: 2 },
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'await this.#store.strike(epoch, suspicions);',
        replace: ''
    },
    {
        name: 'sessions: a renewal does not ask the blacklist last',
        faults: ['failover', 'slow'],
        draw: { sessions: true },
        file: 'lib/sessions/refresh-tokens.ts',
        find: 'if (isRevoked(created, await latestCutoff(blacklist, { identities, stamp: created, actors }))) {',
        replace: 'if (created < 0) {'
    },
    {
        name: 'sessions: a surplus session lives on',
        faults: [],
        draw: { sessions: true },
        file: 'lib/sessions/sessions.ts',
        find: 'await this.#endSurplus({ token, subject: claims.sub, surplus, max, request });',
        replace: ''
    },
    {
        name: 'sessions: a token that is renewed twice has two successors',
        faults: ['slow'],
        draw: { sessions: true },
        file: 'lib/sessions/sessions.ts',
        find: 'found.state === \'current\' || how.claims !== undefined ? next : successor(token, found.nonce)',
        replace: 'next'
    }
];
