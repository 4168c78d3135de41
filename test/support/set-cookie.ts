import type { ServerInjectResponse } from '@hapi/hapi';


/** What a response does to one cookie. hapi says its age in two ways: `Expires` is left out. */
export interface SetCookie {
    name: string;
    value: string;

    /** In seconds; infinite where the browser keeps it until it is closed. */
    maxAge: number;
    attributes: string[];
}


/** The cookies of a response, by name. @throws `Error` where one is set twice. */
export const setCookies = function ({ headers }: Pick<ServerInjectResponse, 'headers'>): Record<string, SetCookie> {

    const cookies: Record<string, SetCookie> = {};
    for (const line of [headers['set-cookie'] ?? []].flat()) {
        const [pair, ...parts] = line.split('; ') as [string, ...string[]];
        const [name, value] = pair.split('=') as [string, string];
        if (Object.hasOwn(cookies, name)) {
            throw new Error(`The cookie ${name} is set twice`);
        }

        const age = parts.find((part) => part.startsWith('Max-Age='));
        cookies[name] = {
            name,
            value,
            maxAge: age === undefined ? Infinity : Number(age.slice(8)),
            attributes: parts.filter((part) => !/^(Max-Age|Expires)=/.test(part))
        };
    }

    return cookies;
};


/** What a browser sends back. */
export const cookieHeader = function (cookies: Record<string, SetCookie | string>): string {

    return Object.entries(cookies).map(([name, cookie]) => `${name}=${typeof cookie === 'string' ? cookie : cookie.value}`).join('; ');
};
