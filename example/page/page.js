// What the pages have in common

export const find = (selector) => document.querySelector(selector);


/** A copy of a template's only element. */
export const copy = (template) => find(`template#${template}`).content.firstElementChild.cloneNode(true);


/** Says what just happened: in the page, and through it to a screen reader. */
export const say = function (text) {

    find('#notice').textContent = text;
};


/** Says what went wrong. */
export const complain = function ({ name, message }) {

    // Where the session has ended, the page has said so already

    if (name !== 'SessionEnded') {
        say(name === 'Refused' ? message : `${name === 'SessionUnavailable' ? message : 'The server cannot be reached'}. Try again.`);
    }
};


/** Makes a button do something, once at a time. */
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
 * Shows this page to no one once it was left. The browser may keep it for the back button, and its user may have logged out since. So the stored page is empty, and
 * what comes back is loaded again.
 */
export const leaveNothing = function (session) {

    addEventListener('pagehide', () => {

        document.body.hidden = true;
        session.close();
    });

    addEventListener('pageshow', ({ persisted }) => {

        if (persisted) {
            location.reload();
        }
    });
};


const units = [['day', 86_400_000], ['hour', 3_600_000], ['minute', 60_000], ['second', 1000]];

const inUnit = (ms) => units.find(([, length]) => ms >= length) ?? units.at(-1);


/** '29 days', '41 seconds'. */
export const duration = function (ms) {

    const [unit, length] = inUnit(ms);
    return new Intl.NumberFormat('en', { style: 'unit', unit, unitDisplay: 'long' }).format(Math.max(0, Math.trunc(ms / length)));
};


/** '3 hours ago'. */
export const ago = function (moment) {

    const distance = Date.now() - moment;
    const [unit, length] = inUnit(distance);
    return unit === 'second' ? 'just now' : new Intl.RelativeTimeFormat('en').format(-Math.trunc(distance / length), unit);
};


/** '0:59', '3:07:00', '29 d 23 h'. */
export const countdown = function (ms) {

    const seconds = Math.max(0, Math.ceil(ms / 1000));
    const [days, hours, minutes, rest] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
    const two = (number) => String(number).padStart(2, '0');
    return days > 0 ? `${days} d ${hours} h` : hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
};


/** When a session began and was last used, and from where. */
export const deviceHistory = function ({ created, renewed, data }) {

    return `Logged in ${ago(created)}, last renewed ${ago(renewed)}, from ${data?.address ?? 'an unknown address'}`;
};
