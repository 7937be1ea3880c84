"""
How fast the board is: `./dev bench board [listings] [rounds] [clients]`.

Posts 500 judged gigs, makes 100,000 listings of them with SQL, and lets 4 processes at once ask the board again and
again: with words, with filters, in every order, further pages. Each asks in turn (so interleaved) the raw SQL that the least
program could send for the same answer, the board's queries, and the whole page with its middleware and templates.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from statistics import median
from typing import Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marketplace.settings")
os.environ["DJANGO_DEBUG"] = "1"
django.setup()

from django.db import connection, reset_queries  # noqa: E402
from django.http import QueryDict  # noqa: E402
from django.test import Client, override_settings  # noqa: E402

from marketplace.kernel import clock, doorbell  # noqa: E402
from marketplace.kernel.meaning import meaning_of  # noqa: E402
from projects.listings.actions.summary import summarise_board  # noqa: E402
from projects.listings.enums import NO_CREDENTIAL  # noqa: E402
from projects.listings.forms.board import BoardForm  # noqa: E402
from projects.listings.queries import board  # noqa: E402
from tests.support import judged  # noqa: E402
from tests.support.database import make_schema  # noqa: E402

SEEDED: Final = 500
ASKED: Final = (
    "", "sort=newest", "sort=pay", "sort=closing", "field=medicine", "field=law&rate=9000", "language=es", "country=US&hours=10",
    "kind=RED_TEAM&sort=pay", "q=heart+doctor", "q=kids+doctor", "q=wine", "q=C%2B%2B", "q=review", "q=expert", "q=contract",
    "q=cardiolgy", "q=abogado+de+divorcios", "q=red+team+chemistry", "q=python+developer&rate=9000", "q=teacher&field=education",
    "credential=NONE&posted=7", "q=commercial+leases", "q=submarine+pilot", "q=medicine&sort=newest",
)  # fmt: skip
"""What is asked: ten boards without a word, fifteen with words, from one that everybody has ("expert") to typos."""

MULTIPLY: Final = """
INSERT INTO listings_project (public_id, lab_id, title, summary, sections, kinds, currency, rate_min_minor, rate_max_minor,
    weekly_hours_min, weekly_hours_cap, closes_at, places_wanted, places_filled, countries, languages, questions, terms_id,
    visibility, manual_time_allowed, revision, state, state_reason, created_at, published_at, field_ids, credential_kinds, search,
    search_text)
SELECT gen_random_uuid(), lab_id, title, summary, sections, kinds, currency, rate, rate, (random() * 30)::int, 40,
    CASE WHEN random() < 0.7 THEN %(now)s::timestamptz + random() * interval '60 days' END, 5, 0,
    CASE WHEN random() < 0.7 THEN '{}'::varchar[] ELSE ARRAY[(ARRAY['US','GB','DE','IN','CA','FR'])[1 + (random() * 5)::int]] END,
    languages, questions, terms_id, visibility, true, 1, state, '', created_at, published_at - random() * interval '90 days',
    field_ids, credential_kinds, search, search_text
FROM (SELECT *, ((4 + random() * 26)::int * 1000)::bigint AS rate FROM listings_project, generate_series(1, %(times)s)) AS many
"""
# Each copy's meaning lies between its original's and a little of another gig's, so that no two are the same.
MEAN: Final = """
INSERT INTO listings_meaning (project_id, text, made_of, vector, job_state, not_before, attempts, last_error, queued_at)
SELECT copy.id, '', '', l2_normalize(one.vector + other.vector * array_fill(0.25, ARRAY[512])::halfvec), 'DONE', %(now)s, 1, '',
    %(now)s
FROM listings_project AS copy
JOIN (SELECT p.title, p.summary, p.search_text, min(m.project_id) AS id FROM listings_project p
      JOIN listings_meaning m ON m.project_id = p.id GROUP BY 1, 2, 3) AS origin
    ON origin.title = copy.title AND origin.summary = copy.summary AND origin.search_text = copy.search_text
JOIN listings_meaning AS one ON one.project_id = origin.id
JOIN listings_meaning AS other ON other.project_id = (SELECT min(id) FROM listings_project) + copy.id * 7919 %% %(seeded)s
WHERE NOT EXISTS (SELECT 1 FROM listings_meaning AS m WHERE m.project_id = copy.id)
"""
OPEN: Final = "state = 'OPEN' AND visibility = 'PUBLIC' AND (closes_at IS NULL OR closes_at > %(now)s) AND places_filled < places_wanted"
# The least program: newest 2,000 with the words and the nearest 100 ranked in one statement; one pass for the facets.
RAW_RANKED: Final = """
WITH words AS (SELECT id FROM listings_project WHERE {open} AND {match} AND {chosen} ORDER BY published_at DESC LIMIT 2000),
near AS (SELECT project_id AS id, 1 - (vector <=> %(vector)s) AS likeness FROM listings_meaning
         ORDER BY vector <=> %(vector)s LIMIT 100)
