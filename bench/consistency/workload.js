'use strict';

const { createHmac, randomUUID } = require('crypto');
const { setTimeout: sleep } = require('timers/promises');

const Nes = require('@hapi/nes');

const { Random } = require('./random');


const internals = {
    tick: 5,

    // Requests that one process may leave unanswered. Those for a paused process wait for it, and are answered when it goes on

    maxLoad: 60,

    // When a token is presented again after its logout (ms), to every process

    probes: [0, 8, 60, 300, 900, 1700, 3200],

    // How clients log out, each with what share

    ways: ['request', 'request', 'request', 'request', 'order', 'order', 'twice', 'twice', 'socket', 'hang-up'],
    socketTimeout: 8000,
    patience: 400,                      // for the use of a token everywhere before its logout
    attempts: 60,
    recent: 300,
    sweep: 400,
    oneDevice: 6                        // one user in so many has one session at a time
};


/** Clients that log in, use their tokens everywhere, log out and go on presenting them. */
exports.Workload = class {

    #options;
    #history;
    #fleet;
    #random;
    #subjects = 0;
    #isStopping = false;
    #work = [];

    skipped = 0;

    constructor(options, history, fleet) {

        this.#options = options;
        this.#history = history;
        this.#fleet = fleet;
        this.#random = new Random(options.seed * 7919 + 1);
    }

    start() {

        for (let i = 0; i < this.#options.users; ++i) {
            const hasOneDevice = !this.#options.naive && i % internals.oneDevice === internals.oneDevice - 1;
            this.#work.push(hasOneDevice ? this.#oneDevice() : this.#user());
        }

        this.#work.push(this.#traffic());
    }

    async stop() {

        this.#isStopping = true;
        await Promise.all(this.#work);
    }

    /** Presents tokens that are dead to every process once more. */
    async sweep() {

        const tokens = Array.from({ length: Math.min(internals.sweep, this.#history.dead.length) }, () => this.#random.pick(this.#history.dead));
        for (const token of tokens) {
            await Promise.all(this.#serving().map((process) => this.use(token, process)));
        }
    }

    /** A session by one process, or null. */
    async login(subject, process, max = '') {

        const answer = await this.#history.follow(subject, `login${max && ` that may have ${max}`}`, process, process.client.request('POST', `/login?sub=${subject}&max=${max}`));
        if (answer.status === 200) {
            return this.#history.add(subject, JSON.parse(answer.body), answer);
        }

        if (answer.status !== 503 && answer.status !== 0) {
            this.#history.fail('POST /login', process, answer);
        }

        return null;
    }

    /** One of the access tokens of a session, at one process. */
    async use(token, process) {

        process.check(token);
        const answer = await process.client.request('GET', `${this.#strategy()}/me`, this.#random.pick(token.jwts));
        this.#history.check(token, 'GET /me', process, answer);
        return answer;
    }

    /** One attempt at one process to end sessions. Answers whether it was decided. */
    async logout(tokens, extent, process, memo = {}) {

        const [token] = tokens;
        const { counts, latencies } = this.#history;

        // Nothing else can have ended them yet. Of two at once, either can be the first

        const isFirst = memo.by !== 'twice' && tokens.every(({ state }) => state === 'live');
        ++counts.attempts;
        const strategy = this.#strategy();
        counts.others += strategy === '' ? 0 : 1;
        const path = `${strategy}${extent === 'subject' ? '/logout/everywhere' : '/logout'}`;
        process.check(token);
        process.check(token.refresh);
        const isSocket = !this.#options.naive && memo.by === 'socket';
        counts.sockets += isSocket ? 1 : 0;
        const overHttp = () => process.client.request('POST', memo.isAlone ? path : `${path}?refreshToken=${token.refresh}`, token.jwts[0]);
        const answer = await (isSocket ?
            this.#end(tokens, `${path} over a socket`, process, () => internals.overSocket(process, path, token.jwts[0])) :
            this.#end(tokens, path, process, overHttp));

        if (answer.status === 204) {
            ++counts[extent === 'subject' ? 'everywhere' : 'logouts'];
            latencies.push(answer.end - answer.start);
            tokens.forEach((each) => this.#history.end(each, 'dead', answer, process));
            return true;
        }

        this.#history.check(token, `POST ${path}`, process, answer, isFirst);
        if (answer.status !== 401) {
            return false;
        }

        // A socket that was not opened has ordered nothing

        if (isSocket) {
            memo.by = 'request';
            return false;
        }

        // The session is lost with Redis's data: the access token alone still logs out. Otherwise an attempt that was not answered has been
        // written: nobody was promised that it is known everywhere by now

        if (answer.body.includes('The refresh token is invalid') && !memo.isAlone) {
            memo.isAlone = true;
            return false;
        }

        tokens.forEach((each) => this.#history.end(each, 'gone', answer, process));
        return true;
    }

    /** The same by an identity provider, of a session or of all that the subject has. */
    async order(tokens, extent, process) {

        const { counts, latencies } = this.#history;
        ++counts.attempts;
        const form = `logout_token=${internals.logoutToken(tokens[0], extent, this.#fleet.key)}`;
        const answer = await this.#end(tokens, `order for the ${extent}`, process, () => process.client.request('POST', '/backchannel-logout', undefined, { form }));
        if (answer.status === 200) {
            ++counts.orders;
            latencies.push(answer.end - answer.start);
            tokens.forEach((each) => this.#history.end(each, 'dead', answer, process));
            return true;
        }

        this.#history.check(tokens[0], 'POST /backchannel-logout', process, answer);
        return false;
    }

    /** A logout whose client does not wait. It promises nothing, and the logout that follows counts. */
    async hangUp(tokens, extent, process) {

        ++this.#history.counts.hungUp;
        const [{ refresh, jwts: [jwt] }] = tokens;
        const path = extent === 'subject' ? '/logout/everywhere' : '/logout';
        const patience = this.#random.between(0, 5);
        await this.#end(tokens, `${path}, hung up`, process, () => process.client.request('POST', `${path}?refreshToken=${refresh}`, jwt, { patience }));
    }

    async #user() {

        await sleep(this.#random.between(0, 1000));
        let subject;
        while (!this.#isStopping) {
            subject = subject && this.#random.chance(0.5) ? subject : `user-${++this.#subjects}`;
            const tokens = await this.#logins(subject);
            await sleep(this.#random.between(100, 1200));

            // What was not carried out at once is insisted on, and may end a login that began a little later

            if (tokens.length > 0 && this.#random.chance(0.15) && !this.#options.naive) {
                const isFirst = await this.#leave(tokens, 'subject');
                subject = isFirst ? subject : undefined;
            }
            else {
                for (const token of tokens) {
                    await this.#leave([token], 'session');
                }
            }
        }
    }

    // Who may have one session: the next login ends it, before it is answered

    async #oneDevice() {

        await sleep(this.#random.between(0, 1000));
        let subject;
        let token = null;
        while (!this.#isStopping) {

            // A login that was not answered may be carried out later, and would end one that began since

            const process = this.#anyone();
            const isNew = token === null;
            subject = isNew ? `one-${++this.#subjects}` : subject;
            token = process && await (isNew ? this.login(subject, process, 1) : this.#replace(token, process));
            await sleep(this.#random.between(100, 1200));
            if (token !== null && this.#random.chance(0.2)) {
                await this.#leave([token], 'session');
                token = null;
            }
        }
    }

    /** The next session of a subject that may have one. */
    async #replace(token, process) {

        await this.#useEverywhere([token]);
        if (this.#random.chance(0.2)) {
            this.#renew(token, this.#anyone());
        }

        this.#history.leave(token);
        const next = await this.login(token.subject, process, 1);

        // Nothing ends a session that Redis has lost: it is in no list

        if (next !== null && !this.#history.mayMissSessions(token.since)) {
            ++this.#history.counts.evicted;
            this.#history.end(token, 'dead', { end: next.at }, process);
            this.#probe(token);
        }

        return next;
    }

    async #logins(subject) {

        const tokens = [];
        for (let i = this.#random.chance(0.3) ? 2 : 1; i > 0; --i) {
            const process = this.#anyone();
            const token = process && await this.login(subject, process);
            if (token) {
                tokens.push(token);
            }
        }

        return tokens;
    }

    // Resolves with whether there was one attempt, which was carried out: another one may still be under way

    async #leave(tokens, extent) {

        await this.#useEverywhere(tokens);

        // A renewal that is under way may come before the logout or after it, but its tokens die all the same

        if (this.#random.chance(0.2)) {
            this.#renew(tokens[0], this.#anyone());
        }

        const by = this.#random.pick(this.#options.naive ? ['request'] : internals.ways);
        const memo = { by, isSure: by !== 'hang-up' };
        if (by === 'hang-up') {
            const process = this.#anyone();
            await (process && this.hangUp(tokens, extent, process));
        }

        for (let i = 0; i < internals.attempts && !this.#isStopping; ++i) {
            const process = this.#anyone();
            if (process && await (by === 'order' ? this.order(tokens, extent, process) : this.#attempt(tokens, extent, process, memo))) {
                tokens.forEach((token) => this.#probe(token));
                return memo.isSure && i === 0;
            }

            await sleep(this.#random.between(20, 300));
        }

        return false;
    }

    // Everyone has it in memory

    async #useEverywhere(tokens) {

        const uses = tokens.flatMap((token) => this.#serving().map((process) => this.#try(token, process)));
        await Promise.race([Promise.all(uses), sleep(internals.patience)]);
    }

    // Twice at once: in two processes, or in one

    async #attempt(tokens, extent, process, memo) {

        const other = memo.by === 'twice' ? this.#anyone() : null;
        if (other === null) {
            return await this.logout(tokens, extent, process, memo);
        }

        ++this.#history.counts.twice;
        const both = await Promise.all([process, other].map((each) => this.logout(tokens, extent, each, memo)));
        memo.isSure &&= both.every(Boolean);
        return both.includes(true);
    }

    // Each request that may end sessions. Any of them may be dead from now on, not only that of the tokens presented, and also if the client does not wait for the answer

    #end(tokens, what, process, send) {

        tokens.forEach((token) => this.#history.leave(token));
        return this.#history.follow(tokens[0].subject, `${what} of ${tokens.map(({ number }) => `token ${number}`).join(', ')}`, process, send());
    }

    async #probe(token) {

        for (const [i, moment] of internals.probes.entries()) {
            if (i > 0) {
                await sleep(moment - internals.probes[i - 1]);
            }

            this.#serving().forEach((process) => this.#try(token, process));
        }

        const process = this.#anyone();
        if (process) {
            this.#renew(token, process);
        }
    }

    async #renew(token, process) {

        if (process && process.client.load < internals.maxLoad) {
            const answer = await this.#history.follow(token.subject, `renewal of token ${token.number}`, process, process.client.request('POST', `/token?refreshToken=${token.refresh}`));
            this.#history.check(token, 'POST /token', process, answer);
            if (answer.status === 200) {
                token.jwts.push(JSON.parse(answer.body).access_token);
            }
        }
    }

    async #traffic() {

        let last = performance.now();
        let due = 0;
        while (!this.#isStopping) {
            await sleep(internals.tick);
            const now = performance.now();
            due = Math.min(due + (now - last) * this.#options.rate / 1000, this.#options.rate / 10);
            last = now;
            for (; due >= 1; --due) {
                const process = this.#anyone();
                const token = this.#someToken();
                if (process && token) {
                    this.#try(token, process);
                }
            }
        }
    }

    // Mostly live ones, for they are what memory is for; of the dead ones the latest, and any: dead is for good

    #someToken() {

        const { live, dead } = this.#history;
        const draw = this.#random.next();
        if (live.length > 0 && (draw < 0.75 || dead.length === 0)) {
            return this.#random.pick(live);
        }

        // Without faults old ones tell nothing new, and are no part of a working set

        const isRecent = draw < 0.9 || this.#options.faults.length === 0;
        return dead[dead.length - 1 - this.#random.below(isRecent ? Math.min(dead.length, internals.recent) : dead.length)];
    }

    #try(token, process) {

        if (process.client.load < internals.maxLoad) {
            return this.use(token, process);
        }

        ++this.skipped;
    }

    // Two strategies of one issuer

    #strategy() {

        return !this.#options.naive && this.#random.chance(0.3) ? '/other' : '';
    }

    #serving() {

        return this.#fleet.slots.map(({ process }) => process).filter((process) => process !== null);
    }

    #anyone() {

        return this.#fleet.slots[this.#random.below(this.#fleet.slots.length)].process;
    }
};


// A socket is authenticated with the access token, whose session ends

internals.overSocket = async function ({ port }, path, token) {

    const start = performance.now();
    const client = new Nes.Client(`ws://127.0.0.1:${port}`, { timeout: internals.socketTimeout });
    client.onError = () => undefined;
    try {
        await client.connect({ auth: { headers: { authorization: `Bearer ${token}` } }, reconnect: false, timeout: internals.socketTimeout });
        const { statusCode, payload } = await client.request({ method: 'POST', path });
        return { status: statusCode, start, end: performance.now(), body: String(payload) };
    }
    catch (error) {
        return { status: error.statusCode ?? 0, start, end: performance.now(), body: error.message };
    }
    finally {
        client.disconnect();
    }
};


internals.logoutToken = function ({ subject, jwts: [jwt] }, extent, key) {

    const { sid } = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
    const iat = Math.floor(Date.now() / 1000);
    const claims = {
        iss: 'https://provider.example', aud: 'shop', iat, exp: iat + 120, jti: randomUUID(), sub: subject, ...extent === 'session' && { sid },
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} }
    };

    const input = [{ alg: 'HS256', typ: 'logout+jwt' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`;
};
