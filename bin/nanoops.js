#!/usr/bin/env node
/**
 * The executable. This file refuses a Node.js that is too old, so it is written in the JavaScript that all of them
 * parse; everything else is in start.js, which only newer ones do.
 */
'use strict';

var version = process.versions.node.split('.').map(Number);
var major = version[0] || 0;
var minor = version[1] || 0;

// The same as `engines` in package.json; why this one: docs/decisions/0001-node-floor.md.
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    'nanoops needs Node.js 20.19 or newer; this is ' +
      process.versions.node +
      ' (' +
      process.execPath +
      ').\nNothing was done. Install a newer one (https://nodejs.org, or: nvm install --lts) and run nanoops again.\n',
  );
  process.exitCode = 2;
} else {
  require('./start.js').start();
}