SELECT p.id, p.title, p.summary, p.rate_max_minor,
       ts_rank_cd(p.search, plainto_tsquery('english_unaccent', %(text)s)) + coalesce(near.likeness, 0) AS score
FROM listings_project AS p JOIN (SELECT id FROM words UNION SELECT id FROM near) AS found USING (id) LEFT JOIN near USING (id)
WHERE {chosen} ORDER BY {order} LIMIT 20
"""
RAW_FACETS: Final = """
WITH hits AS MATERIALIZED (SELECT field_ids, kinds, countries, languages, credential_kinds, published_at,
    rate_max_minor, weekly_hours_min FROM (
    SELECT * FROM listings_project WHERE {open} AND {match} ORDER BY published_at DESC LIMIT 10000) AS found)
SELECT 'field', value::text, count(*) FROM hits, unnest(field_ids) AS value GROUP BY 2
UNION ALL SELECT 'kind', value::text, count(*) FROM hits, unnest(kinds) AS value GROUP BY 2
UNION ALL SELECT 'country', value::text, count(*) FROM hits, unnest(countries) AS value GROUP BY 2
UNION ALL SELECT 'language', value::text, count(*) FROM hits, unnest(languages) AS value GROUP BY 2
UNION ALL SELECT 'credential', value::text, count(*) FROM hits, unnest(credential_kinds) AS value GROUP BY 2
UNION ALL SELECT 'posted', (published_at::date)::text, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'rate', (rate_max_minor / 5000)::text, count(*) FROM hits GROUP BY 2
UNION ALL SELECT 'hours', (weekly_hours_min / 5)::text, count(*) FROM hits GROUP BY 2
"""
RAW_NEWEST: Final = "SELECT id, title, summary, rate_max_minor FROM listings_project WHERE {open} AND {chosen} ORDER BY {order} LIMIT 20"
ORDERS: Final = {
    "newest": "published_at DESC, public_id DESC",
    "pay": "rate_max_minor DESC, published_at DESC, public_id DESC",
    "closing": "coalesce(closes_at, '9999-12-31 00:00:00+00'::timestamptz), published_at DESC, public_id DESC",
}


def main() -> int:
    if sys.argv[1:2] == ["--client"]:
        ask(int(sys.argv[2]), int(sys.argv[3]))
        return 0
    listings, rounds, clients = (int(text) for text in [*sys.argv[1:], *["100000", "5", "4"][len(sys.argv[1:]) :]])
    make_schema()
    with doorbell.muted(), override_settings(DEBUG=False):
        post(listings)
    for number in (1, clients):
        print(f"\n{number} client{'s' if number > 1 else ''} at once, {rounds} rounds of {len(ASKED)} boards each\n")
        tell(run(number, rounds))
    return 0


def post(listings: int) -> None:
    """Post the judged gigs and make so many listings of them."""
    now = clock.now()
    began = time.monotonic()
    judged.JudgedBoard.posted(SEEDED, now=now)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0; SET maintenance_work_mem = '512MB'")
        cursor.execute("DROP INDEX meaning_nearest")
        cursor.execute("ANALYZE")
        facts = {"now": now, "times": listings // SEEDED - 1, "seeded": SEEDED}
        cursor.execute(MULTIPLY, facts)
        cursor.execute("ANALYZE")  # Before the next bulk statement: it is planned for the rows that are there now.
        cursor.execute(MEAN, facts)
        posted = time.monotonic()
        cursor.execute("CREATE INDEX meaning_nearest ON listings_meaning USING hnsw (vector halfvec_cosine_ops)")
        built = time.monotonic()
        cursor.execute("VACUUM ANALYZE")
        cursor.execute(
            "SELECT count(*), count(m.vector) FROM listings_project p LEFT JOIN listings_meaning m ON m.project_id = p.id"
        )
        there = cursor.fetchone()
        cursor.execute("RESET maintenance_work_mem; RESET statement_timeout")
    summing = time.monotonic()
    groups = summarise_board(now=now)
    print(
        f"{there[0]:,} listings, {there[1]:,} with a meaning, made in {posted - began:.0f} s; index of meanings "
        f"{built - posted:.0f} s; summary of {groups:,} groups {time.monotonic() - summing:.1f} s"
    )


def run(clients: int, rounds: int) -> dict[str, list[float]]:
    """Let so many processes ask at once; return what each way took, in milliseconds."""
    command = [sys.executable, __file__, "--client"]
    running = [
        subprocess.Popen([*command, str(number), str(rounds)], stdout=subprocess.PIPE) for number in range(clients)
    ]
    times: dict[str, list[float]] = defaultdict(list)
    for one in running:
        said, _nothing = one.communicate()
        if one.returncode:
            raise SystemExit("A client failed.")
        for name, values in json.loads(said.splitlines()[-1]).items():
            times[name] += values
    return times


def ask(number: int, rounds: int) -> None:
    """Ask every board so often by every way, in an order of one's own, and print the times."""
    client, times = Client(), defaultdict(list)
    with override_settings(DEBUG=False, ALLOWED_HOSTS=["testserver"]):
        client.get("/gigs/?q=warm")
        for round_number in range(rounds + 1):
            for place in range(len(ASKED)):
                address = ASKED[(place * 7 + number * 5 + round_number) % len(ASKED)]
                for name, way in (
                    ("raw", raw),
                    ("board", queries),
                    ("page", lambda text: client.get(f"/gigs/?{text}")),
                ):
                    began = time.perf_counter()
                    way(address)
                    took = (time.perf_counter() - began) * 1000
                    if round_number:  # The first round warms up.
                        sort = "words" if "q=" in address else "filters" if "=" in address else "none"
                        times[name].append(took)
                        times[f"{name} {sort}"].append(took)
                        times[f"{name} {address}"].append(took)
        reset_queries()
    print(json.dumps(times))


