"""The page in a real browser: it opens from disk, loads nothing, throws nothing and does what it offers."""

from __future__ import annotations

import re
import sys
from itertools import pairwise
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "report"))

from made_galleries import EPOCHS, add_all
from made_judgement import make_judged_run
from made_runs import HOSTILE, Made, make_run
from made_trials import ARMS, MadeTrials, add_trials

from dataclinic.report import previews
from dataclinic.report.html import write_report

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

FIRST = 24
"""Cards shown before "Show more"."""

STICKING_OUT = """() => [...document.querySelectorAll("main *")]
  .filter((element) => !element.closest(".scroll, .hidden, pre"))
  .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
  .map((element) => element.outerHTML.slice(0, 90))"""

CONTRASTS = """() => {
  const texts = "h1, .claims, .muted, .about, .label, .reason, .outcome, .tags li, .tile dt, th, td, .notices li, " +
    ".worth, .wrong, .which, .key li, .done, .arrow, .chance, .badge, .is, .of-class summary, .things span, .most, " +
    ".figures, .line-key li, .chart figcaption, code";
  // rgb(1 2 3), rgba(1, 2, 3, 0.5) or color(srgb 0.1 0.2 0.3 / 0.5), which is what color-mix() computes to
  const parse = (colour) => {
    const parts = colour.replace("srgb", "").match(/[\\d.]+/g).map(Number);
    return colour.startsWith("color(") ? parts.map((part, at) => (at < 3 ? 255 * part : part)) : parts;
  };
  const over = (below, layer) => {
    const alpha = layer.length > 3 ? layer[3] : 1;
    return below.map((part, at) => part * (1 - alpha) + layer[at] * alpha);
  };
  const background = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.unshift(parse(getComputedStyle(at).backgroundColor));
    return layers.reduce(over, [255, 255, 255]);
  };
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const luminance = ([red, green, blue]) =>
    0.2126 * linear(red / 255) + 0.7152 * linear(green / 255) + 0.0722 * linear(blue / 255);
  return [...document.querySelectorAll(texts)].filter((element) => element.offsetParent).map((element) => {
    const pair = [luminance(parse(getComputedStyle(element).color)), luminance(background(element))];
    return [(Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05), element.outerHTML.slice(0, 80)];
  });
}"""
"""Contrast as WCAG 2 defines it, of every visible text of these kinds."""


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Pages of runs that differ in what is hard about them."""
    folder = tmp_path_factory.mktemp("reports")
    runs = {
        "images": Made(samples=400, flagged=90),
        "table": Made(kind="table"),
        "hostile_images": Made(classes=HOSTILE, hostile_ids=True),
        "hostile_table": Made(kind="table", classes=HOSTILE, hostile_ids=True, columns=30),
        "texts": Made(kind="texts"),
        "hostile_texts": Made(kind="texts", classes=HOSTILE, hostile_ids=True),
        "none": Made(flagged=0),
        "numbers": Made(kind="table", task="regression"),
        "hostile_numbers": Made(kind="table", task="regression", classes=HOSTILE, hostile_ids=True),
        "many_classes": Made(samples=900, flagged=200, classes=tuple(f"class {place}" for place in range(120))),
    }
    hostile_arms = tuple((name, name, *arm[2:]) for name, arm in zip(HOSTILE, ARMS, strict=True))
    trials = {
        "trials": (Made(samples=400, flagged=6), MadeTrials()),
        "trials_of_numbers": (runs["numbers"], MadeTrials(task="regression", trusted=False, noise=False)),
        "hostile_trials": (runs["hostile_table"], MadeTrials(arms=hostile_arms, classes=HOSTILE, recommended=HOSTILE)),
    }
    judged = {
        "judged": Made(samples=400, flagged=90),
        "judged_texts": Made(kind="texts"),
        "judged_table": Made(kind="table"),
        "hostile_judged": Made(classes=HOSTILE, hostile_ids=True),
        "hostile_judged_table": Made(kind="table", classes=HOSTILE, hostile_ids=True, columns=30),
    }
    made_runs = {name: make_run(folder / name, made) for name, made in runs.items()}
    made_runs |= {name: make_judged_run(folder / name, made) for name, made in judged.items()}
    galleries = {
        "galleries": Made(samples=400, flagged=90, columns=5),
        "galleries_of_rows": Made(kind="table"),
        "galleries_of_texts": Made(kind="texts"),
        "hostile_galleries": Made(classes=HOSTILE, hostile_ids=True),
        "hostile_galleries_of_rows": Made(kind="table", classes=HOSTILE, hostile_ids=True, columns=30),
        "linked": Made(samples=400, flagged=90),
    }
    made_runs |= {
        name: add_all(make_judged_run(folder / name, made), hostile=name.startswith("hostile"))
        for name, made in galleries.items()
    }
    add_trials(made_runs["judged"], MadeTrials())
    for name, (made, tried) in trials.items():
        made_runs[name] = make_run(folder / name, made)
        add_trials(made_runs[name], tried)
    written = {name: write_report(run) for name, run in made_runs.items() if name != "linked"}
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(previews, "MOST_SMALL_BYTES", 40_000)
        return written | {"linked": write_report(made_runs["linked"])}


@pytest.fixture
def opened(browser, reports):
    """Opens a report; fails the test where the page threw, complained or asked for anything but itself."""
    pages, trouble, requests = [], [], []

    def open_report(name, width=1280, **context):
        page = browser.new_page(viewport={"width": width, "height": 900}, **context)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.on("console", lambda message: trouble.append(message.text))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(reports[name].as_uri())
        pages.append(page)
        return page

    yield open_report
    for page in pages:
        page.close()
    assert trouble == []
    assert [url for url in requests if not url.startswith(("file://", "data:"))] == []
    others = [url for url in requests if url.startswith("file://") and not url.endswith("/report.html")]
    assert [url for url in others if not re.search(r"/linked/thumbnails/000/\d+\.jpg$", url)] == []


def shown(page) -> int:
    return page.locator(".card:visible").count()


def test_the_first_cards_are_shown_and_the_rest_on_demand(opened):
    page = opened("images")
    assert shown(page) == FIRST
    page.get_by_role("button", name="Show 66 more").click()
    assert shown(page) == 90
    assert page.get_by_role("button").count() == 0
    assert page.evaluate("document.activeElement.closest('.card') === document.querySelectorAll('.card')[24]")


def test_filters_by_class_and_check(opened):
    page = opened("table")
    page.get_by_label("Class", exact=True).select_option(label="boot")
    cards = page.locator(".card:visible")
    assert 0 < cards.count() < FIRST
    for card in cards.all():
        assert "boot" in card.locator(".label").all_inner_texts()
    of_class = cards.count()
    page.get_by_label("Check", exact=True).select_option(label="High loss")
    assert 0 < cards.count() < of_class
    for card in cards.all():
        assert "High loss" in card.locator(".tags").inner_text()
    assert page.get_by_role("status").inner_text().startswith(f"{cards.count()} of ")
    page.get_by_label("Class", exact=True).select_option("")
    page.get_by_label("Check", exact=True).select_option("")
    assert shown(page) == FIRST


def test_filters_work_by_keyboard(opened):
    page = opened("images")
    page.get_by_label("Class", exact=True).focus()
    page.keyboard.press("ArrowDown")
    assert page.locator(".card:visible").first.locator(".label", has_text="apron").count() == 1


@pytest.mark.parametrize("kind", ["hostile_images", "hostile_table", "hostile_texts"])
def test_hostile_names_are_shown_and_do_nothing(opened, kind):
    page = opened(kind)
    assert "owned" not in page.title().replace("'owned'", "")
    assert page.locator("h1").count() == 1
    assert page.locator("img[src='x']").count() == 0
    classes = page.locator("table.classes tbody th").all_inner_texts()
    assert "<script>document.title='owned'</script>" in classes
    assert "line one↵line two⇥tab" in classes
    page.get_by_label("Class", exact=True).select_option(label="</title></style></script><h1>owned</h1>")
    assert shown(page) > 0


@pytest.mark.parametrize(
    "name",
    [
        *("images", "table", "texts", "numbers", "none", "many_classes"),
        *("hostile_images", "hostile_table", "hostile_texts", "hostile_numbers"),
        *("trials", "trials_of_numbers", "hostile_trials"),
        *("judged", "judged_texts", "judged_table", "hostile_judged", "hostile_judged_table"),
        *("galleries", "galleries_of_rows", "galleries_of_texts", "hostile_galleries", "hostile_galleries_of_rows"),
    ],
)
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_screen(opened, name, width):
    page = opened(name, width=width)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(STICKING_OUT) == []


def test_dark_and_light_differ_and_both_can_be_read(opened):
    grounds = set()
    for scheme in ("light", "dark"):
        page = opened("images", color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        grounds.add(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        contrasts = page.evaluate(CONTRASTS)
        assert len(contrasts) > 100
        assert [entry for entry in contrasts if entry[0] < 4.5] == [], scheme
    assert len(grounds) == 2


def test_all_is_there_without_script(opened):
    page = opened("images", java_script_enabled=False)
    assert shown(page) == 90
    assert page.locator("#filter:visible").count() == 0


def test_headings_and_tables_are_named_for_screen_readers(opened):
    page = opened("images")
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map((heading) => Number(heading.tagName[1]))")
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert page.get_by_role("columnheader", name="Recall").count() == 1
    assert page.get_by_role("rowheader", name="apron").count() == 2
    assert page.evaluate("[...document.querySelectorAll('[id]')].map((e) => e.id).length") == page.evaluate(
        "new Set([...document.querySelectorAll('[id]')].map((e) => e.id)).size"
    )


def test_bars_are_as_long_as_their_numbers(opened):
    page = opened("many_classes")
    card = page.locator(".card").first
    for kind in ("given", "suggested"):
        share = float(card.locator(f".{kind} .share").inner_text().split()[0])
        assert float(card.locator(f".{kind} .bar span").evaluate("(bar) => bar.style.width.replace('%', '')")) == share
    off = page.evaluate(
        """() => [...document.querySelectorAll(".card:not([hidden]) .bar, .with-bar .bar")]
            .map((bar) => [bar.firstChild.getBoundingClientRect().width, bar.getBoundingClientRect().width,
                           parseFloat(bar.firstChild.style.width) / 100])
            .filter(([part, whole, share]) => whole < 30 || Math.abs(part - whole * share) > 1)"""
    )
    assert off == []
    assert page.locator("table.pairs .bar").count() == 20


def test_texts_are_read_at_once_and_their_rest_on_demand(opened):
    page = opened("texts")
    long = page.locator(".card:visible", has_text="more characters").first
    rest = long.locator(".text details p")
    assert not rest.is_visible()
    long.locator(".text summary").click()
    assert rest.is_visible()
    height = rest.bounding_box()["height"]
    assert 20 < height <= 420
    first = long.locator(".text > p").first
    assert first.bounding_box()["height"] < 260
    assert page.locator(".card:visible .text").count() == FIRST


def test_texts_keep_their_lines_and_their_direction(opened):
    page = opened("hostile_texts")
    lines = page.locator(".text > p", has_text="line one").first
    assert lines.inner_text().startswith("line one\nline two\ttab")
    arabic = page.locator(".text > p", has_text="قميص").first
    assert arabic.evaluate("one => getComputedStyle(one).direction") == "rtl"
    assert "\u202e" not in arabic.inner_text()


def test_numbers_are_drawn_and_filtered_by_check_alone(opened):
    page = opened("numbers")
    assert page.locator("svg .suspect").count() == 40
    frame = page.locator("svg .frame").bounding_box()
    for dot in page.locator("svg .suspect").all()[:5]:
        box = dot.bounding_box()
        assert frame["x"] - 6 <= box["x"] <= frame["x"] + frame["width"] + 6
    assert (
        page.get_by_label("Class", exact=True).count() == 0 or not page.get_by_label("Class", exact=True).is_visible()
    )
    assert page.get_by_role("columnheader", name="Always the median").count() == 1
    for scheme in ("light", "dark"):
        contrasts = opened("numbers", color_scheme=scheme).evaluate(CONTRASTS)
        assert [entry for entry in contrasts if entry[0] < 4.5] == [], scheme


def test_what_fixes_are_worth_is_on_the_first_screen(opened):
    page = opened("trials")
    claims = page.locator("#worth .claims").first
    assert claims.is_visible()
    assert claims.bounding_box()["y"] + claims.bounding_box()["height"] < 520
    said = claims.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert said.lower().startswith("relabel 212 of 16,000 labels: +1.8 pp (95 % interval +1.1 to +2.5), helps · ")
    page.get_by_role("link", name="What each fix is worth").click()
    assert page.get_by_role("heading", name="What each fix is worth").is_visible()


def test_there_is_nothing_of_fixes_without_trials(opened):
    page = opened("images")
    assert page.locator("#worth, .forest, #fixes").count() == 0
    assert page.get_by_role("link", name="Fixes").count() == 0


@pytest.mark.parametrize(("width", "kind"), [(1280, "wide"), (800, "wide"), (390, "narrow")])
def test_gains_are_drawn_on_their_side_of_zero_at_any_width(opened, width, kind):
    page = opened("trials", width=width)
    plot = page.locator(".forest > svg:visible")
    assert plot.get_attribute("class") == kind
    assert plot.get_attribute("role") == "img"
    middle = """(one) => { const box = one.getBoundingClientRect(); return box.left + box.width / 2; }"""
    zero = plot.locator("line.zero").evaluate(middle)
    marks = [mark.evaluate(middle) for mark in plot.locator("svg.mark > :not(title)").all()]
    gains = [arm[2] for arm in ARMS]
    assert len(marks) == len(ARMS) + 1
    assert marks[:-1] == sorted(marks[:-1], reverse=True)
    point = (marks[0] - zero) / gains[0]
    assert point > 10
    for gain, mark in zip(gains, marks, strict=False):
        assert mark - zero == pytest.approx(gain * point, abs=1)
    sizes = plot.locator("text").evaluate_all("(all) => all.map((one) => parseFloat(getComputedStyle(one).fontSize))")
    assert min(sizes) >= 12


@pytest.mark.parametrize("width", [1280, 800, 390])
def test_names_and_figures_of_the_plot_do_not_run_into_what_is_drawn(opened, width):
    page = opened("trials", width=width)
    touching = page.evaluate(
        """() => {
          const plot = [...document.querySelectorAll(".forest > svg")].find((one) => one.getBoundingClientRect().width);
          const boxes = (names) => [...plot.querySelectorAll(names)].map((one) => one.getBoundingClientRect());
          const drawn = boxes("svg.mark > :not(title)");
          return boxes("text.name, text.numbers").filter((text) => drawn.some((mark) =>
            text.left < mark.right && mark.left < text.right && text.top + 3 < mark.bottom && mark.top < text.bottom - 3
          )).length;
        }"""
    )
    assert touching == 0


def test_verdicts_can_be_read_and_are_said_in_words(opened):
    for scheme in ("light", "dark"):
        page = opened("trials", color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        contrasts = page.evaluate(CONTRASTS)
        assert [entry for entry in contrasts if entry[0] < 4.5] == [], scheme
    row = page.get_by_role("row", name="Relabel suspects").first
    assert "helps" in row.inner_text()
    assert page.get_by_role("columnheader", name="Relative error reduction").count() == 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_deepest_cells_of_the_confusion_table_can_be_read(opened, scheme):
    page = opened("images", color_scheme=scheme)
    page.evaluate("document.querySelectorAll('.heat td').forEach((one) => one.style.setProperty('--heat', 100))")
    contrasts = [entry for entry in page.evaluate(CONTRASTS) if 'class="agree"' in entry[1] or "differ" in entry[1]]
    assert len(contrasts) > 10
    assert min(contrast for contrast, _ in contrasts) >= 4.5


def test_hostile_trials_are_shown_and_do_nothing(opened):
    page = opened("hostile_trials")
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.locator("h1").count() == 1
    assert page.locator("img[src='x']").count() == 0
    assert "owned" not in page.title().replace("'owned'", "")
    assert page.locator(".told", has_text="<script>document.title='owned'</script>").count() > 0


def dots(page, kind="circle"):
    return page.locator(f"#dots {kind}")


def test_wrong_labels_and_worth_of_fixes_are_both_on_the_first_screen(opened):
    page = opened("judged")
    claims = page.locator(".claims")
    assert claims.nth(0).inner_text().startswith("400 images in 6 classes")
    assert claims.nth(1).inner_text().startswith("About 143 of 1,797 labels are wrong (120–170); of the 150 flagged")
    assert "relabel 212 of 16,000 labels" in claims.nth(2).inner_text().lower()
    box = claims.nth(2).bounding_box()
    assert box["y"] + box["height"] < 560


def test_the_map_is_filtered_by_class_and_marks_a_check(opened):
    page = opened("judged")
    assert dots(page).count() == 400
    status = page.locator("#map-shown")
    assert status.inner_text() == "400 shown"
    of_class = dots(page, "g.c1 circle").count()
    page.get_by_label("Class", exact=True).nth(1).select_option(label="boot")
    assert status.inner_text() == f"{of_class} shown"
    assert float(dots(page, "g.c0 circle").first.evaluate("(dot) => getComputedStyle(dot).fillOpacity")) < 0.2
    page.get_by_label("Class", exact=True).nth(1).select_option("")
    page.get_by_label("Highlight").select_option(label="Label errors")
    assert status.inner_text() == "90 of 400 highlighted"
    assert dots(page, ".hit").count() == 90
    page.get_by_label("Highlight").select_option(label="Suspects")
    assert dots(page, ".ring .hit").count() == 90
    page.get_by_label("Highlight").select_option("")
    assert dots(page, ".hit").count() == 0


def test_the_map_is_there_without_script_with_suspects_ringed(opened):
    page = opened("judged", java_script_enabled=False)
    assert not page.locator("#map-filter").is_visible()
    ring = dots(page, ".ring circle")
    assert ring.count() == 90
    assert float(ring.first.evaluate("(dot) => parseFloat(getComputedStyle(dot).strokeWidth)")) > 1
    assert "suggested" in ring.first.locator("title").text_content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_of_the_map_differ_and_stand_out_from_its_ground(opened, scheme):
    page = opened("judged", color_scheme=scheme)
    colours = page.locator("#key-label .dot:not(.ring)").evaluate_all(
        "(all) => all.map((one) => getComputedStyle(one).backgroundColor)"
    )
    assert len(set(colours)) == len(colours) == 6
    ground = page.locator(".map .frame").evaluate("(one) => getComputedStyle(one).fill")
    assert ground not in colours


GALLERIES = ["galleries", "galleries_of_rows", "galleries_of_texts", "hostile_galleries"]


@pytest.mark.parametrize(
    "name", ["judged", "judged_texts", "judged_table", "hostile_judged", "hostile_judged_table", *GALLERIES]
)
def test_judged_suspects_can_be_read_in_both_schemes(opened, name):
    for scheme in ("light", "dark"):
        page = opened(name, color_scheme=scheme)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        contrasts = page.evaluate(CONTRASTS)
        assert [entry for entry in contrasts if entry[0] < 4.5] == [], scheme
    assert page.locator(".card:visible .wrong").count() == FIRST
    assert page.locator(".card:visible .beside li").count() > 3 * FIRST
    assert page.locator("img:not([alt]), img[alt='']").count() == 0
    assert page.locator("h1").count() == 1


def test_suspects_stand_by_class_the_worst_class_first(opened):
    page = opened("galleries")
    groups = page.locator("[aria-labelledby='gallery'] .of-class")
    counts = [int(text.split()[0]) for text in groups.locator("summary > span:first-of-type").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    assert sum(counts) == 90
    assert groups.locator("li").count() == 90
    assert groups.locator("img").count() > 80
    assert groups.locator(".decided").count() == 3


def test_copies_stand_beside_each_other_and_say_what_is_wrong_with_them(opened):
    page = opened("galleries")
    first = page.locator(".set").first
    assert "in several splits" in first.locator(".badges").inner_text()
    one, other = (box.bounding_box() for box in first.locator("li").all()[:2])
    assert one["y"] == other["y"]
    assert one["x"] + one["width"] <= other["x"]
    assert page.locator(".set").count() == 3


def test_outliers_show_their_value_beside_the_picture(opened):
    page = opened("galleries")
    tiles = page.locator("[aria-labelledby='outliers'] .things li")
    assert tiles.count() == 20
    assert "width is 0: above the upper fence 9" in tiles.first.inner_text()
    assert "30 findings, the first 20 shown" in page.locator("[aria-labelledby='outliers'] summary").inner_text()
    assert page.get_by_role("link", name="Shown under Outliers").count() == 1


def test_the_map_is_coloured_by_check_or_by_suspects(opened):
    page = opened("galleries")
    by = page.get_by_label("Colour by")
    fills = "(all) => [...new Set(all.map((one) => getComputedStyle(one).fill))]"
    assert len(dots(page).evaluate_all(fills)) == 6
    by.select_option(label="check")
    assert len(dots(page).evaluate_all(fills)) == 3
    rarest = dots(page, "circle[data-f='1']")
    assert rarest.count() == 30
    swatch = page.locator("#key-check li", has_text="IQR outliers (30)").locator(".dot")
    assert rarest.evaluate_all(fills) == [swatch.evaluate("(one) => getComputedStyle(one).backgroundColor")]
    assert page.locator("#key-check").is_visible()
    assert not page.locator("#key-label").is_visible()
    by.select_option(label="suspects")
    assert len(dots(page).evaluate_all(fills)) == 2
    assert dots(page, ".ring circle").count() == 90
    by.select_option("")
    assert page.locator("#key-label").is_visible()
    assert len(dots(page).evaluate_all(fills)) == 6


def test_training_curves_are_drawn_inside_their_frame(opened):
    page = opened("galleries")
    charts = page.locator(".chart")
    assert charts.count() == 2
    for chart in charts.all():
        frame, outside = chart.bounding_box(), []
        for line in chart.locator("polyline").all():
            box = line.bounding_box()
            outside += [box] * (box["x"] < frame["x"] or box["y"] < frame["y"])
            outside += [box] * (box["y"] + box["height"] > frame["y"] + frame["height"])
        assert outside == []
        assert chart.locator("polyline.mean").count() == 3 - (chart.locator("figcaption").inner_text() == "Loss, nats")
        assert chart.locator(".kept").count() == 5
    assert f"5 fits of up to {EPOCHS} epochs" in page.locator("[aria-labelledby='training']").inner_text()
    assert "epoch 7 in the median, 5 to 9" in page.locator("[aria-labelledby='training']").inner_text()


def test_verdicts_are_told_above_and_marked_on_their_cards(opened):
    page = opened("galleries")
    told = page.locator("#reviewed").inner_text().replace("\N{NO-BREAK SPACE}", " ")
    assert told.startswith("3 samples reviewed by 1 reviewer: 1 relabelled, 1 kept as given, 1 to be dropped; of 90")
    assert "Of 3 suspects with a clear verdict 2 were wrong: 66.7 % (95 % interval 9.4 % to 99.2 %, exact)." in told
    assert page.locator(".card.decided").count() == 3
    assert page.locator(".card .done").first.inner_text() == "Reviewed: relabelled to boot by Kim"


def test_linked_pictures_are_loaded_when_they_are_scrolled_to(opened):
    page = opened("linked")
    linked = page.locator("img[loading='lazy']")
    assert linked.count() > 50
    first = linked.first
    first.scroll_into_view_if_needed()
    page.wait_for_function("(one) => one.complete && one.naturalWidth === 96", arg=first.element_handle())
    assert first.get_attribute("alt")


def test_a_page_without_its_folder_shows_what_each_picture_was(opened, reports, tmp_path, browser):
    alone = tmp_path / "report.html"
    alone.write_bytes(reports["linked"].read_bytes())
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(alone.as_uri())
    first = page.locator("img[loading='lazy']").first
    first.scroll_into_view_if_needed()
    page.wait_for_function("(one) => one.complete", arg=first.element_handle())
    assert first.evaluate("(one) => one.naturalWidth") == 0
    assert ", labelled " in (first.get_attribute("alt") or "")
    assert page.evaluate("document.documentElement.scrollWidth") == 1280
    page.close()


@pytest.mark.parametrize("name", ["hostile_galleries", "hostile_galleries_of_rows"])
def test_hostile_names_in_galleries_are_shown_and_do_nothing(opened, name):
    page = opened(name)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.locator("h1").count() == 1
    assert page.locator("img[src='x']").count() == 0
    assert page.locator("script").count() == 1
    assert "owned" not in page.title().replace("'owned'", "")
    for place in ("#reviewed", ".of-class summary", ".set", "[aria-labelledby='training'] h3"):
        assert page.locator(place).count() > 0, place
    assert page.locator("[aria-labelledby='training'] h3", has_text="<script>document.title='owned'").count() == 1


def test_all_is_unfolded_for_printing(opened):
    page = opened("galleries")
    assert page.locator("details:not([open])").count() > 10
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    assert shown(page) == 90
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#map-filter").is_hidden()
