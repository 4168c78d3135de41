import { complain, copy, countdown, deviceHistory, deviceName, find, leaveNothing, onClick, say } from './page.js';
import { Session } from './session.js';


const session = new Session();

leaveNothing(session);


// The tokens

const showToken = function (card, { state, expires, lifetime }) {

    const left = state === 'alive' ? Math.max(0, expires - Date.now()) : 0;
    const shown = state === 'alive' && left === 0 ? 'expired' : state;
    if (card.dataset.state !== shown) {
        card.dataset.state = shown;
        card.querySelector('.badge').textContent = shown;
    }

    card.querySelector('.countdown').textContent = shown === 'alive' ? countdown(left) : shown === 'none' ? '–' : shown === 'expired' ? '0:00' : 'dead';
    card.querySelector('.left').style.setProperty('--left', lifetime ? left / lifetime : 0);
};

const showTokens = function () {

    showToken(find('#access'), session.access);
    showToken(find('#refresh'), session.refresh);
};

session.addEventListener('change', () => {

    showTokens();
    if (session.refresh.state === 'revoked') {
        showEnd();
    }
});

setInterval(showTokens, 250);


// Nothing of the person's stays in the page

const showEnd = function () {

    if (find('#again').hidden) {
        document.title = 'Logged out · Futureflix';
        find('#greeting').textContent = 'You are logged out';
        find('#devices').replaceChildren();
        document.querySelectorAll('[data-live]').forEach((element) => {

            element.hidden = true;
        });

        find('#again').hidden = false;
        find('#greeting').focus();
        say('This session has ended, and both its tokens are dead, in every process. Try them.');
    }
};


// The calls

session.addEventListener('call', ({ detail: { line, status, message, took } }) => {

    const entry = copy('call');
    const pill = entry.querySelector('.status');
    pill.textContent = status || '–';
    pill.dataset.kind = status >= 200 && status < 300 ? 'good' : 'bad';
    entry.querySelector('code').textContent = line;
    entry.querySelector('small').textContent = `${new Date().toLocaleTimeString('en-GB')} · ${Math.round(took)} ms`;
    entry.querySelector('.said').textContent = message;

    const calls = find('#calls');
    calls.prepend(entry);
    while (calls.childElementCount > 50) {
        calls.lastElementChild.remove();
    }
});


// The devices

const showDevices = async function () {

    const sessions = await session.call('GET /me/sessions');
    const latestFirst = sessions.sort((a, b) => b.isCurrent - a.isCurrent || b.renewed - a.renewed);
    find('#devices').replaceChildren(...latestFirst.map(deviceOf));
    find('#others').hidden = sessions.length < 2;
};

const deviceOf = function ({ id, isCurrent, created, renewed, data }) {

    const row = copy('device');
    const name = deviceName(data?.agent ?? '');
    row.querySelector('b').textContent = name;
    row.querySelector('.tag').hidden = !isCurrent;
    row.querySelector('small').textContent = deviceHistory({ created, renewed, data });

    const end = row.querySelector('button');
    end.textContent = isCurrent ? 'Log out' : 'End';
    end.setAttribute('aria-label', isCurrent ? 'Log out of this device' : `End the session of ${name}`);
    onClick(end, async () => {

        if (isCurrent) {
            await session.logout();
            return;
        }

        await session.call(`DELETE /me/sessions/${id}`);
        await showDevices();
        find('#devices-title').focus();
        say(`The session of ${name} has ended.`);
    });

    return row;
};


// The password. Whoever has not given one for a while is asked for it first

const askForPassword = function (isWanted) {

    find('#confirm').hidden = !isWanted;
    find('#current').required = isWanted;
};

find('#password').addEventListener('submit', async (event) => {

    event.preventDefault();
    try {
        if (!find('#confirm').hidden) {
            await session.confirm(find('#current').value);
            askForPassword(false);
        }

        await session.call('POST /me/password', { password: find('#next').value });
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
        say('Give your password as it is now, too.');
    }
});


const greet = async function () {

    const { name, scope = [] } = await session.call('GET /me');
    find('#greeting').textContent = `Hello, ${name}`;
    find('#to-admin').hidden = !scope.includes('admin');
    document.querySelectorAll('[data-live]').forEach((element) => {

        element.hidden = false;
    });
};


onClick(find('#use'), async () => {

    const { name } = await session.call('GET /me');
    say(`The server knows you as ${name}.`);
});

onClick(find('#renew'), async () => {

    await session.renew();
    say('Both tokens are new. The refresh token before is used up.');
});

onClick(find('#logout'), () => session.logout());

onClick(find('#everywhere'), () => session.logout('/everywhere'));

onClick(find('#others'), async () => {

    await session.call('POST /browser/logout/others');
    await showDevices();
    say('Your other devices are logged out.');
});


// A tab that one comes back to asks whether it is still logged in

document.addEventListener('visibilitychange', () => {

    if (document.visibilityState === 'visible' && session.refresh.state === 'alive') {
        greet().catch(complain);
    }
});


try {
    await greet();
    await showDevices();
}
catch (error) {
    complain(error);
}
