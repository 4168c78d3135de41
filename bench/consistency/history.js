'use strict';


const internals = {
    revoked: 'The access token was revoked',
    detailed: 50
};


/**
 * What was promised, and what came of it.
 *
 * A logout is *answered* when the first bytes of a 2xx were read. From then on the promise holds for each request that *starts*: that is given to
 * the socket afterwards. Both are moments of one process on one monotonic clock. A request that was on its way may have either answer.
 */
exports.History = class {

    #options;
    #faults = () => [];
    #entriesOf = () => Promise.resolve([]);
    #deeds = new Map();
    #reading = [];
    #losses = [];

    tokens = [];
    live = [];
    dead = [];
    violations = [];
    refusals = [];
    failures = [];
    latencies = [];
    counts = { requests: 0, accepted: 0, refused: 0, unavailable: 0, unanswered: 0, logouts: 0, everywhere: 0, orders: 0, evicted: 0, sockets: 0, twice: 0, hungUp: 0, others: 0, attempts: 0, unpromised: 0, excused: 0, violations: 0, afterLoss: 0, refusals: 0, failures: 0 };

    constructor(options) {

        this.#options = options;
    }

    /** `faults(from, to)` answers which were under way, `entriesOf(jwts)` resolves with what Redis has on its blacklist of access tokens. */
    observe({ faults, entriesOf }) {

        this.#faults = faults;
        this.#entriesOf = entriesOf;
    }

    /** Writes down what may end sessions of a subject: when it was asked for, and with what result. Resolves with the answer. */
    async follow(subject, what, by, asked) {

        const deed = { what, process: by.name, begin: performance.now(), end: Infinity, status: null };
        const deeds = this.#deeds.get(subject) ?? [];
        deeds.push(deed);
        this.#deeds.set(subject, deeds);
        const answer = await asked;
        Object.assign(deed, { end: answer.end, status: answer.status });
        return answer;
    }

    /** Resolves when all reports are complete. */
    async settle() {

        await Promise.all(this.#reading);
    }

    /** Redis has lost all its data between two moments. `acceptedAt` says when each process had last accepted a request before. */
    lose(from, to, acceptedAt) {

        this.#losses.push({ from, to, acceptedAt });
    }

    wasLostSince(moment) {

        return this.#losses.some(({ to }) => to > moment);
    }

    /** How many logouts were answered. */
    get answered() {

        const { logouts, everywhere, orders, evicted } = this.counts;
        return logouts + everywhere + orders + evicted;
    }

    /** Whether sessions from before a moment may be missing in Redis. A fault counts from its beginning on: what is lost is known a little later. */
    mayMissSessions(since) {

        return this.#faults(since, Infinity).some(({ losesSessions }) => losesSessions);
    }

    /** A session that was answered. It was stored between the two moments of the answer. */
    add(subject, { access_token: jwt, refresh_token: refresh }, { start, end }) {

        const token = { number: this.tokens.length + 1, subject, refresh, jwts: [jwt], since: start, at: end, state: 'live', endedAt: Infinity, by: null, knowers: new Set() };
        token.index = this.live.push(token) - 1;
        this.tokens.push(token);
        return token;
    }

    /** A logout begins: until it is answered the token may be either. */
    leave(token) {

        if (token.state === 'live') {
            token.state = 'leaving';
            const last = this.live.pop();
            if (last !== token) {
                this.live[token.index] = last;
                last.index = token.index;
            }
        }
    }

    /** The logout was answered with a 2xx ('dead'), or else its client was told that the token is of no use ('gone'), which promises less. */
    end(token, state, { end }, by) {

        token.knowers.add(by);
        if (token.state === 'dead' || token.state === state) {

            // Two at once: the first answer counts

            token.endedAt = Math.min(token.endedAt, end);
            return;
        }

        if (token.state !== 'gone') {
            this.dead.push(token);
        }

        token.state = state;
        token.endedAt = end;
        token.by = by;
    }

    /** A request of a token has been answered by a process. `isFirst`: it is the first that could end the token. */
    check(token, route, by, answer, isFirst = false) {

        const { status, start } = answer;
        const { counts } = this;

        ++counts.requests;
        if (status === 200) {
            ++counts.accepted;
            by.acceptedAt = Math.max(by.acceptedAt, start);
            if (start > token.endedAt) {
                this.#accepted(token, route, by, answer);
            }
        }
        else if (status === 401) {
            ++counts.refused;
            this.#refused(token, route, by, answer, isFirst);
        }
        else if (status === 503) {
            ++counts.unavailable;
        }
        else if (status === 0) {
            ++counts.unanswered;
        }
        else {
            this.fail(route, by, answer);
        }
    }

    /** An answer that nothing explains. */
    fail(route, by, { status, body }) {

        ++this.counts.failures;
        this.failures.push({ route, process: by.name, status, body: body.slice(0, 300), logs: by.logs.slice(-3) });
    }

    #accepted(token, route, by, answer) {

        if (token.state === 'gone') {
            ++this.counts.unpromised;
        }
        else if (this.#isExcused(token)) {
            ++this.counts.excused;
        }
        else {
            ++this.counts.violations;
            this.counts.afterLoss += this.wasLostSince(token.endedAt);
            this.#report(this.violations, token, route, by, answer);
        }
    }

    #refused(token, route, by, answer, isFirst) {

        const isRevoked = answer.body.includes(internals.revoked);
        if (isRevoked) {
            token.knowers.add(by);
        }

        // A session that Redis has lost cannot be renewed, which is no revocation

        if (isFirst && isRevoked || token.state === 'live' && (route === 'GET /me' || !this.mayMissSessions(token.since))) {
            ++this.counts.refusals;
            this.#report(this.refusals, token, route, by, answer);
        }
    }

    /**
     * The one thing that cannot be promised: Redis has lost all its data, and every process that knew the revocation was killed before it could
     * write it back. Nothing in the world holds it then.
     *
     * A process knew it if it answered the logout, has refused the token as revoked, or has accepted anything one lease after the logout: it
     * has joined since. It has written back what it knows if it accepted anything one lease after Redis was back.
     */
    #isExcused({ endedAt, knowers }) {

        const patience = this.#options.lease * 1.02 + 10;
        return this.#losses.some(({ from, to, acceptedAt }) => {

            if (to < endedAt) {
                return false;
            }

            const joined = Array.from(acceptedAt).filter(([, moment]) => moment > endedAt + patience);
            const all = [...knowers, ...joined.map(([process]) => process)];
            return all.every((knower) => knower.isKilled && (knower.endedAt < from || knower.acceptedAt < to + patience));
        });
    }

    #report(list, token, route, by, { start, end, body }) {

        if (list.length < internals.detailed) {
            const from = token.endedAt === Infinity ? start : token.endedAt;
            const incident = {
                token: token.number,
                subject: token.subject,
                route,
                process: by.name,
                processStartedAt: by.startedAt,
                issuedAt: token.at,
                loggedOutBy: token.by?.name,
                loggedOutAt: token.endedAt,
                startedAt: start,
                answeredAt: end,
                late: start - from,
                body: body.slice(0, 200),
                knowers: Array.from(token.knowers, ({ name, isKilled }) => (isKilled ? `${name} (killed)` : name)),
                faults: this.#faults(from - 3000, end),
                logs: by.logs.filter(({ at }) => at > from - 5000).slice(-12),
                deeds: this.#deeds.get(token.subject) ?? [],
                entries: []
            };

            list.push(incident);
            this.#reading.push(this.#entriesOf(token.jwts).then((entries) => {

                incident.entries = entries;
            }));
        }
    }
};
