/** A call that was not answered with success. `status` is 0 where there was no answer. */
export class Refused extends Error {

    constructor(status, message, code) {

        super(message);
        this.status = status;
        this.code = code;
    }
}


/**
 * Does what has the cookie set or cleared, one at a time over all tabs of this browser. Otherwise a response that comes late would bring back a refresh
 * token that is used up, or clear the cookie of a login that was made since.
 */
export const alone = (work) => navigator.locks.request('session', work);


/** For so long (ms) a tab waits for a response, and the others for the tab. */
export const timeout = 15_000;


/**
 * This tab's part of a session. The access token is kept here, in memory, and nowhere else; the refresh token is in a cookie that no script can read.
 *
 * Events: `change` when a token has come or gone, `call` for each call, with how it went as its detail.
 */
export class Session extends EventTarget {

    /** What is known of each token: its `state` ('none', 'alive', 'expired' or 'revoked'), and while it lives when it `expires` and its `lifetime`, in ms. */
    access = { state: 'none' };

    refresh = { state: 'none' };

    #id = null;

    #jwt = null;

    /** Calls the server with the access token. One that has run out, or is refused, is renewed first, and the call made again. */
    async call(line, payload) {

        if (this.access.state === 'revoked') {
            return this.#present(line, payload);
        }

        if (this.access.state === 'alive' && Date.now() < this.access.expires) {
            try {
                return await this.#present(line, payload);
            }
            catch (error) {

                // A renewal makes no authentication more recent

                if (error.status !== 401 || error.code === 'insufficient_user_authentication') {
                    throw error;
                }
            }
        }

        await this.renew();
        return this.#present(line, payload);
    }

    /** A new pair of tokens, for the refresh token. */
    renew() {

        return this.#replace('POST /browser/token');
    }

    /** The same, once the person has given the password again: for what wants a recent authentication. */
    confirm(password) {

        return this.#replace('POST /browser/confirm', { password });
    }

    async #replace(line, payload) {

        try {
            const [{ access_token: jwt, expires_in: seconds }, { id, expires }] = await alone(async () => {

                return [await this.#send(line, {}, payload), await this.#send('GET /browser/session')];
            });

            // Somebody else may have logged in, in another tab: what this one shows is not theirs

            if (this.#id !== null && this.#id !== id) {
                throw new Refused(401, 'Another login has taken the place of this one');
            }

            this.#id = id;
            this.#jwt = jwt;
            this.#become('access', { state: 'alive', expires: Date.now() + seconds * 1000, lifetime: seconds * 1000 });
            this.#become('refresh', { state: 'alive', expires, lifetime: expires - Date.now() });
        }
        catch (error) {
            this.#endIf(error);
            throw error;
        }
    }

    /** Ends this session, and with `/everywhere` all of this user's. Anything but a refusal for good means that it lives on, and can be tried again. */
    async logout(where = '') {

        try {
            await alone(() => this.#present(`POST /browser/logout${where}`));
            this.#end();
        }
        catch (error) {
            this.#endIf(error);
            if (error.status !== 401) {
                throw error;
            }
        }
    }

    /** Leaves no token in memory. */
    forget() {

        this.#jwt = null;
    }

    #present(line, payload) {

        return this.#send(line, this.#jwt === null ? {} : { authorization: `Bearer ${this.#jwt}` }, payload);
    }

    async #send(line, headers = {}, payload = undefined) {

        const [method, path] = line.split(' ');
        const began = performance.now();
        const tell = (status, message) => {

            this.dispatchEvent(new CustomEvent('call', { detail: { line, status, message, took: performance.now() - began } }));
        };

        let response;
        let answer;
        try {
            const content = payload && { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(payload) };
            response = await fetch(path, { method, headers, ...content, signal: AbortSignal.timeout(timeout) });
            answer = response.headers.get('content-type')?.startsWith('application/json') ? await response.json() : {};
        }
        catch {
            tell(0, 'No answer');
            throw new Refused(0, 'The server cannot be reached. Nothing is lost: try again.');
        }

        tell(response.status, response.ok ? '' : answer.message ?? '');
        if (!response.ok) {
            throw new Refused(response.status, answer.message ?? response.statusText, answer.code);
        }

        return answer;
    }

    // A 401 says that a token is of no use any more. Any other refusal says nothing about it, a 503 least of all

    #endIf({ status }) {

        if (status === 401) {
            this.#end();
        }
    }

    // The access token stays at hand, for whoever wants to see that it is dead

    #end() {

        this.#become('access', { state: this.#jwt === null ? 'none' : 'revoked' });
        this.#become('refresh', { state: 'revoked' });
    }

    #become(token, state) {

        this[token] = state;
        this.dispatchEvent(new Event('change'));
    }
}
