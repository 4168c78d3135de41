import { createServer } from './app';
import { tell } from './story';


// Runs the API on a free port and a client against it, over HTTP

const demo = async function (): Promise<void> {

    const server = await createServer({ redis: process.env.REDIS_URL || undefined, key: process.env.JWT_KEY });

    try {
        await server.start();
        await tell(server.info.uri, console.log);
    }
    finally {
        await server.stop();
    }

    console.log('Every step was answered as promised.');
    process.exitCode = 0;
};


// A demo that ends in any other way has failed

process.exitCode = 1;

demo().catch((error) => console.error(`FAILED: ${error.message}`));
