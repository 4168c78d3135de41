interface Exchange {
    payload?: object;
    accessToken?: string;
    refreshToken?: string;

    /** What the response has to be. */
    status: number;
    message?: string;
}


type Print = (line: string) => void;


/**
 * Walks through the API as a client does: log in, renew, log out, and see both tokens refused.
 *
 * @throws `Error` at the first response that is not as promised.
 */
export const tell = async function (uri: string, print: Print): Promise<void> {

    const login = { payload: { name: 'ada', password: 'lovelace' }, status: 200 };
    const revoked = { status: 401, message: 'The access token was revoked' };

    print('Ada logs in and gets two tokens.');
    const first = await exchange(uri, print, 'POST /login', login);

    print('The access token says who she is.');
    await exchange(uri, print, 'GET /me', { accessToken: first.access_token, status: 200 });

    print('The refresh token gets her two new tokens.');
    const second = await exchange(uri, print, 'POST /token', { refreshToken: first.refresh_token, status: 200 });
    await exchange(uri, print, 'GET /me', { accessToken: second.access_token, status: 200 });

    print('She logs out, with the access token alone.');
    await exchange(uri, print, 'POST /logout', { accessToken: second.access_token, status: 204 });

    print('Every process refuses her access tokens at once: the new one, twice, and the one before.');
    await exchange(uri, print, 'GET /me', { accessToken: second.access_token, ...revoked });
    await exchange(uri, print, 'GET /me', { accessToken: second.access_token, ...revoked });
    await exchange(uri, print, 'GET /me', { accessToken: first.access_token, ...revoked });

    print('The refresh token is refused too, although she did not send it when she logged out.');
    await exchange(uri, print, 'POST /token', { refreshToken: second.refresh_token, status: 401, message: 'The refresh token was revoked' });

    print('She can log in again.');
    const third = await exchange(uri, print, 'POST /login', login);
    await exchange(uri, print, 'GET /me', { accessToken: third.access_token, status: 200 });
};


const exchange = async function (uri: string, print: Print, line: string, { payload, accessToken, refreshToken, status, message }: Exchange): Promise<any> {

    const [method, path] = line.split(' ') as [string, string];
    const headers = {
        ...payload && { 'content-type': 'application/json' },
        ...accessToken !== undefined && { authorization: `Bearer ${accessToken}` },
        ...refreshToken !== undefined && { 'x-refresh-token': refreshToken }
    };

    const response = await fetch(uri + path, { method, headers, body: payload && JSON.stringify(payload), signal: AbortSignal.timeout(30_000) });
    const body = await response.text();
    const name = response.headers.get('x-process');

    const what = accessToken ? `with the access token ${accessToken}` : refreshToken ? `with the refresh token ${refreshToken}` : JSON.stringify(payload);

    print(abbreviate(`    ${line} ${what}`));
    print(abbreviate(`    ${name === null ? '' : `process ${name}: `}${response.status} ${body || '(no body)'}\n`));

    if (response.status !== status) {
        throw new Error(abbreviate(`The response to ${line} was ${response.status}, not ${status}`));
    }

    const result = body && JSON.parse(body);
    if (message !== undefined && result.message !== message) {
        throw new Error(abbreviate(`The response to ${line} was "${result.message}", not "${message}"`));
    }

    return result;
};


// Tokens are long, and of no use in a terminal

const abbreviate = function (text: string): string {

    return text.replace(/[\w.-]{60,}/g, (token) => `${token.slice(0, 6)}...${token.slice(-6)}`);
};
