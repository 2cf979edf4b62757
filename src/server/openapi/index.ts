export { openApi } from './document.js';
