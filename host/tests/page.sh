#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-2-Clause
# The HTML report in a browser, at a phone's and a desktop's width: it shows what it
# should, nothing sticks out, search and filters work, and it asks no network.
# Usage: host/tests/page.sh [FOLDER]; with a folder, pictures of it stay there.
set -u
# shellcheck source-path=SCRIPTDIR
. "$(dirname "$0")/fake.sh"
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) ||
	{ echo "no chromium"; exit 1; }

fake green 1 'PASS: t\nMETRIC: exit 1234567 ns\nSUMMARY: 1 tests\n'
long=$(printf 'a_very_long_name_%.0s' 1 2 3 4 5 6 7 8)
fake "$long" 1 "PASS: $long\\nSUMMARY: 1 tests\\n"
fake red 3 '\tx86/red.c:12: a < b && "c" == </script>
\t\texpected 0x5\n\t\tgot      0x4\nFAIL: t: s\n'
fake skipped 77 'SKIP: t (no such thing)\nSUMMARY: 1 tests, 1 skipped\n'
fake dead 127 'ABORT: no\n'
suite --report=html="$tree/page.html" >out 2>err

# Works through the page as a reader would, and says what it finds.
cat >probe <<'EOT'
<script>
const found = [];
const check = (what, good) => { if (!good) found.push(what); };
const rows = () => [...document.querySelectorAll("details.case")];
const type = text => {
	document.getElementById("search").value = text;
	document.getElementById("search").dispatchEvent(new Event("input"));
};
const inside = () => document.documentElement.scrollWidth <= window.innerWidth;
check("title: " + document.title, document.title.startsWith("2 of 5 cases are red"));
check("five rows, the worst first", rows().length === 5 && rows()[0].textContent.includes("red"));
check("no first failure", rows()[0].textContent.includes(
	't: s: a < b && "c" == <\/script>: expected 0x5, got 0x4'));
check("something sticks out, closed", inside());
for (const row of rows()) { row.open = true; row.dispatchEvent(new Event("toggle")); }
check("something sticks out, open", inside());
check("no check", rows()[0].querySelector("pre").textContent.includes("x86/red.c:12"));
check("no log", rows()[0].querySelector(".log").textContent.includes("FAIL: t: s"));
check("no command", rows()[0].textContent.includes("./run_tests.sh red"));
check("no metric", [...document.querySelectorAll("td")].some(
	cell => cell.textContent === "1,234,567"));
type("NO SUCH");
check("search by reason: " + rows().length,
	rows().length === 1 && rows()[0].textContent.includes("skipped"));
check("one that is found is not open", rows()[0].open);
type("nothing at all");
check("nothing found is not said", document.body.textContent.includes("No case fits."));
type("");
for (const button of document.querySelectorAll("button[data-verdict=PASS]")) button.click();
check("filter: " + rows().length, rows().length === 2);
check("address", location.hash === "#verdict=PASS");
for (const button of document.querySelectorAll("#filters button"))
	check("a button too small to be touched", button.getBoundingClientRect().height >= 40);
check("asks the network", performance.getEntriesByType("resource").length === 0);
document.body.innerHTML = "<p id=done>" + (found.length ? "" : "good") + "</p>";
for (const what of found) document.body.append("WRONG " + what + "\n");
</script>
EOT
sed '/^<\/body>/d; /^<\/html>/d' page.html >probed.html
cat probe >>probed.html
view() {	# width,height, then further words
	HOME=$tree timeout 100 "$browser" --headless=new --no-sandbox --disable-gpu \
		--hide-scrollbars --enable-logging=stderr --user-data-dir="$tree/profile" \
		--window-size="$1" \
		"${@:2}" 2>>browser.err
}
# A window has a least width; 500 is it, and one column from 640 down.
for size in 500,844 1280,900; do
	view "$size" --dump-dom "file://$tree/probed.html" >dom
	grep -q 'id="done">good' dom ||
		wrong "$size: $(grep -o "WRONG.*" dom; grep CONSOLE browser.err)"
done
if [[ -n ${1:-} ]]; then
	mkdir -p "$1"
	for size in 500,844 1280,900; do
		view $size --screenshot="$1/${size%,*}.png" "file://$tree/page.html" >/dev/null
	done
	cp page.html "$1/"
fi
grep -oE '(src|href)="?[a-z]+:' page.html | grep -v data: && wrong "it names something outside"
exit $bad
