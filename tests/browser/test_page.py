"""The page in headless Chromium: nothing fails, nothing is asked for, and every control works."""

import json
import os
import shutil
from dataclasses import replace
from itertools import pairwise

import pandas as pd
import pytest
from study_page import results, scene

from denoisekit import report
from denoisekit.published import care

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

from selenium.webdriver.common.action_chains import ActionChains  # noqa: E402
from selenium.webdriver.common.actions.wheel_input import ScrollOrigin  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.select import Select  # noqa: E402
from selenium.webdriver.support.wait import WebDriverWait  # noqa: E402

DRIVER = shutil.which("chromedriver")
if DRIVER is None:
    absent = "chromium and chromium-driver are not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(absent, pytrace=False)
    pytest.skip(absent, allow_module_level=True)


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    made = results()
    scenes = made.scenes | {"DDS": scene(truth=False), "DDS, best": scene(volume=True)}
    long = made.experiments["description"] + ", restored by networks that were trained on it" * 3
    experiments = made.experiments.assign(description=long)
    html = report.render(replace(made, scenes=scenes, experiments=experiments))
    path.write_text(html, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, address):
    """The page, freshly loaded at a desk's width and on a screen."""
    resize(browser, 1200, 900)
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    browser.get(address)
    return browser


def resize(browser, width, height):
    """Set the size of what is seen, which a window's frame does not change."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)


def find(browser, selector):
    return browser.find_element(By.CSS_SELECTOR, selector)


def style(browser, selector, name):
    return browser.execute_script(
        "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]",
        selector,
        name,
    )


def clip(page):
    """The share of the stage, in percent, from which on the right picture is seen."""
    return float(style(page, ".over", "clipPath").split()[-1].rstrip("%)"))


def transforms(page):
    """The zoom and the move, in fractions of its box, of every picture of the viewer."""
    return page.execute_script(
        """return Array.from(document.querySelectorAll("#viewer-app img"), (image) => {
             const matrix = new DOMMatrix(getComputedStyle(image).transform);
             const box = image.parentElement;
             return [matrix.a, matrix.e / box.clientWidth, matrix.f / box.clientHeight];
           })"""
    )


def sides(page):
    """On which side the small pictures are, by their names, where they are on one."""
    buttons = page.find_elements(By.CSS_SELECTOR, "#viewer-strip button")
    lines = [button.text.split("\n") for button in buttons]
    return {words[0]: words[-1] for words in lines if words[-1].startswith(("left", "right"))}


def test_nothing_fails_and_nothing_is_asked_for(browser, address):
    browser.get_log("browser")
    browser.get_log("performance")
    browser.get(address)
    find(browser, "#viewer-in").click()
    assert browser.get_log("browser") == []
    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    assert address in asked
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert [url for url in asked if url.startswith("file:")] == [address]


def test_the_divider_moves_with_keys_and_with_the_mouse(page):
    assert clip(page) == 50
    find(page, "#viewer-divider").send_keys(Keys.ARROW_LEFT * 10)
    assert clip(page) == 40
    stage = find(page, "#viewer-stage")
    ActionChains(page).move_to_element(stage).click_and_hold().move_by_offset(
        stage.size["width"] // 4, 0
    ).release().perform()
    assert clip(page) == pytest.approx(75, abs=1.5)
    text = find(page, "#viewer-divider").get_attribute("aria-valuetext")
    assert text == f"{clip(page):.0f} % Noisy input, {100 - clip(page):.0f} % FFT"


def test_keys_on_the_stage_zoom_and_move(page):
    stage = find(page, "#viewer-stage")
    stage.send_keys(Keys.ARROW_RIGHT)
    assert clip(page) == 52
    stage.send_keys("++")
    assert {round(zoom, 6) for zoom, _, _ in transforms(page)} == {2.25}
    across = transforms(page)[0][1]
    stage.send_keys(Keys.ARROW_RIGHT)
    assert transforms(page)[0][1] == pytest.approx(across - 0.1, abs=1e-3)
    assert clip(page) == 52
    stage.send_keys("0")
    assert transforms(page)[0] == [1, 0, 0]


def test_zoom_and_move_are_linked_over_all_pictures(page):
    stage = find(page, "#viewer-stage")
    assert len(transforms(page)) == 2 + 6
    stage.click()
    origin = ScrollOrigin.from_element(stage, stage.size["width"] // 4, 0)
    ActionChains(page).scroll_from_origin(origin, 0, -300).perform()
    zoomed = transforms(page)
    assert zoomed[0][0] > 1.3
    # The point under the pointer, three quarters across, has stayed there.
    zoom, across, _ = zoomed[0]
    assert (0.75 - across) / zoom == pytest.approx(0.75, abs=0.01)
    for picture in zoomed:
        assert picture == pytest.approx(zoomed[0], abs=2e-3)
    small = find(page, "#viewer-strip .box")
    ActionChains(page).move_to_element(small).click_and_hold().move_by_offset(
        10, 5
    ).release().perform()
    moved = transforms(page)
    assert moved[0][1] - across == pytest.approx(10 / small.size["width"], abs=0.01)
    for picture in moved:
        assert picture == pytest.approx(moved[0], abs=2e-3)
    assert find(page, "#viewer-strip button").get_attribute("aria-pressed") == "false"


def test_the_wheel_scrolls_the_page_until_the_viewer_is_clicked(page):
    stage = find(page, "#viewer-stage")
    ActionChains(page).scroll_to_element(stage).perform()
    before = page.execute_script("return scrollY")
    origin = ScrollOrigin.from_element(stage)
    ActionChains(page).scroll_from_origin(origin, 0, 100).perform()
    wait = WebDriverWait(page, 30)
    wait.until(lambda page: page.execute_script("return scrollY") > before)
    assert transforms(page)[0][0] == 1
    stage.click()
    before = page.execute_script("return scrollY")
    ActionChains(page).scroll_from_origin(origin, 0, -100).perform()
    wait.until(lambda page: transforms(page)[0][0] > 1)
    assert page.execute_script("return scrollY") == before


def test_a_finger_on_the_small_pictures_always_scrolls_the_page(page):
    find(page, "#viewer-in").click()
    assert style(page, "#viewer-stage", "touchAction") == "none"
    assert style(page, "#viewer-strip .box", "touchAction") == "pan-y"


def test_two_fingers_zoom(page):
    def pinch(page):
        page.execute_script(
            """const stage = document.querySelector("#viewer-stage");
               stage.scrollIntoView();
               const {left, top, width, height} = stage.getBoundingClientRect();
               const send = (type, id, across) => stage.dispatchEvent(new PointerEvent(type, {
                 pointerId: id, pointerType: "touch", bubbles: true,
                 clientX: left + across * width, clientY: top + height / 2}));
               stage.setPointerCapture = () => {};
               send("pointerdown", 11, 0.4); send("pointerdown", 12, 0.6);
               send("pointermove", 12, 0.8);
               send("pointerup", 11, 0.4); send("pointerup", 12, 0.8);"""
        )
        return transforms(page)[0][0] > 1

    # On a busy machine the page may not be laid out yet, and sees no fingers.
    WebDriverWait(page, 30).until(pinch)
    assert transforms(page)[0][0] == pytest.approx(2, rel=0.01)


def test_methods_and_experiments_are_chosen(page):
    says = find(page, "#viewer-says")
    assert says.text == (
        "AA, image image-2. Left: Noisy input (20.00 dB, SSIM 0.500). "
        "Right: FFT (22.00 dB, SSIM 0.520)."
    )
    left, right = (find(page, f"#viewer-{side}-image") for side in ("left", "right"))
    before = right.get_attribute("src")
    find(page, "#viewer-strip li:nth-child(4) button").click()
    assert right.get_attribute("src") != before
    assert right.get_attribute("alt") == "Bandpass, AA, image image-2"
    pressed = page.find_elements(By.CSS_SELECTOR, "[aria-pressed=true]")
    assert [button.text.split("\n")[0] for button in pressed] == ["Bandpass"]
    assert sides(page) == {"Noisy input": "left", "Bandpass": "right"}
    Select(find(page, "#viewer-left")).select_by_visible_text("Truth")
    assert "Left: Truth. Right: Bandpass" in says.text
    find(page, "#viewer-strip li:last-child button").click()
    assert sides(page) == {"Truth": "left and right"}
    find(page, "#viewer-strip li:nth-child(4) button").click()
    Select(find(page, "#viewer-experiment")).select_by_index(1)
    assert says.text.startswith("MA, image image-2. Left: Truth. Right: Bandpass")
    assert left.get_attribute("naturalWidth") == "60"


def test_error_maps_are_coloured_and_the_truth_has_none(page):
    image = find(page, "#viewer-right-image")
    plain = image.get_attribute("src")
    find(page, "#viewer-error").send_keys(Keys.SPACE)
    assert image.get_attribute("src") != plain
    assert style(page, "#viewer-right-image", "filter") == 'url("#error-colours")'
    assert image.get_attribute("alt").startswith("Error map of FFT")
    assert find(page, ".scale .top").text == "0.062 of the truth's range"
    assert style(page, "#viewer-strip li:last-child img", "filter") == "none"
    assert find(page, "#viewer-strip li:last-child b").text == "Truth"
    find(page, "#viewer-error").send_keys(Keys.SPACE)
    assert image.get_attribute("src") == plain


def test_maps_are_switched_one_at_a_time_and_what_has_none_is_said_to_be_an_image(page):
    Select(find(page, "#viewer-right")).select_by_visible_text("Laplace")
    image = find(page, "#viewer-right-image")
    sources = [image.get_attribute("src")]
    for kind in ("error", "width"):
        find(page, f"#viewer-{kind}").send_keys(Keys.SPACE)
        sources.append(image.get_attribute("src"))
    assert len(set(sources)) == 3
    assert not find(page, "#viewer-error").is_selected()
    assert image.get_attribute("alt").startswith("Interval width of Laplace")
    assert find(page, ".scale .top").text == "0.125 of the truth's range"
    assert find(page, ".tag.left").text == "Noisy input (image)"
    assert style(page, "#viewer-left-image", "filter") == "none"


def test_planes_of_a_volume_are_slid_through_and_sections_chosen(page):
    plane, seen = find(page, "#viewer-plane"), find(page, "#viewer-seen")
    assert not plane.is_displayed()
    assert not seen.is_displayed()
    Select(find(page, "#viewer-experiment")).select_by_index(3)
    image, says = find(page, "#viewer-right-image"), find(page, "#viewer-says")
    assert says.text.startswith("DDS, best, image image-2, plane 2 of 3. Left: ")
    assert find(page, "#viewer-depth").text == "plane 2 of 3"
    sources, heights = [image.get_attribute("src")], [image.size["height"]]
    plane.send_keys(Keys.ARROW_RIGHT)
    assert find(page, "#viewer-depth").text == "plane 3 of 3"
    sources.append(image.get_attribute("src"))
    find(page, "#viewer-error").send_keys(Keys.SPACE)
    sources.append(image.get_attribute("src"))
    assert image.get_attribute("alt").endswith("DDS, best, image image-2, plane 3 of 3")
    Select(seen).select_by_visible_text("Along z, x")
    sources.append(image.get_attribute("src"))
    heights.append(image.size["height"])
    assert not plane.is_displayed()
    assert ", section along z and x. Left: " in says.text
    assert len(set(sources)) == 4
    # 40 px and 20 px high, and as wide.
    assert heights[1] == pytest.approx(heights[0] / 2, abs=2)
    Select(seen).select_by_index(0)
    assert find(page, "#viewer-depth").text == "plane 3 of 3"
    Select(find(page, "#viewer-experiment")).select_by_index(0)
    assert not plane.is_displayed()


def test_without_a_truth_there_are_no_error_maps(page):
    find(page, "#viewer-error").send_keys(Keys.SPACE)
    Select(find(page, "#viewer-left")).select_by_visible_text("Truth")
    Select(find(page, "#viewer-experiment")).select_by_index(2)
    assert find(page, "#viewer-says").text == (
        "DDS, image image-2, which has no truth; all are fitted to the noisy input. "
        "Left: Noisy input. Right: FFT."
    )
    assert not find(page, "#viewer-error").is_enabled()
    assert not find(page, ".scale").is_displayed()
    assert style(page, "#viewer-right-image", "filter") == "none"


def test_tables_sort_both_ways(page):
    page.execute_script("document.querySelectorAll('details').forEach((e) => (e.open = true))")
    table = "#results table"
    column = 4  # the noisy input's PSNR

    def cells(number):
        rows = find(page, table).find_elements(By.CSS_SELECTOR, "tbody tr")
        return [row.find_elements(By.CSS_SELECTOR, "th, td")[number - 1].text for row in rows]

    heading = find(page, table).find_elements(By.CSS_SELECTOR, "thead th")[column - 1]
    button = heading.find_element(By.TAG_NAME, "button")
    values = list(map(float, cells(column)))
    assert values != sorted(values, reverse=True)
    button.send_keys(Keys.ENTER)
    assert heading.get_attribute("aria-sort") == "ascending"
    assert list(map(float, cells(column))) == sorted(values)
    button.send_keys(Keys.SPACE)
    assert heading.get_attribute("aria-sort") == "descending"
    assert list(map(float, cells(column))) == sorted(values, reverse=True)
    names = cells(1)
    find(page, table).find_element(By.CSS_SELECTOR, "thead th button").click()
    assert cells(1) == sorted(names)
    assert heading.get_attribute("aria-sort") is None


def test_minus_signs_powers_and_empty_cells_are_understood(page):
    texts = ["1,200", "–", "−0.30 dB (p = 0.1)", "+0.12", "2.5e-08", "< 0.001", "9.9"]
    order = ["−0.30 dB (p = 0.1)", "2.5e-08", "< 0.001", "+0.12", "9.9", "1,200", "–"]
    for direction, expected in ((1, order), (-1, [*order[-2::-1], "–"])):
        found = page.execute_script(
            """const [texts, direction] = arguments;
               return texts.map((text) => [key(text), text])
                 .sort((a, b) => compare(a[0], b[0], direction)).map((entry) => entry[1])""",
            texts,
            direction,
        )
        assert found == expected


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_never_scrolls_sideways(page, width):
    resize(page, width, 800)
    page.refresh()
    page.execute_script("document.querySelectorAll('details').forEach((e) => (e.open = true))")
    assert page.execute_script("return innerWidth") == width
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    over = page.execute_script(
        """const inside = (e) => e.closest(".scroll, pre, nav, .skip, .stage, .box");
           return Array.from(document.body.querySelectorAll("*"))
             .filter((e) => !inside(e) && e.getBoundingClientRect().right > innerWidth + 1)
             .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert over == []


