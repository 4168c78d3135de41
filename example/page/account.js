import { complain, copy, countdown, find, leaveNothing, onClick, say } from './page.js';
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


const greet = async function () {

    const { name } = await session.call('GET /me');
    find('#greeting').textContent = `Hello, ${name}`;
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
}
catch (error) {
    complain(error);
}
