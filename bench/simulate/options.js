'use strict';

const Path = require('path');
const Util = require('util');

const { faults } = require('./plan');


const usage = `npm run simulate -- [options]

  --seconds N      how long (60)
  --logouts N      ends after so many logouts
  --from N         the first seed (1); each run has the next one
  --seed N         this seed only: shows step by step what happens, in the shortest form that was found if something goes wrong
  --plan FILE      a plan that was shortened and saved before
  --faults LIST    all, none, or names: ${faults.slice(0, 7).join(',')},
                   ${faults.slice(7).join(',')}
  --processes N    2 to 5 by default
  --workers N      threads (2)
  --contract       the tests of the real Redis, against the simulated one
  --mutants [TEXT] takes guards out of the package, those with the text in their name, and demands that each is missed
  --json           the figures as JSON
  PACKAGE=path     the built package (../../dist)`;


exports.read = function (args) {

    const { values, positionals } = Util.parseArgs({
        args,
        allowPositionals: true,
        options: {
            seconds: { type: 'string', default: '60' },
            logouts: { type: 'string' },
            from: { type: 'string', default: '1' },
            seed: { type: 'string' },
            plan: { type: 'string' },
            faults: { type: 'string', default: 'all' },
            processes: { type: 'string' },
            workers: { type: 'string', default: '2' },
            contract: { type: 'boolean', default: false },
            mutants: { type: 'boolean', default: false },
            json: { type: 'boolean', default: false },
            help: { type: 'boolean', default: false }
        }
    });

    if (values.help) {
        console.log(usage);
        process.exit(0);
    }

    const number = (name) => (values[name] === undefined ? undefined : whole(name, values[name]));

    return {
        seconds: number('seconds'),
        logouts: number('logouts') ?? Infinity,
        from: number('from'),
        seed: number('seed'),
        plan: values.plan,
        draw: { faults: kinds(values.faults), processes: number('processes') },
        workers: number('workers'),
        contract: values.contract,
        mutants: values.mutants,
        name: positionals[0] ?? '',
        json: values.json,
        folder: Path.resolve(process.env.PACKAGE ?? Path.join(__dirname, '../../dist'))
    };
};


const whole = function (name, text) {

    const number = Number(text);
    if (!Number.isInteger(number) || number < 0) {
        throw new Error(`--${name} needs a whole number`);
    }

    return number;
};


const kinds = function (list) {

    if (list === 'all') {
        return undefined;
    }

    const names = list === 'none' ? [] : list.split(',');
    const stranger = names.find((name) => !faults.includes(name));
    if (stranger !== undefined) {
        throw new Error(`--faults: ${stranger} is none of ${faults.join(', ')}`);
    }

    return names;
};
