"""What is there before the page is? The ground colour, our name, one line in Chinese, and where the words lie."""

from functools import cache
from typing import Any

from command_ui.console.theme import colours
from command_ui.server import assets, made
from command_ui.words import Language

_TEMPLATE = """
{%% extends "base.html" %%}
{%% block preamble %%}
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="onemap-account" content="{{ account|e }}">
<link rel="icon" href="/assets/mark.svg">
<script>window.onemapImport = function (address) { return import(address); };</script>
<script defer src="%(kept)s"></script>
{%% if first_look %%}
<script type="application/json" id="onemap-first">{{ first_look }}</script>
<script type="module" async src="{{ first_part }}"></script>
{%% endif %%}
{%% endblock %%}
{%% block postamble %%}
{{ super() }}
<style>
html, body { background: %(page)s; color: %(text2)s; overflow: hidden; }
html[data-theme="light"], html[data-theme="light"] body { background: %(light)s; }
#onemap-splash { position: fixed; inset: 0; display: grid; place-content: center; justify-items: center; gap: 12px;
  font: 14px/1.5 "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; }
#onemap-splash b { font-size: 18px; color: %(text)s; letter-spacing: .04em; }
#onemap-early ~ #onemap-splash b, #onemap-early ~ #onemap-splash span {
  background: %(page)s; padding: 4px 12px; border-radius: 6px;
}
</style>
{%% endblock %%}
{%% block loader %%}
<div id="onemap-splash" role="status"><b>应急管理一张图</b><span>正在打开值班台…</span></div>
{%% endblock %%}
{%% block loader_script %%}
<script>
(function () {
  function say(text) {
    const line = document.querySelector("#onemap-splash span");
    if (line) line.textContent = text;
  }
  window.panelLoader = {hide() {}, status() {}, error() { say("页面没有打开，请刷新重试"); }};
  let waited = 0;
  const timer = setInterval(function () {
    waited += 1;
    if (!document.getElementById("onemap-splash")) clearInterval(timer);
    else if (window._panelConnectionError) say("无法与服务器建立连接，请刷新重试");
    else if (waited > 30) say("打开时间过长，请检查网络后刷新重试");
  }, 1000);
})();
</script>
{%% endblock %%}
"""


def early_map(first_look: str) -> dict[str, str]:
    """Give what the template needs to have the ground drawn at a place, JSON of numbers, before anything else."""
    parts = assets.needed(("console",))
    return {"first_look": first_look, "first_part": parts[0]} if first_look and parts else {}


@cache
def page_template(language: Language) -> Any:
    """
    Template of the page, on top of Panel's own.

    What never changes between two visits (words, symbols) is a script of its own the browser keeps.
    """
    from panel.io.resources import BASE_TEMPLATE

    dark, light = colours("dark"), colours("light")
    filled = _TEMPLATE % {
        "page": dark["page"],
        "text": dark["text"],
        "text2": dark["text2"],
        "light": light["page"],
        "kept": assets.address(made.name_for(language)),
    }
    return BASE_TEMPLATE.environment.from_string(filled)
