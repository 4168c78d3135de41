'use strict';

const Console = require('@hapi/lab/lib/reporters/console');


/** lab's own report, and as its last line how many tests have passed and failed. What went wrong outside a test counts as one. */
module.exports = class extends Console {

    end(notebook) {

        super.end(notebook);

        const { tests, failures = 0, errors = [], leaks } = notebook;
        const passed = tests.filter(({ err, skipped, todo }) => !err && !skipped && !todo).length;
        const outside = errors.length + (leaks?.length ?? 0) + (passed + failures === 0 ? 1 : 0);
        if (passed + failures === 0) {
            notebook.failures = 1;
        }

        this.report(`${passed} passed, ${failures + outside} failed\n`);
    }
};
