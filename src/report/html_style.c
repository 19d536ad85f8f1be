#include "report/html.h"

/*
 * The look of the page. Colours only repeat what words say; text has a contrast
 * of 4.5 to 1 or more against what it stands on, light and dark.
 */
static const char *const lines[] = {
	":root{color-scheme:light dark;--back:#fff;--ink:#1b1f24;--soft:#57606a;--rule:#d5dae0;--panel:#f5f7f9;"
	"--link:#0b57a4;--error:#b3261e;--warning:#8a5300;--info:#0b5c9e;--ok:#1a6b3c;--unknown:#57606a;"
	"--svc:#8cc3de;--static:#0f5078;--pod:#cdbdf0;--used:#6a45bd;--node:#e7c67c;--here:#7a5200;--block:#a9d3a4;"
	"--mark:#ffe9a8;--hatch:#c2281f}",
	"@media screen and (prefers-color-scheme:dark){:root{--back:#14171a;--ink:#e4e8ec;--soft:#a1abb5;"
	"--rule:#343b43;--panel:#1d2227;--link:#8cc2ff;--error:#ff9a90;--warning:#f0b856;--info:#8cc2ff;--ok:#7fd8a4;"
	"--unknown:#a1abb5;--svc:#2f6f91;--static:#8fd0f2;--pod:#4d3f78;--used:#b79cff;--node:#7d6125;--here:#ffd479;"
	"--block:#40693b;--mark:#5c4a12;--hatch:#ff7a6e}}",
	"*{box-sizing:border-box}",
	"body{margin:0 auto;padding:1.5rem clamp(1rem,4vw,3rem) 3rem;max-width:76rem;background:var(--back);"
	"color:var(--ink);font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\","
	"sans-serif;overflow-wrap:break-word}",
	"code,pre,tspan.b{font-family:ui-monospace,\"SF Mono\",Menlo,Consolas,\"Liberation Mono\",monospace}",
	"code{font-size:.875em;overflow-wrap:anywhere}",
	"pre{margin:.4rem 0;padding:.5rem .75rem;background:var(--panel);border-radius:4px;white-space:pre-wrap;"
	"line-height:1.45}",
	"a{color:var(--link)}",
	"h1{margin:.2rem 0 .8rem;font-size:2rem;line-height:1.2}",
	"h2{margin:2.5rem 0 .25rem;font-size:1.5rem;line-height:1.25}",
	"h3{margin:2rem 0 .5rem;font-size:1.15rem;line-height:1.3}",
	"h4{margin:0 0 .5rem;font-size:1rem;line-height:1.4}",
	"p{margin:.4rem 0}",
	".soft{color:var(--soft);font-size:.875rem}",
	"header{border-left:6px solid var(--rule);padding-left:1.25rem}",
	"header.plain,header.info{border-color:var(--soft)}",
	"header.error{border-color:var(--error)}header.error h1{color:var(--error)}",
	"header.warning{border-color:var(--warning)}header.warning h1{color:var(--warning)}",
	"header.ok{border-color:var(--ok)}header.ok h1{color:var(--ok)}",
	".figures{display:flex;flex-wrap:wrap;gap:.25rem 2rem;margin:0 0 .6rem;padding:0;list-style:none}",
	".figures strong{font-size:1.5rem;font-variant-numeric:tabular-nums;margin-right:.1rem}",
	".figures .error strong{color:var(--error)}.figures .warning strong{color:var(--warning)}"
	".figures .info strong{color:var(--info)}.figures .ok strong{color:var(--ok)}"
	".figures .zero,.figures .zero strong{color:var(--soft)}",
	"nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.3rem 0;padding:0;list-style:none;"
	"font-size:.875rem}",
	".tag{display:inline-block;padding:0 .45em;border:1px solid;border-radius:3px;font-size:.75rem;font-weight:600;"
	"line-height:1.5;white-space:nowrap}",
	".tag.error{color:var(--error)}.tag.warning{color:var(--warning)}.tag.info{color:var(--info)}"
	".tag.ok{color:var(--ok)}.tag.unknown{color:var(--unknown)}",
	".index{margin:1.25rem 0 0;padding-left:1.5rem}.index li{margin:.3rem 0}",
	".wide{overflow-x:auto;margin:.5rem 0}",
	"table{border-collapse:collapse;width:100%;font-size:.9rem}",
	"caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.25rem}",
	"th,td{padding:.35rem .75rem .35rem 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--rule)}",
	"thead th{color:var(--soft);font-weight:600;font-size:.8rem;white-space:nowrap}",
	"tbody th{font-weight:600}",
	".number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}",
	".nowrap{white-space:nowrap}",
	"td.unknown,p.unknown{color:var(--warning)}.refused{color:var(--error)}",
	".finding{margin:1rem 0;padding:.9rem 1.1rem;border:1px solid var(--rule);border-left:4px solid var(--info);"
	"border-radius:4px}",
	".finding.error{border-left-color:var(--error)}.finding.warning{border-left-color:var(--warning)}",
	".places{margin:.4rem 0;padding:0;list-style:none}.places li{margin:.4rem 0}",
	".excerpt{padding-left:.25rem}",
	".line{display:inline-block;min-width:2.2em;margin-right:1em;text-align:right;color:var(--soft);"
	"user-select:none}",
	"mark{background:var(--mark);color:inherit;border-radius:2px;text-decoration:underline;"
	"text-underline-offset:3px}",
	".fix{margin:.6rem 0}.fix p{margin:.2rem 0}",
	"figure{margin:.75rem 0 1.25rem}",
	"figcaption{font-size:.875rem}",
	"svg{display:block;overflow:visible}",
	"svg text{fill:var(--ink);font-size:13px}tspan.b{font-weight:600}",
	".svc{fill:var(--svc);background:var(--svc)}.static{fill:var(--static);background:var(--static)}"
	".pod{fill:var(--pod);background:var(--pod)}.used{fill:var(--used);background:var(--used)}"
	".node{fill:var(--node);background:var(--node)}.here{fill:var(--here);background:var(--here)}"
	".block{fill:var(--block);background:var(--block)}.gap{fill:var(--panel);background:var(--panel)}"
	".taken{fill:var(--static);background:var(--static)}.hatch{fill:var(--hatch)}",
	"rect{shape-rendering:crispEdges}rect.svc{stroke:var(--static)}rect.pod{stroke:var(--used)}"
	"rect.node{stroke:var(--here)}rect.block{stroke:var(--ink)}",
	"rect.only{fill-opacity:.3;stroke-dasharray:4 3}span.only{border:1px dashed var(--ink)}",
	".both{fill:var(--hatch);fill-opacity:.1}.clash{stroke:var(--hatch);stroke-width:1}",
	"span.clash{background:repeating-linear-gradient(45deg,var(--hatch) 0 2px,transparent 2px 5px)}",
	".swatch{display:inline-block;width:.9em;height:.9em;margin-right:.4em;border:1px solid var(--rule);"
	"border-radius:2px;vertical-align:-.1em}",
	".legend{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;margin:.5rem 0;padding:0;list-style:none;"
	"color:var(--soft)}",
	".overlaps{margin:.4rem 0;padding-left:1.2rem}",
	".about{margin:1.25rem 0;max-width:50rem}.about h3{margin:0}",
	"footer{margin-top:3rem;border-top:1px solid var(--rule)}",
	":target{outline:2px solid var(--link);outline-offset:4px}",
	"@media(max-width:40rem){h1{font-size:1.5rem}.finding{padding:.7rem .8rem}}",
	"@media print{:root{--back:#fff;--ink:#000;--soft:#444;--rule:#bbb;--panel:#f3f3f3;--link:#000;--mark:#eee}"
	"html{font-size:10pt}body{max-width:none;padding:0;font-size:1rem}nav{display:none}"
	"*{-webkit-print-color-adjust:exact;print-color-adjust:exact}"
	".wide{overflow:visible}.finding,figure,tr,.about{break-inside:avoid}h2,h3,h4{break-after:avoid}}",
};

void ds_html_style(struct ds_out *out)
{
	for (size_t i = 0; i < DS_ARRAY_SIZE(lines); i++) {
		ds_out_addz(out, lines[i]);
		ds_out_addc(out, '\n');
	}
}
