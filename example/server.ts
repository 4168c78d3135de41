import { createServer } from './app';
import { addShowcase } from './demo/showcase';
import { addOperations } from './operations';


// One process of the app. Start as many as you like on one Redis, with one JWT_KEY

const start = async function (): Promise<void> {

    const { HOST: host, PORT: port = 3000, REDIS_URL: redis, JWT_KEY: key, OPERATIONS_HOST: operationsHost, OPERATIONS_PORT: operationsPort, DEMO_PROCESS: name } = process.env;

    const server = await createServer({ host, port, redis: redis || undefined, key, process: name });

    if (operationsPort) {
        addOperations(server, { host: operationsHost, port: operationsPort });
    }

    if (name) {
        addShowcase(server);
    }

    await server.start();
    console.log(`Futureflix listens at ${server.info.uri}`);
    process.send?.(server.info.uri);

    // Ctrl-C in a terminal reaches this process, and then its parent may ask once more

    let stopped: Promise<void> | undefined;
    const stop = () => (stopped ??= server.stop().finally(() => process.disconnect?.()));
    process.on('SIGINT', stop);
    process.on('SIGTERM', stop);
};


start().catch((error) => {

    console.error(error.message);
    process.exit(1);
});
