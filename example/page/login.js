import { find } from './page.js';
import { createSession, send, timeout } from './session.js';


const form = find('#login');
const problem = find('#problem');
const button = form.querySelector('button');
const session = createSession({});


form.addEventListener('submit', async (event) => {

    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') {
        return;
    }

    button.setAttribute('aria-disabled', 'true');
    problem.textContent = '';

    try {
        problem.textContent = await login(Object.fromEntries(new FormData(form)));
    }
    catch {
        problem.textContent = 'The server cannot be reached. Try again.';
    }

    button.removeAttribute('aria-disabled');
});


// Returns what the user has to know, and nothing after a success

const login = async function (payload) {

    const response = await session.login(() => send('POST /browser/login', { payload, signal: AbortSignal.timeout(timeout) }));
    if (response.ok) {
        location.replace('/account');
        return '';
    }

    form.password.value = '';
    form.password.focus();

    if (response.status === 429) {
        const minutes = Math.ceil(response.headers.get('retry-after') / 60);
        return `Too many attempts. Try again in ${minutes} minute${minutes === 1 ? '' : 's'}.`;
    }

    const { message } = await response.json();
    return `${message}.`;
};


// The users of this example. Your page has none

document.querySelectorAll('[data-password]').forEach((user) => {

    user.addEventListener('click', () => {

        form.elements.name.value = user.dataset.name;
        form.elements.password.value = user.dataset.password;
        form.requestSubmit();
    });
});


// The browser sends the cookie with requests of this site only. A user who came by a link on another site is recognised here

const { type } = await fetch('/', { redirect: 'manual' });
if (type === 'opaqueredirect') {
    location.replace('/account');
}
