"""The two pages a person sees: Checkout and account onboarding. Plain HTML, one stylesheet, no script."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from payments.gateway.simulator import accounts, checkout
from payments.gateway.simulator.context import Context
from payments.gateway.simulator.errors import ApiError
from payments.gateway.simulator.store import Body

PAGES = Path(__file__).parent / "pages"
COUNTRIES = {
    "AU": "Australia", "AT": "Austria", "BE": "Belgium", "CA": "Canada", "DK": "Denmark", "FI": "Finland",
    "FR": "France", "DE": "Germany", "IN": "India", "IE": "Ireland", "IT": "Italy", "JP": "Japan",
    "NL": "Netherlands", "NZ": "New Zealand", "NO": "Norway", "PL": "Poland", "PT": "Portugal", "SG": "Singapore",
    "ES": "Spain", "SE": "Sweden", "CH": "Switzerland", "GB": "United Kingdom", "US": "United States",
}  # fmt: skip
SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "cad": "CA$"}
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer for a browser."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def respond(ctx: Context, method: str, path: str, form: str) -> Page:
    """Answer a browser: a page on GET, the effect and a redirect on POST."""
    fields = {name: values[0] for name, values in parse_qs(form, keep_blank_values=True).items()}
    if path == "/static/hosted.css":
        headers = {"Content-Type": "text/css; charset=utf-8", "Cache-Control": "no-cache"}
        return Page(200, (PAGES / "hosted.css").read_bytes(), headers)
    if path.startswith("/c/pay/"):
        return _checkout(ctx, method, path.removeprefix("/c/pay/"), fields)
    if path.startswith("/setup/e/"):
        return _onboarding(ctx, method, path.removeprefix("/setup/e/"), fields)
    return _message(404, "There is no such page", "The stand-in for Stripe has pages for Checkout and for onboarding.")


def money(amount: int, currency: str) -> str:
    """Return "$20,000.00" for 2000000 usd."""
    if currency == "jpy":
        return f"¥{amount:,}"
    return f"{SYMBOLS[currency]}{amount // 100:,}.{amount % 100:02d}"


def _fill(name: str, **values: str) -> str:
    return Template((PAGES / f"{name}.html").read_text(encoding="utf-8")).substitute(values)


def _page(status: int, title: str, content: str) -> Page:
    html = _fill("layout", title=escape(title), content=content)
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": POLICY,
        "Cache-Control": "no-store",
    }
    return Page(status, html.encode(), headers)


def _message(status: int, heading: str, sentence: str) -> Page:
    return _page(status, heading, _fill("message", heading=escape(heading), sentence=escape(sentence)))


def _redirect(address: str) -> Page:
    return Page(303, b"", {"Location": address})


def _problem(sentence: str) -> str:
    return f'<p class="bad" role="alert">{escape(sentence)}</p>' if sentence else ""


# -- Checkout ----------------------------------------------------------------------------------------------------
def _checkout(ctx: Context, method: str, session_id: str, fields: dict[str, str]) -> Page:
    session = ctx.tables.find(session_id, "checkout.session")
    if session is None:
        return _message(404, "There is no such payment", "This address belongs to no Checkout Session.")
    if session["status"] != "open":
        word = "has been completed" if session["status"] == "complete" else "has expired"
        return _message(410, "Nothing to pay here", f"This Checkout Session {word}.")
    if method != "POST":
        return _checkout_form(session, "")
    try:
        button = fields.get("button", "")
        checkout.press(ctx, session, button=button, at_once=fields.get("at_once") == "1")
    except ApiError as error:
        return _checkout_form(session, error.body["error"]["message"], status=400)
    if button == "decline":
        return _checkout_form(session, "The card was declined. Nothing was charged.", status=402)
    return _redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id))


def _checkout_form(session: Body, problem: str, *, status: int = 200) -> Page:
    line = session["_lines"][0]
    offered = session["payment_method_types"]
    content = _fill(
        "checkout",
        what=escape(line["name"]),
        who=escape(line.get("description") or session["customer_email"] or ""),
        amount=escape(money(session["amount_total"], session["currency"])),
        problem=_problem(problem),
        session=escape(session["id"]),
        card=_fill("checkout_card") if "card" in offered else "",
        bank=_fill("checkout_bank") if "us_bank_account" in offered else "",
        cancel=escape(session["cancel_url"] or session["success_url"]),
    )
    return _page(status, f"Pay {money(session['amount_total'], session['currency'])}", content)


# -- onboarding --------------------------------------------------------------------------------------------------
def _onboarding(ctx: Context, method: str, link_id: str, fields: dict[str, str]) -> Page:
    link = ctx.tables.find(link_id, "account_link")
    if link is None:
        return _message(404, "There is no such link", "This address belongs to no account link.")
    flow = link["use_case"][link["use_case"]["type"]]
    if link["_used"] or link["_expires"] <= ctx.now:
        return _redirect(flow["refresh_url"])
    account = ctx.tables.need(link["account"])
    if method != "POST":
        return _onboarding_form(link, account, {}, "")
    finished = fields.get("choice") == "finish"
    last4 = fields.get("last4", "").strip()
    if finished and (len(last4) != 4 or not last4.isascii() or not last4.isdigit()):
        return _onboarding_form(link, account, fields, "Give the last four digits of the bank account.", status=400)
    if finished and fields.get("country") not in COUNTRIES:
        return _onboarding_form(link, account, fields, "Choose the country of the bank account.", status=400)
    accounts.return_from_link(ctx, link, finished=finished, country=fields.get("country", ""), last4=last4)
    return _redirect(flow.get("return_url") or flow["refresh_url"])


def _onboarding_form(link: Body, account: Body, fields: dict[str, str], problem: str, *, status: int = 200) -> Page:
    chosen = fields.get("country") or account["identity"]["country"]
    options = "\n".join(
        f'            <option value="{code}"{" selected" if code == chosen else ""}>{escape(name)}</option>'
        for code, name in COUNTRIES.items()
    )
    content = _fill(
        "onboarding",
        who=escape(account["display_name"] or account["contact_email"] or account["id"]),
        problem=_problem(problem),
        link=escape(link["id"]),
        countries=options,
        last4=escape(fields.get("last4", "")),
    )
    return _page(status, "Set up payouts", content)
