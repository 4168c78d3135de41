import { startFleet } from './fleet';
import { tell } from './story';


// Runs the app and a client that walks through it, and ends

const demo = async function (): Promise<void> {

    const fleet = await startFleet();
    try {
        console.log(`\n${fleet.summary}\n`);
        await tell(fleet.uri, console.log);
    }
    finally {
        await fleet.stop();
    }

    console.log('Every response was as promised.');
    process.exitCode = 0;
};


// A demo that ends in any other way has failed

process.exitCode = 1;

demo().catch((error) => console.error(`FAILED: ${error.message}`));
