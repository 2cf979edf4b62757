export const PAGE_STYLE = `:root {
  color-scheme: light dark;
  --ink: #16202b; --faint: #5a6672; --ground: #f6f7f9; --card: #fff; --line: #d8dee5;
  --good: #0a6b3b; --warn: #8a5300; --bad: #b3261e; --accent: #1f5fbf;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ink: #e7ecf2; --faint: #a3afbb; --ground: #10161d; --card: #18212b; --line: #2c3945;
    --good: #66d19a; --warn: #f0b356; --bad: #ff8a80; --accent: #8ab8ff;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 76rem; margin: 0 auto; padding: 0 1.25rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 1.5rem; padding-top: 1.25rem; }
h1 { font-size: 1.5rem; margin: 0; }
h1 span { color: var(--faint); font-weight: 400; }
h2 { font-size: 1.05rem; margin: 0 0 .5rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1rem 1.25rem; margin: 1rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .4rem .75rem .4rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
thead th { color: var(--faint); font-size: .85rem; font-weight: 600; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 600; }
#none { color: var(--faint); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 0; overflow-wrap: anywhere; }
dt { color: var(--faint); }
dd { margin: 0; }
footer { color: var(--faint); font-size: .9rem; padding-bottom: 2rem; }
a { color: var(--accent); }
a:focus-visible, [tabindex]:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
.good::before { content: "● "; } .warn::before { content: "▲ "; } .bad::before { content: "■ "; }
`;
