#!/usr/bin/env node
// The command line of a built checkout: `npm run build` makes what it loads.
import '../dist/cli/main.js';
