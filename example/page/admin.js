import { complain, copy, deviceHistory, find, leaveNothing, onClick, say } from './page.js';
import { call, createSession } from './session.js';


const session = createSession({ onEnd: () => location.replace('/') });

leaveNothing(session);


const showUsers = async function () {

    const users = await call(session, 'GET /users');
    find('#users').replaceChildren(...users.map(userOf));
};


const userOf = function ({ id, name, sessions }) {

    const section = copy('user');
    const count = sessions.length === 0 ? 'no session' : sessions.length === 1 ? 'one session' : `${sessions.length} sessions`;
    section.querySelector('h2').textContent = `${name}: ${count}`;
    section.querySelector('ul').replaceChildren(...sessions.map((each) => {

        const row = copy('device');
        row.querySelector('b').textContent = each.data.name;
        row.querySelector('small').textContent = deviceHistory(each);
        return row;
    }));

    const button = section.querySelector('button');
    button.textContent = `End all sessions of ${name}`;
    button.parentElement.hidden = sessions.length === 0;
    onClick(button, async () => {

        await call(session, `DELETE /users/${encodeURIComponent(id)}/sessions`);
        await showUsers();
        say(`All sessions of ${name} have ended. Their pages went dark before this page got the response.`);
        find('h1').focus();
    });

    return section;
};


try {
    await showUsers();
    say('Who is logged in, and on which devices.');
}
catch (error) {
    complain(error);
}
