import { find } from './page.js';
import { alone, timeout } from './session.js';


const form = find('#login');
const problem = find('#problem');
const button = form.querySelector('button');


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


// What the person has to be told, and nothing where that is done

const login = async function (payload) {

    const headers = { 'content-type': 'application/json' };
    const request = () => fetch('/browser/login', { method: 'POST', headers, body: JSON.stringify(payload), signal: AbortSignal.timeout(timeout) });
    const response = await alone(request);
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


// The cookie is for requests from this site. Who came by a link on another one looks like a stranger until here

const { type } = await fetch('/', { redirect: 'manual' });
if (type === 'opaqueredirect') {
    location.replace('/account');
}
