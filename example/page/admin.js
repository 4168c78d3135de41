import { complain, copy, deviceHistory, deviceName, find, leaveNothing, onClick, say } from './page.js';
import { Session } from './session.js';


const session = new Session();

leaveNothing(session);

session.addEventListener('change', () => {

    if (session.refresh.state === 'revoked') {
        location.replace('/');
    }
});


const showUsers = async function () {

    const users = await session.call('GET /users');
    find('#users').replaceChildren(...users.map(userOf));
};

const userOf = function ({ id, name, sessions }) {

    const section = copy('user');
    const count = sessions.length === 0 ? 'no session' : sessions.length === 1 ? 'one session' : `${sessions.length} sessions`;
    section.querySelector('h2').textContent = `${name}: ${count}`;
    section.querySelector('ul').replaceChildren(...sessions.map((each) => {

        const row = copy('device');
        row.querySelector('b').textContent = deviceName(each.data?.agent ?? '');
        row.querySelector('small').textContent = deviceHistory(each);
        return row;
    }));

    const end = section.querySelector('button');
    end.textContent = `End all sessions of ${name}`;
    end.parentElement.hidden = sessions.length === 0;
    onClick(end, async () => {

        await session.call(`DELETE /users/${encodeURIComponent(id)}/sessions`);
        await showUsers();
        say(`All sessions of ${name} have ended.`);
        find('h1').focus();
    });

    return section;
};


try {
    await showUsers();
    say('Whoever is logged in, and on which devices.');
}
catch (error) {
    complain(error);
}