def queries(address: str) -> None:
    """Ask what the page asks of the database, its further page included."""
    filters = BoardForm(QueryDict(address)).filters()
    page = board(filters, now=clock.now())
    list(page.rows)


def raw(address: str) -> None:
    """Send the least SQL for the same board."""
    filters = BoardForm(QueryDict(address)).filters()
    typo = filters.text == "cardiolgy"
    values: dict[str, Any] = {"now": clock.now(), "text": filters.text, "word": filters.text}
    chosen = " AND ".join(["true", *_chosen(filters, values)])
    order = ORDERS.get(filters.order, "score DESC" if filters.text else ORDERS["newest"])
    with connection.cursor() as cursor:
        if not filters.text:
            if chosen == "true":
                cursor.execute("SELECT total, counts FROM listings_boardsummary")
            else:
                cursor.execute("SELECT field_ids, sum(number) FROM listings_boardgroup GROUP BY 1")
            cursor.fetchall()
            cursor.execute(RAW_NEWEST.format(open=OPEN, chosen=chosen, order=order), values)
        else:
            values["vector"] = str(list(meaning_of(filters.text) or ()))
            match = "search_text %%> %(word)s" if typo else "search @@ plainto_tsquery('english_unaccent', %(text)s)"
            cursor.execute(RAW_FACETS.format(open=OPEN, match=match), values)
            cursor.fetchall()
            cursor.execute(RAW_RANKED.format(open=OPEN, match=match, chosen=chosen, order=order), values)
        cursor.fetchall()


def _chosen(filters: Any, values: dict[str, Any]) -> list[str]:
    found = []
    if filters.fields:
        values["codes"] = list(filters.fields)
        found.append("field_ids && (SELECT array_agg(id) FROM profiles_field WHERE code = ANY(%(codes)s))")
    if filters.rate_minor is not None:
        found.append(f"rate_max_minor >= {int(filters.rate_minor)}")
    if filters.hours is not None:
        found.append(f"weekly_hours_min <= {int(filters.hours)}")
    if filters.posted is not None:
        found.append(f"published_at >= %(now)s - interval '{int(filters.posted)} days'")
    if filters.credentials == (NO_CREDENTIAL,):
        found.append("credential_kinds = '{}'")
    for name, chosen in (("languages", filters.languages), ("countries", filters.countries), ("kinds", filters.kinds)):
        if chosen:
            values[name] = list(chosen)
            found.append(f"({name} = '{{}}' OR {name} && %({name})s::varchar[])")
    return found


def tell(times: dict[str, list[float]]) -> None:
    """Print p50 and p95 of each way, and the ratios to the raw SQL."""
    print("| boards | raw p50 | p95 | board p50 | p95 | page p50 | p95 | board : raw, p50 | p95 |\n|---|" + "---:|" * 8)
    for sort in ("", " none", " filters", " words"):
        (r50, r95), (b50, b95), (p50, p95) = (_percentiles(times[f"{name}{sort}"]) for name in ("raw", "board", "page"))
        figures = [f"{value:.1f}" for value in (r50, r95, b50, b95, p50, p95)] + [
            f"{b50 / r50:.2f}",
            f"{b95 / r95:.2f}",
        ]
        print(f"|{sort or ' all'} | " + " | ".join(figures) + " |")
    slowest = sorted(ASKED, key=lambda address: -median(times[f"board {address}"]))[:6]
    print("\nSlowest, median of the board in ms: " + "; ".join(
        f"{address or 'nothing asked'} {median(times[f'board {address}']):.0f} (raw {median(times[f'raw {address}']):.0f})" for address in slowest
    ))  # fmt: skip


def _percentiles(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return median(ordered), ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


if __name__ == "__main__":
    sys.exit(main())
