/** Names of sites and poles: they are tokens of NATS subjects. */
export const TOKEN = /^[A-Za-z0-9_-]{1,32}$/;
