/** From the least to the most: each role may do what those before it may. */
export const ROLES = ['viewer', 'technician', 'operator'] as const;
export type Role = (typeof ROLES)[number];

export function isRole(text: unknown): text is Role {
  return (ROLES as readonly unknown[]).includes(text);
}

/** Whether one who has `has` may do what needs `needs`. */
export function mayDo(has: Role, needs: Role): boolean {
  return ROLES.indexOf(has) >= ROLES.indexOf(needs);
}

/** Who asks. `name` is what stands in the token's line or in the JWT; it is not a secret. */
export interface Principal {
  name: string;
  role: Role;
  kind: 'anonymous' | 'token' | 'jwt';
  /** Milliseconds since 1970 after which it is nobody. */
  expiresAtMillis?: number;
}