def test_wide_tables_are_reached_by_keyboard(page):
    resize(page, 360, 800)
    page.refresh()
    boxes = page.find_elements(By.CSS_SELECTOR, ".scroll[role=region]")
    assert boxes
    for box in boxes:
        assert box.get_attribute("tabindex") == "0"
        assert box.get_attribute("aria-label")


def test_the_first_tab_leads_to_a_link_to_the_content(page):
    find(page, "body").send_keys(Keys.TAB)
    link = page.switch_to.active_element
    assert link.text == "Skip to the content"
    assert link.rect["x"] >= 0
    assert style(page, ".skip", "outlineStyle") == "solid"


def test_every_control_and_picture_has_a_name(page):
    nameless = page.execute_script(
        """const kinds = "button, select, input, [role=region], [role=application]";
           return Array.from(document.querySelectorAll(kinds))
             .filter((e) => !(e.labels?.length || e.ariaLabel || e.textContent.trim()))
             .map((e) => e.outerHTML)"""
    )
    assert nameless == []
    assert page.find_elements(By.CSS_SELECTOR, "img:not([alt])") == []
    # Only the small pictures, whose buttons say what they are, may go unnamed.
    assert page.find_elements(By.CSS_SELECTOR, "img[alt='']:not(#viewer-strip img)") == []
    # Arrow keys reach the stage, which has its own, from a screen reader too.
    assert find(page, "#viewer-stage").get_attribute("role") == "application"
    levels = [
        int(heading.tag_name[1])
        for heading in page.find_elements(By.CSS_SELECTOR, "h1, h2, h3, h4")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_in_light_and_in_dark(page, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def luminance(name, selector):
        text = style(page, selector, name)
        parts = [int(part) / 255 for part in text[text.index("(") + 1 : -1].split(",")[:3]]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    ground = luminance("backgroundColor", "body")
    assert (ground < 0.1) == (scheme == "dark")
    for selector in ("body", ".note", "nav a", "summary", "figcaption", ".says"):
        light, dark = sorted([luminance("color", selector), ground], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, selector
    for selector in (".viewer select", ".tools button"):
        light, dark = sorted([luminance("borderTopColor", selector), ground], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, selector


def test_on_paper_there_are_figures_and_no_controls(page):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    assert style(page, "#viewer", "display") == "none"
    assert style(page, "nav", "display") == "none"
    assert style(page, "figure img", "display") == "block"


def test_on_paper_nothing_is_folded_away(page):
    def unfolded():
        return page.execute_script(
            "return Array.from(document.querySelectorAll('details'), (details) => details.open)"
        )

    find(page, "details summary").click()
    before = unfolded()
    assert before[0]
    assert not all(before)
    page.execute_script(
        """addEventListener("beforeprint", () => {
             window.printed = document.querySelectorAll("details[open]").length;
           })"""
    )
    page.print_page()
    assert page.execute_script("return window.printed") == len(before)
    assert unfolded() == before


def claims():
    """Claims as the study of all of them has, with long words in every column."""
    rows = []
    for number in range(6):
        holds = care.HOLDS if number % 2 else care.OPEN
        row = dict.fromkeys(care.COLUMNS, "")
        row |= {"says": "Volumes at 60-fold less light are restored better than by the best filter"}
        row |= {
            "claim": "denoising",
            "place": "Fig. 1",
            "printed": "0.65",
            "printed_beside": "0.47",
        }
        row |= {"experiment": "tissue-membranes", "measure": "nrmse", "verdict": holds}
        row |= {"method": "non-local-means-3d", "beside": "richardson-lucy-along-z"}
        row |= {"interval": "difference", "data": "simulated"}
        row |= {"value": 0.0539, "beside_value": 0.0552, "low": -0.0036, "high": 0.0007}
        rows.append(row)
    return pd.DataFrame(rows)


@pytest.mark.parametrize("width", [390, 1280])
def test_claims_are_read_without_scrolling_sideways(browser, tmp_path, width):
    path = tmp_path / "report.html"
    path.write_text(report.render(replace(results(), claims=claims())), encoding="utf-8")
    resize(browser, width, 900)
    browser.get(path.as_uri())
    browser.execute_script(
        "for (const each of document.querySelectorAll('details')) each.open = true;"
    )
    table = find(browser, "table.wraps")
    box = table.find_element(By.XPATH, "..")
    sides = browser.execute_script(
        "return [arguments[0].scrollWidth, arguments[0].clientWidth]", box
    )
    assert sides[0] <= sides[1]
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    cell = browser.execute_script(
        "return getComputedStyle(document.querySelector('.wraps td'), '::before').content"
    )
    assert cell == ('"Claim"' if width == 390 else "none")
    text = table.text
    assert "0.0539" in text
    assert "cannot be told" in text


@pytest.mark.parametrize("width", [390, 1280])
def test_the_first_screen_has_the_recommendation_and_the_picture_is_near(page, width):
    resize(page, width, 900)
    page.refresh()
    assert find(page, ".card .short").text == "Use FFT."
    assert find(page, ".card .short").rect["y"] < 500
    picture = find(page, "#viewer-stage").rect
    assert picture["y"] < 900
    assert (picture["x"] > find(page, ".card").rect["width"]) == (width > 960)
    assert page.execute_script("return document.documentElement.scrollHeight") < 5000


def test_what_a_link_of_the_contents_leads_to_is_unfolded(page):
    assert not find(page, "#pairs > details").get_attribute("open")
    for anchor in ("pairs", "experiment-MA"):
        find(page, f"nav a[href='#{anchor}']").click()
        WebDriverWait(page, 30).until(lambda page, at=anchor: find(page, f"#{at} > details[open]"))
    # Once more, after it was folded by hand: the address does not change.
    find(page, "#experiment-MA summary").click()
    find(page, "nav a[href='#experiment-MA']").click()
    WebDriverWait(page, 30).until(lambda page: find(page, "#experiment-MA > details[open]"))
