// What the pages have in common

export const find = (selector) => document.querySelector(selector);


/** A copy of a template's only element. */
export const copy = (template) => find(`template#${template}`).content.firstElementChild.cloneNode(true);


/** Says how it went: in the page, and through it to a screen reader. */
export const say = function (text) {

    find('#notice').textContent = text;
};


/** Says what went wrong. */
export const complain = function ({ status, message }) {

    say(status ? `The server answered ${status}: ${message}.` : message);
};


/** Has a button do something, once at a time, and says what went wrong. */
export const onClick = function (button, action) {

    button.addEventListener('click', async () => {

        if (button.getAttribute('aria-disabled') === 'true') {
            return;
        }

        // Not `disabled`, which takes the focus away

        button.setAttribute('aria-disabled', 'true');
        try {
            await action();
        }
        catch (error) {
            complain(error);
        }
        finally {
            button.removeAttribute('aria-disabled');
        }
    });
};


/**
 * Has nobody see this page again once it was left: the browser may keep it as it is, for the back button, and the person may have logged out
 * meanwhile. What it keeps is empty, and what comes back is loaded anew, which asks the server.
 */
export const leaveNothing = function (session) {

    addEventListener('pagehide', () => {

        document.body.hidden = true;
        session.forget();
    });

    addEventListener('pageshow', ({ persisted }) => {

        if (persisted) {
            location.reload();
        }
    });
};


/** 'in 14 minutes', '3 hours ago'. */
export const relative = function (moment) {

    const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000]];
    const distance = moment - Date.now();
    const [unit, length] = units.find(([, each]) => Math.abs(distance) >= each) ?? [];
    return unit ? new Intl.RelativeTimeFormat('en').format(Math.trunc(distance / length), unit) : distance > 0 ? 'in a moment' : 'just now';
};


/** '0:59', '3:07:00', '29 d 23 h'. */
export const countdown = function (ms) {

    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const [days, hours, minutes, rest] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (number) => String(number).padStart(2, '0');
    return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};


/** What a person calls a device, from its User-Agent. */
export const deviceName = function (agent) {

    const browsers = [['Edg/', 'Edge'], ['OPR/', 'Opera'], ['Firefox/', 'Firefox'], ['Chrome/', 'Chrome'], ['Safari/', 'Safari']];
    const systems = [['Android', 'Android'], ['iPhone', 'iPhone'], ['iPad', 'iPad'], ['Windows', 'Windows'], ['Mac OS', 'macOS'], ['Linux', 'Linux']];
    const nameIn = (names) => names.find(([sign]) => agent.includes(sign))?.[1];

    const browser = nameIn(browsers);
    const system = nameIn(systems);
    return browser && system ? `${browser} on ${system}` : agent.split(' ')[0] || 'Something without a name';
};


/** When a session began and was last used, and from where. */
export const deviceHistory = function ({ created, renewed, data }) {

    return `Logged in ${relative(created)}, last seen ${relative(renewed)}, from ${data?.address ?? 'somewhere'}`;
};
