'use strict';


module.exports = [

    // Lease

    {
        name: 'a lease that never ends',
        file: 'lib/blacklist/lease.ts',
        find: 'this.#clock.now() < this.#until &&',
        replace: 'this.#until > 0 &&',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'a lease that a machine\'s suspension does not end',
        file: 'lib/blacklist/lease.ts',
        find: ' && Date.now() < this.#wallUntil',
        replace: '',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a lease counted from the heartbeat\'s answer',
        file: 'lib/blacklist/lease.ts',
        find: 'Math.max(this.#until, at + this.length)',
        replace: 'this.#clock.now() + this.length',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'a lease counted from the answer of a heartbeat',
        file: 'lib/blacklist/membership.ts',
        find: '            this.lease.renew(mark);\n',
        replace: '            this.lease.renew(this.lease.mark() ?? mark);\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a lease counted from the answer of a join\'s heartbeat',
        file: 'lib/blacklist/membership.ts',
        find: '        const mark = this.lease.mark();\n        await link.beat();\n',
        replace: '        await link.beat();\n        const mark = this.lease.mark();\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a lease that is given up and still held',
        file: 'lib/blacklist/lease.ts',
        find: '        this.#until = -Infinity;\n        this.#since = null;',
        replace: '        this.#since = null;',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'no time for clocks that differ',
        file: 'lib/blacklist/lease.ts',
        find: 'lease * 1.02 + 10',
        replace: 'lease',
        tests: ['test/blacklist/lease.ts']
    },

    // Joining

    {
        name: 'trust that goes on while subscribing',
        file: 'lib/blacklist/lease.ts',
        find: '        this.#until = -Infinity;\n        return isHeld;',
        replace: '        return isHeld;',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'trust before the blacklist is read',
        file: 'lib/blacklist/membership.ts',
        find: 'await this.#handler.load(link);',
        replace: 'void this.#handler.load(link);',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a heartbeat before the subscription',
        file: 'lib/blacklist/membership.ts',
        find: '        await link.subscribe({',
        replace: '        await link.beat();\n        await link.subscribe({',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a subscription that is not waited for',
        file: 'lib/blacklist/membership.ts',
        find: '        await link.subscribe({',
        replace: '        void link.subscribe({',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a join that is answered behind the end of its connection',
        file: 'lib/blacklist/membership.ts',
        find: 'if (this.#current !== link || this.#isStopped) {',
        replace: 'if (this.#isStopped) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'an old connection that ends the new one',
        file: 'lib/blacklist/membership.ts',
        find: '                if (this.#current === link) {\n                    this.#current = null;\n                }\n',
        replace: '                this.#current = null;\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'news of an old connection',
        file: 'lib/blacklist/membership.ts',
        find: '                if (this.#current === link) {\n                    this.#handler.news(news, link);\n                }\n',
        replace: '                this.#handler.news(news, link);\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'no generations',
        file: 'lib/blacklist/cache.ts',
        find: '?.generation === this.#generation)',
        replace: '?.generation !== undefined)',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a new connection in the old generation',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#generation;\n',
        replace: '        this.#isComplete = false;\n',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'trust in a server that may have lost its memory',
        file: 'lib/blacklist/membership.ts',
        find: 'await this.#waitForWriteBack(link, wasHeld);',
        replace: 'void wasHeld;',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a wait that those skip who had lost their lease',
        file: 'lib/blacklist/membership.ts',
        find: 'if (wasHeld) {',
        replace: 'if (wasHeld || this.#joinedAt > 100) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a wait in which the server need not answer',
        file: 'lib/blacklist/waits.ts',
        find: 'if (await link.isSettled()) {',
        replace: 'if (i === 0 && await link.isSettled()) {',
        tests: ['test/blacklist/waits.ts']
    },
    {
        name: 'a server that is marked at once',
        file: 'lib/blacklist/waits.ts',
        find: 'for (let i = 0; i < steps; ++i) {',
        replace: 'for (let i = 0; i < 0; ++i) {',
        tests: ['test/blacklist/waits.ts']
    },
    {
        name: 'no writing back',
        file: 'lib/blacklist/write-back.ts',
        find: 'for (let i = 0; i < revocations.length; i += batchSize) {',
        replace: 'for (let i = 0; i < 0; i += batchSize) {',
        tests: ['test/blacklist/write-back.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'writing back only what is missing altogether',
        file: 'lib/blacklist/write-back.ts',
        find: 'if (cutoff >= (this.#lost.get(key)?.cutoff ?? 0)) {',
        replace: 'if (cutoff > 0) {',
        tests: ['test/blacklist/write-back.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'writing back everything',
        file: 'lib/blacklist/write-back.ts',
        find: '            this.#lost.delete(key);\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'writing back what was shortened as it was',
        file: 'lib/blacklist/write-back.ts',
        find: 'Math.max(ttl, this.#least)',
        replace: 'ttl',
        tests: ['test/blacklist/write-back.ts', 'test/blacklist/leased.ts', 'test/stories/old-data.ts']
    },

    // Heartbeats

    {
        name: 'a registry that may have lost the process',
        file: 'lib/blacklist/membership.ts',
        find: 'if (!isKnown) {',
        replace: 'if (isKnown === null) {',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a heartbeat of an old connection',
        file: 'lib/blacklist/membership.ts',
        find: 'if (link !== this.#link || this.#isStopped) {',
        replace: 'if (this.#isStopped) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a heartbeat that renews behind leaving',
        file: 'lib/blacklist/membership.ts',
        find: 'if (link !== this.#link || this.#isStopped) {',
        replace: 'if (link !== this.#link) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a heartbeat behind leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        if (this.#isStopped) {\n            throw',
        replace: '        if (!this.lease) {\n            throw',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a connection whose heartbeat failed',
        file: 'lib/blacklist/membership.ts',
        find: '                this.#end(error as Error);\n            }\n\n            throw error;',
        replace: '            }\n\n            throw error;',
        tests: ['test/blacklist/membership.ts']
    },

    // The rule

    {
        name: 'what was issued at the very cut-off',
        file: 'lib/blacklist/blacklist.ts',
        find: 'stamp <= cutoff',
        replace: 'stamp < cutoff',
        tests: ['test/blacklist/blacklist.ts', 'test/sessions/refresh-tokens.ts']
    },
    {
        name: 'no cut-off, taken for one',
        file: 'lib/blacklist/blacklist.ts',
        find: 'cutoff > 0 && stamp',
        replace: 'stamp',
        tests: ['test/blacklist/blacklist.ts']
    },

    // Checks

    {
        name: 'a check without a lease',
        file: 'lib/blacklist/leased.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (latest === forever || this',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that counts under a lease only',
        file: 'lib/blacklist/leased.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (isHeld && this',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer that nobody measures by the lease',
        file: 'lib/blacklist/leased.ts',
        find: '        if (!this.#membership.lease.isHeld) {\n            throw',
        replace: '        if (!this.#membership.lease) {\n            throw',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a question without a heartbeat',
        file: 'lib/blacklist/leased.ts',
        find: '            await this.#membership.beat(link);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer of an old connection',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link !== this.#membership.link) {\n            return this.#ask(keys);',
        replace: '        if (!link) {\n            return this.#ask(keys);',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an answer of an old connection that is kept',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link === this.#membership.link) {\n            this.#cache',
        replace: '        if (link) {\n            this.#cache',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'questions of an old connection',
        file: 'lib/blacklist/leased.ts',
        find: '        this.#lookups = new Lookups();\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'questions that news do not mark',
        file: 'lib/blacklist/leased.ts',
        find: '        revocations.forEach((revocation) => this.#lookups.mark(revocation));\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a mark that is not looked at',
        file: 'lib/blacklist/lookups.ts',
        find: 'Math.max(cutoffs[i] ?? 0, news)',
        replace: '(cutoffs[i] ?? 0) + 0 * news',
        tests: ['test/blacklist/lookups.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a mark that an earlier cut-off overwrites',
        file: 'lib/blacklist/lookups.ts',
        find: 'Math.max(lookup.news, cutoff)',
        replace: 'cutoff',
        tests: ['test/blacklist/lookups.ts']
    },
    {
        name: 'known cut-offs that an answer hides',
        file: 'lib/blacklist/leased.ts',
        find: 'Math.max(this.known(keys), ...answers)',
        replace: '(answers.length > 0 ? Math.max(...answers) : this.known(keys))',
        tests: ['test/blacklist/leased.ts']
    },

    // The cache

    {
        name: 'cut-offs that do not only grow',
        file: 'lib/blacklist/cache.ts',
        find: 'held.cutoff = Math.max(held.cutoff, cutoff);',
        replace: 'held.cutoff = cutoff;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete after an eviction',
        file: 'lib/blacklist/cache.ts',
        find: '                this.#isComplete = false;\n                this.#hasEvicted = true;',
        replace: '                this.#hasEvicted = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete after an eviction while it was read',
        file: 'lib/blacklist/cache.ts',
        find: 'this.#isComplete = !this.#hasEvicted;',
        replace: 'this.#isComplete = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cache that is called complete while it is read',
        file: 'lib/blacklist/cache.ts',
        find: '        this.#isComplete = false;\n        this.#hasEvicted = false;',
        replace: '        this.#hasEvicted = false;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a cut-off of one\'s own that is taken for the latest',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#learn(revocations, 0);',
        replace: 'this.#learn(revocations);',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that is let go although a later one came',
        file: 'lib/blacklist/cache.ts',
        find: 'if (held?.cutoff === cutoff) {',
        replace: 'if (held) {',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased.ts']
    },

    // Outages

    {
        name: 'joins that hide an outage',
        file: 'lib/blacklist/lease.ts',
        find: 'if (isHeld) {\n            this.#suspendedAt',
        replace: 'if (this.length) {\n            this.#suspendedAt',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'joins that are outages',
        file: 'lib/blacklist/lease.ts',
        find: 'if (isJoining || isHeld',
        replace: 'if (isHeld',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },

    // Tokens that were verified before

    {
        name: 'what was clean, after a revocation',
        file: 'lib/blacklist/cache.ts',
        find: '        if (cutoff > 0) {\n            ++this.#edition;\n        }\n',
        replace: '',
        tests: ['test/blacklist/leased.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, after a gap in the news',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#edition;\n        this.empty();\n',
        replace: '        this.empty();\n',
        tests: ['test/blacklist/leased.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, without a lease',
        file: 'lib/blacklist/leased.ts',
        find: 'isHeld && memo.clean === edition',
        replace: 'memo.clean === edition',
        tests: ['test/blacklist/leased.ts']
    },

    // Revocations

    {
        name: 'no patience after a join',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#options.clock.now() : joinedAt;',
        replace: 'this.#options.clock.now() : joinedAt - Infinity;',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'no patience where the registry has lost the process',
        file: 'lib/blacklist/leased.ts',
        find: 'peers.length === others.length ? this.#options.clock.now() : joinedAt',
        replace: 'peers.length === others.length ? joinedAt : joinedAt',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'acknowledgements that are not waited for',
        file: 'lib/blacklist/leased.ts',
        find: 'this.#peers.wait(sequence, others)',
        replace: 'this.#peers.wait(sequence, [])',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'acknowledgements that are not given',
        file: 'lib/blacklist/leased.ts',
        find: '            this.#acknowledgements.give(from, sequence, link);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'an acknowledgement of earlier news',
        file: 'lib/blacklist/peers.ts',
        find: 'if (wait.sequence <= sequence && wait',
        replace: 'if (wait',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'an acknowledgement for one revocation only',
        file: 'lib/blacklist/peers.ts',
        find: 'if (wait.sequence <= sequence && wait',
        replace: 'if (wait.sequence === sequence && wait',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'an acknowledgement that came early',
        file: 'lib/blacklist/peers.ts',
        find: '        this.#acknowledged.set(id, sequence);\n',
        replace: '',
        tests: ['test/blacklist/peers.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'an acknowledgement that is taken for a later one',
        file: 'lib/blacklist/peers.ts',
        find: '(this.#acknowledged.get(id) ?? 0) < sequence',
        replace: '!this.#acknowledged.has(id)',
        tests: ['test/blacklist/peers.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'the lease of one for that of all',
        file: 'lib/blacklist/peers.ts',
        find: 'Math.max(...silent.map(({ lease }) => patience(lease)))',
        replace: 'patience(silent[0]!.lease)',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'those who wait when the connection is lost',
        file: 'lib/blacklist/leased.ts',
        find: 'ended: (error) => this.#peers.fail(error)',
        replace: 'ended: () => undefined',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a revocation that a lost connection answers',
        file: 'lib/blacklist/leased.ts',
        find: '        if (link !== this.#membership.link) {\n            throw',
        replace: '        if (!link) {\n            throw',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'nobody struck off',
        file: 'lib/blacklist/leased.ts',
        find: '            link.strike(silent)',
        replace: '            link.strike([])',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'no leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        await this.#current?.leave().catch(() => undefined);\n',
        replace: '',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'no patience without a lease of one\'s own',
        file: 'lib/blacklist/asked.ts',
        find: 'if (peers.length > 0) {',
        replace: 'if (peers.length < 0) {',
        tests: ['test/blacklist/asked.ts']
    },

    // Terms

    {
        name: 'terms that are not registered with a join',
        file: 'lib/blacklist/leased.ts',
        find: '        await this.#register(link);\n',
        replace: '',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'terms that are not registered before a revocation, without a lease',
        file: 'lib/blacklist/asked.ts',
        find: '        await this.#register();\n        const peers',
        replace: '        const peers',
        tests: ['test/blacklist/asked.ts']
    },
    {
        name: 'what is written back without the margin of clocks',
        file: 'lib/blacklist/leased.ts',
        find: 'marginOf(0) + await',
        replace: 'await',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'one clock that is off, where two can be',
        file: 'lib/blacklist/clock.ts',
        find: 'return 2 * (maxSkew + tolerance);',
        replace: 'return maxSkew + 2 * tolerance;',
        tests: ['test/blacklist/clock.ts']
    },

    // Confirmations

    {
        name: 'a wait that began before something was known, for one that began after it',
        file: 'lib/blacklist/confirmation.ts',
        find: 'if (edition <= this.#running.edition) {',
        replace: 'if (edition > 0) {',
        tests: ['test/blacklist/confirmation.ts']
    },
    {
        name: 'something learned during a wait, as confirmed by it',
        file: 'lib/blacklist/confirmation.ts',
        find: 'this.#confirmed = edition;',
        replace: 'this.#confirmed = this.#edition() ?? edition;',
        tests: ['test/blacklist/confirmation.ts']
    },
    {
        name: 'a wait for each who asks',
        file: 'lib/blacklist/confirmation.ts',
        find: 'if (!this.#running) {',
        replace: 'if (!this.#running || edition > 0) {',
        tests: ['test/blacklist/confirmation.ts', 'test/blacklist/leased.ts']
    },
    {
        name: 'a confirmation of what no other process was asked about',
        file: 'lib/blacklist/leased.ts',
        find: '() => this.revoke([])',
        replace: '() => Promise.resolve()',
        tests: ['test/blacklist/leased.ts']
    },
    {
        name: 'a confirmation of nothing, without a lease',
        file: 'lib/blacklist/asked.ts',
        find: '                ++this.#edition;\n',
        replace: '',
        tests: ['test/blacklist/asked.ts']
    },

    // Timers

    {
        name: 'a bound that is not cleared',
        file: 'lib/blacklist/waits.ts',
        find: 'promise.finally(cancel)',
        replace: 'promise.finally(() => cancel)',
        tests: ['test/blacklist/waits.ts']
    },
    {
        name: 'a wait for a connection that is not cleared',
        file: 'lib/blacklist/waits.ts',
        find: '        waiters.forEach(({ cancel }) => cancel());\n',
        replace: '',
        tests: ['test/blacklist/waits.ts']
    },
    {
        name: 'a pause that is not cleared',
        file: 'lib/blacklist/waits.ts',
        find: '                cancel();\n                resolve();',
        replace: '                resolve();',
        tests: ['test/blacklist/waits.ts']
    },
    {
        name: 'a wait for acknowledgements that is not cleared',
        file: 'lib/blacklist/peers.ts',
        find: '        wait.cancel();\n',
        replace: '',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'a wait for acknowledgements that is not cleared when it fails',
        file: 'lib/blacklist/peers.ts',
        find: '            cancel();\n            reject(error);',
        replace: '            reject(error);',
        tests: ['test/blacklist/peers.ts']
    },
    {
        name: 'a revocation that waits out a lease on a lost connection',
        file: 'lib/blacklist/peers.ts',
        find: '[...this.#waits, ...this.#pauses]',
        replace: '[...this.#waits]',
        tests: ['test/blacklist/peers.ts', 'test/blacklist/leased.ts']
    }
];
