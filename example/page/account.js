import { complain, copy, countdown, deviceHistory, duration, find, leaveNothing, onClick, say } from './page.js';
import { call, calls, createSession, listen, read, send } from './session.js';


// What this page knows. It stores the access token after the end, so that you can try it

const known = { accessToken: null, accessExpires: 0, claims: {}, refreshExpires: 0, isOver: false, isLeaving: false, process: 'The server' };


const session = createSession({
    save: (tokens) => {

        if (tokens) {
            known.refreshExpires = Date.now() + tokens.refresh_token_expires_in * 1000;
            noteAccess(tokens.access_token);
        }
    },
    onEnd: () => known.isLeaving || known.isOver || end('This session has ended: you logged out in another tab or on another device, or another user logged in.')
});


// A call with the access token, which is renewed first where it has expired

const ask = async function (line, payload) {

    const body = await call(session, line, payload);
    noteAccess(await session.accessToken());        // Another tab may have got it
    return body;
};


leaveNothing(session);


// The tokens

const noteAccess = function (token) {

    if (known.accessToken !== token) {
        known.accessToken = token;
        known.claims = JSON.parse(atob(token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
        known.accessExpires = Date.now() + lifetime();          // By this computer's clock, which may differ from the server's
        showTokens();
    }
};

const lifetime = () => (known.claims.exp - known.claims.iat) * 1000;


const showToken = function (card, expires, whole) {

    const left = expires - Date.now();
    const state = known.isOver ? 'revoked' : left > 0 ? 'valid' : expires > 0 ? 'expired' : 'none';
    if (card.dataset.state !== state) {
        card.dataset.state = state;
        card.querySelector('.badge').textContent = state;
    }

    card.querySelector('.countdown').textContent = { valid: countdown(left), expired: '0:00', revoked: 'dead', none: '–' }[state];
    card.querySelector('.left').style.setProperty('--left', state === 'valid' ? left / whole : 0);
};


const showTokens = function () {

    showToken(find('#access'), known.accessExpires, lifetime());
    showToken(find('#refresh'), known.refreshExpires, 30 * 86_400_000);
};

setInterval(showTokens, 250);


// The end. Nothing about the user stays in the page

const end = function (text) {

    if (!known.isOver) {
        known.isOver = true;
        showTokens();
        document.title = 'Logged out · Futureflix';
        find('#greeting').textContent = 'You are logged out';
        find('#devices').replaceChildren();
        document.querySelectorAll('[data-live]').forEach((element) => {

            element.hidden = true;
        });

        find('#again').hidden = false;
        find('#greeting').focus();
    }

    // The message of another tab may come before that of the server, which says more

    say(`${text} Press the buttons to try the tokens.`);
};


// The calls

calls.addEventListener('call', ({ detail: { line, status, message, process, took } }) => {

    known.process = process ? `Process ${process}` : 'The server';

    const entry = copy('call');
    const pill = entry.querySelector('.status');
    pill.textContent = status || '–';
    pill.dataset.kind = status >= 200 && status < 300 ? 'good' : 'bad';
    entry.querySelector('code').textContent = line;
    entry.querySelector('.tag').textContent = process ? `process ${process}` : '';
    entry.querySelector('small').textContent = `${new Date().toLocaleTimeString('en-GB')} · ${Math.round(took)} ms`;
    entry.querySelector('.said').textContent = message;

    find('#calls').prepend(entry);
    find('#calls > :nth-child(n + 51)')?.remove();
});


// The devices

const showDevices = async function () {

    const sessions = await ask('GET /me/sessions');
    sessions.sort((a, b) => b.isCurrent - a.isCurrent || b.renewed - a.renewed);
    find('#devices').replaceChildren(...known.isOver ? [] : sessions.map(deviceOf));
    find('#others').hidden = sessions.length < 2;
};


const deviceOf = function ({ id, isCurrent, created, renewed, data }) {

    const row = copy('device');
    row.querySelector('b').textContent = data.name;
    row.querySelector('.tag').hidden = !isCurrent;
    row.querySelector('small').textContent = deviceHistory({ created, renewed, data });

    const button = row.querySelector('button');
    button.textContent = isCurrent ? 'Log out' : 'End';
    button.setAttribute('aria-label', isCurrent ? 'Log out of this device' : `End the session of ${data.name}`);
    onClick(button, isCurrent ? logout : async () => {

        await ask(`DELETE /me/sessions/${id}`);
        const by = known.process;
        await showDevices();
        find('#devices-title').focus();
        say(`${by} ended the session of ${data.name}. Its page went dark before this page got the response.`);
    });

    return row;
};


const greet = async function () {

    const { name, scope } = await ask('GET /me');
    if (!known.isOver) {
        find('#greeting').textContent = `Hello, ${name}`;
        find('#to-admin').hidden = !scope.includes('admin');
        document.querySelectorAll('[data-live]').forEach((element) => {

            element.hidden = false;
        });
    }
};


// The buttons: what each does, and what it did

const logout = async function (where = '', said = 'You logged out.') {

    known.isLeaving = true;
    try {
        await session.logout(({ access_token: accessToken }, signal) => send(`POST /browser/logout${where}`, { accessToken, signal }));
        end(`${said} ${known.process} revoked both tokens, and every process knew it before this page got the response.`);
    }
    finally {
        known.isLeaving = false;
    }
};


const left = (moment) => (moment > Date.now() ? `Without the logout it would be valid for another ${duration(moment - Date.now())}.` : 'It has expired as well by now.');


onClick(find('#use'), async () => {

    if (known.isOver) {
        const { message } = await (await send('GET /me', { accessToken: known.accessToken })).json();
        say(`${known.process} refused the access token: "${message}". ${left(known.accessExpires)}`);
        return;
    }

    await ask('GET /me');
    say(`${known.process} accepted the access token. It checked the token in its own memory.`);
});


onClick(find('#renew'), async () => {

    if (known.isOver) {
        const response = await send('POST /browser/token');
        const { message } = await response.json();
        say(response.ok ? 'This browser has a new login, and its refresh token was renewed.' :
            `${known.process} refused the refresh token: "${message}". ${left(known.refreshExpires)} The browser presented it again, as a thief with a copy would.`);
        return;
    }

    await session.renew();
    say(`${known.process} sent two new tokens. The new refresh token takes the place of the old one.`);
});


onClick(find('#logout'), () => logout());

onClick(find('#everywhere'), () => logout('/everywhere', 'You logged out on all devices.'));

onClick(find('#others'), async () => {

    await ask('POST /browser/logout/others');
    const by = known.process;
    await showDevices();
    say(`${by} ended your other sessions. Their pages went dark before this page got the response.`);
});


// The same computer by its other name is another site, with cookies of its own: for the server another device

const otherName = { '127.0.0.1': 'localhost', 'localhost': '127.0.0.1' }[location.hostname];
find('#second').hidden = !otherName;
onClick(find('#second'), () => {

    window.open(`${location.protocol}//${otherName}:${location.port}/`, '_blank', 'popup,noopener,width=480,height=900');
    say('A second device is open, with cookies of its own. Log in there, and then log out in one of them.');
});


// The password. Who has not given it for a while is asked for it first

const askForPassword = function (isWanted) {

    find('#confirm').hidden = !isWanted;
    find('#current').required = isWanted;
};


find('#password').addEventListener('submit', async (event) => {

    event.preventDefault();
    try {
        if (!find('#confirm').hidden) {
            await read(await session.login(() => send('POST /browser/confirm', { payload: { password: find('#current').value } })));
            askForPassword(false);
        }

        await ask('POST /me/password', { password: find('#next').value });
        find('#password').reset();
        await showDevices();
        say('Your password is changed, and your other devices are logged out.');
    }
    catch (error) {
        if (error.code !== 'insufficient_user_authentication') {
            complain(error);
            return;
        }

        askForPassword(true);
        find('#current').focus();
        say('You logged in a while ago. Enter your present password, too.');
    }
});


// Start. Who comes back to this page sees what has changed

const refresh = async function () {

    if (!known.isOver) {
        await greet();
        await showDevices();
    }
};

addEventListener('focus', () => refresh().catch(complain));

try {
    await refresh();
    say('You are logged in. This page used the refresh token in the cookie to get an access token, which it stores in memory.');
    listen(({ session: ended, process }) => {

        if (ended === known.claims.sid && !known.isLeaving) {
            end(`This session was ended in another tab or on another device. ${process ? `Process ${process}` : 'The server'} notified this page at once.`);
        }
    }, () => refresh().catch(complain));
}
catch (error) {
    complain(error);
}
