/** A server's address as it may be shown: what stands before an @ is somebody's secret. */
export function shownAddress(url: string): string {
  return url.replace(/^([a-z]+:\/\/)?.*@/is, '$1***@');
}
