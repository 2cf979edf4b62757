export * from './classes.js';
export * from './errors.js';
export * from './site.js';
