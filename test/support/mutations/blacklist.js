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
        tests: ['test/blacklist/lease.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a lease counted from the heartbeat\'s answer',
        file: 'lib/blacklist/lease.ts',
        find: 'Math.max(this.#until, at + this.length)',
        replace: 'this.#clock.now() + this.length',
        tests: ['test/blacklist/lease.ts']
    },

    // Joining

    {
        name: 'no generations',
        file: 'lib/blacklist/cache.ts',
        find: '-Math.abs(bucket[i + cutoffAt]!)',
        replace: 'Math.abs(bucket[i + cutoffAt]!)',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a new connection in the old generation',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#generation;\n',
        replace: '        this.#isComplete = false;\n',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
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
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (latest === forever || this',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a revocation that counts under a lease only',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'if (latest === forever || isHeld && this',
        replace: 'if (isHeld && this',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'an answer that nobody measures by the lease',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        if (!this.#membership.lease.isHeld) {\n            throw',
        replace: '        if (!this.#membership.lease) {\n            throw',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'questions of an old connection',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#lookups = new Lookups();\n',
        replace: '',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a page that is taken for the latest',
        file: 'lib/blacklist/cache.ts',
        find: '!(isPage && this.#hasEvicted)',
        replace: 'true',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'questions that news do not mark',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        revocations.forEach((revocation) => this.#lookups.mark(revocation));\n',
        replace: '',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a mark that is not looked at',
        file: 'lib/blacklist/lookups.ts',
        find: 'Math.max(cutoffs[i] ?? 0, news)',
        replace: '(cutoffs[i] ?? 0) + 0 * news',
        tests: ['test/blacklist/lookups.ts', 'test/blacklist/leased-blacklist.ts']
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
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'Math.max(this.known(keys), ...answers)',
        replace: '(answers.length > 0 ? Math.max(...answers) : this.known(keys))',
        tests: ['test/blacklist/leased-blacklist.ts']
    },

    // The cache

    {
        name: 'cut-offs that do not only grow',
        file: 'lib/blacklist/cache.ts',
        find: 'const latest = Math.max(held, cutoff);',
        replace: 'const latest = cutoff;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a cache that is called complete after an eviction',
        file: 'lib/blacklist/cache.ts',
        find: '            this.#isComplete = false;\n            this.#hasEvicted = true;',
        replace: '            this.#hasEvicted = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a cache that is called complete after an eviction while it was read',
        file: 'lib/blacklist/cache.ts',
        find: 'this.#isComplete = !this.#hasEvicted;',
        replace: 'this.#isComplete = true;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a cache that is called complete while it is read',
        file: 'lib/blacklist/cache.ts',
        find: '        this.#isComplete = false;\n        this.#hasEvicted = false;',
        replace: '        this.#hasEvicted = false;',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a revocation that is let go although a later one came',
        file: 'lib/blacklist/cache.ts',
        find: 'if (at !== -1 && Math.abs(bucket[at + cutoffAt]!) === cutoff) {',
        replace: 'if (at !== -1) {',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a cut-off that becomes the latest because it is the greatest',
        file: 'lib/blacklist/cache.ts',
        find: 'isLatest || stored >= 0 ? latest : -latest',
        replace: 'latest',
        tests: ['test/blacklist/cache.ts']
    },
    {
        name: 'a cut-off that is the latest, until it comes in a page',
        file: 'lib/blacklist/cache.ts',
        find: 'isLatest || stored >= 0',
        replace: 'isLatest',
        tests: ['test/blacklist/cache.ts']
    },
    {
        name: 'a bucket that takes others with it when one of its revocations goes',
        file: 'lib/blacklist/cache.ts',
        find: '                if (kept < i) {\n                    bucket.copyWithin(kept, i, i + width);\n                }\n',
        replace: '',
        tests: ['test/blacklist/cache.ts']
    },
    {
        name: 'a cache that counts what it has dropped',
        file: 'lib/blacklist/cache.ts',
        find: 'this.#size -= this.#buckets.pop()!.length / width;',
        replace: 'this.#buckets.pop();',
        tests: ['test/blacklist/cache.ts']
    },
    {
        name: 'a cache without a bound',
        file: 'lib/blacklist/cache.ts',
        find: 'if (this.#size === this.max) {',
        replace: 'if (false) {',
        tests: ['test/blacklist/cache.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'names that are alike at first',
        file: 'lib/blacklist/bucket.ts',
        find: ' && bucket[i + 1] === secondOf(key)',
        replace: '',
        tests: ['test/blacklist/bucket.ts']
    },
    {
        name: 'names that are alike up to their end',
        file: 'lib/blacklist/bucket.ts',
        find: ' && bucket[i + 2] === thirdOf(key)',
        replace: '',
        tests: ['test/blacklist/bucket.ts']
    },
    {
        name: 'names whose first letters do not count',
        file: 'lib/blacklist/bucket.ts',
        find: 'partOf(key, 0) * 2 ** 24 + partOf(key, 4)',
        replace: 'partOf(key, 1) * 2 ** 24 + partOf(key, 4)',
        tests: ['test/blacklist/bucket.ts']
    },

    // The latest news

    {
        name: 'recent news that are forgotten with the rest',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#recent.add(revocations);\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'recent news that are not written back',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#recent.addTo(missing);\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'recent news that grow old as soon as a connection is back',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#recent.begin();\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'recent news that are kept for ever',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        this.#recent.confirmed();\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'recent news that go too early',
        file: 'lib/blacklist/recent.ts',
        find: '            this.#older = this.#news;\n',
        replace: '',
        tests: ['test/blacklist/recent.ts']
    },
    {
        name: 'what is needed no more, among what is written back',
        file: 'lib/blacklist/bucket.ts',
        find: 'until <= now || until === Infinity',
        replace: 'until === Infinity',
        tests: ['test/blacklist/bucket.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'an earlier cut-off of recent news that hides a later one',
        file: 'lib/blacklist/bucket.ts',
        find: 'if (cutoff > (found.get(key)?.cutoff ?? 0)) {',
        replace: 'if (cutoff > 0) {',
        tests: ['test/blacklist/bucket.ts', 'test/blacklist/recent.ts']
    },
    {
        name: 'a revocation that a reply has before the news, unheard of by sockets',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'this.#options.arrived([{ key, cutoff }]);',
        replace: '',
        tests: ['test/blacklist/leased-blacklist.ts']
    },

    // Outages

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
        tests: ['test/blacklist/leased-blacklist.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, after a gap in the news',
        file: 'lib/blacklist/cache.ts',
        find: '        ++this.#edition;\n        this.empty();\n',
        replace: '        this.empty();\n',
        tests: ['test/blacklist/leased-blacklist.ts', 'test/blacklist/cache.ts']
    },
    {
        name: 'what was clean, without a lease',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'isHeld && memo.clean === edition',
        replace: 'memo.clean === edition',
        tests: ['test/blacklist/leased-blacklist.ts']
    },

    // Revocations

    {
        name: 'a connection on which nobody joined, and that ends another one',
        file: 'lib/blacklist/membership.ts',
        find: '            member.end(error as Error);\n            throw error;',
        replace: '            throw error;',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'no leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        await this.#current?.leave().catch(() => undefined);\n',
        replace: '',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased-blacklist.ts']
    },

    // Terms

    {
        name: 'what is written back without the margin of clocks',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'marginOf(0) + await',
        replace: 'await',
        tests: ['test/blacklist/write-back.ts']
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
        file: 'lib/blacklist/turns.ts',
        find: 'if (begun > this.#done) {',
        replace: 'if (this.#done === 0) {',
        tests: ['test/blacklist/turns.ts']
    },
    {
        name: 'something learned during a wait, as confirmed by it',
        file: 'lib/blacklist/turns.ts',
        find: 'this.#done = begun;',
        replace: 'this.#done = edition();',
        tests: ['test/blacklist/turns.ts']
    },
    {
        name: 'a wait for each who asks',
        file: 'lib/blacklist/turns.ts',
        find: 'if (begun > this.#done) {',
        replace: 'if (begun > 0) {',
        tests: ['test/blacklist/turns.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a confirmation of what no other process was asked about',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '() => this.revoke([])',
        replace: '() => Promise.resolve()',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'a wait that those need longer for whose server has gone silent',
        file: 'lib/blacklist/lease.ts',
        find: 'return patience(1.5 * lease);',
        replace: 'return patience(lease);',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/write-back.ts']
    },
    {
        name: 'a confirmation of what was lost, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            this.#forget();\n',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a confirmation of what was found lost before, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'if (!this.#hasLost) {',
        replace: 'if (!(this.#hasLost = false)) {',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'what was done, forgotten with what was lost',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            if (!isDone) {',
        replace: '            if (!isDone || key) {',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a confirmation of nothing, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '                ++this.#edition;\n',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts']
    },

    // Timers

    {
        name: 'a bound that is not cleared',
        file: 'lib/blacklist/timers.ts',
        find: 'promise.finally(cancel)',
        replace: 'promise.finally(() => cancel)',
        tests: ['test/blacklist/timers.ts']
    },
    {
        name: 'a wait for a connection that is not cleared',
        file: 'lib/blacklist/timers.ts',
        find: '        waiters.forEach(({ cancel }) => cancel());\n',
        replace: '',
        tests: ['test/blacklist/timers.ts']
    },
    {
        name: 'a pause that is not cleared',
        file: 'lib/blacklist/timers.ts',
        find: '                cancel();\n                resolve();',
        replace: '                resolve();',
        tests: ['test/blacklist/timers.ts']
    },

    // Leases of the log

    {
        name: 'no time for clocks that differ',
        file: 'lib/blacklist/lease.ts',
        find: 'lease * 1.1 + 10',
        replace: 'lease * 1.02 + 10',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'a lease that is given up and still held',
        file: 'lib/blacklist/lease.ts',
        find: '        this.#until = -Infinity;\n        this.#given = null;\n',
        replace: '        this.#given = null;\n',
        tests: ['test/blacklist/lease.ts']
    },
    {
        name: 'trust that goes on while subscribing',
        file: 'lib/blacklist/lease.ts',
        find: '            this.#suspendedAt = this.#clock.now();\n        }\n\n        this.#until = -Infinity;\n',
        replace: '            this.#suspendedAt = this.#clock.now();\n        }\n',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'joins that hide an outage',
        file: 'lib/blacklist/lease.ts',
        find: '        if (this.isHeld) {\n            this.#suspendedAt',
        replace: '        if (this.#until) {\n            this.#suspendedAt',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'a lease that is claimed twice',
        file: 'lib/blacklist/lease.ts',
        find: '        this.#given = null;\n        return',
        replace: '        return',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'a claim that outlives the lease',
        file: 'lib/blacklist/lease.ts',
        find: 'given !== null && this.#clock.now() < given.at &&',
        replace: 'given !== null &&',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'only the own lease',
        file: 'lib/blacklist/lease.ts',
        find: 'Math.max(this.#longest, length)',
        replace: 'this.#longest',
        tests: ['test/blacklist/lease.ts', 'test/blacklist/propagation.ts']
    },

    // The member

    {
        name: 'a lease counted from the reply to a confirmation',
        file: 'lib/blacklist/member.ts',
        find: 'this.lease.renew(mark);',
        replace: 'this.lease.renew(this.lease.mark());',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'trust that outlives a join',
        file: 'lib/blacklist/join.ts',
        find: '    lease.suspend();\n    const wasWhole',
        replace: '    const wasWhole',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'trust in a log that was begun anew, until the next connection',
        file: 'lib/blacklist/member.ts',
        find: '            this.lease.suspend();\n            this.end(error);',
        replace: '            this.end(error);',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/member.ts']
    },
    {
        name: 'a subscription behind the log',
        file: 'lib/blacklist/join.ts',
        find: '    await member.subscribe();',
        replace: '    void member.subscribe();',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'news that come before the epoch is known',
        file: 'lib/blacklist/member.ts',
        find: '        this.#early!.forEach((news) => this.#count(news));\n',
        replace: '',
        tests: ['test/blacklist/join.ts']
    },
    {
        name: 'a process that knows all although memory was too small',
        file: 'lib/blacklist/join.ts',
        find: 'wasWhole && isLeaseRunning()',
        replace: 'isLeaseRunning()',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a process that knows all although its lease was over',
        file: 'lib/blacklist/join.ts',
        find: 'wasWhole && isLeaseRunning()',
        replace: 'wasWhole',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'an epoch that is never young',
        file: 'lib/blacklist/member.ts',
        find: 'isSettled ? 0 : this.clock.now() + this.lease.patience',
        replace: '0',
        tests: ['test/blacklist/propagation.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'trust before the blacklist is read',
        file: 'lib/blacklist/join.ts',
        find: '    await writeBack.run(() => memory.read(link));',
        replace: '    void writeBack.run(() => memory.read(link));',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'trust in a log that may have lost what others know',
        file: 'lib/blacklist/join.ts',
        find: '        await writeBack.settle();\n',
        replace: '',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/write-back.ts']
    },
    {
        name: 'a log that is never marked by those who know all',
        file: 'lib/blacklist/join.ts',
        find: '        void settleLater(member);\n',
        replace: '',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'trust without a confirmation in this epoch',
        file: 'lib/blacklist/member.ts',
        find: '            if (!confirmed) {\n                throw this.distrust(begunAnew());\n            }\n',
        replace: '            if (!confirmed) {\n                return;\n            }\n',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/propagation.ts']
    },
    {
        name: 'news that were lost, as a confirmation shows',
        file: 'lib/blacklist/member.ts',
        find: 'if (confirmed.published > this.#applied) {',
        replace: 'if (confirmed.published < 0) {',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'news that were lost, as a gap shows',
        file: 'lib/blacklist/member.ts',
        find: 'if (first > this.#applied + 1) {',
        replace: 'if (first < 0) {',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'a reply that comes behind the end',
        file: 'lib/blacklist/member.ts',
        find: '            if (!this.isCurrent) {\n                throw this.#error ?? stopped();\n            }\n\n            if (!confirmed)',
        replace: '            if (!confirmed)',
        tests: ['test/blacklist/member.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'positions of another epoch',
        file: 'lib/blacklist/member.ts',
        find: 'epoch !== this.#epoch || first === 0',
        replace: 'first === 0',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'messages of another epoch',
        file: 'lib/blacklist/member.ts',
        find: 'epoch === this.#epoch && !this.#error',
        replace: '!this.#error',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'news of an old connection',
        file: 'lib/blacklist/member.ts',
        find: '    #take(news: News): void {\n\n        if (this.#error) {',
        replace: '    #take(news: News): void {\n\n        if (!this.#epoch && this.#error) {',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/member.ts']
    },
    {
        name: 'news that are not confirmed until the next heartbeat',
        file: 'lib/blacklist/member.ts',
        find: '        this.#acknowledgements.giveSoon();\n',
        replace: '',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/propagation.ts']
    },
    {
        name: 'news that come while a confirmation is under way',
        file: 'lib/blacklist/member.ts',
        find: '        this.#acknowledgements.give();\n    }\n\n    // A write that is under way',
        replace: '    }\n\n    // A write that is under way',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'an acknowledgement of what a write says as well',
        file: 'lib/blacklist/member.ts',
        find: ' || !this.#isJoined || this.#propagation.isWriting',
        replace: ' || !this.#isJoined',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'no acknowledgement behind a write',
        file: 'lib/blacklist/member.ts',
        find: '    written(): void {\n\n        this.#acknowledgements.give();\n    }\n',
        replace: '    written(): void {}\n',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'an acknowledgement of a write that counts as confirmed',
        file: 'lib/blacklist/member.ts',
        find: '        this.#acknowledgements.know(position);\n    }\n\n    written',
        replace: '        void position;\n    }\n\n    written',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a quiet acknowledgement while a write waits',
        file: 'lib/blacklist/member.ts',
        find: '        if (this.#propagation.areWaiting) {\n',
        replace: '        if (this.#epoch === \'\') {\n',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'an acknowledgement of each piece of news',
        file: 'lib/blacklist/acknowledgements.ts',
        find: '        if (!this.#isDue) {',
        replace: '        if (this.#applied) {',
        tests: ['test/blacklist/acknowledgements.ts']
    },
    {
        name: 'an acknowledgement of what the log knows',
        file: 'lib/blacklist/acknowledgements.ts',
        find: '        if (applied > this.#known) {',
        replace: '        if (applied > 0) {',
        tests: ['test/blacklist/acknowledgements.ts']
    },
    {
        name: 'a write whose news come behind the lease, and is not looked at again',
        file: 'lib/blacklist/propagation.ts',
        find: 'if (this.areWaiting && !this.#writer.lease.isHeld) {',
        replace: 'if (this.areWaiting && !this.#writer.epoch) {',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a confirmation behind leaving',
        file: 'lib/blacklist/member.ts',
        find: '        if (!this.isCurrent) {\n            throw this.#error ?? stopped();\n        }\n\n        const mark',
        replace: '        if (this.#error) {\n            throw this.#error;\n        }\n\n        const mark',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'leaving that overtakes a confirmation',
        file: 'lib/blacklist/member.ts',
        find: '        await this.#confirmations.idle();\n',
        replace: '',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'waits that outlive the connection',
        file: 'lib/blacklist/member.ts',
        find: '        this.#propagation.fail(error);\n',
        replace: '',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a confirmation for each piece of news',
        file: 'lib/blacklist/turns.ts',
        find: 'this.#next ??= this.#begin();',
        replace: 'this.#next = this.#begin();',
        tests: ['test/blacklist/turns.ts']
    },
    {
        name: 'two turns at once',
        file: 'lib/blacklist/turns.ts',
        find: '        await (this.#current ?? Promise.resolve()).catch(() => undefined);\n',
        replace: '        await Promise.resolve();\n',
        tests: ['test/blacklist/turns.ts']
    },
    {
        name: 'no leaving',
        file: 'lib/blacklist/membership.ts',
        find: '        await this.#current?.leave().catch(() => undefined);\n',
        replace: '',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a member that is left behind',
        file: 'lib/blacklist/membership.ts',
        find: 'joinLog(member, this.#old)',
        replace: 'joinLog(member, \'\')',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'a member that a connection which came to nothing leaves behind',
        file: 'lib/blacklist/membership.ts',
        find: 'member.hasConfirmed ? link.id : this.#old',
        replace: 'link.id',
        tests: ['test/blacklist/membership.ts']
    },
    {
        name: 'an old connection that ends the new one',
        file: 'lib/blacklist/member.ts',
        find: '        if (this.#error) {\n            return;\n        }\n\n        this.#error = error;',
        replace: '        this.#error = error;',
        tests: ['test/blacklist/membership.ts']
    },

    // What was lost

    {
        name: 'no writing back',
        file: 'lib/blacklist/write-back.ts',
        find: 'i < missing.length; i += pieceSize',
        replace: 'i < 0; i += pieceSize',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'a log that is marked at once',
        file: 'lib/blacklist/write-back.ts',
        find: 'this.#watch(lease.absence,',
        replace: 'this.#watch(0,',
        tests: ['test/blacklist/membership.ts', 'test/blacklist/write-back.ts']
    },
    {
        name: 'a writer who is relieved although it goes on',
        file: 'lib/blacklist/write-back.ts',
        find: '            if (next.restoring !== state.restoring) {\n                since = clock.now();\n            }\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'a writer who is not waited for',
        file: 'lib/blacklist/write-back.ts',
        find: 'this.#watch(lease.length / 2,',
        replace: 'this.#watch(0,',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'two who write back at once',
        file: 'lib/blacklist/write-back.ts',
        find: '            if (seen === \'\') {\n                return null;\n            }\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'trust that goes on when a write finds another log',
        file: 'lib/blacklist/propagation.ts',
        find: 'throw this.#writer.distrust(begunAnew());',
        replace: 'throw begunAnew();',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a log of another epoch that is marked',
        file: 'lib/blacklist/write-back.ts',
        find: 'if (reply === null || reply === false) {',
        replace: 'if (reply === null) {',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'writing back only what is missing altogether',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'cutoff >= (missing.get(key)?.cutoff ?? 0)',
        replace: 'cutoff >= 0',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'writing back everything',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '                missing.delete(key);\n',
        replace: '',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'writing back what was shortened as it was',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'Math.max(ttl, this.#longest)',
        replace: 'ttl',
        tests: ['test/blacklist/write-back.ts']
    },
    {
        name: 'terms that are not registered with a join',
        file: 'lib/blacklist/join.ts',
        find: '    await memory.register(link);\n',
        replace: '',
        tests: ['test/blacklist/leased-blacklist.ts']
    },

    // Revocations

    {
        name: 'a revocation that is done when it is written',
        file: 'lib/blacklist/propagation.ts',
        find: '        await wait.done;\n',
        replace: '',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'done in a young epoch',
        file: 'lib/blacklist/propagation.ts',
        find: 'youth > 0 && !written.isSettled',
        replace: 'false',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'an epoch whose age is taken behind the write',
        file: 'lib/blacklist/propagation.ts',
        find: '        const { link, epoch, lease, youth } = this.#writer;\n        const written',
        replace: '        const { link, epoch, lease } = this.#writer;\n        const youth = 0;\n        const written',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a wait for an age that is over',
        file: 'lib/blacklist/propagation.ts',
        find: 'youth > 0 && !written.isSettled',
        replace: 'youth > 0',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'patience that is over at once',
        file: 'lib/blacklist/propagation.ts',
        find: 'this.#after(wait, this.#writer.lease.patience, () => this.#prove(wait));',
        replace: 'this.#after(wait, 0, () => this.#prove(wait));',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'patience from the write on, not from its news',
        file: 'lib/blacklist/propagation.ts',
        find: 'if (wait.position <= position && !wait.isPatient) {',
        replace: 'if (!wait.isPatient) {',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'no last confirmation',
        file: 'lib/blacklist/propagation.ts',
        find: '        this.#writer.confirm().then(() => {\n\n            if',
        replace: '        Promise.resolve().then(() => {\n\n            if',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a last confirmation that is not measured by the lease',
        file: 'lib/blacklist/propagation.ts',
        find: '            if (this.#writer.lease.isHeld) {\n                this.#end(wait, wait.resolve);',
        replace: '            if (this.#writer.lease) {\n                this.#end(wait, wait.resolve);',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'all writes, once one is confirmed',
        file: 'lib/blacklist/propagation.ts',
        find: '            if (wait.position <= position) {\n                this.#reached(wait);',
        replace: '            if (position > 0) {\n                this.#reached(wait);',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a position that was confirmed before it was known',
        file: 'lib/blacklist/propagation.ts',
        find: 'this.#confirmed = Math.max(this.#confirmed, position);',
        replace: 'this.#confirmed = position < 0 ? 0 : this.#confirmed;',
        tests: ['test/blacklist/propagation.ts', 'test/blacklist/membership.ts']
    },
    {
        name: 'a write that is confirmed before its writer has the news',
        file: 'lib/blacklist/propagation.ts',
        find: 'Math.min(this.#confirmed, applied)',
        replace: '(applied < 0 ? 0 : this.#confirmed)',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a write whose news come behind the lease',
        file: 'lib/blacklist/propagation.ts',
        find: 'lease.isHeld ? Math.min(',
        replace: 'lease ? Math.min(',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a write that is not published by anyone',
        file: 'lib/blacklist/propagation.ts',
        find: '        if (!isPublished) {\n            this.#prod(position);\n        }\n',
        replace: '        void isPublished;\n',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a write for each revocation',
        file: 'lib/blacklist/propagation.ts',
        find: 'this.#queue.splice(0)',
        replace: 'this.#queue.splice(0, 1)',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a silent member that is never removed',
        file: 'lib/blacklist/propagation.ts',
        find: 'link.strike(epoch, suspicions)',
        replace: 'Promise.resolve(suspicions)',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a silent member that is removed at once',
        file: 'lib/blacklist/propagation.ts',
        find: '            this.#later(lease.patience, () => {',
        replace: '            this.#later(0 * lease.patience, () => {',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a suspicion for each write',
        file: 'lib/blacklist/propagation.ts',
        find: 'if (this.#isSweeping) {',
        replace: 'if (!epoch) {',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'timers of a lost connection',
        file: 'lib/blacklist/propagation.ts',
        find: '        this.#timers.forEach((cancel) => cancel());\n',
        replace: '',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a wait that is not cleared',
        file: 'lib/blacklist/propagation.ts',
        find: '        wait.timers.forEach((cancel) => cancel());\n',
        replace: '',
        tests: ['test/blacklist/propagation.ts']
    },
    {
        name: 'a check without a confirmation',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '            await member.renew(this.#options.timeout);\n',
        replace: '',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'an answer of an old connection',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        if (!member.isCurrent) {\n            return this.#ask(keys);',
        replace: '        if (!member) {\n            return this.#ask(keys);',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'an answer of an old connection that is kept',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: 'member.isCurrent && this.#cache.learn',
        replace: 'this.#cache.learn',
        tests: ['test/blacklist/leased-blacklist.ts']
    },
    {
        name: 'what is only shortened, for a revocation',
        file: 'lib/blacklist/leased-blacklist.ts',
        find: '        if (first === 0) {',
        replace: '        if (first < 0) {',
        tests: ['test/blacklist/leased-blacklist.ts']
    },

    // Without a lease

    {
        name: 'no wait for members',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'while (progress.least < position) {',
        replace: 'while (progress.least < 0) {',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'no wait for members that a young log does not know',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            await pause(this.#options.clock, Math.max(0, youth));\n',
        replace: '            await pause(this.#options.clock, Math.min(0, youth));\n',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'no last look at a young log',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            await this.#look(epoch);\n            await this.#store.settle',
        replace: '            await this.#store.settle',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a young log whose members have no lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '#longest = defaultLease;',
        replace: '#longest = 0;',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a log that was begun anew meanwhile',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            if (!progress) {\n                throw begunAnew();',
        replace: '            if (!progress) {\n                return { published: 1, least: 1, isSettled: true, lease: 0 };',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'patience before the news are published',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'if (progress.published >= position) {',
        replace: 'if (progress.published >= 0) {',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a silent member that is never removed, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'await this.#store.strike(epoch, suspicions);',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts', 'test/store/redis.ts']
    },
    {
        name: 'a silent member that is removed at once, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'await pause(this.#options.clock, patient);',
        replace: 'await pause(this.#options.clock, 0 * patient);',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a member that is suspected at once, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'const sweepAt = clock.now() + this.#longest / 8;',
        replace: 'const sweepAt = clock.now();',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a suspicion for each look, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '        if (this.#isSweeping) {\n            return;\n        }\n',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a removal that is tried once',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '        this.#isSweeping = false;\n',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a reply that took longer than a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: 'isPrompt ? first : await this.#look(epoch)',
        replace: 'first',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a second reply that took longer than a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '            if (this.#isPrompt(asked, progress)) {\n                return progress;\n            }',
        replace: '            if (asked) {\n                return progress;\n            }',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'terms that are lost with the log, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '                this.#registered = 0;\n',
        replace: '',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'a revocation by the terms of a log that was lost, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '                await this.#write(revocations, written);\n                return;\n',
        replace: '                await this.#register();\n',
        tests: ['test/blacklist/asked-blacklist.ts']
    },
    {
        name: 'terms that are not registered before a revocation, without a lease',
        file: 'lib/blacklist/asked-blacklist.ts',
        find: '        await this.#register();\n        const asked',
        replace: '        const asked',
        tests: ['test/blacklist/asked-blacklist.ts']
    },

    // A log that takes no writes

    {
        name: 'a connection that is given up because the log takes no writes',
        file: 'lib/blacklist/member.ts',
        find: ' && !this.#isBearable(error)',
        replace: '',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'a log that takes no writes for longer than a lease',
        file: 'lib/blacklist/member.ts',
        find: ' && this.lease.isHeld && !this.#propagation.areWaiting',
        replace: ' && !this.#propagation.areWaiting',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'a write that waits in a log that takes no writes',
        file: 'lib/blacklist/member.ts',
        find: ' && this.lease.isHeld && !this.#propagation.areWaiting',
        replace: ' && this.lease.isHeld',
        tests: ['test/blacklist/member.ts']
    },
    {
        name: 'why a lease ran out where the log takes no writes',
        file: 'lib/blacklist/membership.ts',
        find: 'this.#member?.confirm().catch((error) => (this.#lastError = error));',
        replace: 'this.#member?.confirm().catch(() => undefined);',
        tests: ['test/blacklist/membership.ts']
    }
];
