export * from './classes.js';
export * from './errors.js';
export * from './scene.js';
export * from './site.js';
export { configReference, serviceReference, withoutSecrets } from './reference.js';
export { serviceJsonSchema } from './schema-walk.js';
export { serviceSchema, type ServiceConfig } from './service-schema.js';
export { loadService, parseService, type LoadedService } from './service.js';
