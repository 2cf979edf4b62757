import { z } from 'zod';
import { serviceSchema } from './service-schema.js';

/** One key of the service's YAML, as its JSON Schema tells it. */
export interface ServiceKey {
  /** From the root, such as `['nats', 'servers']`. */
  path: readonly string[];
  /** `CLAMEUR_` and the path in upper case, words joined by `_`. */
  variable: string;
  /** false: an object with keys of its own. */
  leaf: boolean;
  secret: boolean;
  type: string;
  unit?: string;
  description?: string;
  defaultValue?: unknown;
}

interface Node {
  type?: string;
  properties?: Record<string, Node>;
  propertyNames?: { enum?: string[] };
  additionalProperties?: Node | boolean;
  anyOf?: Node[];
  enum?: unknown[];
  default?: unknown;
  description?: string;
  unit?: string;
  secret?: boolean;
  minimum?: number;
  maximum?: number;
}

/** JSON Schema 2020-12 of what may stand in the YAML. */
export function serviceJsonSchema(): Record<string, unknown> {
  return {
    title: 'Clameur service configuration',
    ...z.toJSONSchema(serviceSchema, { io: 'input' }),
  };
}

/** Every key of the service's YAML, parents before children, in the order of the schema. */
export function serviceKeys(): readonly ServiceKey[] {
  if (known.length === 0) walk(serviceJsonSchema() as Node, [], known);
  return known;
}

/** The schema does not change while the program runs. */
const known: ServiceKey[] = [];

/** `['locate', 'weather', 'temperatureC']` → `CLAMEUR_LOCATE_WEATHER_TEMPERATURE_C`. */
export function variableName(path: readonly string[]): string {
  return ['clameur', ...path].map((key) => key.replace(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()).join('_');
}

function walk(node: Node, path: readonly string[], keys: ServiceKey[]): void {
  const children = Object.entries(node.properties ?? recordChildren(node));
  if (path.length > 0) {
    keys.push({
      path,
      variable: variableName(path),
      leaf: children.length === 0,
      secret: node.secret ?? false,
      type: typeName(node),
      ...(node.unit !== undefined && { unit: node.unit }),
      ...(node.description !== undefined && { description: node.description }),
      ...(children.length === 0 && node.default !== undefined && { defaultValue: node.default }),
    });
  }
  for (const [key, child] of children) walk(child, [...path, key], keys);
}

function recordChildren(node: Node): Record<string, Node> {
  const value = node.additionalProperties;
  if (typeof value !== 'object') return {};
  return Object.fromEntries((node.propertyNames?.enum ?? []).map((name) => [name, value]));
}

function typeName(node: Node): string {
  if (node.enum) return node.enum.join(', ');
  if (node.anyOf) return node.anyOf.map(typeName).join(' or ');
  const ranged = node.minimum !== undefined && node.maximum !== undefined;
  return ranged ? `${node.type} ${node.minimum} to ${node.maximum}` : (node.type ?? 'any');
}
