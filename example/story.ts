interface Exchange {
    payload?: object;

    /** The access token. */
    jwt?: string;

    /** What the answer has to be. */
    status: number;
    message?: string;
}


type Print = (line: string) => void;


/**
 * Walks through the API as a client does: log in, renew, log out, and see both tokens refused.
 *
 * @throws `Error` at the first step that was not answered as promised.
 */
export const tell = async function (uri: string, print: Print): Promise<void> {

    const login = { payload: { name: 'ada', password: 'lovelace' }, status: 200 };
    const revoked = 'The access token was revoked';

    print('Ada logs in and gets a pair of tokens.');
    const first = await exchange(uri, print, 'POST /login', login);

    print('The access token says who she is.');
    await exchange(uri, print, 'GET /me', { jwt: first.access_token, status: 200 });

    print('The refresh token yields a new pair.');
    const second = await exchange(uri, print, `POST /token?refreshToken=${first.refresh_token}`, { status: 200 });
    await exchange(uri, print, 'GET /me', { jwt: second.access_token, status: 200 });

    print('She logs out.');
    await exchange(uri, print, `POST /logout?refreshToken=${second.refresh_token}`, { jwt: second.access_token, status: 204 });

    print('The access tokens of this login are dead, the last one and the one before,');
    await exchange(uri, print, 'GET /me', { jwt: second.access_token, status: 401, message: revoked });
    await exchange(uri, print, 'GET /me', { jwt: first.access_token, status: 401, message: revoked });

    print('and so is the refresh token.');
    await exchange(uri, print, `POST /token?refreshToken=${second.refresh_token}`, { status: 401, message: 'The refresh token was revoked' });

    print('She can log in again.');
    const third = await exchange(uri, print, 'POST /login', login);
    await exchange(uri, print, 'GET /me', { jwt: third.access_token, status: 200 });
};


const exchange = async function (uri: string, print: Print, line: string, { payload, jwt, status, message }: Exchange): Promise<any> {

    const [method, path] = line.split(' ') as [string, string];
    const headers = {
        ...payload && { 'content-type': 'application/json' },
        ...jwt !== undefined && { authorization: `Bearer ${jwt}` }
    };

    const response = await fetch(uri + path, { method, headers, body: payload && JSON.stringify(payload), signal: AbortSignal.timeout(10_000) });
    const body = await response.text();

    print(abbreviate(`    ${line}${payload ? ` ${JSON.stringify(payload)}` : ''}${jwt === undefined ? '' : ` with the access token ${jwt}`}`));
    print(abbreviate(`    ${response.status} ${body || '(empty)'}\n`));

    if (response.status !== status) {
        throw new Error(abbreviate(`${line} was answered ${response.status}, not ${status}`));
    }

    const answer = body && JSON.parse(body);
    if (message !== undefined && answer.message !== message) {
        throw new Error(abbreviate(`${line} was answered "${answer.message}", not "${message}"`));
    }

    return answer;
};


// Tokens are long, and of no use in a terminal

const abbreviate = function (text: string): string {

    return text.replace(/[\w.-]{60,}/g, (token) => `${token.slice(0, 6)}...${token.slice(-6)}`);
};
