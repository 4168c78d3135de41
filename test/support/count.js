'use strict';

const Console = require('@hapi/lab/lib/reporters/console');


/** lab's own report, and as its last line how many tests have passed and failed. What went wrong outside a test counts as one. */
module.exports = class extends Console {

    end(notebook) {

        super.end(notebook);

        const { tests, errors = [], leaks } = notebook;
        const passed = tests.filter(({ err, skipped, todo }) => !err && !skipped && !todo).length;
        const failed = tests.filter(({ err }) => err).length + errors.length + (leaks?.length ?? 0);
        const isIdle = passed + failed === 0;
        if (isIdle) {
            notebook.failures = 1;
        }

        this.report(`${passed} passed, ${isIdle ? 1 : failed} failed\n`);
    }
};
