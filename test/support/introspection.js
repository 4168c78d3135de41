'use strict';

// Runs the tests in test/introspection against an nginx and an Apache that are installed. Installs nothing, but says what to type.

const ChildProcess = require('child_process');
const Fs = require('fs');
const Path = require('path');


const internals = {
    needs: [
        '/usr/sbin/nginx',
        '/usr/lib/nginx/modules/ngx_http_js_module.so',
        '/usr/sbin/apache2',
        '/usr/lib/apache2/modules/mod_oauth2.so'
    ],
    root: Path.join(__dirname, '..', '..')
};


internals.main = function () {

    const missing = internals.needs.filter((file) => !Fs.existsSync(file));
    if (missing.length > 0) {
        console.error(`The tests need ${missing.join(', ')}.\nOn Debian, as root, type: apt-get install -y nginx-light libnginx-mod-http-js apache2 libapache2-mod-oauth2`);
        console.log('0 passed, 1 failed');
        process.exitCode = 1;
        return;
    }

    const lab = require.resolve('@hapi/lab/bin/lab');
    const args = [lab, '--reporter', './test/support/count.js', 'test/introspection', ...process.argv.slice(2)];
    const { status } = ChildProcess.spawnSync(process.execPath, args, { cwd: internals.root, stdio: 'inherit' });
    process.exitCode = status ?? 1;
};


internals.main();
