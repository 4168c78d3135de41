import { Session } from './client.js';


/** For so long (ms) a tab waits for a response. */
export const timeout = 15_000;


/** Emits `call` for each call of this tab, with `{ line, status, message, process, took }` as its detail. `status` is 0 where there was no response. */
export const calls = new EventTarget();


/** A response that was not a success. */
export class Refused extends Error {

    name = 'Refused';

    constructor(status, { message, code }) {

        super(`The server responded with ${status}: ${message}.`);
        this.status = status;
        this.code = code;
    }
}


/**
 * The session of this browser: the access token is in the memory of this tab, and the refresh token in a cookie that no script can read. The tabs renew and log
 * out one at a time.
 */
export const createSession = function (options) {

    return new Session({ ...options, tabs: 'session', renew: (refreshToken, signal) => send('POST /browser/token', { signal }) });
};


/** Sends a call such as 'GET /me', by `fetch()` or by that of a session. */
export const send = async function (line, { payload, accessToken, signal = AbortSignal.timeout(timeout), through = fetch } = {}) {

    const [method, path] = line.split(' ');
    const headers = {
        ...payload && { 'content-type': 'application/json' },
        ...accessToken && { authorization: `Bearer ${accessToken}` }
    };

    const began = performance.now();
    const report = (call) => calls.dispatchEvent(new CustomEvent('call', { detail: { line, took: performance.now() - began, ...call } }));

    try {
        const response = await through(path, { method, headers, body: payload && JSON.stringify(payload), signal });
        const { message = '' } = response.ok ? {} : await response.clone().json();
        report({ status: response.status, message, process: response.headers.get('x-process') });
        return response;
    }
    catch (error) {

        // The client has sent a renewal in between, and that was reported

        if (!error.name.startsWith('Session')) {
            report({ status: 0, message: 'No response', process: null });
        }

        throw error;
    }
};


/** What a response says. @throws `Refused` */
export const read = async function (response) {

    const body = response.headers.get('content-type')?.startsWith('application/json') ? await response.json() : {};
    if (!response.ok) {
        throw new Refused(response.status, body);
    }

    return body;
};


/** What the server says to a call with the session's access token. */
export const call = async function (session, line, payload) {

    return await read(await send(line, { payload, through: (path, init) => session.fetch(path, init) }));
};


/**
 * Notifies this tab when a session of this browser has ended, in whichever process: `onEnd({ session, process })`. One tab listens for all: with HTTP/1.1 a browser
 * opens six connections to a server, and a listener occupies one. `onLost` is called when the server accepts no session of this browser any more.
 */
export const listen = function (onEnd, onLost) {

    const tabs = new BroadcastChannel('ended');
    tabs.addEventListener('message', ({ data }) => onEnd(data));
    addEventListener('pagehide', () => tabs.close());

    const work = (release) => {

        const events = new EventSource('/browser/events');
        const stop = () => {

            events.close();
            release();
        };

        addEventListener('pagehide', stop);

        events.addEventListener('end', ({ data }) => {

            stop();
            tabs.postMessage(JSON.parse(data));
            onEnd(JSON.parse(data));
        });

        // After other errors the browser connects again by itself

        events.addEventListener('error', () => {

            if (events.readyState === events.CLOSED) {
                release();
                onLost();
            }
        });
    };

    void navigator.locks.request('listener', () => new Promise(work));
};
