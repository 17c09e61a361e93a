"""The console: pages for the people of a party, made on the server; what is signed is signed in the browser.

`room` holds what all pages work with, `arriving` tells who came, `page` is what a template sees. `users` and its
neighbours (`passwords`, `passkeys`, `sessions`, `attempts`) decide who may come in. `mounting` has THE list of pages.

**To add a page**: a module of its own here, its template in `pages/`, its words in `words/console_<subject>_*.toml`.

    ENTRY = Entry("orders", "/orders", roles=("seller", "platform"))     # a place in the navigation; may be absent

    @get("/orders")
    async def orders(request: AnyRequest) -> Response[bytes]:
        page = entered(request)                                          # sends whoever is not signed in to sign in
        found = await aside(search, page.picture, page.asker, ...)
        return render(request, "orders.html", found=found)

    ROUTES = (orders,)

Then the module goes into `mounting`: into `NAVIGATION`, in the order of people's work, or without ENTRY into
`SUBJECTS`. Paths in routes begin below `/console`; `entered(request, "customs")` wants a role. What changes something
is a POST: it reads its body with `forms.read_form` or `forms.read_json`, which refuse what does not carry the page's
token, and answers with `see_other`. Templates extend `layout.html` and take their parts from `parts.html`; the page
`/console/style` shows each part. Texts are `{{ t("console_orders.title") }}`. Scripts are ES modules under `assets/`,
named by `{{ asset("orders/table.js") }}`; nothing is inline, neither style nor script. Links to this page with other
parameters are `page.here(tab="money")`. Whether a form of yours is guarded, and whether your words exist, is tested
for every module in the list (`tests/interfaces/console/test_pages.py`); add your paths to `PAGES` in `test_axe.py`
and they are judged in both languages and themes.

A public page outside of `/console` stands in the module's `OUTSIDE`, not in `ROUTES`:
`@get("/verify", before_request=arrive, exception_handlers=REFUSALS)`. It knows language and theme, and no user.
"""
